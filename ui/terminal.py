"""What the command line prints, on standard output and standard error."""

import json
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from rich import markup
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ingest.files import is_url
from ingest.types import Outcome, Status

NAMES = 8
"""How many files with one reason are named at the end of a run."""
_CHANGED = ("article changed", "article gone")
_ENDED = frozenset(Status) - {Status.UNDERWAY}
# Of a text, only its letters reach the terminal: not what moves the cursor, sets colours or the
# title, or turns the direction of writing (https://unicode.org/reports/tr36/#Bidirectional_Text_Spoofing).
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

output = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:  # noqa: ANN401 any JSON
    """Print a value as the API gives it."""
    print(json.dumps(value, ensure_ascii=False, indent=2))  # noqa: T201


def escape(text: str) -> str:
    """Return a text as the console prints it: neither markup nor a command to the terminal."""
    return markup.escape(_CONTROL.sub("\ufffd", text))


def show_answer(answer: dict[str, Any]) -> None:
    """Print an answer, or why there is none, with every quote."""
    if answer["refusal"]:
        output.print(f"[bold]No answer[/]: {escape(answer['refusal']['message'])}")
        if answer["refusal"]["missing"]:
            missing = ", ".join(answer["refusal"]["missing"])
            output.print(f"The nearest passages lack: {escape(missing)}.")
        if answer["nearest"]:
            output.print("\nNearest passages")
        for quote in answer["nearest"]:
            _show_quote("-", quote)
        return
    _show_summary(answer)
    for statement in answer["statements"]:
        numbers = "".join(f"[{number}]" for number in statement["citations"])
        output.print(f"{_focused(statement)} [bold]{escape(numbers)}[/]\n")
        if statement["also_in"]:
            named = "; ".join(
                ", ".join(filter(None, (source["title"], source["publisher"])))
                for source in statement["also_in"]
            )
            output.print(f"[dim]In the same words also in: {escape(named)}[/]\n")
    for difference in answer["disagreements"]:
        sides = "".join(
            f"[{number}]"
            for side in difference["statements"]
            for number in answer["statements"][side]["citations"]
        )
        output.print(f"The sources differ: see [bold]{escape(sides)}[/]\n")
    for note in _notes(answer):
        output.print(f"[dim]{escape(note)}[/]\n")
    for citation in answer["citations"]:
        _show_quote(f"[{citation['number']}]", citation)


def _show_summary(answer: dict[str, Any]) -> None:
    if answer["summary"]:
        from rag.types import SummarySentence
        from ui.wording import summary

        sentences = [SummarySentence(**item) for item in answer["summary"]]
        output.print(f"[dim]{escape(summary(answer['generation']['model'], sentences))}[/]\n")


def _focused(statement: dict[str, Any]) -> str:
    """Return a statement's text with what answers in bold."""
    text, focus = statement["text"], statement["focus"]
    if not focus:
        return escape(text)
    start, end = focus
    return f"{escape(text[:start])}[bold]{escape(text[start:end])}[/]{escape(text[end:])}"


def _notes(answer: dict[str, Any]) -> Iterator[str]:
    """Yield what there is to say of the language model that was asked."""
    if answer["generation"]:
        from rag.types import Generation
        from ui.wording import notes

        yield from notes(answer["engine"], Generation(**answer["generation"]))


def show_verification(result: dict[str, Any]) -> None:
    """Print how a saved answer stands."""
    for citation in result["citations"]:
        label = escape(f"[{citation['number']}]")
        output.print(f"[bold]{label}[/] {citation['article_id']}: {_standing(citation)}")
    changed = [item for item in result["citations"] if item["standing"] in _CHANGED]
    for statement in result["statements"]:
        own = [item for item in changed if item["number"] in statement["citations"]]
        if own:
            judged = _standing(min(own, key=lambda item: bool(item["still_said"])))
        else:
            judged = "; ".join(statement["verdict"]["reasons"]) or "holds"
        output.print(f"“{escape(statement['text'])}”: {escape(judged)}")
    output.print("Everything holds." if result["holds"] else "Not everything holds.")


