"""docs/evaluation.md says what there is: every command, option, finding, measure and sabotage."""

import re
from pathlib import Path

import typer.main

from evals.cli import app
from evals.facts import Expectation, Fact, Kind, load_facts
from evals.mark import MAX_WORDS, Code
from evals.measures import measure_all
from evals.sabotage import SABOTAGES
from ingest.pipeline import make_article
from tests.conftest import REPOSITORY
from tests.test_eval_measures import generated

DOCS = (REPOSITORY / "docs" / "evaluation.md").read_text("utf-8")


def rows(section: str) -> list[list[str]]:
    """Return the cells of a section's tables, without their heads."""
    text = DOCS.split(f"\n## {section}\n")[1].split("\n## ")[0]
    found = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in found]


def named(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def test_every_command_is_in_the_table() -> None:
    table = {row[0] for row in re.findall(r"^\| `(ibid eval[^`]*)`()", DOCS, re.MULTILINE)}
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert {line.split(" ")[2] for line in table if line != "ibid eval"} == set(commands)
    assert "`ibid eval`" in DOCS


def test_every_option_that_is_named_exists() -> None:
    command = typer.main.get_command(app)
    group = [command, *command.commands.values()]  # type: ignore[attr-defined]
    options = {name for one in group for option in one.params for name in option.opts}
    draft = {"--answer", "--to", "--kind"}
    assert set(re.findall(r"--[a-z][a-z-]*", DOCS)) <= options | draft
    assert {"--facts", "--out", "--jobs", "--junit", "--engine", "--calls"} <= set(
        re.findall(r"--[a-z][a-z-]*", DOCS)
    )


def test_every_finding_is_explained() -> None:
    assert set().union(*(named(row[0]) for row in rows("What is right"))) == set(Code)
    assert f"more than {MAX_WORDS} words" in DOCS


def test_every_measure_is_explained_and_says_which_way_is_good() -> None:
    full = generated(
        "a", proposed=1, supported=1, cost=0.1, prompt_tokens=1, timings_ms={"first_statement": 1}
    )
    figures = {figure.name: figure for figure in measure_all([full])}
    del figures["correctness.single_fact"]
    explained: dict[str, str] = {}
    for names, _, better in rows("The measures"):
        explained |= dict.fromkeys(named(names) - {"correctness.KIND"}, better)
    assert explained == {name: figure.better for name, figure in figures.items()}


def test_every_sabotage_is_listed_under_its_measure() -> None:
    listed = {
        name: next(iter(named(measure)))
        for names, measure in rows("Sabotage")
        for name in named(names)
    }
    assert listed == {type(sabotage).__name__: sabotage.figure for sabotage in SABOTAGES}


def test_the_example_of_a_fact_loads_and_names_every_field(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    assert example
    path = tmp_path / "example.yaml"
    path.write_text(example.group(1), "utf-8")
    text = "The stone bridge was opened in 1901."
    (fact,) = load_facts(path, {"bridges": make_article("bridges", "/b.txt", text)})
    assert fact.id == "SF-01"
    for name in [*Fact.model_fields, *Kind, *Expectation]:
        assert name in DOCS
