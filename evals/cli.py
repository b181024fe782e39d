"""`ibid eval` and `ibid facts`. Exit codes: 0 held, 1 regressed, 2 could not run.

Every `ibid` command imports this file: what is heavy is imported where it is used.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from evals.errors import CannotRunError
from ingest.errors import IbidError
from ingest.settings import load_settings

FACTS = Path(__file__).parent / "facts"
OUT = Path("out") / "eval"
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
    out: Annotated[Path, typer.Option(help="folder that this run is written to")] = OUT,
    jobs: Annotated[int, typer.Option(min=1, help="questions asked at the same time")] = 1,
    junit: Annotated[Path | None, typer.Option(help="write JUnit XML to this file")] = None,
) -> None:
    """Ask the known facts; exit code 1 when one that was right is wrong now."""
    if context.invoked_subcommand:
        return
    with _could_not_run():
        from evals.baseline import load_baseline, load_history, without_baseline
        from evals.compare import compare, held
        from evals.evaluate import evaluate as put
        from evals.junit import write_junit
        from evals.saved import save
        from evals.show import output, show_comparison, show_summary, watched
        from rag.build import build

        files = facts or own_facts()
        unblessed = without_baseline(files)
        if unblessed and not facts:
            raise CannotRunError(
                f"{unblessed[0]} has no baseline. Restore it from the repository; for new facts, "
                f"run 'ibid eval --facts {unblessed[0]}', then 'ibid eval bless'."
            )
        with build(load_settings(), "ibid eval") as ibid:
            run = put(ibid, files, jobs, watched)
        save(run, out)
        comparison = compare(load_baseline(files), held(run.cases))
        show_summary(run.summary, next(reversed(load_history(files)), None))
        show_comparison(comparison)
        if junit:
            write_junit(run.cases, comparison, junit)
        for path in unblessed:
            output.print(f"{path} has no baseline to hold: 'ibid eval bless' makes one.")
        output.print(f"Written to {out}; 'ibid eval report' shows it as a page.")
    raise typer.Exit(REGRESSED if comparison.failed else HELD)


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
        differing = second.summary.fingerprint.differences(first.summary.fingerprint)
        output.print(f"What was measured differs in: {', '.join(differing) or 'nothing'}")
        show_comparison(comparison)
    raise typer.Exit(REGRESSED if comparison.failed else HELD)


@app.command()
def bless(run: RunFolder = OUT) -> None:
    """Make a run the baseline of the facts it asked; nothing else moves the baseline."""
    with _could_not_run():
        from evals.baseline import baseline_of
        from evals.baseline import bless as move
        from evals.saved import load
        from evals.show import output, show_comparison

        loaded = load(run)
        show_comparison(move(loaded))
        for name in loaded.summary.files:
            output.print(f"The baseline {baseline_of(Path(name))} is moved; commit it.")


@app.command()
def report(
    run: RunFolder = OUT,
    out: Annotated[
        Path | None, typer.Option(help="the file; RUN/report.html when not given")
    ] = None,
) -> None:
    """Write a run as one HTML page, compared with the baseline."""
    with _could_not_run():
        from evals.baseline import load_baseline, load_history
        from evals.report import render
        from evals.saved import load, write_text

        loaded = load(run)
        files = [Path(name) for name in loaded.summary.files]
        page = render(loaded, load_baseline(files), load_history(files))
        target = out or run / "report.html"
        write_text(target, page)
    typer.echo(f"Written to {target}.")


@app.command()
def sabotage(facts: FactsFiles = None) -> None:
    """Put the facts to broken engines; exit code 1 when one of them is not found out."""
    with _could_not_run():
        from evals.sabotage import run_sabotages
        from evals.show import show_trial
        from rag.build import build

        with build(load_settings(), "ibid eval sabotage") as ibid:
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

        with build(load_settings(), "ibid facts draft") as ibid:
            articles = Reference.of(ibid.library).articles
        fact = draft_fact(question, quote, answer or [], kind, articles, next_id(to, kind))
        if to:
            append(fact, to, articles)
    typer.echo(as_yaml(fact), nl=False)


def own_facts() -> list[Path]:
    """Return the facts files that come with Ibid."""
    return sorted(FACTS.glob("*.yaml"))


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
