"""Long texts of every shape: units that can be quoted, in a time that ends."""

import pytest

from evals.bench.growth import HEAD, KINDS
from ingest.pipeline import make_article
from ingest.sentences import LONGEST


@pytest.mark.parametrize("kind", KINDS)
def test_no_unit_is_longer_than_can_be_quoted(kind: str) -> None:
    text = KINDS[kind](20_000)
    units = make_article("x", "x.md", text).units
    assert all(0 < unit.end - unit.start <= LONGEST for unit in units)
    if kind in ("one word", "a line without an end", "Chinese without an end"):
        joined = "".join(text[unit.start : unit.end] for unit in units)
        assert joined.replace(" ", "") == text.replace(" ", "")


@pytest.mark.timeout(60)
def test_no_line_is_cut_into_ever_more_ways() -> None:
    """A line of labels below an article, with a digit after many commas, once took for ever."""
    tags = "Tags: " + "a, " * 60 + "5"
    assert make_article("x", "x.md", f"{HEAD}{tags}\n\nShare\n\nPrint\n").units
