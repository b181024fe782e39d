"""`ibid eval` and `ibid facts`. Exit codes: 0 held, 1 regressed, 2 could not run.

Every `ibid` command imports this file: what is heavy is imported where it is used.
"""

from collections.abc import Iterator, Sequence
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
CASES = Path(__file__).parent / "cases"
OUT = Path("out") / "eval"
CALLS = OUT / "calls"
HELD, REGRESSED = 0, 1

app = typer.Typer(pretty_exceptions_enable=False)
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
JunitFile = Annotated[Path | None, typer.Option(help="write JUnit XML to this file")]


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
    junit: JunitFile = None,
) -> None:
    """Ask the known facts, measure the answers, and fail when one that was right is wrong now.

    Exit codes: 0 held, 1 regressed, 2 could not run.

    Example: ibid eval --facts mine.yaml
    """
    if context.invoked_subcommand:
        return
    with _could_not_run():
        from evals.engines import contender, run_folders
        from evals.evaluate import evaluate as put
        from evals.evaluate import warm_up
        from evals.show import show_engines, watched
        from evals.table import engine_table
        from rag.build import build
        from rag.llm import load_model

        files, folders = facts or _own(FACTS), run_folders(out, engine or [])
        if junit and len(folders) > 1:
            raise CannotRunError("--junit takes the run of one engine. Run 'ibid eval' for each.")
        if not facts:
            _must_be_held(files, list(folders))
        runs, lost = [], []
        with build(offline(load_settings()), "ibid eval") as ibid:
            asked = {spec: contender(ibid, spec, calls, load_model) for spec in folders}
            if len(asked) > 1:
                warm_up(ibid, files)
            for spec, one in asked.items():
                run = put(one.ibid, files, one.name, jobs, watched, one.replayed)
                lost.append(_finish(run, folders[spec], junit))
                runs.append(run)
        if len(runs) > 1:
            show_engines(engine_table(runs))
    raise typer.Exit(REGRESSED if any(lost) else HELD)


@app.command()
def cases(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="cases files; Ibid's own when none is given"),
    ] = None,
    together: Annotated[
        bool, typer.Option(help="put the files of all cases of a file into one library")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="folder that this run is written to")] = None,
    junit: JunitFile = None,
) -> None:
    """Ask the questions of cases over their own files, and fail when one was right before.

    Exit codes: 0 held, 1 regressed, 2 could not run.

    Example: ibid eval cases --together
    """
    with _could_not_run():
        from evals.evaluate import evaluate_cases
        from evals.show import show_cases, watched

        files = paths or _own(CASES)
        if not paths:
            _must_be_held(files, [], together)
        run = evaluate_cases(files, offline(load_settings()), together, watched)
        show_cases(run.cases)
        folder = out or OUT / ("cases-together" if together else "cases")
        lost = _finish(run, folder, junit)
    raise typer.Exit(REGRESSED if lost else HELD)


@app.command()
def compare(before: RunFolder, now: RunFolder) -> None:
    """Compare two saved runs case by case, and fail when one that was right is wrong now.

    Exit codes: 0 held, 1 regressed, 2 could not run.

    Example: ibid eval compare out/before out/eval
    """
    with _could_not_run():
        from evals.compare import Side
        from evals.compare import compare as compared
        from evals.saved import load
        from evals.show import output, show_comparison

        first, second = load(before), load(now)
        comparison = compared(*(Side.of(run.cases, run.summary.figures) for run in (first, second)))
        one, other = first.summary.fingerprint, second.summary.fingerprint
        if one.engine != other.engine:
            output.print(f"Two engines: {one.engine} before, {other.engine} now.")
        differing = ", ".join(other.differences(one)) or "nothing"
        output.print(f"What was measured differs in: {differing}")
        show_comparison(comparison)
    raise typer.Exit(REGRESSED if comparison.regressed else HELD)


