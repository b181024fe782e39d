"""The filters of the page: which articles may answer, told while they are set."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import gradio as gr

from ingest.library import Library
from ui.bodies import FilterBody

MOST = 1000
"""Articles that can be chosen by title."""


class Chosen(NamedTuple):
    """The page's filters, or what they hold; the order is that of the page's inputs."""

    articles: Any = None
    publishers: Any = None
    first: Any = None
    last: Any = None

    def body(self) -> FilterBody:
        """Return the filters as the API has them."""
        return FilterBody(
            articles=list(self.articles or ()),
            publishers=list(self.publishers or ()),
            published_from=(self.first or "").strip() or None,
            published_to=(self.last or "").strip() or None,
        )


def choices(library: Library) -> Chosen:
    """Return filters that offer the library's articles and publishers as they are now."""
    catalogue = library.catalogue()
    titles = [(item.metadata.title or item.id, item.id) for item in catalogue[:MOST]]
    publishers = {item.metadata.publisher for item in catalogue} - {None}
    offered = gr.Dropdown(choices=sorted(titles)), gr.Dropdown(choices=sorted(map(str, publishers)))
    return Chosen(*offered, gr.skip(), gr.skip())


def described(body: FilterBody, titles: Sequence[str]) -> str:
    """Tell filters in words, empty for none."""
    days = [
        f"from {body.published_from}" if body.published_from else "",
        f"to {body.published_to}" if body.published_to else "",
    ]
    parts = ["; ".join(titles), "; ".join(body.publishers), " ".join(filter(None, days))]
    return " · ".join(filter(None, parts))


def filter_fields() -> Chosen:
    """Return the page's fields; to be made where they are to stand."""
    with gr.Row():
        # What was chosen may be gone meanwhile; the engine says so, where Gradio would say nothing.
        many: dict[str, Any] = {"multiselect": True, "allow_custom_value": True}
        articles = gr.Dropdown([], label="Articles", min_width=240, **many)
        publishers = gr.Dropdown([], label="Publishers", min_width=200, **many)
        first = gr.Textbox(label="Published from", placeholder="YYYY-MM-DD", min_width=140)
        last = gr.Textbox(label="Published to", placeholder="YYYY-MM-DD", min_width=140)
    return Chosen(articles, publishers, first, last)