def _standing(citation: dict[str, Any]) -> str:
    """Return how a citation stands, and whether its article still has its words."""
    note = ""
    if citation["standing"] != "holds" and citation["still_said"]:
        note = ", but it still has these words"
    elif citation["standing"] == "article changed":
        kept = "; the text that had them is kept" if citation["kept"] else ""
        note = f", and no longer has these words{kept}"
    return f"{citation['standing']}{note}"


def show_check(result: dict[str, Any]) -> None:
    """Print what the articles say of each sentence of a draft."""
    for sentence in result["sentences"]:
        output.print(f"[bold]{sentence['finding']}[/]: {escape(sentence['text'])}")
        for difference in sentence["differences"]:
            said, quoted = difference["said"] or "nothing", difference["quoted"] or "nothing"
            output.print(
                f"    it has [bold]{escape(said)}[/] where the quote has [bold]{escape(quoted)}[/]"
            )
        for quote in sentence["quotes"]:
            _show_quote("-", quote)
        output.print()
    for part in result["skipped"]:
        output.print(f"[dim]not checked ({part['why']}): {escape(part['text'])}[/]")
    counts = Counter(sentence["finding"] for sentence in result["sentences"])
    output.print(", ".join(f"{count} {name}" for name, count in counts.items()))


def _show_quote(label: str, quote: dict[str, Any]) -> None:
    source = [quote["title"], quote["author"], quote["publisher"], quote["published"]]
    described = ", ".join(filter(None, source)) + ("" if quote["published"] else ", undated")
    characters = f"{quote['article_id']}, characters {quote['start']} to {quote['end']}"
    place = ", ".join(filter(None, (quote.get("place"), characters)))
    output.print(f"[bold]{escape(label)}[/] {escape(described)}")
    words = textwrap.wrap(f"“{' '.join(quote['quote'].split())}”", output.width - 4)
    output.print(escape(textwrap.indent("\n".join(words), "    ")))
    output.print(f"    [dim]{escape(place)}[/]")


def with_progress(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    """Show a bar on a terminal, else a line an article; failures are always named."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as progress:
        task = progress.add_task("Ingesting", total=None)
        for outcome in outcomes:
            name = escape(name_of(outcome.location))
            if outcome.status is Status.UNDERWAY:
                progress.update(task, description=f"Ingesting {name} {_share(outcome)}")
                if not errors.is_terminal:
                    errors.print(f"{outcome.status} {name} {_share(outcome)}")
                continue
            progress.update(
                task, completed=outcome.done, total=outcome.total, description="Ingesting"
            )
            if not errors.is_terminal and not outcome.error:
                errors.print(f"{outcome.status} {name} ({outcome.passages} passages)")
            yield outcome


def _share(outcome: Outcome) -> str:
    return f"({outcome.passages} of {outcome.of} passages)" if outcome.of else ""


def name_of(location: str) -> str:
    """Return what a file or an address is called where its folder is known."""
    return location if is_url(location) else " ".join(Path(location).name.split())


def show_outcomes(outcomes: Sequence[Outcome]) -> None:
    """Name what was not taken, and why, then count what was."""
    for status in (Status.SKIPPED, Status.FAILED):
        told = [item for item in outcomes if item.status is status]
        for reason, same in groupby(sorted(told, key=_reason), key=_reason):
            names = [name_of(item.location) for item in same]
            more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
            errors.print(f"{status} {escape(', '.join(names[:NAMES]))}{more}: {escape(reason)}")
    counts = Counter(outcome.status for outcome in outcomes)
    output.print(", ".join(f"{counts[status]} {status}" for status in Status if status in _ENDED))


def _reason(outcome: Outcome) -> str:
    return outcome.error or ""


def show_status(state: dict[str, Any]) -> None:
    """Print what the library holds and who serves it."""
    read_only = " (it cannot be written)" if state["read_only"] else ""
    output.print(f"Library    {state['folder']}{read_only}")
    output.print(f"Served at  {state['served_at'] or 'not served'}")
    output.print(f"Articles   {state['articles']}")
    output.print(f"Passages   {state['passages']} ({state['vectors']} vectors in Chroma)")
    output.print(f"Embedding  {state['model']}")
    if state["repaired"]:
        output.print(f"Repaired   the vector index at opening: {state['repaired']}")
    for location, error in state["failed"].items():
        output.print(f"Failed     {escape(location)}: {escape(error)}")
