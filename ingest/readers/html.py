"""Saved web pages: the article, and what the page's own metadata says of it.

What is an article is told by trafilatura. Metadata is read here, as that guesses: it takes a
copyright year for a date, a host for a publisher, and changes the letters of names.
"""

import codecs
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from itertools import islice
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import NavigableString
from lxml import etree
from trafilatura import bare_extraction
from trafilatura.settings import use_config

from ingest.byline import DATE_WORDS, find_author, find_date, find_name, find_publication
from ingest.errors import UnreadableError
from ingest.lines import SHORT_WORDS, is_sentence, length_in_words, markdown_level
from ingest.read import BROKEN, decode, decode_labelled
from ingest.readers.markup import parse, show, to_markdown
from ingest.types import Document

FORM_WORDS = 40
"""Words up to which a page that asks for a password is a form to log in."""
BYLINE_LINES = 12
"""So many lines below the title are looked at for its author and date."""
LEAST, MOST = 30, 250
"""Bounds of the length under which trafilatura gives up to tell an article and takes all the text.

Its own is 250 characters, which is half an article in Chinese, or all of a notice.
"""

_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]+?(?:charset|encoding)\s*=\s*[\"']?\s*([\w:.-]+)", re.I)
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_META = {
    "title": "og:title citation_title dc.title dcterms.title twitter:title",
    "author": "author article:author citation_author dc.creator dcterms.creator parsely-author",
    "publisher": "og:site_name citation_journal_title dc.publisher dcterms.publisher publisher",
    "published": "article:published_time og:published_time datepublished citation_publication_date "
    "dcterms.issued dc.date.issued dc.date dcterms.date date pubdate publishdate publish-date "
    "parsely-pub-date",
    "modified": "article:modified_time og:updated_time datemodified dcterms.modified last-modified",
    "url": "og:url",
}
_LINKED = {
    "title": "headline",
    "author": "author",
    "publisher": "publisher",
    "published": "datePublished",
    "modified": "dateModified",
}
_SAVED_FROM = re.compile(r"<!-- saved from url=\(\d+\)(https?://\S+) -->")
_ADDRESS = re.compile(r"https?://\S+")
_BESIDE = ("nav", "aside", "figure", "footer", "form")
_OF_OTHERS = "nav, aside, footer, li, [class*=related], [class*=comment]"
_TAGS = {"lb": "br", "row": "tr", "item": "li", "quote": "blockquote", "ref": "span", "hi": "span"}


def read(data: bytes) -> Document:
    """Return the article of a web page as Markdown, under its title.

    Raises:
        UnreadableError: the page shows no article.
    """
    html = _decode(data)
    try:
        page = parse(html, "lxml")
        metadata, found, text = _describe(page, html), _what_else(page), _article(page)
    except RecursionError:
        raise UnreadableError("its HTML is nested too deep; save it as plain text") from None
    lines = text.splitlines()
    if not any(is_sentence(x) or length_in_words(x) > SHORT_WORDS or "|" in x for x in lines) or (
        "password" in found and length_in_words(text) < FORM_WORDS
    ):
        raise UnreadableError(
            f"the page shows no article, only {found}. Open it in a browser, wait or log in until "
            "the article is shown, and save it then"
        )
    title = metadata.get("title", "")
    if title and not any(markdown_level(x) and x.lstrip("# ") == title for x in lines):
        text = f"# {title}\n\n{text}"
    lead = _lead(page, title, text)
    if lead and text.startswith(f"# {title}\n\n"):
        text = text.replace("\n\n", f"\n\n{lead}\n\n", 1)
    return Document(text, _below_title(page, title) | metadata)


def _decode(data: bytes) -> str:
    """Decode a page as browsers do: by its mark, as UTF-8, or as it says; else by its letters."""
    if not data.startswith(_MARKS) and data.count(0) <= BROKEN * len(data):
        data = data.replace(b"\0", b"")
    named = _CHARSET.search(data[:4096])
    label = named.group(1).decode("ascii", "ignore").lower() if named else ""
    if label.startswith("utf") or (not data.isascii() and _is_utf8(data)):
        label = "utf-8"
    text = decode_labelled(data, label) if label else None
    return decode(data) if text is None else text


