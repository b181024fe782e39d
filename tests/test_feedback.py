"""Ratings of answers: kept beside the library, and drafts of known facts that can be loaded."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.facts import Expectation, load_facts
from ingest.errors import BadInputError
from rag.build import Ibid
from ui.feedback import FILE, rate

ANSWERED = "How many TV channels watched in Belarus are Russian?"
REFUSED = "What is the capital of Australia?"


def given(ibid: Ibid, question: str, rating: str) -> dict[str, Any]:
    answer = ibid.engine.ask(question).model_dump_json()
    entry = {"key": "1a-2b", "answer": answer}
    return {"rating": rating, "reason": "because: [x]", "entry": entry}


@pytest.mark.parametrize(
    ("question", "rating", "expected"),
    [
        (ANSWERED, "good", Expectation.ANSWER),
        (ANSWERED, "bad", Expectation.ABSTAIN),
        (REFUSED, "good", Expectation.ABSTAIN),
        (REFUSED, "bad", Expectation.ABSTAIN),
    ],
)
def test_a_rating_is_kept_and_makes_a_fact_that_loads(
    ibid: Ibid, tmp_path: Path, question: str, rating: str, expected: Expectation
) -> None:
    rated = rate(given(ibid, question, rating), ibid.library)
    kept = (ibid.library.folder / FILE).read_text("utf-8").splitlines()[-1]
    assert json.loads(kept)["reason"] == "because: [x]"
    (tmp_path / "facts.yaml").write_text(rated.fact, "utf-8")
    articles = {item.id: ibid.library.article(item.id) for item in ibid.library.catalogue()}
    (fact,) = load_facts(tmp_path / "facts.yaml", articles)
    assert (fact.question, fact.expect, fact.notes) == (question, expected, "because: [x]")
    said = " ".join(item.text for item in ibid.engine.ask(question).statements)
    assert not fact.unmatched(said)
    assert rated.fact.startswith("#") == (rating == "bad")


@pytest.mark.parametrize("changes", [{"rating": "great"}, {"reason": "x" * 5000}, {"entry": 1}])
def test_what_is_no_rating_is_not_kept(ibid: Ibid, changes: dict[str, Any]) -> None:
    with pytest.raises(BadInputError, match="no rating"):
        rate({**given(ibid, ANSWERED, "good"), **changes}, ibid.library)


def test_a_forged_answer_is_not_kept(ibid: Ibid) -> None:
    data = given(ibid, ANSWERED, "good")
    data["entry"]["answer"] = data["entry"]["answer"].replace("eight", "nine!")
    with pytest.raises(BadInputError, match="no longer holds"):
        rate(data, ibid.library)
