"""The HTTP API. Every answer comes from the engine as it is; nothing is rewritten here."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import Body, Depends, FastAPI, Path, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.middleware.cors import CORSMiddleware

from ingest.errors import IbidError, NotFoundError, UnreadableError
from ingest.library import LibraryStatus
from ingest.pipeline import ingest_paths, ingest_upload
from ingest.types import Outcome, Status
from rag.build import Ibid
from rag.check import Check
from rag.types import Answer, Statement, Working
from rag.verify import Verification, read_answer, verify
from ui.bodies import (
    ArticleEntry,
    ArticleText,
    AskBody,
    CheckBody,
    Found,
    Health,
    IngestBody,
    find_passages,
)
from ui.completions import add_completions
from ui.gate import Gate
from ui.keys import Rates, require_key, require_owner, require_write
from ui.metrics import Metrics
from ui.problems import add_problems, responses
from ui.streaming import (
    BEAT,
    EVENTS,
    AnswerQueue,
    EventStream,
    Item,
    collect,
    event_stream,
    follow,
)

logger = logging.getLogger(__name__)

AT_ONCE = 2
"""Answers that are worked on at once: two are 47 a second where one is 39, as the embedding and the
searches run beside Python (`python -m evals.bench.load --seconds 30` on 2 cores)."""
LLM_AT_ONCE = 32
"""The same where most of the time is spent waiting for a language model."""
MOST_ARTICLES = 2**31
ArticleId = Annotated[str, Path(examples=["001_6d0d470c36767c10"])]
SAVED = {
    "question": "When was the treaty establishing the Union State signed?",
    "statements": [{"text": "It was signed on December 8, 1999.", "citations": [1]}],
    "citations": [
        {
            "number": 1,
            "article_id": "003_ba50ad80150e0fb4",
            "sha256": "0" * 64,
            "title": "Belarus will be for dessert",
            "start": 0,
            "end": 34,
            "quote": "It was signed on December 8, 1999.",
        }
    ],
}
"""What `/api/verify` takes, as its documentation shows it: a forged answer, which does not hold."""


def create_app(ibid: Ibid) -> FastAPI:
    """Return the API over an open Ibid."""
    app = FastAPIOffline(  # the pages of its documentation load nothing from elsewhere
        title="Ibid",
        description="Answers in which every statement stands on a verbatim, checked quote.",
        version=version("ibid"),
        docs_url="/docs",
        redoc_url=None,
        responses=responses(400, 401, 403, 422, 429),
    )
    settings = ibid.settings
    app.state.ibid = ibid
    app.state.metrics = Metrics(ibid.library)
    app.state.answers = AnswerQueue(app.state.metrics, LLM_AT_ONCE if settings.llm else AT_ONCE)
    app.state.rates = Rates(settings)
    # Always there, so that Gradio leaves to it who may call from elsewhere: by default, no one.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=sorted(settings.names(settings.allowed_origins)),
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["Retry-After", "X-Request-ID", "X-Total-Count"],
    )
    app.add_middleware(Gate, settings=settings)
    add_problems(app)
    _add_answers(app, ibid)
    _add_articles(app, ibid)
    _add_upkeep(app, ibid)
    add_completions(app, ibid)
    return app


def _add_answers(app: FastAPI, ibid: Ibid) -> None:
    keyed = [Depends(require_key)]

    @app.post("/api/ask", dependencies=keyed, responses=responses(404, 503), tags=["answers"])
    async def ask(request: Request, body: AskBody) -> Answer:
        """Answer a question with cited statements, or refuse it."""
        return await collect(follow(request, _stream(ibid, body)))

    @app.post(
        "/api/ask/stream",
        dependencies=keyed,
        response_class=StreamingResponse,
        responses={200: EVENTS, **responses(404, 503)},
        tags=["answers"],
    )
    async def ask_stream(request: Request, body: AskBody) -> EventStream:
        """Answer as server-sent events: `statement` as each is checked, then `answer`.

        An error after the first event is an `error` event with its `detail`.
        """
        return await event_stream(follow(request, _stream(ibid, body)), _events, _error_event)

    @app.post("/api/verify", dependencies=keyed, tags=["answers"])
    def verify_answer(saved: Annotated[dict[str, Any], Body(examples=[SAVED])]) -> Verification:
        """Check a saved answer, the JSON of `/api/ask`, against the library as it is today."""
        return verify(read_answer(saved), ibid.library)

    @app.post("/api/check", dependencies=keyed, tags=["answers"])
    def check_draft(body: CheckBody) -> Check:
        """Check a draft: each sentence is verbatim, differs in what is marked, or has a nearest."""
        return ibid.checker.check(body.text)

    @app.get("/api/search", dependencies=keyed, tags=["answers"])
    def search(
        q: Annotated[str, Query(min_length=1, max_length=4000, examples=["military doctrine"])],
        limit: Annotated[int, Query(ge=1, le=50)] = 8,
    ) -> list[Found]:
        """Find passages, best first, without answering."""
        return find_passages(ibid, q, limit)


def _stream(ibid: Ibid, body: AskBody) -> Iterator[Item]:
    if ibid.settings.log_questions:
        logger.info("asked", extra={"question": body.question})
    return ibid.engine.stream(body.question, body.history, body.chosen())


async def _events(items: AsyncIterator[Item]) -> AsyncIterator[bytes]:
    async for item in items:
        if isinstance(item, Working):
            yield BEAT
        elif isinstance(item, Statement):
            cited = [citation.model_dump() for citation in item.citations]
            yield _event("statement", {**item.model_dump(mode="json"), "cited": cited})
        else:
            yield _event("answer", item.model_dump(mode="json"))


def _error_event(message: str) -> bytes:
    return _event("error", {"detail": message})


def _event(name: str, data: dict[str, Any]) -> bytes:
    return format_sse_event(event=name, data_str=json.dumps(data))


def _add_articles(app: FastAPI, ibid: Ibid) -> None:
    keyed, writing = [Depends(require_key)], [Depends(require_write)]

    @app.get("/api/articles", dependencies=keyed, tags=["articles"])
    def list_articles(
        response: Response,
        limit: Annotated[
            int | None, Query(ge=1, le=10_000, description="all when left out")
        ] = None,
        offset: Annotated[int, Query(ge=0, le=MOST_ARTICLES)] = 0,
    ) -> list[ArticleEntry]:
        """List the library's articles by id; `X-Total-Count` says how many there are."""
        response.headers["X-Total-Count"] = str(ibid.library.count_articles())
        return [ArticleEntry.of(item) for item in ibid.library.catalogue(limit, offset)]

    @app.get(
        "/api/articles/{article_id}",
        dependencies=keyed,
        responses=responses(404),
        tags=["articles"],
    )
    def read_article(
        article_id: ArticleId,
        sha256: Annotated[str | None, Query(description="the hash of an earlier text")] = None,
    ) -> ArticleText:
        """Give an article with its text, or one that it had, so that anyone can check a quote."""
        article = ibid.library.article(article_id)
        if sha256 and sha256 != article.sha256:
            earlier = ibid.library.version(article_id, sha256)
            if earlier is None:
                raise NotFoundError(f"{article_id!r} has had no text with the hash {sha256!r}.")
            article = earlier
        return ArticleText.of(article, ibid.library.versions(article_id))

    @app.post(
        "/api/articles",
        dependencies=writing,
        status_code=201,
        responses=responses(413, 415, 503),
        tags=["articles"],
    )
    def add_article(file: UploadFile) -> Outcome:
        """Ingest an uploaded file in place of that of its name; the same bytes cost nothing."""
        name, limit = PurePath(file.filename or "article.txt").name, ibid.settings.max_upload_mb
        outcome = ingest_upload(ibid.library, ibid.embedding, name, file.file, limit)
        if outcome.status is Status.FAILED:
            raise UnreadableError(f"{name} was not ingested: {outcome.error}.")
        return outcome

    @app.delete(
        "/api/articles/{article_id}",
        dependencies=writing,
        status_code=204,
        responses=responses(404, 503),
        tags=["articles"],
    )
    def remove_article(article_id: ArticleId) -> None:
        """Remove an article; a file it came from stays, and comes back with the next ingest."""
        ibid.library.remove(article_id)