def _is_utf8(data: bytes) -> bool:
    with suppress(UnicodeDecodeError):
        data.decode("utf-8")
        return True
    return False


# The article ----------------------------------------------------------------------------------


def _article(page: BeautifulSoup) -> str:
    """Return the article as Markdown; "" where the page shows none."""
    show(page)
    for figure in page.select("figure:has(table, blockquote, pre)"):
        figure.name = "div"
    settings = use_config()
    least = len(page.get_text()) // 20
    settings.set("DEFAULT", "MIN_EXTRACTED_SIZE", str(max(LEAST, min(least, MOST))))
    found = bare_extraction(
        str(page),
        include_comments=False,
        include_formatting=True,
        config=settings,
    )
    if found is None or isinstance(found, dict):
        return ""
    for tag in found.body.iterdescendants(etree.Element):
        _rename(tag)
    return to_markdown(etree.tostring(found.body, encoding="unicode", method="html"))


def _rename(tag: Any) -> None:  # noqa: ANN401
    """Give an element of trafilatura's the name it has in HTML."""
    kind = tag.get("rend", "")
    if tag.tag == "head":
        tag.tag = kind or "h3"
    elif tag.tag == "list":
        tag.tag = "ol" if kind == "ol" else "ul"
    elif tag.tag == "cell":
        tag.tag = "th" if tag.get("role") == "head" else "td"
    elif tag.getparent().tag == "pre":
        tag.tag = "span"
    elif tag.tag == "code" and (tag.getparent().tag == "body" or "\n" in "".join(tag.itertext())):
        tag.tag = "pre"
        tag.set("class", "code")
    else:
        tag.tag = _TAGS.get(tag.tag, tag.tag)


def _what_else(page: BeautifulSoup) -> str:
    """Say what a page holds beside an article."""
    if page.select_one("input[type=password]"):
        return "a form that asks for a password"
    scripts = len(page.select("script"))
    words = length_in_words(page.body.get_text(" ")) if page.body else 0
    return f"{words} words and {scripts} scripts" if words or scripts else "an empty body"


# Metadata -------------------------------------------------------------------------------------


def _describe(page: BeautifulSoup, html: str) -> dict[str, str]:
    """Return what a page says of itself: in JSON-LD, in meta elements, in its one dated line."""
    data = _linked_data(page)
    site = data["publisher"] + _meta(page, "publisher")
    dates = data["published"] + _meta(page, "published") + _times(page)
    links = [str(link["href"]) for link in page.select("link[rel~=canonical][href]")]
    urls = [*links, *_meta(page, "url"), *_SAVED_FROM.findall(html[:2000])]
    authors = [x for x in data["author"] or _meta(page, "author") if not _ADDRESS.match(x)]
    said = {
        "title": _title(page, data["title"] + _meta(page, "title"), site),
        "author": ", ".join(dict.fromkeys(authors)),
        "publisher": next((name for name in site if not _ADDRESS.match(name)), ""),
        "published": _first_day(dates),
        "modified": _first_day(data["modified"] + _meta(page, "modified")),
        "url": next(filter(_ADDRESS.fullmatch, urls), ""),
    }
    return {name: value for name, value in said.items() if value}


def _first_day(said: list[str]) -> str:
    return next((found[0] for found in map(find_date, said) if found), "")


def _meta(page: BeautifulSoup, field: str) -> list[str]:
    """Return what the meta elements say of a field, the surest name first."""
    found: dict[str, list[str]] = {name: [] for name in _META[field].split()}
    for tag in page.select("meta[content]"):
        name = str(tag.get("property") or tag.get("name") or tag.get("itemprop") or "").lower()
        if name in found and str(tag["content"]).strip():
            found[name].append(_line(str(tag["content"])))
    return next(filter(None, found.values()), [])


def _linked_data(page: BeautifulSoup) -> dict[str, list[str]]:
    """Return what JSON-LD says of the first thing that has a headline."""
    nodes: list[dict[str, Any]] = []
    for script in page.select("script[type='application/ld+json']"):
        with suppress(ValueError, RecursionError):
            nodes += _nodes(json.loads(script.get_text(), strict=False))
    article = next((node for node in nodes if node.get("headline")), {})
    by_id = {str(node.get("@id")): node for node in nodes if node.get("name")}
    return {field: list(_names(article.get(key), by_id)) for field, key in _LINKED.items()}


