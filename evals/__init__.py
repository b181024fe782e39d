"""Known facts, measures and runs: what tells whether answers got better or worse."""
