"""The command line: `ibid ask`, `check`, `verify`, `ingest`, `serve`, `mcp`, ...

Exit codes: 0 done or answered, 1 failed, 2 bad use, 3 refused.
"""

import json
import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import Annotated

import typer

from ingest.backup import back_up, restore_from
from ingest.errors import BadInputError, IbidError, LibraryError
from ingest.files import is_url
from ingest.schema import FILE_NAME
from ingest.settings import Settings, load_settings
from ingest.types import Status
from ui.articles import app as articles_app
from ui.doors import open_door
from ui.listen import address_of, listen
from ui.terminal import (
    errors,
    escape,
    name_of,
    output,
    print_json,
    show_answer,
    show_check,
    show_outcomes,
    show_status,
    show_verification,
    with_progress,
)

REFUSED = 3
SHUTDOWN_SECONDS = 30
"""Longest wait, when the server is stopped, for answers that are being given."""
WATCH_MS = 2000
"""Milliseconds after which a run that could not be made is tried again."""
_TOLD = {"location", "status", "article_id", "passages", "error"}

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(articles_app, name="articles")


def _show_version(wanted: bool) -> None:
    if wanted:
        output.print(f"ibid {version('ibid')}")
        raise typer.Exit


@app.callback()
def command_line(
    _: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    """Answer from your articles; every statement stands on a verbatim, checked quote.

    Commands use the library's server where one runs, and else open the library themselves.

    Settings are variables of the environment: 'ibid config'. What is wrong tells 'ibid doctor'.

    Exit codes: 0 done or answered, 1 failed, 2 bad use, 3 refused.

    Example: ibid ingest articles/ && ibid ask "Who signed the treaty?"
    """


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="the question; - reads it from standard input")],
    as_json: Annotated[bool, typer.Option("--json", help="print the answer as JSON")] = False,
    article: Annotated[list[str] | None, typer.Option(help="answer from this article id")] = None,
    publisher: Annotated[list[str] | None, typer.Option(help="answer from this publisher")] = None,
    published_from: Annotated[str | None, typer.Option("--from", help="first day")] = None,
    published_to: Annotated[str | None, typer.Option("--to", help="last day, YYYY-MM-DD")] = None,
) -> None:
    """Answer a question from the articles, each statement with its quotes.

    A question that the articles do not answer is refused, with the passages that come nearest.

    Exit codes: 0 answered, 3 refused, 1 failed, 2 bad use.

    Example: ibid ask "Who signed the treaty?" --from 2021-01-01 --json
    """
    text = sys.stdin.read() if question == "-" else question
    if not _is_text(text):
        raise BadInputError("The question is not text in UTF-8.")
    filters = {
        "articles": article or [],
        "publishers": publisher or [],
        "published_from": published_from,
        "published_to": published_to,
    }
    with open_door(load_settings(), "ibid ask") as door:
        answer = door.ask(text, filters)
    if as_json:
        print_json(answer)
    else:
        show_answer(answer)
    raise typer.Exit(REFUSED if answer["status"] == "refused" else 0)


@app.command()
def verify(
    saved: Annotated[Path, typer.Argument(help="an answer saved with 'ibid ask --json'")],
    as_json: Annotated[bool, typer.Option("--json", help="print the result as JSON")] = False,
) -> None:
    """Check a saved answer against the library as it is today.

    Exit codes: 0 all holds, 1 not all holds, 2 bad use.

    Example: ibid verify answer.json
    """
    try:
        answer = json.loads(saved.read_text("utf-8"))
    except OSError as error:
        raise BadInputError(f"{saved} cannot be read ({error.strerror}).") from None
    except ValueError:
        raise BadInputError(
            f"{saved} is not JSON; save an answer with 'ibid ask --json'."
        ) from None
    with open_door(load_settings(), "ibid verify") as door:
        result = door.verify(answer)
    if as_json:
        print_json(result)
    else:
        show_verification(result)
    raise typer.Exit(0 if result["holds"] else 1)


