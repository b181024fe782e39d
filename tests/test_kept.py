"""Articles about cookies, donations, newsletters and the like, in eight languages, kept whole."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.pipeline import make_article
from ingest.read import read
from ingest.types import Article

KEPT = yaml.safe_load((Path(__file__).parent / "data" / "kept.yaml").read_text("utf-8"))
FILES = ("plain.txt", "marked.md", "menu over it.txt", "copied page.txt", "page.html", "divs.html")
BARE = FILES[:2]

PAGE = """<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>
<body><div class="banner" role="dialog"><p>{banner}</p>{buttons}</div>
<header><a href="/">Lindow</a><nav><ul>{menu}</ul></nav></header>
<main><article><h1>{title}</h1>{lines}
<div class="share"><ul>{share}</ul></div>
<div class="text">{paragraphs}</div></article>
<section class="more"><ul>{related}</ul></section></main>
<footer><ul>{links}</ul><p>{footer}</p></footer></body></html>"""  # noqa: E501
SECTIONS = re.compile(r"(?<=[</])(?:nav|header|main|article|section|footer)\b")


def lines(said: dict[str, Any]) -> list[str]:
    return [said[name] for name in ("byline", "date") if name in said]


def copied(said: dict[str, Any], around: dict[str, Any]) -> str:
    """Return a page as it is copied and pasted: no marks, a line for each link."""
    menu, share, related = ("\n".join(around[name]) for name in ("menu", "share", "related"))
    foot = [share, related, " | ".join(around["links"]), around["footer"]]
    return "\n\n".join([menu, said["title"], *lines(said), *said["paragraphs"], *foot])


def page(said: dict[str, Any], around: dict[str, Any]) -> str:
    """Return an article as a web page, with what stands around it."""
    links = {
        name: "".join(f'<li><a href="/{text}">{text}</a></li>' for text in around[name])
        for name in ("menu", "share", "related", "links")
    }
    return PAGE.format(
        **links,
        language=said["language"],
        title=said["title"],
        banner=around["banner"],
        footer=around["footer"],
        buttons="".join(f"<button>{text}</button>" for text in around["buttons"]),
        lines="".join(f'<p class="meta">{line}</p>' for line in lines(said)),
        paragraphs="".join(f"<p>{paragraph}</p>" for paragraph in said["paragraphs"]),
    )


def ingested(said: dict[str, Any], name: str) -> Article:
    """Return an article that was read from one of the files in which people have it."""
    around = KEPT["around"][said["language"]]
    text = "\n\n".join([*lines(said), *said["paragraphs"]])
    files = {
        "plain.txt": f"{said['title']}\n\n{text}",
        "marked.md": f"# {said['title']}\n\n{text}",
        "menu over it.txt": "\n".join(around["menu"]) + f"\n\n{said['title']}\n\n{text}",
        "copied page.txt": copied(said, around),
        "page.html": page(said, around),
        "divs.html": SECTIONS.sub("div", page(said, around)),
    }
    return make_article("a", name, read(name, files[name].encode(), 1))


def units(article: Article) -> list[str]:
    return [article.text[unit.start : unit.end] for unit in article.units]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("said", KEPT["articles"], ids=lambda said: said["title"])
def test_an_article_is_kept_whole_and_nothing_around_it(said: dict[str, Any], name: str) -> None:
    article = ingested(said, name)
    kept = "".join("".join(units(article)).split())
    for paragraph in said["paragraphs"]:
        assert "".join(paragraph.split()) in kept
    besides = set(units(article)) - {said["title"], *lines(said)}
    assert {unit for unit in besides if unit not in "\n".join(said["paragraphs"])} == set()
    assert article.metadata.title == said["title"]
    assert article.metadata.author == said.get("author")
    assert article.metadata.published == said["published"]


@pytest.mark.parametrize("name", BARE)
def test_a_name_before_a_comma_and_a_date_may_be_a_place(name: str) -> None:
    said = KEPT["articles"][0] | {"byline": "New Lindow, 3 March 2024"}
    assert ingested(said, name).metadata.author is None
