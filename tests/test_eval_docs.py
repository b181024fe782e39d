"""docs/evaluation.md says what there is: every command, option, finding, measure and sabotage."""

import re
from pathlib import Path
from typing import Any

import typer.main

from evals.cases import load_cases
from evals.cli import app
from evals.compare import GATED
from evals.facts import Expectation, Fact, Kind, load_facts
from evals.mark import MAX_WORDS, Code
from evals.measures import measure_all
from evals.sabotage import SABOTAGES
from ingest.pipeline import make_article
from tests.conftest import REPOSITORY
from tests.eval_answers import generated

DOCS = (REPOSITORY / "docs" / "evaluation.md").read_text("utf-8")
OPTION = r"--[a-z][a-z-]*"


def section(name: str) -> str:
    return DOCS.split(f"\n## {name}\n")[1].split("\n## ")[0]


def rows(name: str) -> list[list[str]]:
    """Return the cells of a section's tables, without their heads."""
    lines = [line for line in section(name).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named(text: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", text))


def test_every_command_and_option_exists_and_is_explained() -> None:
    table = set(re.findall(r"^\| `ibid eval ?([a-z]*)", DOCS, re.MULTILINE))
    command = typer.main.get_command(app)
    commands: dict[str, Any] = command.commands  # type: ignore[attr-defined]
    assert table == {"", *commands}
    options = {name for one in (command, *commands.values()) for p in one.params for name in p.opts}
    named_options = set(re.findall(OPTION, DOCS))
    assert named_options <= options | {"--answer", "--to", "--kind"}
    own = {name for name in options if re.fullmatch(OPTION, name) and "completion" not in name}
    assert own - {"--help"} <= named_options


def test_every_finding_is_explained() -> None:
    assert set().union(*(named(row[0]) for row in rows("What is right"))) == set(Code)
    assert f"more than {MAX_WORDS} words" in DOCS


def test_every_measure_is_explained_and_says_which_way_is_good() -> None:
    full = generated("a", cost=0.1).model_copy(update={"first_right": True})
    figures = {f.name: f.better for f in measure_all([full]) if not f.name.endswith("single_fact")}
    explained: dict[str, str] = {}
    for names, _, better in rows("The measures"):
        explained |= {name: better for name in named(names) if not name.endswith("KIND")}
    assert explained == figures
    assert set(GATED) <= named(section("The gate"))


def test_every_sabotage_is_listed_under_its_measure() -> None:
    listed = {
        name: next(iter(named(measure)))
        for names, measure in rows("Sabotage")
        for name in named(names)
    }
    assert listed == {type(sabotage).__name__: sabotage.figure for sabotage in SABOTAGES}


def test_the_examples_load_and_name_every_field(tmp_path: Path) -> None:
    fact_text, case_text = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    facts, cases = tmp_path / "facts.yaml", tmp_path / "cases.yaml"
    facts.write_text(fact_text, "utf-8")
    cases.write_text(case_text, "utf-8")
    text = "The stone bridge was opened in 1901."
    (fact,) = load_facts(facts, {"bridges": make_article("bridges", "/b.txt", text)})
    assert fact.id == "SF-01"
    ((case,),) = load_cases([cases]).values()
    assert [fact.id for fact in case.facts()] == ["orders-1", "orders-2"]
    for name in [*Fact.model_fields, *Kind, *Expectation]:
        assert name in DOCS
