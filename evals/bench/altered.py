"""Sentences with one number, date, name or negation altered, which the verdict should refuse.

Every alteration is made by rules of its own on the raw text, not by the reading that the verdict
uses, with a seeded generator. Light paraphrases, which alter nothing, must still pass.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from evals.bench.data import read_json, read_json_lines
from evals.bench.figures import Row, Table, row
from evals.bench.support import verdict_on
from evals.bench.system import Setting
from evals.measures.figure import proportion
from ingest.split import split_sentences

SEED = 20240607
MIN_WORDS, MAX_WORDS = 8, 60

_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()  # noqa: SIM905
_SPELLED = "two three four five six seven eight nine ten eleven twelve twenty thirty".split()  # noqa: SIM905
_MONTH = "|".join(_MONTHS)
_NUMBER = re.compile(rf"\b(?:{'|'.join(_SPELLED)})\b|(?<![\w.,])\d+(?:[.,]\d+)*(?![\w])")
_DATE = re.compile(
    rf"(?<=\b)(?:(?P<day>\d{{1,2}})(?= (?:{_MONTH})\b)|(?<!^)(?P<month>{_MONTH})\b"
    rf"|(?P<weekday>{'|'.join(_DAYS)})\b|(?:(?<=[Ii]n )|(?<= of )|(?<= by )|(?<=ince ))"
    r"(?P<year>1\d{3}|20\d\d)\b)"
)
_NAME = re.compile(r"\b[A-Z][a-zà-ÿ]{2,}(?: (?:of |the )*[A-Z][a-zà-ÿ]{2,})*")
_DENIAL = re.compile(r"\b(?:not |never )|n[’']t\b")
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|should|must|may|might)\b(?! not|n[’'])"
)
_INFLECTED = re.compile(r"(?<![\w“\"-])[a-z]{3,}(?P<ending>ed|ing|ly|ous|al|ive)\b")
_OPENING = re.compile(
    r"^(?P<first>(?:In|On|At|During|After|Before|Since|By|From|For|With|Under|As|When|While)"
    r" [^,;:“”\"]{3,80}), (?P<rest>[^“”\"]+?)(?P<stop>[.]?)$"
)
_RELATIVE = re.compile(r", (?:which|who|whose|where) [^,;:“”\"()]+(?:,|(?=[.]$))")
_LIST = re.compile(r"(?:[^.;:()]{0,40}?(?:, | and | or | & )(?:and |or )?)*")
_ASIDE = re.compile(r" \([^()]*\)")


class Case(NamedTuple):
    """A sentence, what its writer stands on, and where both are from."""

    source: str
    text: str
    evidence: tuple[str, ...]


class Pool(NamedTuple):
    """What other sentences have to put in a place: names, and words by their ending."""

    names: Sequence[str]
    words: Sequence[str]


Change = Callable[[Case, Pool, random.Random], str | None]


def run(setting: Setting) -> list[Table]:
    """Alter what is supported, once in each way, and count what is still called supported."""
    cases = [*squad(setting), *wice(setting)]
    if setting.limit:
        cases = cases[:: max(1, len(cases) // setting.limit)]
    pool = make_pool(cases)
    caught = tuple(_caught(source, cases, pool) for source in _sources(cases))
    passed = tuple(_passed(source, cases) for source in _sources(cases))
    return [
        Table(title="One thing altered: share not supported any more", rows=caught, note=NOTE),
        Table(title="Nothing altered: share still supported", rows=passed),
    ]


NOTE = (
    "A sentence of SQuAD's paragraphs is quoted alone, or with its whole paragraph; a supported "
    "claim of WiCE stands on its annotators' evidence. Of the claims of WiCE, only those that pass "
    "unaltered are altered."
)


def make_pool(cases: Sequence[Case]) -> Pool:
    """Return the names and the inflected words of all cases."""
    return Pool(
        sorted({match.group() for case in cases for match in _names(case.text)}),
        sorted({match.group() for case in cases for match in _INFLECTED.finditer(case.text)}),
    )


def squad(setting: Setting) -> Iterator[Case]:
    """Yield two sentences of each SQuAD paragraph, with themselves and the paragraph."""
    for page in read_json(setting.data, "squad2_dev_A.json.gz")["data"]:
        for paragraph in page["paragraphs"]:
            text = paragraph["context"]
            sentences = [text[span.start : span.end] for span in split_sentences(text)]
            chosen = [item for item in sentences if usable(item)]
            for sentence in chosen[:2]:
                yield Case("SQuAD, sentence", sentence, (sentence,))
                yield Case("SQuAD, paragraph", sentence, tuple(sentences))


def wice(setting: Setting) -> Iterator[Case]:
    """Yield the supported claims of WiCE that pass as they are, with their evidence."""
    for record in read_json_lines(setting.data, "wice_claim_dev.jsonl.gz"):
        if record["label"] == "supported" and record["supporting_sentences"]:
            case = Case("WiCE, evidence", record["claim"], evidence_of(record))
            if verdict_on(case.text, case.evidence).supported:
                yield case


def evidence_of(record: dict[str, Any]) -> tuple[str, ...]:
    """Return the sentences that any of WiCE's annotators took as evidence."""
    chosen = sorted({number for group in record["supporting_sentences"] for number in group})
    return tuple(record["evidence"][number] for number in chosen)


