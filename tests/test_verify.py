"""A saved answer is believed in nothing, and checked again after its articles changed or went."""

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import BadInputError, NotFoundError
from ingest.pipeline import make_article
from ingest.types import Article, BlockKind
from rag.statement import pieces
from rag.types import Answer, Citation, Quote, Statement
from rag.verdict import judge
from rag.verify import Standing, Verification, read_answer, verify
from tests.articles import article, sentences
from tests.conftest import run_ibid, start_server, stop_server

HARBOUR = "The harbour of Lindow reopened on Monday after nine months of repairs."
QUESTION = "When did the harbour of Lindow reopen?"
PORT = sentences("The port is not open.", "It reopens in May.", "Ferries wait.", article_id="port")
SPEECH = article(
    "Lee spoke. “I will not resign.”",
    ("Lee spoke.", BlockKind.TEXT, 0, (), ()),
    ("“I will not resign.”", BlockKind.TEXT, 0, ("Lee spoke.",), ()),
    article_id="speech",
)


class Shelf:
    """Articles by id."""

    def __init__(self, *articles: Article) -> None:
        self._articles = {item.id: item for item in articles}

    def article(self, article_id: str) -> Article:
        if article_id not in self._articles:
            raise NotFoundError(f"There is no article {article_id!r}.")
        return self._articles[article_id]

    def version(self, article_id: str, sha256: str) -> Article | None:
        found = self._articles.get(article_id)
        return found if found and found.sha256 == sha256 else None


SHELF = Shelf(PORT, SPEECH)


def statement(source: Article, quotes: Sequence[Quote], first_number: int = 1) -> Statement:
    cited = tuple(Citation.numbered(n, quote) for n, quote in enumerate(quotes, first_number))
    return Statement(citations=cited, focus=(0, 3), verdict=judge(quotes, {source.id: source}))


@pytest.fixture
def saved() -> dict[str, Any]:
    answer = Answer(
        question=QUESTION,
        status="answered",
        engine="extractive",
        statements=(
            statement(PORT, pieces(PORT, 0, 1)),
            statement(SPEECH, pieces(SPEECH, 1, 1), first_number=3),
        ),
    )
    data: dict[str, Any] = json.loads(answer.model_dump_json())
    return data


def verified(data: object, shelf: Shelf = SHELF) -> Verification:
    return verify(read_answer(data), shelf)


def test_an_answer_survives_being_saved(saved: dict[str, Any]) -> None:
    result = verified(saved)
    assert (result.question, result.holds) == (QUESTION, True)
    assert [item.standing for item in result.citations] == [Standing.HOLDS] * 4
    assert [item.text for item in result.statements] == [
        "The port is not open. It reopens in May.",
        "Lee spoke. “I will not resign.”",
    ]


def test_only_texts_and_citations_are_needed(saved: dict[str, Any]) -> None:
    short = {
        "statements": [
            {name: item[name] for name in ("text", "citations")} for item in saved["statements"]
        ],
        "citations": [{**item, "note": "mine"} for item in saved["citations"]],
        "signature": "none",
    }
    assert verified(short).holds


def test_its_own_verdict_is_not_believed(saved: dict[str, Any]) -> None:
    for item in saved["statements"]:
        item["verdict"] = {"supported": False, "score": 0, "reasons": ["no"]}
    assert verified(saved).holds
    saved["statements"][0]["text"] = "The port is open."
    saved["statements"][0]["verdict"] = {"supported": True, "score": 1, "reasons": []}
    result = verified(saved)
    assert not result.holds
    assert [item.verdict.supported for item in result.statements] == [False, True]
    assert {item.standing for item in result.citations} == {Standing.HOLDS}


@pytest.mark.parametrize(
    "text",
    [
        "The port reopens in May.",
        "It reopens in May. The port is not open.",
        "The port is not open. It reopens in May. Ferries wait.",
        "The port is not open.",
        "the port is not open. It reopens in May.",
        "",
    ],
)
def test_text_not_made_from_the_citations_is_unsupported(saved: dict[str, Any], text: str) -> None:
    saved["statements"][0]["text"] = text
    found = verified(saved).statements[0]
    assert (found.text, found.verdict.supported) == (text, False)


@pytest.mark.parametrize(
    ("citations", "reason"),
    [
        ([], "no quote"),
        ([9], "[9], which the answer does not have"),
        ([0], "[0], which"),
        ([-1], "[-1], which"),
        ([10**30], "which the answer does not have"),
        ([1, 1], "overlap"),
        ([2, 1], "order"),
        ([1, 3], "several articles"),
        ([4], "left out"),
    ],
)
def test_a_statement_that_cites_wrongly_is_unsupported(
    saved: dict[str, Any], citations: list[int], reason: str
) -> None:
    saved["statements"][0]["citations"] = citations
    result = verified(saved)
    assert not result.holds
    assert reason in result.statements[0].verdict.reasons[0]


