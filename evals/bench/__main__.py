"""Run the public benchmarks.

    python -m evals.bench --data DIR [--cache DIR] [--limit N] [--save FILE] [--again] [NAME ...]

A finished benchmark is shown from the cache, not run again, unless --again is given.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from evals.bench import (
    chunking,
    clapnq,
    mtragun,
    multihoprag,
    nomiracl,
    qacc,
    realtimeqa,
    rgb,
    squad,
)
from evals.bench.figures import Table
from evals.bench.results import Result, Results, code_hash, show, write
from evals.bench.system import Setting
from ingest.errors import IbidError

BENCHMARKS: dict[str, Callable[[Setting], list[Table]]] = {
    "chunking": chunking.run,
    "squad": squad.run,
    "nomiracl": nomiracl.run,
    "clapnq": clapnq.run,
    "rgb": rgb.run,
    "mtragun": mtragun.run,
    "qacc": qacc.run,
    "multihoprag": multihoprag.run,
    "realtimeqa": realtimeqa.run,
}

MIN_WIDTH = 140
"""Narrower tables would cut off figures."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - BENCHMARKS.keys())
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    console = Console()
    console.width = max(console.width, MIN_WIDTH)
    setting = Setting(options.data, options.cache, limit=options.limit, corpus=options.corpus)
    try:
        results = [
            _run(name, setting, console, again=options.again)
            for name in options.names or BENCHMARKS
        ]
        if options.save:
            write(results, options.save)
    except IbidError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _run(name: str, setting: Setting, console: Console, *, again: bool) -> Result:
    """Run a benchmark, or show the result it had."""
    results = Results(setting.cache / "results", setting.limit)
    result = None if again or setting.corpus else results.load(name)
    code = code_hash()
    if result is None:
        start = time.perf_counter()
        tables = BENCHMARKS[name](setting)
        result = results.save(name, tables, time.perf_counter() - start, code)
    show(result, console)
    if result.code != code:
        console.print(f"[yellow]{name} was measured with other code; --again measures anew.")
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals.bench", description="Public benchmarks.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--data", type=Path, required=True, help="folder with the public data")
    parser.add_argument("--cache", type=Path, default=Path("out/bench"), help="where libraries go")
    parser.add_argument("--limit", type=_count, help="ask only so many questions")
    parser.add_argument("--save", type=Path, help="write all results as one JSON file")
    parser.add_argument("--again", action="store_true", help="run what is finished once more")
    parser.add_argument("--corpus", type=Path, help="MultiHop-RAG's corpus.json, your own copy")
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of questions")
    return count


if __name__ == "__main__":
    sys.exit(main())
