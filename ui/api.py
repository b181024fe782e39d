"""The HTTP API. Every answer comes from the engine as it is; nothing is rewritten here."""

import hmac
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field

from ingest.errors import IbidError, UnreadableError
from ingest.library import ArticleSummary, Filters, LibraryStatus
from ingest.pipeline import ingest_bytes, ingest_paths
from ingest.settings import Settings
from ingest.types import Article, Metadata, Outcome, Status
from rag.build import Ibid
from rag.check import Check
from rag.engine import check_question
from rag.types import Answer, Turn
from rag.verify import Verification, read_answer, verify

logger = logging.getLogger(__name__)


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FilterBody(_Body):
    """Which articles may answer; an article without a date passes no date filter."""

    articles: list[str] = Field([], description="article ids, any of which may answer")
    publishers: list[str] = Field([], description="publishers, any of which may answer")
    published_from: str | None = Field(None, description="first day, YYYY-MM-DD")
    published_to: str | None = Field(None, description="last day, YYYY-MM-DD")

    def filters(self) -> Filters:
        """Return these filters as the library takes them."""
        return Filters(
            tuple(self.articles), tuple(self.publishers), self.published_from, self.published_to
        )


class AskBody(_Body):
    """A question, with the conversation so far and filters."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"question": "When was the treaty establishing the Union State signed?"},
                {
                    "question": "What did the Belarusian media call his proposals?",
                    "history": [{"role": "user", "content": "What did Dmitry Medvedev propose?"}],
                    "filters": {"published_from": "2021-12-01"},
                },
            ]
        }
    )

    question: str
    history: list[Turn] = []
    filters: FilterBody | None = None


class CheckBody(_Body):
    """A draft to check."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "Of the ten most popular TV channels watched in Belarus, six are Russian."}
            ]
        }
    )

    text: str


class ArticleDescription(BaseModel):
    """What is known of an article; `sha256` is the hash of its text in UTF-8."""

    id: str
    title: str
    author: str | None
    publisher: str | None
    published: str | None
    url: str | None
    sha256: str


class ArticleEntry(ArticleDescription):
    """An article of the library, without its text."""

    characters: int
    passages: int


class ArticleText(ArticleDescription):
    """An article with its text: `text[start:end]` of a citation is its quote."""

    text: str


class Found(BaseModel):
    """A passage that a search found."""

    article_id: str
    title: str
    start: int
    end: int
    text: str
    score: float


class Health(BaseModel):
    """Whether Ibid answers, and from how much."""

    status: Literal["ok"]
    articles: int
    passages: int


class IngestBody(_Body):
    """Paths on the server's machine."""

    paths: list[Path]


class Problem(BaseModel):
    """What went wrong and what to do."""

    detail: str


def create_app(ibid: Ibid) -> FastAPI:
    """Return the API over an open Ibid."""
    app = FastAPI(
        title="Ibid",
        description="Answers in which every statement stands on a verbatim, checked quote.",
        version="1",
        docs_url="/docs",
        responses={
            status: {"model": Problem, "description": text}
            for status, text in ((401, "No valid key"), (404, "Not found"), (422, "Bad input"))
        },
    )
    app.state.ibid = ibid
    app.add_exception_handler(IbidError, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)
    _add_answers(app, ibid)
    _add_articles(app, ibid)
    _add_upkeep(app, ibid)
    return app


def _problem(_: Request, error: Exception) -> JSONResponse:
    status = error.http_status if isinstance(error, IbidError) else 500
    return JSONResponse({"detail": str(error)}, status)


def _invalid(_: Request, error: Exception) -> JSONResponse:
    problems = error.errors() if isinstance(error, RequestValidationError) else []
    parts = (f"{'.'.join(map(str, item['loc'][1:])) or 'body'}: {item['msg']}" for item in problems)
    return JSONResponse({"detail": "; ".join(parts)}, 422)


