"""Where the command line prints: standard output and standard error."""

import json
import re
import sys
from typing import Any

from rich import markup
from rich.console import Console

# Of a text, only its letters reach the terminal: not what moves the cursor, sets colours or the
# title, or turns the direction of writing (https://unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

output = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:  # noqa: ANN401 any JSON
    """Print a value as the API gives it."""
    print(json.dumps(value, ensure_ascii=False, indent=2))  # noqa: T201


def escape(text: str) -> str:
    """Return a text as the console prints it: neither markup nor a command to the terminal."""
    return markup.escape(_CONTROL.sub("\ufffd", text))
