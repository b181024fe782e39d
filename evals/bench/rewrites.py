"""Faithful rewrites of true sentences, which a verdict should let pass."""

import re
from collections.abc import Callable

from evals.bench.altered import PARAPHRASES
from evals.bench.falsehoods import Falsehood as Rewrite
from evals.bench.falsehoods import Place

Rewriting = Callable[[Place], Rewrite | None]

_NAME = r"[A-Z][a-zà-ÿ]{2,}(?: [A-Z][a-zà-ÿ]{2,})*"


_ISE = r"(organ|real|final|modern|recogn|critic|emphas|harmon|author|special|stabil|normal|priorit|legal|neutral|mobil|symbol)"  # noqa: E501


def _paraphrase(kind: str) -> Rewriting:
    def rewrite(place: Place) -> Rewrite | None:
        text = PARAPHRASES[kind](place.text)
        return Rewrite(text, (place.text,)) if text else None

    return rewrite


def _first(*rules: tuple[str, str]) -> Rewriting:
    """Return what applies the first rule that fits, once."""

    def rewrite(place: Place) -> Rewrite | None:
        for pattern, other in rules:
            text = re.sub(pattern, other, place.text, count=1)
            if text != place.text:
                return Rewrite(text[0].upper() + text[1:], (place.text,))
        return None

    return rewrite


def two_merged(place: Place) -> Rewrite | None:
    """Join a sentence and the next by "and" or a semicolon."""
    if not place.text.endswith(".") or not place.after.endswith(".") or '"' in place.after:
        return None
    joint = "; " if len(place.text) % 2 else ", and "
    lower = re.match(r"(?:The|It|He|She|They|This|In|A|On|At|These)\b", place.after)
    after = place.after[0].lower() + place.after[1:] if lower else place.after
    return Rewrite(place.text[:-1] + joint + after, (place.text, place.after))


def pronoun_named(place: Place) -> Rewrite | None:
    """Put the one name that opens a sentence for the pronoun that opens the next."""
    name = re.match(rf"^(?:President |The )?({_NAME}) (?=[a-z])", place.text)
    pronoun = re.match(r"(?:He|She|It) (?=[a-z]+(?:s|ed|as) )", place.after)
    if not name or not pronoun or len(re.findall(_NAME, place.text)) > 2:
        return None
    text = f"{name[1]} {place.after[pronoun.end() :]}"
    return Rewrite(text, (place.text, place.after))


REWRITINGS: dict[str, Rewriting] = {
    **{kind: _paraphrase(kind) for kind in PARAPHRASES},
    "reporting verb": _first(
        (r"\b(said|added|noted|explained)\b(?! to\b)", "stated"),
        (r"\bsays\b", "states"),
        (r"\b(stated|told \w+) that\b", "said that"),
        (r"\bwrote that\b", "said that"),
    ),
    "attribution moved": _first(
        (r"^According to ([^,]{3,50}), ([^“\"]+)\.$", r"\2, according to \1."),
        (rf"^({_NAME}) (said|says) that ([^“\"]+)\.$", r"According to \1, \3."),
        (rf"^([^“\"]+), (?:according to) ({_NAME})\.$", r"According to \2, \1."),
        (rf"^([^“\"]+), ({_NAME}) said\.$", r"\2 said that \1."),
    ),
    "passive": _first(
        (rf"^({_NAME}|The [a-z]+) (\w+ed) (the [a-z]+|{_NAME})\b", r"\3 was \2 by \1"),
        (rf"^({_NAME}|The [a-z]+) (?:was|were) (\w+ed) by (the [a-z]+|{_NAME})\b", r"\3 \2 \1"),
    ),
    "connective dropped": _first(
        (
            r"^(?:However|Moreover|In addition|Furthermore|Also|Finally|Meanwhile|Indeed|Thus|For example"  # noqa: E501
            r"|At the same time|Nevertheless|On the other hand|In fact|Of course), ",
            "",
        ),
        (r"^(?:And|But|So|Yet) ", ""),
        (r", (?:however|for example|in turn|too|of course),? ", " "),
    ),
    "last clause dropped": _first(
        (
            r", (?:while|although|whereas|where|which|who|with|including|as well as) [^,;:“”\"()]+\.$",  # noqa: E501
            ".",
        ),
        (r"; [^;“”\"]+\.$", "."),
        (r", but [^,;:“”\"()]+\.$", "."),
    ),
    "spelling": _first(
        (rf"\b{_ISE}iz(e[ds]?|ing|ation)\b", r"\1is\2"),
        (rf"\b{_ISE}is(e[ds]?|ing|ation)\b", r"\1iz\2"),
        (
            r"\b(programme|defence|centre)",
            lambda m: {"programme": "program", "defence": "defense", "centre": "center"}[m[1]],
        ),  # type: ignore[arg-type]
        (r"\b(\w+)bor\b", r"\1bour"),
    ),
    "possessive": _first(
        (
            rf"\bthe (president|government|leader|capital|army|border|prime minister|head|economy|people|territory|authorities) of ({_NAME})\b",  # noqa: E501
            r"\2’s \1",
        ),
        (
            rf"({_NAME})[’']s (president|government|leader|capital|army|border|prime minister|economy|people|territory|authorities)\b",  # noqa: E501
            r"the \2 of \1",
        ),
    ),
    "contraction": _first(
        (r"\b(do|does|did|is|are|was|were|has|have|had|would|could|should) not\b", r"\1n’t"),
        (r"\b(do|does|did|is|are|was|were|has|have|had|would|could|should)n[’']t\b", r"\1 not"),
        (r"\bcannot\b", "can’t"),
        (r"\bwill not\b", "won’t"),
        (r"\bwon[’']t\b", "will not"),
    ),
    "plain synonym": _first(
        (r"\bbegan\b", "started"),
        (r"\bstarted\b", "began"),
        (r"\bhelped\b", "assisted"),
        (r"\bbig\b", "large"),
        (r"\bhuge\b", "very large"),
        (r"\bbuy\b", "purchase"),
        (r"\bregarding\b", "about"),
        (r"\bsince then\b", "from then on"),
        (r"\bshowed\b", "demonstrated"),
        (r"\bhowever\b", "but"),
        (r"\bnumerous\b", "many"),
        (r"\bmany\b", "numerous"),
        (r"\bentire\b", "whole"),
    ),
    "two merged": two_merged,
    "pronoun named": pronoun_named,
}
"""The kinds of faithful rewriting, each with what makes one of a sentence."""
