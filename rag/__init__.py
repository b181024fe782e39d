"""From a question to an answer: retrieve, weigh the evidence, state, judge."""
