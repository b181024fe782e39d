"""Fit how much a language model's choice counts beside the engine's own scores: rag/choice.json.

    python -m evals.bench.fit_choice --data DIR --model SPEC [--limit N] [--write [--default]]

The model is asked for every question of SQuAD 2.0 and CLAP NQ (half of `limit` each, one in four
without an answer) with the engine's best units of the whole collection, as it is when Ibid answers.
`choice`: logistic regression of "the unit holds the answer" on the engine's log-odds, on whether it
is the engine's first (models like what stands first), and on the evidence of the choice (see
`rag.choose.fuse`); the ratio of the last weight to the first is the strength. `decline`: the
logarithm of how much more often the model declines where there is no answer. Of both, the end of a
one-sided 95% interval (bootstrap over questions): what is not shown to help has no weight.
Reported: the right unit first, with weights fitted on the other questions (five folds).

What the model replied is kept in `--replies`; a call is made once.
"""

import argparse
import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track
from sklearn.linear_model import LogisticRegression

from evals.bench.collections import Collection, Question, clapnq, folded, holds, squad
from evals.bench.data import sha256
from ingest.embed import Embedding, load_embedding
from ingest.library import Library
from ingest.settings import Settings
from ingest.words import fold
from rag import evidence, prompts
from rag.choose import DEFAULT, Choice, Chooser, described, fuse
from rag.engine import PASSAGES
from rag.evidence import Evidence, EvidenceFinder
from rag.llm import load_model
from rag.question import ask
from rag.retrieve import Retriever
from rag.statement import pieces

STRENGTHS = Path(__file__).parents[2] / "rag" / "choice.json"
CANDIDATES = 12
"""Units that a model chooses among, of each question."""
UNANSWERABLE = 4
"""One question in so many has no answer."""
FOLDS = 5
LEAST_ENGINE = 0.1
"""Least weight of the engine's own score: below it, the ratio to it says nothing."""
SAMPLES = 100
LOWER = 0.05
"""Quantile of the bootstrap that is stored."""
FILES = ("squad2_dev_A.json.gz", "clapnq_dev_A.jsonl.gz")


@dataclass(frozen=True)
class Row:
    """A question's best units as the engine scores them (log-odds), and what the model chose."""

    collection: str
    question: str
    answerable: bool
    scores: tuple[float, ...]
    right: tuple[bool, ...]
    numbers: tuple[int, ...]
    declined: bool
    problem: str | None

    @property
    def choice(self) -> Choice:
        """The model's choice."""
        return Choice(tuple(self.numbers), declined=self.declined, problem=self.problem)

    @property
    def fits(self) -> bool:
        """Whether the right unit is among several, and the model has chosen."""
        return bool(self.answerable and any(self.right) and not all(self.right) and self.numbers)

    def right_first(self, weight: float) -> bool:
        """Whether the right unit comes first."""
        return self.right[int(np.argmax(fuse(self.scores, self.choice, weight)))]


def main() -> None:
    """Ask, fit, report, and with --write store the strength."""
    options = _options()
    settings = Settings(llm=options.model, llm_timeout=options.timeout)
    chooser = Chooser(load_model(options.model, settings))
    embedding = load_embedding("e5-small")
    rows = list(all_rows(options, chooser, embedding))
    provider, _, name = options.model.partition(":")
    entry = {
        "strength": {"choice": choice_strength(rows), "decline": decline_strength(rows)},
        "weights": sha256(Path(name)) if provider == "llamacpp" else None,
        "prompts": prompts.VERSION,
        "evidence": sha256(Path(evidence.__file__).with_name("evidence.json")),
        "data": {name: sha256(options.data / name) for name in FILES},
        "measured": report(rows),
    }
    print(json.dumps({chooser.model.name: entry}, indent=1))
    if options.write:
        store(chooser.model.name, entry, default=options.default)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the public data")
    parser.add_argument("--model", required=True, help="a language model, as IBID_LLM has it")
    parser.add_argument("--cache", type=Path, default=Path("out/bench"), help="where libraries go")
    parser.add_argument("--replies", type=Path, default=Path("out/choice.jsonl"))
    parser.add_argument("--limit", type=int, default=100, help="how many questions are asked")
    parser.add_argument("--timeout", type=float, default=600, help="seconds for one reply")
    parser.add_argument("--write", action="store_true", help=f"store it in {STRENGTHS.name}")
    parser.add_argument("--default", action="store_true", help="also for models not measured")
    return parser.parse_args()


