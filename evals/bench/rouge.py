"""ROUGE-L, as the package `rouge-score` computes it without stemming."""

import re
from collections.abc import Sequence


def rouge_l(candidate: str, references: Sequence[str]) -> float:
    """Return the best ROUGE-L F1 of a text against references.

    C.-Y. Lin, "ROUGE: a package for automatic evaluation of summaries", 2004: with L the length of
    the longest common subsequence of words, precision = L / words of the candidate, recall = L /
    words of the reference; F1 is their harmonic mean. Words are runs of a to z and 0 to 9.
    """
    return max((_f1(_words(candidate), _words(text)) for text in references), default=0.0)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _f1(candidate: Sequence[str], reference: Sequence[str]) -> float:
    common = _longest_common_subsequence(candidate, reference)
    return 2 * common / (len(candidate) + len(reference)) if common else 0.0


def _longest_common_subsequence(first: Sequence[str], second: Sequence[str]) -> int:
    row = [0] * (len(second) + 1)
    for word in first:
        diagonal = 0
        for place, other in enumerate(second, 1):
            above = row[place]
            row[place] = diagonal + 1 if word == other else max(above, row[place - 1])
            diagonal = above
    return row[-1]
