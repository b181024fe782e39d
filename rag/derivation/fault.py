"""A word at which a sentence and its quotes say different things, and what is said of it."""

from typing import NamedTuple


class Fault(NamedTuple):
    """A word of the sentence, or of the quotes, at which both say different things."""

    why: str
    word: str

    def __str__(self) -> str:
        return _REASONS[self.why].format(word=self.word)


_REASONS = {
    "added": "it adds “{word}”, which the quotes do not have there",
    "dropped": "it drops “{word}”, which the quotes have there",
    "order": "it has the words of its quotes in another order, at “{word}”",
    "by": "it turns who does something to whom",
    "form": "“{word}” is another word than the one that the quotes have there",
    "of": "“{word}” belongs to something else in the quotes",
    "together": "the quotes do not have “{word}” of the same thing",
    "between": "it leaves out “{word}”, on which the rest depends",
    "unsure": "it drops “{word}”: the quotes do not state it as a fact",
    "condition": "it drops the condition “{word}”",
    "source": "it drops who says so: the quotes have “{word}”",
    "question": "the quotes only ask it",
    "elsewhere": "“{word}” is not in the quote that has the rest",
    "subject": "the quotes say it of something else, at “{word}”",
}
