"""Where the command line prints: standard output and standard error."""

import json
import sys
from typing import Any

from rich.console import Console

output = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:  # noqa: ANN401 any JSON
    """Print a value as the API gives it."""
    print(json.dumps(value, ensure_ascii=False, indent=2))  # noqa: T201
