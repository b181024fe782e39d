"""`ibid eval` and `ibid facts`. Exit codes: 0 held, 1 regressed, 2 could not run.

Every `ibid` command imports this file: what is heavy is imported where it is used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.errors import CannotRunError
from ingest.errors import IbidError
from ingest.settings import Settings, load_settings

if TYPE_CHECKING:
    from evals.saved import Run

FACTS = Path(__file__).parent / "facts"
OUT = Path("out") / "eval"
CALLS = OUT / "calls"
HELD, REGRESSED = 0, 1

app = typer.Typer(
    help="Measure the answers on known facts, and fail when they got worse.",
    pretty_exceptions_enable=False,
)
facts_app = typer.Typer(
    help="Write known facts for your own articles.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

FactsFiles = Annotated[
    list[Path] | None,
    typer.Option("--facts", help="a facts file; several may be given. Ibid's own when none is"),
]
RunFolder = Annotated[Path, typer.Argument(help="the folder of a run")]


@app.callback(invoke_without_command=True)
def evaluate(
    context: typer.Context,
    facts: FactsFiles = None,
    engine: Annotated[
        list[str] | None,
        typer.Option(
            help="'extractive' or a language model as IBID_LLM names it; several may be given. "
            "The extractive engine when none is, whatever IBID_LLM says"
        ),
    ] = None,
    calls: Annotated[
        Path, typer.Option(help="folder of recorded calls to language models")
    ] = CALLS,
    out: Annotated[
        Path, typer.Option(help="folder that this run is written to; one in it for each --engine")
    ] = OUT,
    jobs: Annotated[int, typer.Option(min=1, help="questions asked at the same time")] = 1,
    junit: Annotated[Path | None, typer.Option(help="write JUnit XML to this file")] = None,
) -> None:
    """Ask the known facts; exit code 1 when one that was right is wrong now."""
    if context.invoked_subcommand:
        return
    with _could_not_run():
        from evals.engines import contender, run_folders
        from evals.evaluate import evaluate as put
        from evals.evaluate import warm_up
        from evals.saved import save
        from evals.show import output, show_engines, watched
        from evals.table import engine_table
        from rag.build import build
        from rag.llm import load_model

        files, folders = facts or own_facts(), run_folders(out, engine or [])
        _can_be_held(facts, list(folders), junit)
        runs, failed = [], []
        with build(offline(load_settings()), "ibid eval") as ibid:
            asked = {spec: contender(ibid, spec, calls, load_model) for spec in folders}
            if len(asked) > 1:
                warm_up(ibid, files)
            for spec, folder in folders.items():
                run = put(asked[spec].ibid, files, jobs, watched, asked[spec].replayed)
                save(run, folder)
                failed.append(_regressed(run, folder, junit))
                runs.append(run)
        if len(runs) > 1:
            show_engines(engine_table(runs))
        shown = " ".join(["ibid eval report", *map(str, folders.values())] if engine else [])
        output.print(
            f"Written to {', '.join(map(str, folders.values()))}; "
            f"'{shown or 'ibid eval report'}' shows it as a page."
        )
    raise typer.Exit(REGRESSED if any(failed) else HELD)


@app.command()
def compare(before: RunFolder, now: RunFolder) -> None:
    """Compare two saved runs case by case; exit code 1 when one that was right is wrong now."""
    with _could_not_run():
        from evals.compare import compare as compared
        from evals.compare import held
        from evals.saved import load
        from evals.show import output, show_comparison

        first, second = load(before), load(now)
        comparison = compared(held(first.cases), held(second.cases))
        one, other = first.summary.fingerprint, second.summary.fingerprint
        differing = other.differences(one)
        if one.engine != other.engine:
            output.print(f"Two engines: {one.engine} before, {other.engine} now.")
        output.print(f"What was measured differs in: {', '.join(differing) or 'nothing'}")
        show_comparison(comparison)
    raise typer.Exit(REGRESSED if comparison.failed else HELD)


@app.command()
def bless(run: RunFolder = OUT) -> None:
    """Make a run the baseline of its facts and engine; nothing else moves the baseline."""
    with _could_not_run():
        from evals.baseline import baseline_of
        from evals.baseline import bless as move
        from evals.saved import load
        from evals.show import output, show_comparison

        loaded = load(run)
        show_comparison(move(loaded))
        for name in loaded.summary.files:
            target = baseline_of(Path(name), loaded.summary.fingerprint.engine)
            output.print(f"The baseline {target} is moved; commit it.")


@app.command()
def report(
    runs: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[RUN]...", help=f"folders of runs; {OUT} when none is given"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="the file; report.html in the first run when not given")
    ] = None,
) -> None:
    """Write a run as one HTML page, compared with the baseline and with runs of other engines."""
    with _could_not_run():
        from evals.baseline import load_baseline, load_history
        from evals.report import render
        from evals.saved import load, write_text

        folders = runs or [OUT]
        first, *others = map(load, folders)
        files = [Path(name) for name in first.summary.files]
        engine = first.summary.fingerprint.engine
        page = render(first, load_baseline(files, engine), load_history(files, engine), others)
        target = out or folders[0] / "report.html"
        write_text(target, page)
    typer.echo(f"Written to {target}.")


@app.command()
def sabotage(facts: FactsFiles = None) -> None:
    """Put the facts to broken engines; exit code 1 when one of them is not found out."""
    with _could_not_run():
        from evals.sabotage import run_sabotages
        from evals.show import show_trial
        from rag.build import build

        with build(offline(load_settings()), "ibid eval sabotage") as ibid:
            red = [show_trial(trial) for trial in run_sabotages(ibid, facts or own_facts())]
    typer.echo(f"{sum(red)} of {len(red)} broken engines turned the run red.")
    raise typer.Exit(HELD if all(red) else REGRESSED)


@facts_app.callback()
def facts_group() -> None:
    """Write known facts for your own articles."""


@facts_app.command()
def draft(
    question: Annotated[str, typer.Argument(help="the question, as someone would ask it")],
    quote: Annotated[str, typer.Argument(help="words of an article that answer it")] = "",
    answer: Annotated[
        list[str] | None, typer.Option(help="a regular expression a right answer matches; several")
    ] = None,
    kind: Annotated[str, typer.Option(help="what makes it hard")] = "single_fact",
    to: Annotated[Path | None, typer.Option(help="append it to this facts file")] = None,
) -> None:
    """Make a known fact of a question and a quote, or, without a quote, one to be refused."""
    with _could_not_run():
        from evals.draft import append, as_yaml, draft_fact, next_id
        from evals.system import Reference
        from rag.build import build

        with build(offline(load_settings()), "ibid facts draft") as ibid:
            articles = Reference.of(ibid.library).articles
        fact = draft_fact(question, quote, answer or [], kind, articles, next_id(to, kind))
        if to:
            append(fact, to, articles)
    typer.echo(as_yaml(fact), nl=False)


def own_facts() -> list[Path]:
    """Return the facts files that come with Ibid."""
    return sorted(FACTS.glob("*.yaml"))


def offline(settings: Settings) -> Settings:
    """Return the settings without their language model: only --engine puts one to work."""
    return settings.model_copy(update={"llm": None})


def _can_be_held(facts: list[Path] | None, engines: list[str], junit: Path | None) -> None:
    """Raise where Ibid's own facts miss their baseline, or one JUnit file would hold two runs."""
    from evals.baseline import without_baseline
    from rag.engine import EXTRACTIVE

    unblessed = without_baseline(own_facts(), EXTRACTIVE)
    if unblessed and not facts and EXTRACTIVE in engines:
        raise CannotRunError(
            f"{unblessed[0]} has no baseline. Restore it from the repository; for new facts, "
            f"run 'ibid eval --facts {unblessed[0]}', then 'ibid eval bless'."
        )
    if junit and len(engines) > 1:
        raise CannotRunError("--junit takes the run of one engine. Run 'ibid eval' for each.")