def usable(sentence: str) -> bool:
    """Whether it is a sentence of common length."""
    return MIN_WORDS <= len(sentence.split()) <= MAX_WORDS and sentence[-1] == "."


def _caught(source: str, cases: Sequence[Case], pool: Pool) -> Row:
    figures = []
    for kind, change in ALTERATIONS.items():
        generator = random.Random(f"{SEED} {source} {kind}")  # noqa: S311 not for secrets
        judged = [
            not verdict_on(text, case.evidence).supported
            for case in cases
            if case.source == source and (text := change(case, pool, generator))
        ]
        figures.append(proportion(kind, sum(judged), len(judged)))
    return row(source, figures)


def _passed(source: str, cases: Sequence[Case]) -> Row:
    figures = []
    for kind, change in PARAPHRASES.items():
        judged = [
            verdict_on(text, case.evidence).supported
            for case in cases
            if case.source == source and (text := change(case.text))
        ]
        figures.append(proportion(kind, sum(judged), len(judged)))
    return row(source, figures)


def _sources(cases: Sequence[Case]) -> list[str]:
    return list(dict.fromkeys(case.source for case in cases))


def alter_number(case: Case, _: Pool, generator: random.Random) -> str | None:
    """Put another number for one that is no part of a date."""
    dates = [match.span() for match in _DATE.finditer(case.text)]
    found = [
        m for m in _NUMBER.finditer(case.text) if not any(a <= m.start() < b for a, b in dates)
    ]
    if not found:
        return None
    match = generator.choice(found)
    return _put(case.text, match.span(), _other_number(match.group(), case, generator))


def _other_number(number: str, case: Case, generator: random.Random) -> str:
    everything = " ".join(case.evidence)
    while True:
        if number in _SPELLED:
            other = generator.choice(_SPELLED)
        else:
            place = generator.choice([n for n, sign in enumerate(number) if sign.isdigit()])
            digit = generator.choice("123456789")
            other = number[:place] + digit + number[place + 1 :]
        if not re.search(rf"(?<![\w.,]){re.escape(other)}(?!\w)", everything):
            return other


def alter_date(case: Case, _: Pool, generator: random.Random) -> str | None:
    """Put another day, month, weekday or year for one."""
    found = list(_DATE.finditer(case.text))
    if not found:
        return None
    match = generator.choice(found)
    options: dict[str, Sequence[str]] = {
        "day": [str(day) for day in range(1, 29)],
        "month": _MONTHS,
        "weekday": _DAYS,
        "year": [str(int(match.group()) + step) for step in (*range(-9, 0), *range(1, 10))]
        if match.lastgroup == "year" else [],
    }  # fmt: skip
    here = " ".join(case.evidence)
    fresh = [item for item in options[match.lastgroup or ""] if not re.search(rf"\b{item}\b", here)]
    return _put(case.text, match.span(), generator.choice(fresh)) if fresh else None


def alter_name(case: Case, pool: Pool, generator: random.Random) -> str | None:
    """Put a name of another sentence for one that does not open this one."""
    found = _names(case.text)
    if not found:
        return None
    match = generator.choice(found)
    here = " ".join((case.text, *case.evidence)).casefold()
    while True:
        other = generator.choice(pool.names)
        if not any(part.casefold() in here for part in other.split() if part[0].isupper()):
            return _put(case.text, match.span(), other)


