"""Public benchmarks and the fitting of weights on them; data are read from `--data DIR`."""
