"""Plain sentences that a quoted one implies by its form, and with which a statement may go on.

An element of a list follows what the list follows; an apposition says what its name is; "P, so Q"
is "Q because P"; a pronoun at the start is the name at the start of the sentence before. Each rule
needs the form to be plain to see, and yields whole sentences: what is made of them is checked as
what is made of a quoted one.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from rag.reading import Kind, Token
from rag.words_of_sense import SAYING, TIMES

Sentence = tuple[Token, ...]

_ACTION = re.compile(r"\w+(?:[ts]ion|ment|[ae]nce)s?")
_INTRODUCING = frozenset("for on about".split())  # noqa: SIM905
_ENDS_LIST = frozenset(
    """
    or nor but no never that because if unless when whether since than as before after until
    though although so who which whose whom where while whereas to rather instead except without
    """.split()  # noqa: SIM905
)
_DETERMINERS = frozenset("a an the".split())  # noqa: SIM905
_PRONOUNS = frozenset("he she".split())  # noqa: SIM905
_AUXILIARY = frozenset(
    """
    is are was were be being has have had having do does did not will would shall should can could
    may might must
    """.split()  # noqa: SIM905
)
_SUBJECTS = _DETERMINERS | frozenset(
    "i we you he she it they this these there his her its their our my".split()  # noqa: SIM905
)
_SAME_IN_THE_PAST = frozenset("cut put set let hit shut spread split quit hurt read".split())  # noqa: SIM905
_IS, _WAS, _ON, _BECAUSE = (
    Token(word, Kind.FUNCTION, word) for word in ("is", "was", "on", "because")
)


def implied(sentences: Sequence[Sentence]) -> Iterator[Sentence]:
    """Yield the sentences that the quoted ones imply."""
    whole = [*sentences, *_named(sentences)]
    yield from whole[len(sentences) :]
    for sentence in whole:
        for rule in _RULES:
            yield from rule(sentence)


def _named(sentences: Sequence[Sentence]) -> Iterator[Sentence]:
    """Yield sentences with the name that opens the one before it for the pronoun that opens it."""
    name: Sentence = ()
    for sentence in sentences:
        place = _opening_pronoun(sentence)
        if place is None:
            name = _opening_name(sentence)
        elif name:
            yield (*sentence[:place], *name, *sentence[place + 1 :])


def _opening_pronoun(sentence: Sentence) -> int | None:
    """Return the place of the pronoun that opens a sentence, after a few words at most."""
    opening = [token.text for token in sentence[:4]]
    place = opening.index(",") + 1 if "," in opening else 0
    if any(token.kind in (Kind.NAME, Kind.NUMBER, Kind.DATE) for token in sentence[:place]):
        return None
    return place if place < len(sentence) and sentence[place].key in _PRONOUNS else None


def _opening_name(sentence: Sentence) -> Sentence:
    """Return the name that opens a sentence and does not own what follows it."""
    end = 0
    while end < len(sentence) and _is_name(sentence[end]):
        end += 1
    after = sentence[end] if end < len(sentence) else None
    if after is None or after.kind is Kind.BREAK or after.key in ("s", "and", "or"):
        return ()
    return sentence[:end]


def _is_name(token: Token) -> bool:
    opens = token.opens and token.kind is Kind.WORD and token.text[0].isupper()
    return token.kind is Kind.NAME or opens


def _verbs_of_list(sentence: Sentence) -> Iterator[Sentence]:
    """Yield "plan to form B" of "plan to integrate A, form B"."""
    for start, token in enumerate(sentence[:-1]):
        if token.key == "to" and _is_plain(sentence[start + 1]):
            for place in _elements(sentence, start + 2):
                verb, after = sentence[place], sentence[place + 1 : place + 2]
                apart = sentence[place - 1].text == "," or sentence[place - 2].text == ","
                takes_object = after and (after[0].carries or after[0].key in _DETERMINERS)
                if apart and _is_plain(verb) and takes_object:
                    yield (*sentence[: start + 1], *sentence[place:])


def _is_plain(token: Token) -> bool:
    """Whether a word has the form of an infinitive."""
    return (
        token.kind is Kind.WORD
        and token.text.islower()
        and token.text not in _SAME_IN_THE_PAST
        and re.search(r"(?:[^s]s|ed|ing|ly)$|tion$|ment$", token.text) is None
    )


def _nouns_of_list(sentence: Sentence) -> Iterator[Sentence]:
    """Yield "for the creation of C" of "for the formation of A and creation of C"."""
    for start, token in enumerate(sentence[:-2]):
        first = start + 1 + (sentence[start + 1].key in _DETERMINERS)
        parallel = start > 0 and _is_action(sentence[start - 1])
        if token.key in _INTRODUCING and _is_action(sentence[first]) and not parallel:
            for place in _elements(sentence, first + 1):
                noun = place + (sentence[place].key in _DETERMINERS)
                if noun < len(sentence) and _is_action(sentence[noun]):
                    yield (*sentence[: start + 1], *sentence[place:])
            return


def _is_action(token: Token) -> bool:
    return token.kind is Kind.WORD and _ACTION.fullmatch(token.text) is not None


def _elements(sentence: Sentence, start: int) -> Iterator[int]:
    """Yield where each further element of a list begins: after a comma or "and".

    One after ", and" must be the third at least: else it may begin a clause of its own.
    """
    found = 0
    for place, token in _list(sentence, start):
        if token.text == "," and sentence[place + 1].key != "and":
            found += 1
        elif token.key != "and" or not (found or sentence[place - 1].text != ","):
            continue
        if not any(other.key in _AUXILIARY for _, other in _list(sentence, place + 1)):
            yield place + 1


def _list(sentence: Sentence, start: int) -> Iterator[tuple[int, Token]]:
    """Yield the words of a list that goes on at `start`, with their places, less parentheses."""
    depth = 0
    for place in range(start, len(sentence) - 1):
        token = sentence[place]
        depth += (token.text == "(") - (token.text == ")")
        if depth > 0 or token.text == ")":
            continue
        if token.key in _ENDS_LIST or (token.kind is Kind.BREAK and token.text != ","):
            return
        yield place, token


def _apposition(sentence: Sentence) -> Iterator[Sentence]:
    """Yield "Ann Lee is mayor of Lindow" of "Ann Lee, mayor of Lindow, says so"."""
    name = next((n for n, token in enumerate(sentence) if not _is_name(token)), 0)
    texts = [token.text for token in sentence]
    if any(token.key in TIMES for token in sentence[:name]):
        return
    if name < 2 or texts[name] != "," or "," not in texts[name + 1 :]:
        return
    end = texts.index(",", name + 1)
    inner, verb = sentence[name + 1 : end], sentence[end + 1 : end + 2]
    timeless = all(
        token.kind in (Kind.WORD, Kind.NAME, Kind.FUNCTION) or token.text in "()" for token in inner
    )
    if not (inner and verb and timeless and _is_title(inner) and verb[0].text.islower()):
        return
    present = verb[0].text.endswith("s") and verb[0].text not in ("was", "as", "its")
    past = verb[0].text.endswith("ed") or verb[0].text in ("was", "said", "told", "had")
    if present or past:
        stop = Token(".", Kind.BREAK, ".")
        yield (*sentence[:name], _IS if present else _WAS, *inner, stop)


def _is_title(inner: Sentence) -> bool:
    """Whether an apposition begins as one that names an office or a kind does."""
    first = inner[0].key in _DETERMINERS
    noun = inner[first] if first < len(inner) else inner[0]
    verb = re.search(r"(?:ed|ing|ly|[^s]s)$", noun.text) or noun.key in SAYING
    goes_on = first or any(token.kind is Kind.FUNCTION for token in inner)
    lower = noun.kind is Kind.WORD and noun.text.islower()
    return lower and goes_on and not verb and not {token.key for token in inner} & _ENDS_LIST


def _reason(sentence: Sentence) -> Iterator[Sentence]:
    """Yield "Q because P" of "P, so Q"."""
    for place, token in enumerate(sentence[1:-2], 1):
        before, after = sentence[place - 1], sentence[place + 1]
        subject = after.kind is Kind.NAME or after.key in _SUBJECTS
        if token.key == "so" and before.text == "," and subject:
            end = sentence[-1:] if sentence[-1].kind is Kind.BREAK else ()
            result = sentence[place + 1 : len(sentence) - len(end)]
            if not any(token.kind is Kind.BREAK for token in sentence[: place - 1]):
                yield (*result, _BECAUSE, *sentence[: place - 1], *end)


def _dated(sentence: Sentence) -> Iterator[Sentence]:
    """Yield "On 4 May ..." of "4 May ..."."""
    if sentence and sentence[0].kind is Kind.DATE and sentence[0].key.count("-") > 2:
        yield (_ON, *sentence)


def _place_last(sentence: Sentence) -> Iterator[Sentence]:
    """Yield "signed a treaty in Minsk" of "signed in Minsk a treaty"."""
    for start in range(1, len(sentence) - 3):
        verb, preposition = sentence[start - 1], sentence[start]
        after = start + 1
        while after < len(sentence) and sentence[after].kind is Kind.NAME:
            after += 1
        acts = verb.text.endswith("ed") and verb.key not in SAYING
        rest = [token for token in sentence[after:-1] if token.text not in '“”„"«»']
        alone = all(token.kind in (Kind.WORD, Kind.FUNCTION) for token in rest)
        opens = len(rest) > 1 and rest[0].key in _DETERMINERS
        if acts and preposition.key in ("in", "at") and after > start + 1 and alone and opens:
            yield (*sentence[:start], *sentence[after:-1], *sentence[start:after], sentence[-1])


def _without_contrast(sentence: Sentence) -> Iterator[Sentence]:
    """Yield a sentence without the comparison that ends it after a comma."""
    for place in range(1, len(sentence) - 2):
        opening = tuple(token.text for token in sentence[place + 1 : place + 3])
        contrast = opening in (("in", "contrast"), ("contrary", "to")) or opening[0] == "unlike"
        rest = sentence[place + 1 : -1]
        if contrast and sentence[place].text == "," and "," not in [t.text for t in rest]:
            yield (*sentence[:place], sentence[-1])


_RULES: tuple[Callable[[Sentence], Iterator[Sentence]], ...] = (
    _verbs_of_list, _nouns_of_list, _apposition, _reason, _dated, _place_last, _without_contrast,
)  # fmt: skip