def exchange_names(case: Case, _: Pool, generator: random.Random) -> str | None:
    """Let two names of the sentence change places."""
    found = _names(case.text)
    pairs = [(a, b) for n, a in enumerate(found) for b in found[n + 1 :]
             if not _LIST.fullmatch(case.text[a.end() : b.start()])
             and not set(a.group().split()) & set(b.group().split())]  # fmt: skip
    if not pairs:
        return None
    return _exchanged(case.text, *generator.choice(pairs))


def _exchanged(text: str, first: re.Match[str], second: re.Match[str]) -> str:
    return _put(_put(text, second.span(), first.group()), first.span(), second.group())


def exchange_numbers(case: Case, _: Pool, generator: random.Random) -> str | None:
    """Let two numbers of the sentence change places."""
    found = list(_NUMBER.finditer(case.text))
    pairs = [(a, b) for n, a in enumerate(found) for b in found[n + 1 :]
             if a.group() != b.group() and len(a.group()) == len(b.group())]  # fmt: skip
    return _exchanged(case.text, *generator.choice(pairs)) if pairs else None


def alter_word(case: Case, pool: Pool, generator: random.Random) -> str | None:
    """Put another word with the same ending (-ed, -ing, -ly, ...) for a verb or an adjective."""
    found = list(_INFLECTED.finditer(case.text))
    if not found:
        return None
    match = generator.choice(found)
    here = " ".join((case.text, *case.evidence))
    fresh = [word for word in pool.words if word.endswith(match["ending"]) and word not in here]
    return _put(case.text, match.span(), generator.choice(fresh)) if fresh else None


def alter_negation(case: Case, _: Pool, generator: random.Random) -> str | None:
    """Drop a negation, or deny an auxiliary verb."""
    denied = list(_DENIAL.finditer(case.text))
    if denied:
        return _put(case.text, generator.choice(denied).span(), "")
    found = list(_AUXILIARY.finditer(case.text))
    if not found:
        return None
    match = generator.choice(found)
    return _put(case.text, match.span(), f"{match.group()} not")


def _names(text: str) -> list[re.Match[str]]:
    return [m for m in _NAME.finditer(text)
            if m.start() and text[m.start() - 2] not in ".!?:“\"" and m.group() not in _MONTHS
            and m.group() not in _DAYS and text[m.start() - 1] in " ("]  # fmt: skip


def _put(text: str, span: tuple[int, int], other: str) -> str:
    return text[: span[0]] + other + text[span[1] :]


def clause_moved(text: str) -> str | None:
    """Put the opening phrase last."""
    match = _OPENING.match(text)
    if not match:
        return None
    first, rest = match["first"], match["rest"]
    return f"{rest[0].upper()}{rest[1:]}, {first[0].lower()}{first[1:]}{match['stop']}"


def clause_dropped(text: str) -> str | None:
    """Leave out a relative clause or what stands in brackets."""
    for pattern in (_RELATIVE, _ASIDE):
        if pattern.search(text):
            return pattern.sub("", text, count=1)
    return None


def values_rewritten(text: str) -> str | None:
    """Write a number, a percentage or a date in another form."""
    day = rf"(\d{{1,2}}) ({_MONTH}) (\d{{4}})"
    for pattern, other in (
        (rf"({_MONTH}) (\d{{1,2}}), (\d{{4}})", r"\2 \1 \3"),
        (day, r"\2 \1, \3"),
        (r"(\d)%", r"\1 per cent"),
        (r"(\d),(\d{3})\b", r"\1\2"),
        *((rf"\b{word}\b", str(n)) for n, word in enumerate(_SPELLED[:11], 2)),
    ):
        rewritten = re.sub(pattern, other, text, count=1)
        if rewritten != text:
            return rewritten
    return None


ALTERATIONS: dict[str, Change] = {
    "number": alter_number,
    "date": alter_date,
    "name": alter_name,
    "negation": alter_negation,
    "other word": alter_word,
    "names exchanged": exchange_names,
    "numbers exchanged": exchange_numbers,
}
PARAPHRASES: dict[str, Callable[[str], str | None]] = {
    "as it is": lambda text: text,
    "clause moved": clause_moved,
    "clause dropped": clause_dropped,
    "values rewritten": values_rewritten,
}