@app.command()
def check(
    draft: Annotated[Path, typer.Argument(help="a text file; - reads standard input")],
    as_json: Annotated[bool, typer.Option("--json", help="print the result as JSON")] = False,
) -> None:
    """Compare a draft, sentence by sentence, with the articles.

    Exit codes: 0 every sentence is verbatim, 1 one is not, 2 bad use.

    Example: ibid check draft.txt
    """
    try:
        data = sys.stdin.buffer.read() if str(draft) == "-" else draft.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise BadInputError(f"{draft} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise BadInputError(f"{draft} is not text in UTF-8; save it as such.") from None
    with open_door(load_settings(), "ibid check") as door:
        result = door.check(text)
    if as_json:
        print_json(result)
    else:
        show_check(result)
    raise typer.Exit(0 if result["verbatim"] else 1)


@app.command()
def ingest(
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="files, folders, addresses of pages and feeds; or IBID_CORPUS"),
    ] = None,
    urls: Annotated[Path | None, typer.Option(help="a file with an address a line")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print what became of each")] = False,
) -> None:
    """Bring the library in line with files, folders and addresses of the web.

    What is unchanged costs nothing; what a folder no longer has is removed.

    Exit codes: 0 done, 1 something could not be ingested (it is named), 2 bad use.

    Example: ibid ingest articles/ https://example.org/story.html
    """
    settings = load_settings()
    given = [*(targets or []), *(_addresses_in(urls) if urls else [])]
    with open_door(settings, "ibid ingest", create=True) as door:
        outcomes = list(with_progress(door.ingest(given or [str(settings.corpus)])))
    if as_json:
        told = [item.model_dump(mode="json", include=_TOLD) for item in outcomes]
        print_json(told)
    else:
        show_outcomes(outcomes)
    raise typer.Exit(1 if any(item.status is Status.FAILED for item in outcomes) else 0)


@app.command()
def watch(
    folders: Annotated[list[Path], typer.Argument(help="folders to keep the library in step with")],
) -> None:
    """Ingest folders, and again whenever something below them changes, until Ctrl+C.

    Exit codes: 2 bad use; what fails meanwhile is told, and tried again.

    Example: ibid watch articles/
    """
    from watchfiles import watch as watched

    settings = load_settings()
    wrong = next((folder for folder in folders if not folder.is_dir()), None)
    if wrong:
        raise BadInputError(f"There is no folder {wrong}. Give folders that exist.")
    given = [str(folder.resolve()) for folder in folders]
    output.print(f"Watching {escape(', '.join(given))}. Ctrl+C stops it.")
    pending = True  # so that what changes during the first run is seen, the watch begins before it
    for changes in watched(*given, rust_timeout=WATCH_MS, yield_on_timeout=True):
        pending = pending or bool(changes)
        if pending:
            pending = not _follow(settings, given)


def _follow(settings: Settings, folders: Sequence[str]) -> bool:
    """Ingest folders and tell what changed; return whether that could be done."""
    try:
        with open_door(settings, "ibid watch", create=True) as door:
            for outcome in door.ingest(folders):
                if outcome.status not in (Status.UNCHANGED, Status.SKIPPED, Status.UNDERWAY):
                    why = f": {outcome.error}" if outcome.error else ""
                    output.print(escape(f"{outcome.status} {name_of(outcome.location)}{why}"))
    except LibraryError as error:  # it is busy, or its disk is full: tried again
        errors.print(f"ibid: {escape(str(error))}")
        return False
    except IbidError as error:
        errors.print(f"ibid: {escape(str(error))}")
    return True


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="IBID_HOST when not given")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="or IBID_PORT")] = None,
) -> None:
    """Serve the chat page and the API, until Ctrl+C.

    Other commands find the server and use it.

    Exit codes: 0 stopped, 1 it could not start, 2 bad use.

    Example: ibid serve --port 8080
    """
    given = {"host": host, "port": port}
    settings = load_settings().model_copy(
        update={name: value for name, value in given.items() if value is not None}
    )
    listener = listen(settings)
    from rag.build import build

    with build(settings, "ibid serve") as opened, listener:
        ibid = opened.with_configured_model()  # what is missing for it is said before all else
        import uvicorn

        from ui.api import create_app
        from ui.chat import mount_chat
        from ui.logs import configure
        from ui.serving import Server

        address = address_of(settings.host, listener.getsockname()[1])
        api = create_app(ibid)
        if settings.otlp_url:
            from ui.tracing import trace_to

            trace_to(api, settings.otlp_url)
        application = mount_chat(api, ibid)
        if ibid.library.repaired:
            errors.print(f"The vector index was repaired: {ibid.library.repaired}.")
        if ibid.library.read_only:
            errors.print("The library cannot be written: questions are answered, nothing is added.")
        else:
            ibid.library.lock.announce("ibid serve", address)
        output.print(f"Ibid answers at {address} (API: {address}/docs). Ctrl+C stops it.")
        told = configure(settings)
        config = uvicorn.Config(
            application, timeout_graceful_shutdown=SHUTDOWN_SECONDS, server_header=False, **told
        )
        Server(config).run(sockets=[listener])


