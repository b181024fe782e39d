"""Records of JSON Lines, long files, copies and corrections of one article."""

import json
from pathlib import Path
from threading import Thread
from typing import Any, cast

import pytest

from ingest import pipeline
from ingest.embed import Embedding
from ingest.library import Library
from ingest.pipeline import ingest_paths
from ingest.types import Status
from rag.build import Ibid, build
from rag.types import Quote
from rag.verify import Standing, read_answer, verify
from tests.conftest import ingest, run_ibid, settings_for
from tests.test_web import Reply, Site

STORY = [
    "The harbour of Lindow reopened on Monday after nine months of repairs.",
    "The new crane lifts 40 tonnes, twice what the old one could.",
    "Mayor Ines Falk cut the ribbon in heavy rain.",
    "Forty boats took part in the parade along the quay.",
]
NEWS: list[dict[str, Any]] = [
    {"body": "The mill of Tarn grinds 12 tonnes of rye a day.", "head": "Rye", "day": "2024-05-02"},
    {"body": "The ferry to Ness leaves at noon.", "head": "Ferry", "by": {"name": "Ann Lee"}},
]


def page(title: str, *sentences: str, changed: str = "", url: str = "") -> str:
    stamp = f'<meta property="article:modified_time" content="{changed}">' if changed else ""
    link = f'<link rel="canonical" href="{url}">' if url else ""
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return (
        f"<html><head><title>{title}</title>{stamp}{link}</head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    )


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    with build(settings_for(tmp_path / "library")) as ibid:
        yield ibid


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    return folder


def write_news(folder: Path, *records: Any) -> None:
    lines = [json.dumps(record) if not isinstance(record, str) else record for record in records]
    (folder / "news.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "metadata.yaml").write_text(
        "news.jsonl: {fields: {text: body, title: head, published: day, author: by.name}}"
    )


def test_every_record_is_an_article(library: Library, embedding: Embedding, source: Path) -> None:
    write_news(source, *NEWS)
    outcomes = ingest(library, embedding, source)
    assert [o.article_id for o in outcomes if o.article_id] == ["news-2", "news-1"]
    rye, ferry = library.article("news-1"), library.article("news-2")
    assert (rye.title, rye.metadata.published, rye.text) == ("Rye", "2024-05-02", NEWS[0]["body"])
    assert (ferry.metadata.author, ferry.metadata.published) == ("Ann Lee", None)
    assert Quote.of(ferry, ferry.units[0].span).place == "record 2"
    unused = cast(Embedding, None)
    again = ingest(library, unused, source)
    assert [o.status for o in again if o.article_id] == [Status.UNCHANGED] * 2


def test_records_that_fail_or_go_are_told_apart(
    library: Library, embedding: Embedding, source: Path
) -> None:
    write_news(source, {**NEWS[0], "id": "rye"}, "{broken", {"text_": 1, "id": 7}, "", NEWS[1])
    outcomes = {Path(o.location).name: o for o in ingest(library, embedding, source)}
    assert outcomes["news.jsonl#rye"].status is Status.ADDED
    assert "no JSON" in str(outcomes["news.jsonl#2"].error)
    assert "it has id, text_" in str(outcomes["news.jsonl#7"].error)
    assert outcomes["news.jsonl#5"].article_id == "news-5"
    write_news(source, {**NEWS[0], "id": "rye", "extra": 1})
    outcomes = {Path(o.location).name: o for o in ingest(library, embedding, source / "news.jsonl")}
    assert outcomes["news.jsonl#rye"].status is Status.UNCHANGED
    assert outcomes["news.jsonl#5"].status is Status.REMOVED
    assert [item.id for item in library.catalogue()] == ["news-rye"]


def test_other_bytes_that_say_the_same_are_not_embedded(
    library: Library, embedding: Embedding, source: Path
) -> None:
    file = source / "harbour.html"
    file.write_text(page("The harbour", *STORY))
    ingest(library, embedding, source)
    file.write_text(page("The harbour", *STORY).replace("<article>", "<article class='new'>"))
    unused = cast(Embedding, None)  # any use of it would fail
    for _ in range(2):
        assert [o.status for o in ingest(library, unused, source)] == [Status.UNCHANGED]


def test_a_long_text_says_how_far_it_is(
    library: Library, embedding: Embedding, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "AT_ONCE", 10)
    lines = [f"Ship {n} brought {n + 3} tonnes of grain to Lindow." for n in range(60)]
    (source / "ships.txt").write_text("\n\n".join(lines))
    outcomes = ingest(library, embedding, source)
    underway = [o for o in outcomes if o.status is Status.UNDERWAY]
    shares = [o.passages / o.of for o in underway]
    assert len(shares) > 5
    assert shares == sorted(shares)
    assert {(o.done, o.total) for o in underway} == {(0, 1)}
    assert (outcomes[-1].status, outcomes[-1].done) == (Status.ADDED, 1)


class Counting:
    """An embedding that counts the texts it is given."""

    def __init__(self, embedding: Embedding) -> None:
        self._embedding = embedding
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._embedding, name)

    def texts(self, texts: Any) -> Any:
        self.count += len(texts)
        return self._embedding.texts(texts)