def _unexpected(_: Request, error: Exception) -> JSONResponse:
    logger.error("unexpected error", exc_info=error)
    return JSONResponse({"detail": "Ibid failed on this request; its log says why."}, 500)


def _bearer(authorization: Annotated[str, Header()] = "") -> str:
    return authorization.removeprefix("Bearer ").strip()


def _is_owner(request: Request, given: str) -> bool:
    """Whether the token is the one in the library folder, which only its owner can read."""
    owner = request.app.state.ibid.library.lock.owner()
    token = owner.token if owner else None
    return bool(token) and hmac.compare_digest(given.encode(), str(token).encode())


def _require_key(request: Request, given: Annotated[str, Depends(_bearer)]) -> None:
    """Demand one of `IBID_API_KEYS`, where any are set."""
    settings: Settings = request.app.state.ibid.settings
    if not settings.is_key(given) and not _is_owner(request, given):
        raise HTTPException(401, "This API needs a key: send 'Authorization: Bearer KEY'.")


def _require_owner(request: Request, given: Annotated[str, Depends(_bearer)]) -> None:
    if not _is_owner(request, given):
        raise HTTPException(401, "Only the ibid command of this library's owner may do this.")


def _usable(body: AskBody) -> AskBody:
    check_question(body.question)
    return body


def _add_answers(app: FastAPI, ibid: Ibid) -> None:
    keyed = [Depends(_require_key)]

    @app.post("/api/ask", dependencies=keyed, tags=["answers"])
    def ask(body: AskBody) -> Answer:
        """Answer a question with cited statements, or refuse it."""
        return ibid.engine.ask(body.question, body.history, _filters(body))

    @app.post(
        "/api/ask/stream",
        dependencies=keyed,
        response_class=EventSourceResponse,
        tags=["answers"],
    )
    def ask_stream(body: Annotated[AskBody, Depends(_usable)]) -> Iterator[ServerSentEvent]:
        """Answer as server-sent events: `statement` as each is checked, then `answer`."""
        for item in ibid.engine.stream(body.question, body.history, _filters(body)):
            if isinstance(item, Answer):
                yield ServerSentEvent(event="answer", data=item)
            else:
                cited = [citation.model_dump() for citation in item.citations]
                yield ServerSentEvent(
                    event="statement", data={**item.model_dump(mode="json"), "cited": cited}
                )

    @app.post("/api/verify", dependencies=keyed, tags=["answers"])
    def verify_answer(saved: dict[str, Any]) -> Verification:
        """Check a saved answer, the JSON of `/api/ask`, against the library as it is today."""
        return verify(read_answer(saved), ibid.library)

    @app.post("/api/check", dependencies=keyed, tags=["answers"])
    def check_draft(body: CheckBody) -> Check:
        """Check a draft: each sentence is supported, contradicted or not in the corpus."""
        return ibid.checker.check(body.text)

    @app.get("/api/search", dependencies=keyed, tags=["answers"])
    def search(
        q: Annotated[str, Query(min_length=1, max_length=4000)],
        limit: Annotated[int, Query(ge=1, le=50)] = 8,
    ) -> list[Found]:
        """Find passages, best first, without answering."""
        check_question(q)
        return [
            Found(
                article_id=item.passage.article_id,
                title=ibid.library.article(item.passage.article_id).title,
                start=item.passage.start,
                end=item.passage.end,
                text=item.passage.text,
                score=item.score,
            )
            for item in ibid.retriever.find(q, limit)
        ]


def _filters(body: AskBody) -> Filters | None:
    return body.filters.filters() if body.filters else None