def _add_upkeep(app: FastAPI, ibid: Ibid) -> None:
    owned = [Depends(require_owner)]

    @app.get("/health", tags=["upkeep"])
    async def health() -> Health:
        """Say that Ibid is up, and from how much it answers."""
        library = ibid.library
        return Health(
            status="ok", articles=library.count_articles(), passages=library.count_passages()
        )

    @app.get("/health/ready", tags=["upkeep"], responses=responses(503))
    async def ready() -> Health:
        """Say that a question asked now would be taken; `/health` says that the server lives."""
        with app.state.answers.place():
            return await health()

    @app.get("/metrics", tags=["upkeep"], response_class=Response)
    async def metrics() -> Response:
        """Give what there is, what was asked and how long it took, for Prometheus."""
        return Response(app.state.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    @app.get("/api/status", dependencies=owned, include_in_schema=False)
    def status() -> LibraryStatus:
        return ibid.library.status()

    @app.post("/api/rebuild", dependencies=owned, include_in_schema=False)
    def rebuild() -> int:
        return ibid.library.rebuild()

    @app.post("/api/ingest", dependencies=owned, include_in_schema=False)
    def ingest(body: IngestBody) -> StreamingResponse:
        outcomes = ingest_paths(ibid.library, ibid.embedding, body.targets, ibid.settings)
        return StreamingResponse(_lines(outcomes), media_type="application/x-ndjson")


def _lines(outcomes: Iterator[Outcome]) -> Iterator[str]:
    """Yield outcomes as JSON lines; an error that ends the run is the last line."""
    try:
        for outcome in outcomes:
            yield outcome.model_dump_json() + "\n"
    except IbidError as error:
        yield json.dumps({"detail": str(error), "exit_code": error.exit_code}) + "\n"
