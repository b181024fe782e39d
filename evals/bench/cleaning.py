"""What of a saved web page is taken for its article, on pages whose article is known.

    python -m evals.bench.cleaning --data DIR [--half odd|even]

DIR is a checkout of scrapinghub/article-extraction-benchmark (every word of each article is known)
or of adbar/trafilatura (snippets of each page that are of the article, or are not). The text that
Ibid would index is measured beside what trafilatura, by which it reads pages, takes by itself.
"""

import argparse
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from unicodedata import normalize

import numpy as np
import trafilatura
from rich.console import Console
from rich.progress import track

from evals.bench.figures import Table, row
from evals.bench.results import rich_table
from evals.bench.system import IBID
from evals.measures.figure import Figure, Values, bootstrapped, ratio
from ingest.errors import IbidError, NotFoundError
from ingest.pipeline import make_article
from ingest.read import read

LIMIT_MB = 100
WIDTH = 120
SHINGLE = 4
"""Words of a shingle, as the authors of article-extraction-benchmark count."""

Pair = tuple[float, float]


class Page(NamedTuple):
    """A page and what is known of it: its article, or snippets of the article and of the rest."""

    name: str
    html: bytes
    article: str | None
    inside: Sequence[str] = ()
    outside: Sequence[str] = ()


def indexed(html: bytes) -> str:
    """Return what Ibid would index of a page, but for the title; "" where the page is refused."""
    try:
        article = make_article("page", "page.html", read("page.html", html, LIMIT_MB))
    except IbidError:
        return ""
    spans = {span for unit in article.units for span in (unit.span, *unit.needs, *unit.headings)}
    shown = [article.text[start:end] for start, end in sorted(spans)]
    return "\n".join(said for said in shown if said.lstrip("# ") != article.metadata.title)


SYSTEMS: dict[str, Callable[[bytes], str]] = {
    IBID: indexed,
    "trafilatura": lambda html: trafilatura.extract(html, include_comments=False) or "",
    "trafilatura, favor_recall": lambda html: (
        trafilatura.extract(html, include_comments=False, favor_recall=True) or ""
    ),
}


def load(data: Path) -> list[Page]:
    """Return the pages of either set that are there, by name."""
    if (data / "ground-truth.json").is_file():
        return sorted(_whole(data))
    if (data / "tests" / "evaldata.json").is_file():
        return sorted(_snippets(data / "tests"))
    raise NotFoundError(
        f"{data} holds neither ground-truth.json nor tests/evaldata.json; docs/benchmarks.md says "
        "which checkouts are measured."
    )


def _whole(data: Path) -> Iterator[Page]:
    for name, known in json.loads((data / "ground-truth.json").read_text("utf-8")).items():
        path = data / "html" / f"{name}.html.gz"
        if path.is_file():
            yield Page(name, gzip.decompress(path.read_bytes()), known["articleBody"])


def _snippets(data: Path) -> Iterator[Page]:
    for known in json.loads((data / "evaldata.json").read_text("utf-8")).values():
        paths = [data / folder / known["file"] for folder in ("cache", "eval")]
        for path in [path for path in paths if path.is_file()][:1]:
            yield Page(known["file"], path.read_bytes(), None, known["with"], known["without"])


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Return how often any four words stand together in a text."""
    words = re.findall(r"\w+", text)
    starts = range(max(1, len(words) - SHINGLE + 1)) if words else ()
    return Counter(tuple(words[start : start + SHINGLE]) for start in starts)


def overlap(article: str, taken: str) -> Pair:
    """Return the precision and recall of a text, in shingles; one of nothing has no precision."""
    true, found = shingles(article), shingles(taken)
    both = (true & found).total()
    precision = both / found.total() if found else np.nan
    return precision, both / true.total()


def word_figures(pages: Sequence[Page], taken: Sequence[str]) -> list[Figure]:
    """Return the authors' figures: mean precision and recall over pages, and F1 of these means."""
    pairs = [overlap(p.article or "", text) for p, text in zip(pages, taken, strict=True)]
    return [
        bootstrapped("F1", pairs, _f1),
        bootstrapped("precision", pairs, lambda samples: _means(samples)[:, 0]),
        bootstrapped("recall", pairs, lambda samples: _means(samples)[:, 1]),
    ]


def _f1(samples: Values) -> Values:
    both = _means(samples)
    total = both.sum(axis=1)
    return np.asarray(2 * both.prod(axis=1) / np.where(total, total, np.nan))


def _means(samples: Values) -> Values:
    known = (~np.isnan(samples)).sum(axis=1)
    return np.asarray(np.nansum(samples, axis=1) / np.where(known, known, np.nan))


def snippet_figures(pages: Sequence[Page], taken: Sequence[str]) -> list[Figure]:
    """Return the shares of the snippets of articles that are kept, and of the others dropped."""
    kept, dropped = [], []
    for page, text in zip(pages, map(_spaced, taken), strict=True):
        kept.append((float(sum(_spaced(x) in text for x in page.inside)), len(page.inside)))
        dropped.append(
            (float(sum(_spaced(x) not in text for x in page.outside)), len(page.outside))
        )
    return [bootstrapped("kept", kept, ratio), bootstrapped("dropped", dropped, ratio)]


def _spaced(text: str) -> str:
    """Return a text as it is compared: one space for any, no soft hyphens, letters of one kind."""
    return " ".join(normalize("NFKC", text.replace("\u00ad", "")).split())


def measure(pages: Sequence[Page]) -> Table:
    """Run every system on every page; name the pages of which Ibid took nothing."""
    figures = word_figures if pages[0].article is not None else snippet_figures
    taken = {
        system: [take(page.html) for page in track(pages, system)]
        for system, take in SYSTEMS.items()
    }
    rows = [row(system, figures(pages, texts)) for system, texts in taken.items()]
    refused = [page.name for page, text in zip(pages, taken[IBID], strict=True) if not text]
    note = "\n  ".join([f"refused by Ibid: {len(refused)}", *refused])
    return Table(title=f"{len(pages)} pages", rows=tuple(rows), note=note)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure one set; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evals.bench.cleaning")
    parser.add_argument("--data", type=Path, required=True, help="folder with one of the sets")
    parser.add_argument("--half", choices=("even", "odd"), help="only every second page")
    options = parser.parse_args(arguments)
    try:
        pages = load(options.data)
    except IbidError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    halves = {None: pages, "even": pages[::2], "odd": pages[1::2]}
    table = measure(halves[options.half])
    console = Console(width=WIDTH)
    console.print(rich_table(table))
    console.print(table.note)
    return 0


if __name__ == "__main__":
    sys.exit(main())
