"""The doors: command line, HTTP API and chat page, all on one engine."""