@app.command()
def mcp() -> None:
    """Offer Ibid to an MCP client as tools, over standard input and output.

    The client starts this command; the library is held only while a tool is at work.

    Exit codes: 0 the client has gone, 2 bad use.

    Example: ibid mcp
    """
    from ui.mcp_server import create_server

    create_server(load_settings()).run("stdio")


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="print it as JSON")] = False,
) -> None:
    """Show what the library holds and who serves it.

    Exit codes: 0 shown, 1 failed, 2 there is no library.

    Example: ibid status --json
    """
    with open_door(load_settings(), "ibid status") as door:
        state = door.status()
    if as_json:
        print_json(state)
    else:
        show_status(state)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="print the findings as JSON")] = False,
) -> None:
    """Check everything that Ibid needs, and say what to do about each problem; nothing is changed.

    A language model that is configured is asked for one word.

    Exit codes: 0 all is well, 1 there is a problem.

    Example: ibid doctor
    """
    from ui.doctor import examine

    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            output.print(escape(str(finding)))
    if as_json:
        print_json([finding._asdict() for finding in findings])
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@app.command()
def rebuild(
    embed: Annotated[
        bool, typer.Option("--embed", help="embed every article anew with the present model")
    ] = False,
) -> None:
    """Build the vector index anew from the stored vectors; with --embed, those too.

    --embed is for another IBID_EMBEDDING, and needs the library for itself: stop the server.

    Exit codes: 0 built, 1 failed, 2 there is no library.

    Example: ibid rebuild
    """
    settings = load_settings()
    if embed:
        _embed_anew(settings)
        return
    with open_door(settings, "ibid rebuild") as door:
        output.print(f"The vector index holds {door.rebuild()} vectors.")


def _embed_anew(settings: Settings) -> None:
    from ingest.embed import load_embedding
    from ingest.library import Library
    from ingest.pipeline import embed_anew

    folder = _library(settings)
    embedding = load_embedding(settings.embedding)
    with Library(
        folder, embedding, "ibid rebuild --embed", settings.chroma_url, embed_anew=True
    ) as library:
        count = sum(1 for _ in with_progress(embed_anew(library, embedding)))
    output.print(f"{count} articles were embedded with {embedding.name}.")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="the file to write; it must not exist")],
) -> None:
    """Write the whole library into one file, also while it is served or written.

    Exit codes: 0 written, 1 failed, 2 the file exists, or there is no library.

    Example: ibid backup library-2026-01-31.ibid
    """
    folder = _library(load_settings())
    if file.exists():
        raise BadInputError(f"{file} exists already. Give another name, or delete it.")
    back_up(folder, file)
    output.print(f"{file} holds the library {folder} ({file.stat().st_size / 1e6:.1f} MB).")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="what 'ibid backup' wrote")]) -> None:
    """Make the library from a backup; one that is there already is not touched.

    Exit codes: 0 restored, 1 the file is damaged, 2 there is a library already, or no such file.

    Example: IBID_LIBRARY=other ibid restore library-2026-01-31.ibid
    """
    folder = load_settings().library.resolve()
    restore_from(file, folder)
    output.print(f"The library {folder} was restored from {file}.")


@app.command()
def prompts() -> None:
    """Show every word that a language model is told.

    Exit codes: 0 shown.

    Example: ibid prompts
    """
    from rag import prompts as told

    for name, text in vars(told).items():
        if name.isupper() and isinstance(text, str):
            output.print(f"[bold]{name}[/]\n{escape(text)}\n")


@app.command()
def config() -> None:
    """Show every setting, its value and where it comes from; keys are not shown.

    Exit codes: 0 shown, 2 a setting cannot be used.

    Example: ibid config
    """
    settings = load_settings()
    for name, field in Settings.model_fields.items():
        variable = f"IBID_{name.upper()}"
        if variable in os.environ:
            source = "environment"
        else:
            source = ".env" if name in settings.model_fields_set else "default"
        output.print(f"{variable}={getattr(settings, name) or ''}  ({source}: {field.description})")


def main() -> None:
    """Run a command; an error a user can meet becomes its message and exit code."""
    for point in entry_points(group="ibid.commands"):
        app.add_typer(point.load(), name=point.name)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        _check_arguments()
        app(prog_name="ibid")
    except IbidError as error:
        errors.print(f"ibid: {escape(str(error))}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _check_arguments() -> None:
    """Raise where an argument has bytes that are no text: no library can be told it."""
    for number, argument in enumerate(sys.argv[1:], 1):
        if not _is_text(argument):
            raise BadInputError(f"Argument {number} is not text in UTF-8.")


def _is_text(given: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in given)


def _addresses_in(file: Path) -> list[str]:
    """Return the addresses in a file; empty lines and those that begin with # say nothing."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{file} cannot be read as a list of addresses ({error}).") from None
    found = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    wrong = next((line for line in found if not is_url(line)), None)
    if wrong or not found:
        raise BadInputError(f"{file} must have an address (https://...) a line; got {wrong!r}.")
    return found


def _library(settings: Settings) -> Path:
    """Return the folder of the library; raise where there is none yet."""
    folder = settings.library.resolve()
    if not (folder / FILE_NAME).exists():
        raise BadInputError(f"There is no library at {folder} yet. Run 'ibid ingest PATH' first.")
    return folder


if __name__ == "__main__":
    main()
