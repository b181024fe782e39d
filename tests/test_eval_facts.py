"""Facts and cases files are checked when they are loaded; what is wrong is said with its line."""

from pathlib import Path

import pytest

from evals.cases import FilesAndQuestions, load_cases
from evals.cli import CASES, FACTS
from evals.draft import append, articles_of, as_yaml, draft_fact, next_id
from evals.facts import Expectation, Kind, load_all, load_facts, locate
from ingest.errors import BadInputError
from ingest.pipeline import make_article
from ingest.types import Article
from tests.conftest import CORPUS, settings_for

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
CASE = """\
# A comment.
- id: cafe
  files: [{name: cafe.txt, encoding: cp1252, text: "Le café ouvre à 9 h."}]
  ask:
    - {q: "When does it open?", all: ["9 h"], not: ["10"], max: 1}
    - {before: ["When does it open?"], q: "And the bar?", expect: refuse}
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


def test_ibids_own_facts_hold_against_the_articles() -> None:
    files = CORPUS.glob("*.txt")
    articles = {f.stem: make_article(f.stem, str(f), f.read_text("utf-8")) for f in files}
    loaded = load_all(sorted(FACTS.glob("*.yaml")), articles)
    assert {path.stem: len(facts) >= 70 for path, facts in loaded.items()} == {
        "belarus": True,
        "belarus_more": True,
    }


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("kind: single_fact", "kind: riddle", 3, "kind"),
        ("answers: ['1901']", "answers: ['(']", 2, "no regular expression"),
        ("answers: ['1901']", "answers: ['1902']", 2, "no quote has the answer '1902'"),
        ("answers: ['1901']", "answers: []", 2, "do not fit"),
        ("answers: ['1901']", "answers: ['1901']\n  most: 0", 8, "most"),
        ("opened in 1901.}", "opened in 1902.}", 2, "is not in 'bridge'"),
        ("any_of: [bridge]", "any_of: [tunnel]", 2, "no article's id starts with 'tunnel'"),
        ("id: A-2", "id: A-1", 11, "there twice"),
        ("  fact: moon\n", "", 11, "fact: Field required"),
        ("question: Who", "colour: red\n  question: Who", 15, "colour"),
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


def test_files_of_a_run_share_neither_name_nor_id(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first = write(tmp_path, RIGHT)
    with pytest.raises(BadInputError, match=r"copy\.yaml: the id 'A-1' is in .*facts\.yaml"):
        load_all([first, write(tmp_path, RIGHT, "copy.yaml")], ARTICLES)
    with pytest.raises(BadInputError, match="a name of its own"):
        load_all([first, write(tmp_path / "other", RIGHT)], ARTICLES)
    with pytest.raises(BadInputError, match="nowhere.yaml cannot be read"):
        load_all([tmp_path / "nowhere.yaml"], ARTICLES)


def test_a_case_is_files_and_known_facts(tmp_path: Path) -> None:
    path = write(tmp_path, CASE)
    (case,) = load_cases([path])[path]
    first, second = case.facts()
    assert (first.id, first.kind, first.never, first.most) == ("cafe-1", Kind.EVERYDAY, ("10",), 1)
    assert (second.id, second.expect) == ("cafe-2", Expectation.ABSTAIN)
    assert second.turns == ("When does it open?", "And the bar?")
    case.write(tmp_path / "files")
    assert (tmp_path / "files" / "cafe.txt").read_bytes() == "Le café ouvre à 9 h.".encode("cp1252")


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("encoding: cp1252", "encoding: ascii", 3, "cannot be written so"),
        ('all: ["9 h"]', 'all: ["11"]', 2, "no file has the answer '11'"),
        ('all: ["9 h"]', 'all: ["("]', 5, "no regular expression"),
        ("max: 1", "max: 0", 5, "max"),
        ("max: 1", "most: 1", 5, "most"),
        (", expect: refuse", "", 6, "give either"),
        ("id: cafe", "id: ../cafe", 2, "id"),
        ("name: cafe.txt", "name: ../cafe.txt", 3, "name"),
    ],
)
def test_a_wrong_case_gives_line_and_reason(
    tmp_path: Path, old: str, new: str, line: int, reason: str
) -> None:
    assert old in CASE
    path = write(tmp_path, CASE.replace(old, new))
    with pytest.raises(BadInputError) as caught:
        load_cases([path])
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert reason in str(caught.value)


def test_ibids_own_cases_load() -> None:
    files = load_cases(sorted(CASES.glob("*.yaml")))
    cases: list[FilesAndQuestions] = [case for found in files.values() for case in found]
    assert sum(len(case.ask) for case in cases) >= 100
    assert any(ask.expect == "refuse" for case in cases for ask in case.ask)


def test_words_are_found_over_any_white_space() -> None:
    (span,) = locate("opened in 1901. Ann Lee built", TEXT)
    assert TEXT[span.start : span.end] == "opened in\u00a01901. Ann  Lee\nbuilt"
    assert len(locate("The bridge", TEXT)) == 2
    assert locate("the bridge", TEXT) == locate(" ", TEXT) == []


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
        name, quote = next_id(path, "list"), "Lee built it with 12"
        append(draft_fact("Who built it?", quote, ["Lee"], "list", ARTICLES, name), path, ARTICLES)
    assert [fact.id for fact in load_facts(path, ARTICLES)] == ["L-01", "L-02"]


OPENED = "The bridge was opened in 190"


@pytest.mark.parametrize(
    ("quote", "kind", "reason"),
    [
        (f"{OPENED}3.", "single_fact", "The nearest sentence is: The bridge was"),
        ("", "single_fact", "needs a quote"),
        (f"{OPENED}1.", "injection", "has no quote"),
        (f"{OPENED}1.", "riddle", "it is one of single_fact"),
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


def test_a_draft_reads_the_articles_of_a_server_that_owns_them(served: tuple[Path, str]) -> None:
    articles = articles_of(settings_for(served[0]))
    assert len(articles) == 5
    assert all(article.units for article in articles.values())
