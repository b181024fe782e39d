"""Where words stand in a text, whatever white space separates them there."""

import re

from ingest.types import Span


def locate(words: str, text: str) -> list[Span]:
    r"""Return every place where the words stand; any run of white space equals any other.

    `\s` matches the same characters that `str.split` separates at, U+00A0 included.
    """
    pattern = r"\s+".join(map(re.escape, words.split()))
    if not pattern:
        return []
    return [Span(*match.span()) for match in re.finditer(pattern, text)]