@app.command()
def bless(run: RunFolder = OUT) -> None:
    """Make a run the baseline of its files and engine; nothing else moves the baseline.

    Exit codes: 0 moved, 2 could not run.

    Example: ibid eval bless out/eval
    """
    with _could_not_run():
        from evals.baseline import Baseline
        from evals.baseline import bless as move
        from evals.saved import load
        from evals.show import output, show_comparison

        loaded = load(run)
        show_comparison(move(loaded))
        baseline = Baseline.of(loaded.summary)
        for file in baseline.files:
            output.print(f"The baseline {baseline.path(file)} is moved; commit it.")


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
    """Write a run as one HTML page, compared with the baseline and with runs of other engines.

    Exit codes: 0 written, 2 could not run.

    Example: ibid eval report out/eval
    """
    with _could_not_run():
        from evals.report import render
        from evals.saved import load, write_text

        folders = runs or [OUT]
        first, *others = map(load, folders)
        target = out or folders[0] / "report.html"
        write_text(target, render(first, others))
    typer.echo(f"Written to {target}.")


@app.command()
def sabotage(facts: FactsFiles = None) -> None:
    """Put facts, and Ibid's own cases, to broken engines, and fail when one is not found out.

    Exit codes: 0 all found out, 1 one was not, 2 could not run.

    Example: ibid eval sabotage
    """
    with _could_not_run():
        from evals.sabotage import open_grounds, run_sabotages
        from evals.show import show_trial

        settings = offline(load_settings())
        with open_grounds(settings, facts or _own(FACTS), [] if facts else _own(CASES)) as grounds:
            trials = []
            for trial in run_sabotages(grounds):
                show_trial(trial)
                trials.append(trial)
    red = [trial.red for trial in trials if trial.tried or not facts]
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
    """Make a known fact of a question and a quote, or, without a quote, one to be refused.

    Exit codes: 0 made, 2 wrong input.

    Example: ibid facts draft "When was it opened?" "It was opened in 1901." --to mine.yaml
    """
    with _could_not_run():
        from evals.draft import append, articles_of, as_yaml, draft_fact, next_id

        articles = articles_of(offline(load_settings()))
        fact = draft_fact(question, quote, answer or [], kind, articles, next_id(to, kind))
        if to:
            append(fact, to, articles)
    typer.echo(as_yaml(fact), nl=False)


def offline(settings: Settings) -> Settings:
    """Return the settings without their language model: only --engine puts one to work."""
    return settings.model_copy(update={"llm": None})


def _own(folder: Path) -> list[Path]:
    """Return the files of facts or cases that come with Ibid."""
    return sorted(folder.glob("*.yaml"))


def _must_be_held(files: Sequence[Path], engines: Sequence[str], together: bool = False) -> None:
    """Raise where a file that comes with Ibid has no baseline of the extractive engine."""
    from evals.baseline import Baseline
    from rag.engine import EXTRACTIVE

    missing = Baseline(tuple(files), EXTRACTIVE, together).missing()
    if missing and (not engines or EXTRACTIVE in engines):
        raise CannotRunError(
            f"{missing[0]} has no baseline. Restore it from the repository; for a new file, "
            "name it, and then run 'ibid eval bless' with the folder of that run."
        )


def _finish(run: "Run", folder: Path, junit: Path | None) -> bool:
    """Save a run and show it beside its baseline; return whether it regressed."""
    from evals.baseline import Baseline, against_baseline
    from evals.junit import write_junit
    from evals.saved import save
    from evals.show import output, show_comparison, show_summary
    from evals.table import REPLAYED

    save(run, folder)
    baseline, comparison = Baseline.of(run.summary), against_baseline(run)
    show_summary(run.summary, baseline.side().figures)
    show_comparison(comparison)
    if junit:
        write_junit(run.cases, comparison, junit)
    if any(case.replayed for case in run.cases):
        output.print(f"{baseline.engine}: {REPLAYED}")
    for path in baseline.missing():
        output.print(
            f"{path} has no baseline to hold with {baseline.engine}: "
            f"'ibid eval bless {folder}' makes one."
        )
    output.print(f"Written to {folder}; 'ibid eval report {folder}' shows it as a page.")
    return comparison.regressed


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
