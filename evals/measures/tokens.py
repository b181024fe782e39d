"""Tokens: what a language model reads and writes for a question."""

from collections.abc import Sequence

from evals.measures.figure import Figure, bootstrapped, mean
from evals.run import Case


def measure(cases: Sequence[Case]) -> list[Figure]:
    """Return the mean tokens per question, prompt and reply apart; nothing without a model.

    As the model counts them, else as Ibid does, over all calls of a question. One for which no
    model was asked took none, one that failed is left out.
    """
    asked = [case.generation for case in cases if case.answer]
    if not any(asked):
        return []
    prompt = [float(made.prompt_tokens if made else 0) for made in asked]
    reply = [float(made.completion_tokens if made else 0) for made in asked]
    return [
        bootstrapped("prompt_tokens", prompt, mean, unit="tokens", better="lower"),
        bootstrapped("completion_tokens", reply, mean, unit="tokens", better="lower"),
    ]
