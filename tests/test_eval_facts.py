"""A facts file is checked when it is loaded; what is wrong is said with its line."""

from pathlib import Path

import pytest

from evals.cli import own_facts
from evals.draft import append, as_yaml, draft_fact, next_id
from evals.facts import Expectation, Kind, load_all, load_facts
from evals.locate import locate
from evals.system import Reference
from ingest.errors import BadInputError
from ingest.pipeline import make_article
from ingest.types import Article
from rag.build import Ibid

TEXT = "The bridge\n\nThe bridge was opened in\u00a01901. Ann  Lee\nbuilt it with 12 workers.\n"
ARTICLES = {"bridge": make_article("bridge", "/bridge.txt", TEXT)}

RIGHT = """\
# A comment.
- id: A-1
  kind: single_fact
  fact: opened
  expect: answer
  question: When was the bridge opened?
  answers: ['1901']
  sources: {any_of: [bridge]}
  quotes:
  - {file: bridge, text: The bridge was opened in 1901.}
- id: A-2
  kind: out_of_scope
  fact: moon
  expect: abstain
  question: Who is on the moon?
"""


def write(folder: Path, text: str, name: str = "facts.yaml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_right_file_loads(tmp_path: Path) -> None:
    first, second = load_facts(write(tmp_path, RIGHT), ARTICLES)
    assert (first.id, first.kind, first.expect) == ("A-1", Kind.SINGLE_FACT, Expectation.ANSWER)
    assert second.expect is Expectation.ABSTAIN
    assert not second.quotes


def test_ibids_own_facts_hold_against_the_articles(ibid: Ibid) -> None:
    articles = Reference.of(ibid.library).articles
    files = load_all(own_facts(), articles)
    sizes = {path.stem: len(facts) for path, facts in files.items()}
    assert sizes["belarus"] == 75
    assert sizes["belarus_more"] >= 40
    assert {fact.kind for fact in files[own_facts()[1]]} == set(Kind)


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("kind: single_fact", "kind: riddle", 2, "kind"),
        ("answers: ['1901']", "answers: ['(']", 2, "no regular expression"),
        ("answers: ['1901']", "answers: ['1902']", 2, "no quote has the answer '1902'"),
        ("answers: ['1901']", "answers: []", 2, "do not fit"),
        ("opened in 1901.}", "opened in 1902.}", 2, "is not in 'bridge'"),
        ("any_of: [bridge]", "any_of: [tunnel]", 2, "no article's id starts with 'tunnel'"),
        ("id: A-2", "id: A-1", 11, "there twice"),
        ("  fact: moon\n", "", 11, "fact: Field required"),
        ("question: Who", "colour: red\n  question: Who", 11, "colour"),
        ("question: Who", "turns: [Why]\n  question: Who", 11, "repeat the last of turns"),
    ],
)
def test_a_wrong_file_gives_line_and_reason(
    tmp_path: Path, old: str, new: str, line: int, reason: str
) -> None:
    assert old in RIGHT
    path = write(tmp_path, RIGHT.replace(old, new))
    with pytest.raises(BadInputError) as caught:
        load_facts(path, ARTICLES)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert reason in str(caught.value)


@pytest.mark.parametrize("text", ["", "facts: 1\n", "- [", "[]", "just words"])
def test_what_is_no_list_of_items_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(BadInputError, match=r"facts\.yaml"):
        load_facts(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="nowhere.yaml cannot be read"):
        load_facts(tmp_path / "nowhere.yaml")


def test_an_id_stands_in_one_file_only(tmp_path: Path) -> None:
    paths = [write(tmp_path, RIGHT), write(tmp_path, RIGHT, "copy.yaml")]
    with pytest.raises(BadInputError, match=r"copy\.yaml: the id 'A-1' is in .*facts\.yaml"):
        load_all(paths, ARTICLES)


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    paths = [write(tmp_path, RIGHT), write(tmp_path / "other", RIGHT)]
    with pytest.raises(BadInputError, match="a name of its own"):
        load_all(paths, ARTICLES)


def test_words_are_found_over_any_white_space() -> None:
    (span,) = locate("opened in 1901. Ann Lee built", TEXT)
    assert TEXT[span.start : span.end] == "opened in\u00a01901. Ann  Lee\nbuilt"
    assert len(locate("The bridge", TEXT)) == 2
    assert locate("the bridge", TEXT) == []
    assert locate(" ", TEXT) == []


def drafted(question: str, quote: str, kind: str = "single_fact", *answers: str) -> str:
    return as_yaml(draft_fact(question, quote, answers, kind, ARTICLES, "X-01"))


def test_a_draft_is_a_valid_item(tmp_path: Path) -> None:
    path = write(tmp_path, drafted("How many built it?", "Ann Lee built it with 12 workers."))
    (fact,) = load_facts(path, ARTICLES)
    assert fact.answers == (r"\bLee\b", r"\b12\b")  # the first word is capitalised anyway
    assert fact.sources.any_of == ("bridge",)


def test_drafts_are_appended_under_new_ids(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    for _ in range(2):
        fact = draft_fact(
            "Who built it?",
            "Lee built it with 12",
            ["Lee"],
            "list",
            ARTICLES,
            next_id(path, "list"),
        )
        append(fact, path, ARTICLES)
    assert [fact.id for fact in load_facts(path, ARTICLES)] == ["L-01", "L-02"]


@pytest.mark.parametrize(
    ("quote", "kind", "reason"),
    [
        (
            "The bridge was opened in 1903.",
            "single_fact",
            "The nearest sentence is: The bridge was",
        ),
        ("", "single_fact", "needs a quote"),
        ("The bridge was opened in 1901.", "injection", "has no quote"),
        ("The bridge was opened in 1901.", "riddle", "it is one of single_fact"),
        ("The bridge was opened in", "single_fact", "Give --answer"),
    ],
)
def test_a_draft_that_cannot_be_is_explained(quote: str, kind: str, reason: str) -> None:
    with pytest.raises(BadInputError, match=reason):
        drafted("When was the bridge opened?", quote, kind)


def test_an_article_is_named_by_the_start_of_its_id() -> None:
    articles: dict[str, Article] = {"br": ARTICLES["bridge"], "bridge": ARTICLES["bridge"]}
    fact = draft_fact("When?", "opened in 1901", ["1901"], "single_fact", articles, "X-01")
    assert [quote.file for quote in fact.quotes] == ["br", "bridge"]
    assert fact.sources.satisfied_by({"bridge"})
    assert not fact.sources.satisfied_by({"tunnel"})
