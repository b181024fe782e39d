"""Dates and names as they stand at the head of a document, in any language, told by form.

Only a full date counts, and only one that can be read in one way: 05/06/2023 is none. Which word
is a month is asked of dateparser, which knows two hundred languages.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from functools import lru_cache

from ingest.lines import length_in_words
from ingest.types import Span

DATE_WORDS = 14
"""Words up to which a line is a date line, not a sentence with a date in it."""
LONGEST = 400
"""Characters up to which a line is looked at: one without spaces may have few words and no end."""

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!\d){_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)",
        rf"(?<!\d){_YEAR}\s?[年년]\s?(?P<month>\d{{1,2}})\s?[月월]\s?(?P<day>\d{{1,2}})\s?[日일]",
        rf"(?<!\d){_YEAR}[./](?P<month>\d\d?)[./](?P<day>\d\d?)(?!\d)",
        rf"(?<![\d.])(?P<day>\d\d?)\.\s?(?P<month>\d\d?)\.\s?{_YEAR}(?!\d)",
        rf"(?<![\d./])(?P<one>\d\d?)[/-](?P<other>\d\d?)[/-]{_YEAR}(?!\d)",
        rf"(?<!\d)(?P<day>\d\d?)(?:st|nd|rd|th|er|º|°|ª|\.)?(?:\s(?:de|of|d['’]))?\s(?P<name>[^\W\d_]{{3,}})\.?,?"
        rf"(?:\s(?:de|del|of))?,?\s{_YEAR}(?!\d)",
        rf"(?P<name>[^\W\d_]{{3,}})\.?\s(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s{_YEAR}(?!\d)",
    )
)
# The labels before an author's name and a day of publication: closed classes, in common languages.
_OF = r"(?:by|von|par|por|door|av|af|di|przez)"
_BY = (
    rf"(?:(?:written|text|texte|tekst|story|report|words|текст)\s)?{_OF}\s|"
    r"(?:authors?|aut(?:or(?:in|a|ka|en|es|zy)?|eurs?|rice|ore|rici)|verfasser(?:in)?|tekst|texte?|testo|texto|"
    r"автор(?:ы)?|текст|作者|记者|記者|撰文|文|著者)\s?[:：]\s?"
)
_PUBLISHED = (
    r"date|published(?:\son)?|posted(?:\son)?|publication\sdate|datum|stand|veröffentlicht(?:\sam)?|"
    r"erschienen(?:\sam)?|publié(?:e)?(?:\sle)?|mis\sen\sligne(?:\sle)?|fecha|publicado(?:\sel|\sem)?|data|"
    r"opublikowano|data\spublikacji|data\sdi\spubblicazione|pubblicato(?:\sil)?|дата(?:\sпубликации)?|"
    r"опубликовано|дата\sвыхода|日期|发布(?:时间|日期)|發布(?:時間|日期)|時間|时间|公開日"
)
_AUTHOR = re.compile(_BY, re.I)
_CREDIT = re.compile(rf"[^\W\d_]+(?:\s[^\W\d_]+){{0,2}}\s{_OF}\s(?P<name>.+?)\.?$")
_DATED = re.compile(rf"(?:{_PUBLISHED})(?:\s?[:：]|\s)", re.I)
_KEY = re.compile(r"[^:：\d]{2,40}[:：]")
_PARTICLE = (
    r"(?:de|del|della|da|di|do|dos|das|du|la|le|el|al|bin|ibn|van|von|der|den|zu|af|av|y|e|ter|ten)"
)
_NAME_WORD = r"(?:[^\W\d_a-zа-яß][^\W\d_]*(?:[-’'][^\W\d_]+)*\.?)"
_NAME = re.compile(rf"{_NAME_WORD}(?:\s(?:{_PARTICLE}\s)*{_NAME_WORD}){{1,3}}")
_HAN_NAME = re.compile(r"[\u3400-\u9fff·]{2,12}")
_PARTS = re.compile(r"\s+[|·•–—-]+\s+|\s*[|·•]\s*|,\s+|\s*[()]\s*|\s{2,}|\u3000|\s+(?=[^\W\d_]+:)")
_AND = re.compile(r"\s*,\s*|\s+(?:and|und|et|y|e|i|и|&)\s+")


def find_date(line: str) -> tuple[str, Span] | None:
    """Return the first full date of a line, in ISO form, and where it stands."""
    for pattern in _DATES:
        for match in pattern.finditer(line, 0, LONGEST):
            day = _day(match.groupdict())
            if day is not None:
                return day.isoformat(), Span(*match.span())
    return None


def find_publication(line: str) -> tuple[str, Span] | None:
    """Return the date of a line that says when the document appeared.

    The line is short, and labelled so or not at all: “Deadline: 3 May 2024” is another date.
    """
    if len(line) > LONGEST or length_in_words(line) > DATE_WORDS:
        return None
    found = find_date(line)
    if found is None:
        return None
    before = line[: found[1].start]
    keys = [key.strip() for key in _KEY.findall(before)]
    if keys and not any(_DATED.search(key) or _AUTHOR.match(key) for key in keys):
        return None
    return found


def find_author(line: str) -> tuple[str, Span] | None:
    """Return the name that a line gives after “by” or “author:”, in its language."""
    for start, part in _parts(line) if len(line) <= LONGEST else ():
        match = _AUTHOR.match(part)
        if match is None:
            continue
        name = part[match.end() :].strip().rstrip(".,;")
        at = start + part.index(name, match.end())
        if name and (
            _names(name)
            or ((":" in match.group() or "：" in match.group()) and _HAN_NAME.fullmatch(name))
        ):
            return name, Span(at, at + len(name))
    return None


def find_credit(line: str) -> tuple[str, Span] | None:
    """Return the name that ends a short line after “by”: “Translated by Ann Lee”."""
    match = _CREDIT.match(line) if len(line) <= 80 else None
    if match is None or not _names(match["name"]):
        return None
    return match["name"], Span(match.start("name"), match.end("name"))


def find_name(line: str) -> tuple[str, Span] | None:
    """Return the name of a person beside a date (“8 May 2021 - Ann Lee”), or alone in a line.

    After a comma it may be the name of a place.
    """
    if len(line) > LONGEST:
        return None
    dated = find_date(line)
    for start, part in _parts(line):
        if dated and dated[1].start < start + len(part) and start < dated[1].end:
            continue
        comma = "," in line[max(0, start - 2) : start] or line[start + len(part) :].startswith(",")
        if not comma and _names(part) and (dated or part == line.strip()):
            return part, Span(start, start + len(part))
    return None


def _names(text: str) -> bool:
    """Whether a text is names of two to four words with capitals, and nothing else."""
    return all(_NAME.fullmatch(part) for part in _AND.split(text))


def _parts(line: str) -> Iterator[tuple[int, str]]:
    """Yield the parts of a line between dashes, bars, commas and brackets, and where they begin."""
    start = 0
    for gap in [*_PARTS.finditer(line), None]:
        part = line[start : gap.start() if gap else len(line)]
        if part.strip():
            yield start + len(part) - len(part.lstrip()), part.strip()
        start = gap.end() if gap else len(line)


def _day(found: dict[str, str | None]) -> date | None:
    """Return the day that a match of a date's form names; None where there is none such."""
    year, day, month = int(found["year"] or 0), found.get("day"), found.get("month")
    if found.get("one"):
        one, other = int(found["one"] or 0), int(found["other"] or 0)
        if one <= 12 and other <= 12 and one != other:
            return None
        day, month = (str(one), str(other)) if other <= 12 else (str(other), str(one))
    if found.get("name"):
        return _named_day(f"{day} {found['name']} {year}")
    with suppress(ValueError):
        return date(year, int(month or 0), int(day or 0))
    return None


@lru_cache(maxsize=1024)
def _named_day(text: str) -> date | None:
    """Return the day of a date whose month is a word, in any language that dateparser knows."""
    import dateparser  # it takes half a second to import, and not every document needs it

    parsed = dateparser.parse(
        text, settings={"REQUIRE_PARTS": ["day", "month", "year"], "STRICT_PARSING": True}
    )
    return parsed.date() if parsed else None