def _nodes(value: object) -> Iterator[dict[str, Any]]:
    for node in value if isinstance(value, list) else [value]:
        if isinstance(node, dict):
            yield node
            yield from _nodes(node.get("@graph"))


def _names(value: object, by_id: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Yield the names of a JSON-LD value: itself, its name, or the name of what it refers to."""
    for one in value if isinstance(value, list) else [value]:
        node = one if isinstance(one, dict) else {"name": one}
        name = node.get("name") or by_id.get(str(node.get("@id")), {}).get("name")
        if isinstance(name, str) and name.strip():
            yield _line(unescape(name))


def _times(page: BeautifulSoup) -> list[str]:
    """Return the one day of the page's <time> elements: marked as published, or in a short line."""
    marked = page.select("time[itemprop=datePublished][datetime], time[pubdate][datetime]")
    others = [
        tag
        for tag in page.select("time[datetime]")
        if not tag.find_parent(lambda parent: parent.css.match(_OF_OTHERS))
        and tag.parent
        and length_in_words(tag.parent.get_text(" ")) <= DATE_WORDS
    ]
    days = list(dict.fromkeys(str(tag["datetime"])[:10] for tag in marked or others))
    return days if len(days) == 1 else []


def _title(page: BeautifulSoup, said: list[str], site: list[str]) -> str:
    """Return the title: the heading that the page shows, if it is the only one or begins another.

    One that ends what the page calls itself is the site's name.
    """
    said += [_line(tag.get_text()) for tag in page.select("head > title")]
    shown = [_line(tag.get_text(" ")) for tag in page.select("h1")]
    shown = [heading for heading in shown if heading not in ("", *site)]
    for heading in shown:
        if any(title.startswith(heading) for title in said):
            return heading
    if len(shown) == 1 and not any(title.endswith(shown[0]) for title in said):
        return shown[0]
    names = "|".join(map(re.escape, site)) or "(?!)"
    titles = [re.sub(rf"\s+[|·–—-]\s+(?:{names})$", "", title) for title in said]
    return next(filter(None, titles), "")


def _below_title(page: BeautifulSoup, title: str) -> dict[str, str]:
    """Return the author and the one day that the lines between title and first paragraph give.

    They are no part of what trafilatura takes. A name counts after “by”, or beside a date.
    """
    authors: list[str] = []
    days: set[str] = set()
    for line in islice(_lines_below(page, title), BYLINE_LINES):
        if length_in_words(line) > DATE_WORDS:
            break
        dated = find_publication(line)
        author = find_author(line) or (find_name(line) if dated else None)
        other = find_date(line[dated[1].end :]) if dated else None
        authors += [author[0]] if author else []
        days.update(found[0] for found in (dated, other) if found)
    said = {"author": next(iter(authors), ""), "published": days.pop() if len(days) == 1 else ""}
    return {name: value for name, value in said.items() if value}


def _lead(page: BeautifulSoup, title: str, text: str) -> str:
    """Return the sentences between the title and the first paragraph that trafilatura takes."""
    taken = "".join(text.split())
    found: list[str] = []
    for line in islice(_lines_below(page, title), BYLINE_LINES):
        if length_in_words(line) > DATE_WORDS:
            if "".join(line.split()) in taken:
                return "\n\n".join(found)
            found += [line] if is_sentence(line) else []
    return ""


def _lines_below(page: BeautifulSoup, title: str) -> Iterator[str]:
    """Yield the lines that a page shows after the heading that is its title."""
    heading = next((x for x in page.select("h1, h2") if _line(x.get_text(" ")) == title), None)
    line, of = "", heading
    for text in heading.find_all_next(string=True) if heading else ():
        if text.find_parent(_BESIDE) or any(tag is heading for tag in text.parents):
            continue
        block = text.find_parent(lambda tag: tag.name not in ("a", "span"))
        if block is not of:
            yield from filter(None, [_line(line)])
            line, of = "", block
        if type(text) is NavigableString:
            line += text


def _line(text: str) -> str:
    return " ".join(text.split())