@pytest.mark.parametrize("focus", [[5, 5], [-3, 2], [0, 400], [10**40, 10**41], [9, 3]])
def test_a_mark_outside_the_text_is_unsupported(saved: dict[str, Any], focus: list[int]) -> None:
    saved["statements"][0]["focus"] = focus
    assert "marks" in verified(saved).statements[0].verdict.reasons[0]
    saved["statements"][0]["focus"] = None
    assert verified(saved).holds


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        ({"title": "The Times"}, Standing.MISATTRIBUTED),
        ({"author": "Ann Lee"}, Standing.MISATTRIBUTED),
        ({"publisher": "BBC"}, Standing.MISATTRIBUTED),
        ({"published": "2024-05-01"}, Standing.MISATTRIBUTED),
        ({"url": "https://a.example"}, Standing.MISATTRIBUTED),
        ({"start": 1}, Standing.MISQUOTED),
        ({"end": 10**20}, Standing.MISQUOTED),
        ({"quote": "The port is open."}, Standing.MISQUOTED),
        ({"sha256": ""}, Standing.CHANGED),
        ({"article_id": "no\u0000ne"}, Standing.GONE),
    ],
)
def test_a_forged_citation_does_not_hold(
    saved: dict[str, Any], change: dict[str, object], standing: Standing
) -> None:
    saved["citations"][0].update(change)
    result = verified(saved)
    assert not result.holds
    assert result.citations[0].standing is standing
    assert [item.verdict.supported for item in result.statements] == [False, True]


def test_a_forged_citation_that_no_statement_uses_does_not_hold(saved: dict[str, Any]) -> None:
    saved["citations"].append({**saved["citations"][0], "number": 9, "author": "Ann Lee"})
    result = verified(saved)
    assert not result.holds
    assert all(item.verdict.supported for item in result.statements)


@pytest.mark.parametrize(
    ("text", "standing", "still_said"),
    [
        (HARBOUR.replace("Monday", "Sunday"), Standing.CHANGED, False),
        (f"Harbour reopens\n\n{HARBOUR}", Standing.CHANGED, True),
        (None, Standing.GONE, False),
    ],
)
def test_changed_and_gone_articles_are_told(
    text: str | None, standing: Standing, still_said: bool
) -> None:
    old = make_article("harbour", "harbour.txt", HARBOUR)
    answer = Answer(
        question=QUESTION,
        status="answered",
        engine="extractive",
        statements=(statement(old, pieces(old, 0, 0)),),
    )
    data = json.loads(answer.model_dump_json())
    assert verified(data, Shelf(old)).statements[0].holds
    shelf = Shelf() if text is None else Shelf(make_article("harbour", "harbour.txt", text))
    result = verified(data, shelf)
    assert not result.holds
    assert (result.citations[0].standing, result.citations[0].still_said) == (standing, still_said)
    assert not result.statements[0].verdict.supported


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "no saved answer"),
        ([], "no saved answer"),
        ({}, "statements: field required"),
        ({"statements": [], "citations": [{}]}, "citations.0"),
        ({"statements": 1, "citations": []}, "statements"),
        ({"statements": [{"text": "a", "citations": ["x"]}], "citations": []}, "citations.0"),
        ({"statements": [{"text": "\ud800", "citations": []}], "citations": []}, "characters"),
        ({"statements": [{"text": None, "citations": []}], "citations": []}, "text"),
        (
            {"statements": [{"text": "a", "citations": [], "focus": "all"}], "citations": []},
            "focus",
        ),
    ],
)
def test_what_is_no_answer_says_so(data: object, words: str) -> None:
    with pytest.raises(BadInputError, match="no saved answer") as error:
        read_answer(data)
    assert words in str(error.value)


def test_two_citations_of_one_number_are_no_answer(saved: dict[str, Any]) -> None:
    twice = copy.deepcopy(saved)
    twice["citations"][1]["number"] = 1
    with pytest.raises(BadInputError, match="one number"):
        read_answer(twice)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["number", "article_id", "sha256", "title", "start", "end", "quote", "author"]


@given(st.data())
def test_any_json_is_verified_or_refused(data: st.DataObject) -> None:
    quote = pieces(PORT, 0, 0)[0]
    citation = json.loads(Citation.numbered(1, quote).model_dump_json())
    citation[data.draw(st.sampled_from(FIELDS))] = data.draw(ANYTHING)
    item = {"text": quote.quote, "citations": data.draw(st.just([1]) | ANYTHING)}
    answer = {"statements": data.draw(st.just([item]) | ANYTHING), "citations": [citation]}
    try:
        result = verified(answer)
    except BadInputError:
        return
    result.model_dump_json()
    for found in result.statements:
        assert found.text == PORT.text[:21] or not found.verdict.supported


def test_the_command_verifies_with_and_without_a_server(tmp_path: Path) -> None:
    folder, file, source = tmp_path / "library", tmp_path / "answer.json", tmp_path / "articles"
    source.mkdir()
    (source / "harbour.txt").write_text(HARBOUR)
    (source / "bread.txt").write_text("The bakery of Lindow sells rye bread since the flood.")
    assert run_ibid(folder, "ingest", str(source)).returncode == 0
    file.write_text(run_ibid(folder, "ask", "--json", QUESTION).stdout)
    done = run_ibid(folder, "verify", str(file))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Everything holds.")
    (source / "harbour.txt").write_text(f"News of today.\n\n{HARBOUR}")
    assert run_ibid(folder, "ingest", str(source)).returncode == 0
    changed = run_ibid(folder, "verify", str(file))
    assert (changed.returncode, ": holds" in changed.stdout) == (1, False)
    assert f"“{HARBOUR}”: article changed, but it still has these words" in changed.stdout
    (source / "harbour.txt").unlink()
    server, _ = start_server(folder)
    try:
        assert run_ibid(folder, "ingest", str(source)).returncode == 0
        gone = run_ibid(folder, "verify", str(file))
        assert (gone.returncode, "harbour: article gone" in gone.stdout) == (1, True)
        file.write_text("{}")
        bad = run_ibid(folder, "verify", str(file))
        assert (bad.returncode, "no saved answer" in bad.stderr) == (2, True)
    finally:
        stop_server(server)
