"""How the time of ingest grows with the size of a text, for texts of every shape.

    python -m evals.bench.growth [KIND ...]

Cutting an article into units and passages must take about twice as long for twice the text. Printed
for each kind: CPU seconds at one size and at twice that, and their ratio; quadratic would be 4.
"""

import gc
import random
import sys
from collections.abc import Callable
from itertools import count
from time import process_time

from ingest.pipeline import make_article
from ingest.split import split_passages

SIZE = 250_000
"""Characters of the shorter text."""
TRIES = 3
SAID = (
    "The harbour of Lindow reopened on Monday after nine months of repairs.",
    "Dr. Ruth Amsel said that the plant at 5 p.m. was closed.",
    "Prices rose by 3.5 % in the second quarter, e.g. for rye bread.",
    "Was it the flood?",
    "Yes, in June.",
)
NAMES = ("harbour", "flood", "bread", "plant", "bakery", "museum", "castle")
LINE = "".join(f"{SAID[n * n % 5]} " for n in range(50))
HEAD = f"Title of it\n\n{LINE}\n\n{LINE}\n\n"


def again(piece: str) -> Callable[[int], str]:
    """A text of one piece."""
    return lambda size: piece * (size // len(piece) + 1)


def each(make: Callable[[int], str], before: str = "") -> Callable[[int], str]:
    """A text of pieces that differ by their number."""

    def text(size: int) -> str:
        pieces, length = [before], 0
        for number in count():
            pieces.append(make(number))
            length += len(pieces[-1])
            if length >= size:
                return "".join(pieces)
        raise AssertionError

    return text


def name(number: int) -> str:
    """Some words that differ by their number."""
    return f"{NAMES[number % 7]} {NAMES[number // 7 % 7]} {number}"


def twice(make: Callable[[int], str]) -> Callable[[int], str]:
    """A text whose second half is its first."""
    return lambda size: HEAD + make(size // 2) * 2


letters = random.Random(0).choices("abcdefghijklmnopqrstuvwxyz", k=400_000)  # noqa: S311

KINDS: dict[str, Callable[[int], str]] = {
    "sentences in one line": again(LINE),
    "a line without an end": again("harbour of Lindow reopened after the flood "),
    "one word": lambda size: "".join(letters[:size]),
    "capital letters": again("A"),
    "sentences of Chinese": again("推荐剂量为每日一次，随餐口服。“你好！”他喊道。"),
    "Chinese without an end": again("推荐剂量为每日一次随餐口服"),
    "paragraphs": each(lambda n: f"{LINE[:300]}{n}.\n\n"),
    "one paragraph again and again": again(f"{LINE[:300]}\n\n"),
    "short lines": each(lambda n: f"{name(n)}\n"),
    "short lines apart, then text": lambda size: each(lambda n: f"{name(n)}\n\n")(size) + LINE,
    "list items": each(lambda n: f"- {SAID[n % 5]}\n", "Things:\n\n"),
    "items ever further in": each(lambda n: f"{' ' * min(n, 300)}- {SAID[n % 5]}\n"),
    "items after carriage returns": each(lambda n: f"- {name(n)}\r"),
    "introductions in a list": each(lambda n: f"- {name(n)}\n\n   It has this:\n\n"),
    "introductions together": again("And the name of it is this:\n"),
    "a table": each(lambda n: f"| {name(n)} | {n} |\n", "| a | b |\n|---|---|\n"),
    "wide rows": lambda size: "| x y " * (size // 40) + "|\n|---|\n" + "| 1 2 " * (size // 9) + "|",
    "headings of Markdown": each(lambda n: f"{'#' * (1 + n % 4)} {name(n)}\n\n{SAID[n % 5]}\n\n"),
    "headings that come twice": twice(each(lambda n: f"Part {name(n)}\n\n{LINE[:100]}\n\n")),
    "a long heading": lambda size: (
        f"# {'flood ' * (size // 12)}\n\n{LINE * (size // 2 // len(LINE))}"
    ),
    "quotations in one line": again("“The fever has gone,” she said. “Wait for it. Or go.” "),
    "one long quotation": lambda size: f"Ruth Amsel said: “{again(LINE)(size)}”",
    "quotations apart": again("“The fever has gone.\n\n"),
    "turns": each(lambda n: f"{'Q' if n % 2 else 'Ann Lee'}: Why is it {n}?\n\n"),
    "full stops": lambda size: "A" + "." * size,
    "ellipses before a word": lambda size: "…" * size + "a",
    "shortened words": again("Ann Hrg. Lee "),
    "initials": again("A. "),
    "blank space": lambda size: f"a.{' ' * size}b",
}


def main() -> None:
    """Measure the kinds that are named, or all."""
    for kind in sys.argv[1:] or KINDS:
        once, both = KINDS[kind](SIZE), KINDS[kind](2 * SIZE)
        times = [(seconds(once), seconds(both)) for _ in range(TRIES)]
        less, more = min(t for t, _ in times), min(t for _, t in times)
        print(f"{more / less:5.1f}  {less:7.2f} s  {more:7.2f} s  {kind}", flush=True)


def seconds(text: str) -> float:
    """Return the CPU seconds that a text takes."""
    gc.collect()
    start = process_time()
    split_passages(make_article("x", "x.md", text))
    return process_time() - start


if __name__ == "__main__":
    main()