def test_what_is_said_twice_is_embedded_once(
    library: Library, embedding: Embedding, source: Path
) -> None:
    (source / "song.txt").write_text("\n\n".join([*STORY, "Sail on, sail on to Lindow."] * 20))
    counting = Counting(embedding)
    ingest(library, cast(Embedding, counting), source)
    article = library.article("song")
    assert counting.count == len(STORY) + 1 < len(article.units)
    vectors = library.unit_vectors("song")
    assert vectors.shape[0] == len(article.units)


def test_a_file_too_large_is_not_read(library: Library, embedding: Embedding, source: Path) -> None:
    with (source / "huge.txt").open("wb") as file:
        file.truncate(500_000_000)  # a hole on the disk
    (outcome,) = ingest(library, embedding, source)
    assert outcome.error == "it has 500 MB, the limit is 20 MB (IBID_MAX_UPLOAD_MB)"


def test_copies_of_an_article_are_one_source(opened: Ibid, source: Path) -> None:
    for name in ("north", "south", "east"):
        title = f"Lindow harbour reopens, says the {name.title()} Post"
        (source / f"{name}.html").write_text(page(title, *STORY, f"From our desk in the {name}."))
    (source / "other.txt").write_text("The mill of Tarn grinds rye. Its crane lifts 3 tonnes.")
    ingest(opened.library, opened.embedding, source)
    answer = opened.engine.ask("How many tonnes does the new crane of the harbour of Lindow lift?")
    assert [s.text for s in answer.statements] == [STORY[1]]
    shown, also = answer.statements[0].citations[0].article_id, answer.statements[0].also_in
    assert {shown, *(s.article_id for s in also)} == {"north", "south", "east"}
    twice = opened.engine.ask("What did the South Post and the North Post say the crane lifts?")
    said = [statement.text for statement in twice.statements]
    assert len(said) == len(set(said))
    asked = opened.engine.ask("Where is the desk of the South Post, in which part?")
    cited = {c.article_id for s in asked.statements for c in s.citations}
    assert cited <= {"south"}, "what only one of the copies says is that one's"


def test_an_earlier_text_stays_readable_for_what_quotes_it(opened: Ibid, source: Path) -> None:
    file = source / "harbour.txt"
    file.write_text("\n\n".join(STORY))
    ingest(opened.library, opened.embedding, source)
    old = opened.library.article("harbour")
    question = "How many tonnes does the new crane lift?"
    saved = read_answer(opened.engine.ask(question).model_dump(mode="json"))
    file.write_text("\n\n".join(STORY).replace("40 tonnes", "50 tonnes"))
    assert [o.status for o in ingest(opened.library, opened.embedding, source)] == [Status.CHANGED]
    assert "50 tonnes" in opened.engine.ask(question).statements[0].text
    assert opened.library.version("harbour", old.sha256) == old
    assert [v.sha256 for v in opened.library.versions("harbour")] == [old.sha256]
    result = verify(saved, opened.library)
    assert not result.holds
    assert (result.citations[0].standing, result.citations[0].kept) == (Standing.CHANGED, True)
    assert result.statements[0].verdict.supported, "it was true of the text that it quotes"
    forged = saved.model_copy(
        update={"citations": (saved.citations[0].model_copy(update={"quote": "It lifts 90."}),)}
    )
    assert verify(forged, opened.library).citations[0].standing is Standing.MISQUOTED
    file.write_text("\n\n".join(STORY))  # back again
    ingest(opened.library, opened.embedding, source)
    assert verify(saved, opened.library).holds
    opened.library.remove("harbour")
    assert opened.library.version("harbour", old.sha256) is None, "what is deleted is deleted"


URL = "https://news.example/harbour"
CORRECTED = [STORY[0].replace("Monday", "Sunday"), *STORY[1:]]


