"""A text as its content words, each with the small words and marks that stand before it."""

from collections.abc import Sequence
from typing import NamedTuple

from rag.reading import Kind, Token
from rag.words_of_sense import BREAKING, CONJUNCTIONS, NEUTRAL, RELATIVE, SENSE

OF = "of"
BY = "by"
BE = frozenset({"is", "was", "be"})
END = Token("", Kind.WORD, "")
"""Stands after the last word, or for no word."""


class Item(NamedTuple):
    """A content word with what stands between it and the one before it."""

    token: Token
    small: frozenset[str] = frozenset()
    """The small words before it, in one form each; "of" also for a genitive."""
    closing: frozenset[str] = frozenset()
    """The small words that stand before the mark before it."""
    floating: frozenset[str] = frozenset()
    """Those between two marks, or before the first content word and a mark."""
    marked: bool = False
    """Whether a mark stands before it."""
    stopped: bool = False
    """Whether a mark, a conjunction or a relative pronoun does."""
    joined: bool = False
    """Whether a conjunction does."""
    relates: bool = False
    """Whether a relative pronoun does."""
    pronoun: bool = False
    """Whether a personal pronoun does."""
    bare: bool = True
    """Whether nothing at all does."""
    genitive: bool = False
    """Whether it is of a genitive, and not after "of"."""

    @property
    def key(self) -> str:
        """The word in its normal form."""
        return self.token.key


def items(tokens: Sequence[Token]) -> tuple[Item, ...]:
    """Return the content words of a text with what stands before each; what ends it is last."""
    found: list[Item] = []
    item = Item(END)
    last = END
    for token in tokens:
        if token.carries and token.key not in SENSE:
            found.append(item._replace(token=token))
            item = Item(END)
        elif token.kind is Kind.BREAK:
            if token.text not in '“”"„«»':
                item = _marked(item, token, floats=item.marked or not found)
        elif token.key == "s" and last.carries and found:
            item = item._replace(small=_make_genitive(found), bare=False)
        elif not (token.key == "to" and last.key == "accord"):
            item = _with_small(item, token)
        last = token
    return (*found, item)


def _marked(item: Item, token: Token, *, floats: bool) -> Item:
    before = item.small
    closing, floating = (item.closing, before) if floats else (before, item.floating)
    end = Token("", Kind.WORD, "?" if "?" in token.text else "")
    return item._replace(
        closing=closing, floating=floating, small=frozenset(), marked=True, stopped=True, token=end
    )


def _with_small(item: Item, token: Token) -> Item:
    word = "is" if token.key == "s" else SENSE.get(token.key, token.key)
    return item._replace(
        small=item.small | ({word} - NEUTRAL),
        stopped=item.stopped or token.key in BREAKING,
        joined=item.joined or token.key in CONJUNCTIONS,
        relates=item.relates or token.key in RELATIVE,
        pronoun=item.pronoun or token.key in ("he", "she", "it", "they"),
        bare=False,
    )


def _make_genitive(found: list[Item]) -> frozenset[str]:
    """Mark the name that ends here as a genitive; return the small words of what it owns."""
    first = len(found) - 1
    while first > 0 and found[first].bare and not found[first].marked:
        first -= 1
    small = found[first].small
    found[first] = found[first]._replace(small=frozenset({OF}), genitive=True)
    return small
