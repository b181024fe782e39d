"""Ibid as tools of a Model Context Protocol server, over standard input and output.

Each call opens the library and gives it back: that costs a third of a second, and a session, which
lasts as long as the program that started it, does not keep `ibid ingest` or a second client out.
While a server runs, every call goes through it. Calls come one at a time, because two of them
cannot open one library.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from inspect import getdoc
from threading import Lock
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from ingest.errors import IbidError
from ingest.settings import Settings
from rag.types import Turn
from ui.bodies import FilterBody
from ui.doors import Door, open_door

INSTRUCTIONS = """\
Ibid answers from a fixed corpus of articles. Every statement that it gives stands on a verbatim \
quote of a named article, checked by code. Keep each statement together with its citations: name \
the article, and quote its words as they are given. Where Ibid refuses, tell that the articles do \
not answer; do not answer from memory instead."""

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)


class Tools:
    """What a language model may ask of Ibid; JSON as the HTTP API gives it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = Lock()

    def ask(
        self,
        question: Annotated[str, Field(description="one question, in full")],
        history: Annotated[
            list[Turn] | None, Field(description="the conversation before it, oldest first")
        ] = None,
        filters: Annotated[
            FilterBody | None, Field(description="which articles may answer; all when left out")
        ] = None,
    ) -> dict[str, Any]:
        """Answer a question from the articles. Use this first for anything they may cover.

        `statements` are the answer; the numbers in a statement's `citations` are those of
        `citations`, each with the verbatim quote, the article and its author, publisher and date.
        Repeat statements with their citations, and change no number, date or name. With `status`
        "refused" the articles have no answer: say so, with the `refusal`'s message; the passages
        in `nearest` come near and do not answer. `disagreements` are statements whose sources
        differ: show both.
        """
        chosen = (filters or FilterBody()).model_dump()
        with self._door() as door:
            return door.ask(question, chosen, history or ())

    def search(
        self,
        query: Annotated[str, Field(description="a question or some words")],
        limit: Annotated[int, Field(ge=1, le=50, description="how many passages")] = 8,
    ) -> list[dict[str, Any]]:
        """Find passages of the articles, best first, without answering.

        Use this to see what the articles have on a subject, or after a refusal. A passage is an
        article's own text, from `start` to `end`; nothing says that it answers a question. Quote
        it with its `article_id` and `title`.
        """
        with self._door() as door:
            return door.search(query, limit)

    def read_article(
        self,
        article_id: Annotated[str, Field(description="as citations and passages give it")],
    ) -> dict[str, Any]:
        """Read a whole article: its text, title, author, publisher and date.

        Use this for the context of a quote: `text[start:end]` of a citation is its quote.
        """
        with self._door() as door:
            return door.article(article_id)

    def check(
        self, text: Annotated[str, Field(description="the draft, in sentences")]
    ) -> dict[str, Any]:
        """Check a text against the articles, sentence by sentence. Use this on your own drafts.

        Each of `sentences` has a `finding`: verbatim (an article says it in these words), differs
        (nearly these words: `differences` say where), nearest (read the `quotes`; nothing is
        claimed) or nothing. Nothing here says that other wording is true: compare it yourself.
        """
        with self._door() as door:
            return door.check(text)

    @contextmanager
    def _door(self) -> Iterator[Door]:
        try:
            with self._turn, open_door(self._settings, "ibid mcp") as door:
                yield door
        except IbidError as error:
            raise ToolError(str(error)) from None


def create_server(settings: Settings) -> MCPServer[None]:
    """Return the server with its tools."""
    server: MCPServer[None] = MCPServer("ibid", instructions=INSTRUCTIONS, log_level="WARNING")
    tools = Tools(settings)
    for tool in (tools.ask, tools.search, tools.read_article, tools.check):
        server.add_tool(tool, description=getdoc(tool), annotations=_READS)
    return server
