"""The library's view: escaped, and without controls where nothing can be written."""

from ingest.library import ArticleSummary, LedgerEntry
from ingest.types import Metadata
from ui.shelf import shelf_page

OWLS = ArticleSummary("owls", "/owls.txt", "0" * 64, Metadata(title="On <i>owls</i>"), 9, 1)
MICE = ArticleSummary("mice", "/mice.txt", "1" * 64, Metadata(publisher="Wood"), 9, 2)
FAILED = LedgerEntry("/secret/<b>.pdf", "f", "read", "it is <damaged>", 1)


def test_what_files_are_called_is_shown_as_text() -> None:
    page = shelf_page([OWLS], "", [FAILED], deletable=True)
    assert "On &lt;i&gt;owls&lt;/i&gt;" in page
    assert "<strong>&lt;b&gt;.pdf</strong> it is &lt;damaged&gt;" in page
    assert "secret" not in page
    assert "<i>" not in page


def test_a_library_that_cannot_be_written_offers_no_deletion() -> None:
    assert 'data-delete="owls"' in shelf_page([OWLS], "", [], deletable=True)
    assert "data-delete" not in shelf_page([OWLS], "", [], deletable=False)


def test_articles_are_found_by_what_is_known_of_them() -> None:
    page = shelf_page([OWLS, MICE], "wood", [], deletable=False)
    assert "1 article of 2" in page
    assert "owls" not in page