@pytest.mark.parametrize("first", ["old.html", "new.html"])
def test_a_correction_replaces_the_earlier_page(opened: Ibid, source: Path, first: str) -> None:
    pages = {
        "old.html": page("Harbour", *STORY, changed="2024-05-01", url=URL),
        "new.html": page("Harbour", *CORRECTED, changed="2024-05-03", url=URL),
    }
    (source / first).write_text(pages.pop(first))
    ingest(opened.library, opened.embedding, source)
    (source / next(iter(pages))).write_text(next(iter(pages.values())))
    for _ in range(2):
        outcomes = {
            Path(o.location).name: o for o in ingest(opened.library, opened.embedding, source)
        }
        (article,) = opened.library.catalogue()
        assert Path(article.location).name == "new.html"
        assert "Sunday" in opened.library.article(article.id).text
        assert len(opened.library.versions(article.id)) == 1
    assert "an earlier version" in str(outcomes["old.html"].error)
    (source / "new.html").unlink()
    ingest(opened.library, opened.embedding, source)
    (article,) = opened.library.catalogue()
    assert "Monday" in opened.library.article(article.id).text


@pytest.mark.parametrize(
    ("changed", "url", "sentences"),
    [
        ("", URL, CORRECTED),  # no day says which is the later
        ("2024-05-03", "https://news.example/", ["The mill of Tarn grinds rye."] * 2),
        ("2024-05-03", "https://news.example/other", CORRECTED),
    ],
)
def test_what_is_no_correction_stands_beside(
    opened: Ibid, source: Path, changed: str, url: str, sentences: list[str]
) -> None:
    first = page("Harbour", *STORY, changed="2024-05-01", url=URL if "other" in url else url)
    (source / "a.html").write_text(first)
    (source / "b.html").write_text(page("Harbour", *sentences, changed=changed, url=url))
    ingest(opened.library, opened.embedding, source)
    assert len(opened.library.catalogue()) == 2


@pytest.fixture
def site() -> Any:
    with Site() as serving:
        Thread(target=serving.serve_forever, daemon=True).start()
        yield serving
        serving.shutdown()


def test_addresses_and_what_feeds_name_are_ingested(opened: Ibid, site: Site) -> None:
    names = ("harbour", "gone", "other")
    feed = "".join(f"<item><link>/{name}</link></item>" for name in names)
    rss = {"Content-Type": "application/rss+xml"}
    deep = b'<rss version="2.0"><channel><item><link>/deep</link></item></channel></rss>'
    site.replies = {
        "/other": Reply(headers=rss, body=deep),
        "/harbour": Reply(body=page("Harbour", *STORY).encode()),
        "/feed": Reply(
            headers=rss,
            body=f'<rss version="2.0"><channel>{feed}</channel></rss>'.encode(),
        ),
    }
    settings = opened.settings.model_copy(update={"fetch_private": True})

    def run(*targets: str, allowed: bool = True) -> dict[str, Any]:
        given = settings if allowed else opened.settings
        found = ingest_paths(opened.library, opened.embedding, targets, given)
        return {o.location.removeprefix(site.url): o for o in found}

    refused = run(f"{site.url}/harbour", allowed=False)
    assert "IBID_FETCH_PRIVATE" in str(refused["/harbour"].error)
    outcomes = run(f"{site.url}/feed")
    assert {name: o.status for name, o in outcomes.items()} == {
        "/feed": Status.SKIPPED,
        "/harbour": Status.ADDED,
        "/gone": Status.FAILED,
        "/other": Status.SKIPPED,
    }
    assert "/deep" not in site.paths, "a feed may lead to feeds without end"
    assert (outcomes["/other"].done, outcomes["/other"].total) == (4, 4)
    (cited,) = opened.engine.ask("How many tonnes does the new crane lift?").citations
    assert (cited.article_id, cited.url) == ("harbour", f"{site.url}/harbour")
    again = run(f"{site.url}/harbour")
    assert again["/harbour"].status is Status.UNCHANGED
    site.replies.clear()  # the article stays though the page is gone
    assert run(f"{site.url}/harbour")["/harbour"].status is Status.FAILED
    assert opened.library.article("harbour").title == "Harbour"


@pytest.mark.parametrize("text", ["", "# nothing\n", "https://a.example\nharbour.txt\n"])
def test_a_list_without_addresses_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "list.txt").write_text(text)
    done = run_ibid(tmp_path / "library", "ingest", "--urls", str(tmp_path / "list.txt"))
    assert (done.returncode, "must have an address" in done.stderr) == (2, True)