def _regressed(run: "Run", folder: Path, junit: Path | None) -> bool:
    """Show a run beside the baseline of its engine; return whether it lost a case."""
    from evals.baseline import load_baseline, load_history, without_baseline
    from evals.compare import compare, held
    from evals.junit import write_junit
    from evals.show import output, show_comparison, show_summary
    from evals.table import REPLAYED

    files, engine = [Path(name) for name in run.summary.files], run.summary.fingerprint.engine
    comparison = compare(load_baseline(files, engine), held(run.cases))
    show_summary(run.summary, next(reversed(load_history(files, engine)), None))
    show_comparison(comparison)
    if junit:
        write_junit(run.cases, comparison, junit)
    if any(case.replayed for case in run.cases):
        output.print(f"{engine}: {REPLAYED}")
    for path in without_baseline(files, engine):
        output.print(
            f"{path} has no baseline to hold with {engine}: 'ibid eval bless {folder}' makes one."
        )
    return bool(comparison.failed)


@contextmanager
def _could_not_run() -> Iterator[None]:
    """Give every error the exit code 2, so that 1 always means a regression."""
    try:
        yield
    except IbidError as error:
        raise CannotRunError(str(error)) from None
    except ModuleNotFoundError as error:
        raise CannotRunError(
            f"The evaluation needs the package {error.name}: run 'make eval', or install "
            "'ibid[eval]'."
        ) from None