def all_rows(options: argparse.Namespace, chooser: Chooser, embedding: Embedding) -> Iterator[Row]:
    """Yield every question with its candidates and the model's choice."""
    replies = Replies(options.replies, chooser)
    for make in (squad, clapnq):
        collection = make(options.data)
        questions = sample(collection.questions, options.limit // 2)
        with collection.open(options.cache, embedding) as library:
            finder = EvidenceFinder(library)
            for question in track(questions, collection.name):
                found = best(question, library, embedding, finder)
                if found:
                    yield make_row(collection, question, found, replies)


def sample(questions: Sequence[Question], count: int) -> list[Question]:
    """Return questions evenly spread, one in `UNANSWERABLE` of them without an answer."""
    without = count // UNANSWERABLE
    parts = ((True, count - without), (False, without))
    chosen = []
    for answerable, share in parts:
        of_kind = [item for item in questions if item.answerable is answerable]
        chosen += [of_kind[n * len(of_kind) // share] for n in range(share)]
    return chosen


def best(
    question: Question, library: Library, embedding: Embedding, finder: EvidenceFinder
) -> Sequence[Evidence]:
    """Return the engine's best units for a question, of the whole library."""
    asked = ask(question.text, embedding, library)
    return finder.find(asked, Retriever(library).find(asked, PASSAGES)).evidence[:CANDIDATES]


def make_row(
    collection: Collection, question: Question, found: Sequence[Evidence], replies: "Replies"
) -> Row:
    """Return a question with what the model chooses of the units found."""
    shown = [described(pieces(item.article, item.number, item.number)) for item in found]
    choice = replies.choice(question.text, shown)
    answers = folded(question.answers)
    return Row(
        collection.name,
        question.text,
        question.answerable,
        tuple(_log_odds(item.score) for item in found),
        tuple(question.answerable and holds(fold(item.text), answers) for item in found),
        choice.numbers,
        choice.declined,
        choice.problem,
    )


class Replies:
    """The choices of a model, kept in a file."""

    def __init__(self, path: Path, chooser: Chooser) -> None:
        self._path = path
        self._chooser = chooser
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        self._kept: dict[str, Any] = {item["key"]: item for item in map(json.loads, lines)}

    def choice(self, question: str, candidates: Sequence[str]) -> Choice:
        """Return what the model chooses, asked only if that is not known."""
        asked = [self._chooser.model.name, prompts.CHOOSE, prompts.SENTENCES, question, candidates]
        key = hashlib.sha256(json.dumps(asked).encode()).hexdigest()
        if key not in self._kept:
            *_, choice = self._chooser.choose(question, (), candidates)
            assert isinstance(choice, Choice)  # noqa: S101 the stream always ends with it
            self._kept[key] = {"key": key, **asdict(choice), "usage": None}
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(self._kept[key]) + "\n")
        kept = self._kept[key]
        return Choice(tuple(kept["numbers"]), declined=kept["declined"], problem=kept["problem"])


def choice_strength(rows: Sequence[Row]) -> float:
    """Return how many log-odds of the engine the choice of a unit in the first place is worth."""
    usable = [row for row in rows if row.fits]
    return _least(_choice_worth, usable) if usable else 0.0


def _choice_worth(rows: Sequence[Row]) -> float:
    features = [
        (score, place == 0, moved)
        for row in rows
        for place, (score, moved) in enumerate(zip(row.scores, _evidence(row), strict=True))
    ]
    right = [right for row in rows for right in row.right]
    engine, _, choice = LogisticRegression().fit(features, right).coef_[0]
    return float(choice / max(engine, LEAST_ENGINE))


def decline_strength(rows: Sequence[Row]) -> float:
    """Return the log-odds by which a decline speaks against an answer."""
    return _least(_decline_worth, rows)


def _decline_worth(rows: Sequence[Row]) -> float:
    """Return the logarithm of the ratio of both rates of declines, each with one more."""
    rates = []
    for answerable in (False, True):
        of_kind = [row.declined for row in rows if row.answerable is answerable]
        rates.append((sum(of_kind) + 1) / (len(of_kind) + 2))
    return math.log(rates[0] / rates[1])


def _least(worth: Callable[[Sequence[Row]], float], rows: Sequence[Row]) -> float:
    """Return the lower end of what something is worth, and 0 if that is less."""
    chance = np.random.default_rng(0)
    drawn = [chance.integers(len(rows), size=len(rows)) for _ in range(SAMPLES)]
    found = [worth([rows[n] for n in numbers]) for numbers in drawn]
    return round(max(0.0, float(np.quantile(found, LOWER))), 3)


def report(rows: Sequence[Row]) -> dict[str, Any]:
    """Return how often the right unit comes first, and what the model does, by collection."""
    figures: dict[str, Any] = {}
    fitted = [
        choice_strength([r for n, r in enumerate(rows) if n % FOLDS != k]) for k in range(FOLDS)
    ]
    for name in dict.fromkeys(row.collection for row in rows):
        of_set = [(row, fitted[n % FOLDS]) for n, row in enumerate(rows) if row.collection == name]
        ranked = [(row, weight) for row, weight in of_set if row.answerable and any(row.right)]
        answerable = [row for row, _ in of_set if row.answerable]
        figures[name] = {
            "questions": len(of_set),
            "right_unit_among": len(ranked),
            "engine_first": _mean(ranked, lambda row, _: row.right_first(0.0)),
            "model_first": _mean(ranked, lambda row, _: row.right_first(1000.0)),
            "fused_first": _mean(ranked, lambda row, weight: row.right_first(weight)),
            "declined_answerable": _mean([(r, 0.0) for r in answerable], lambda r, _: r.declined),
            "declined_unanswerable": _mean(
                [(r, w) for r, w in of_set if not r.answerable], lambda r, _: r.declined
            ),
            "problems": sum(row.problem is not None for row, _ in of_set),
        }
    return figures


def store(name: str, entry: dict[str, Any], *, default: bool) -> None:
    """Put a model's strength into the file, beside those of other models."""
    stored = json.loads(STRENGTHS.read_text("utf-8"))
    stored["made_by"] = "python -m evals.bench.fit_choice --data DIR --model SPEC --write"
    stored["models"][name] = entry
    if default:
        stored["models"][DEFAULT] = {"strength": entry["strength"], "as": name}
    STRENGTHS.write_text(json.dumps(stored, indent=1) + "\n", "utf-8")


def _evidence(row: Row) -> list[float]:
    return fuse([0.0] * len(row.scores), row.choice, 1.0)


def _log_odds(probability: float) -> float:
    kept = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(kept / (1 - kept))


def _mean(rows: Sequence[tuple[Row, float]], measure: Callable[[Row, float], bool]) -> float | None:
    return round(float(np.mean([measure(*item) for item in rows])), 3) if rows else None


if __name__ == "__main__":
    main()
