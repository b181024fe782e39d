"""One small module for each kind of file: its bytes to a `Document`."""