def _add_articles(app: FastAPI, ibid: Ibid) -> None:
    keyed = [Depends(_require_key)]

    @app.get("/api/articles", dependencies=keyed, tags=["articles"])
    def list_articles() -> list[ArticleEntry]:
        """List the library's articles."""
        return [_entry(summary) for summary in ibid.library.catalogue()]

    @app.get("/api/articles/{article_id}", dependencies=keyed, tags=["articles"])
    def read_article(article_id: str) -> ArticleText:
        """Give an article with its text, so that anyone can check a quote."""
        return _article_text(ibid.library.article(article_id))

    @app.post("/api/articles", dependencies=keyed, status_code=201, tags=["articles"])
    def add_article(file: UploadFile) -> Outcome:
        """Ingest an uploaded file; one of the same name replaces it."""
        limit = ibid.settings.max_upload_mb
        data = file.file.read(limit * 1_000_000 + 1)
        name = Path(file.filename or "article.txt").name
        outcome = ingest_bytes(
            ibid.library, ibid.embedding, f"upload:/{name}", data, None, None, limit
        )
        if outcome.status is Status.FAILED:
            raise UnreadableError(f"{name} was not ingested: {outcome.error}.")
        return outcome

    @app.delete(
        "/api/articles/{article_id}", dependencies=keyed, status_code=204, tags=["articles"]
    )
    def remove_article(article_id: str) -> None:
        """Remove an article; a file it came from stays, and comes back with the next ingest."""
        ibid.library.remove(article_id)


def _entry(summary: ArticleSummary) -> ArticleEntry:
    return ArticleEntry(
        id=summary.id,
        **_described(summary.metadata, summary.id),
        sha256=summary.sha256,
        characters=summary.characters,
        passages=summary.passages,
    )


def _article_text(article: Article) -> ArticleText:
    return ArticleText(
        id=article.id,
        **_described(article.metadata, article.id),
        sha256=article.sha256,
        text=article.text,
    )


def _described(data: Metadata, article_id: str) -> dict[str, Any]:
    return {
        "title": data.title or article_id,
        "author": data.author,
        "publisher": data.publisher,
        "published": data.published,
        "url": data.url,
    }


def _add_upkeep(app: FastAPI, ibid: Ibid) -> None:
    owned = [Depends(_require_owner)]
    started = time.monotonic()

    @app.get("/health", tags=["upkeep"])
    def health() -> Health:
        """Say that Ibid is up, and from how much it answers."""
        library = ibid.library
        return Health(
            status="ok", articles=len(library.catalogue()), passages=library.count_passages()
        )

    @app.get("/metrics", tags=["upkeep"], response_class=StreamingResponse)
    def metrics() -> StreamingResponse:
        """Give the size of the library and the up-time in the Prometheus text format."""
        figures = {
            "ibid_articles": len(ibid.library.catalogue()),
            "ibid_passages": ibid.library.count_passages(),
            "ibid_uptime_seconds": round(time.monotonic() - started, 1),
        }
        lines = [f"# TYPE {name} gauge\n{name} {value}\n" for name, value in figures.items()]
        return StreamingResponse(iter(lines), media_type="text/plain; version=0.0.4")

    @app.get("/api/status", dependencies=owned, include_in_schema=False)
    def status() -> LibraryStatus:
        return ibid.library.status()

    @app.post("/api/rebuild", dependencies=owned, include_in_schema=False)
    def rebuild() -> int:
        return ibid.library.rebuild()

    @app.post("/api/ingest", dependencies=owned, include_in_schema=False)
    def ingest(body: IngestBody) -> StreamingResponse:
        outcomes = ingest_paths(
            ibid.library, ibid.embedding, body.paths, ibid.settings.max_upload_mb
        )
        return StreamingResponse(_lines(outcomes), media_type="application/x-ndjson")


def _lines(outcomes: Iterator[Outcome]) -> Iterator[str]:
    """Yield outcomes as JSON lines; an error that ends the run is the last line."""
    try:
        for outcome in outcomes:
            yield outcome.model_dump_json() + "\n"
    except IbidError as error:
        yield json.dumps({"detail": str(error), "exit_code": error.exit_code}) + "\n"
