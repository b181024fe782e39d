"""`ibid eval`: known facts against the library, gated by the committed baseline."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.settings import load_settings

if TYPE_CHECKING:
    from evals.run import Case

HERE = Path(__file__).parent

app = typer.Typer(help="Measure the answers on known facts.", pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def evaluate(
    facts: Annotated[Path, typer.Option(help="a facts file")] = HERE / "facts" / "belarus.yaml",
    baseline: Annotated[Path | None, typer.Option(help="marks to compare with")] = None,
    save: Annotated[Path | None, typer.Option(help="write a JSON line a case here")] = None,
    move_baseline: Annotated[bool, typer.Option("--bless", help="move the baseline")] = False,
) -> None:
    """Ask the known facts; exit code 1 when one that was right is wrong now."""
    from evals.facts import load_facts
    from evals.run import bless, compare, run, summary, texts_of
    from rag.build import build

    with build(load_settings(), "ibid eval") as ibid:
        cases = run(load_facts(facts, texts_of(ibid.library)), ibid.engine, ibid.library)
    for case in cases:
        if not case.right:
            typer.echo(f"wrong {case.id}: {'; '.join(case.reasons)}")
    typer.echo(summary(cases))
    if save:
        _save(cases, save)
    marks = baseline or facts.with_suffix(".baseline.json")
    if move_baseline:
        bless(cases, marks)
        typer.echo(f"The baseline {marks.name} is moved.")
        return
    comparison = compare(cases, marks)
    for name in comparison.passed:
        typer.echo(f"fail -> pass {name}")
    for name in comparison.failed:
        typer.echo(f"pass -> fail {name}")
    raise typer.Exit(1 if comparison.failed else 0)


def _save(cases: "list[Case]", path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(case.model_dump(mode="json"), ensure_ascii=False) for case in cases)
    path.write_text("\n".join(lines) + "\n", "utf-8")
