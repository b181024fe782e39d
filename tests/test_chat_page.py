"""The chat page in a real browser, over a real server and the repository's corpus."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Request, expect, sync_playwright

from evals.facts import load_facts
from tests.conftest import CORPUS, start_server, stop_server

pytestmark = pytest.mark.browser

ANSWERED = "When was the treaty establishing the Union State signed, and by whom?"
ALSO_ANSWERED = "What role will Union State policy have on migration?"
REFUSED = "What is the capital of Australia?"
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def url(served: tuple[Path, str]) -> str:
    return f"{served[1]}/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        missing = f"no browser: install one of {', '.join(names)}"
        pytest.fail(missing) if "CI" in os.environ else pytest.skip(missing)
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """Open the page afresh, and let no request leave this machine nor any script fail."""
    yield from _opened(browser, url, 1280, "light")


@pytest.fixture
def phone(browser: Browser, url: str) -> Iterator[Page]:
    yield from _opened(browser, url, 390, "light")


def _opened(browser: Browser, url: str, width: int, scheme: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    outside: list[str] = []
    failures: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((url, "data:", "blob:")):
            outside.append(request.url)

    page.on("request", note)
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(url)
    expect(page.locator(".start")).to_be_visible()
    yield page
    context.close()
    assert outside == []
    assert failures == []


def ask(page: Page, question: str) -> Locator:
    """Ask as a user does, and return the finished exchange."""
    number = page.locator(".exchange").count()
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")
    return finished(page, number)


def finished(page: Page, number: int) -> Locator:
    exchange = page.locator(".exchange").nth(number)
    expect(exchange.locator(".counts, .refusal, .problem")).to_be_visible()
    return exchange


def squeeze(text: str) -> str:
    """Return text as the cards show it: links as their words, single spaces."""
    return " ".join(re.sub(r"\[([^\]\[]+)\]\([^()\s]*\)", r"\1", text).split())


def card(exchange: Locator, number: int) -> Locator:
    return exchange.locator(".card").filter(has=exchange.page.get_by_text(str(number), exact=True))


def shown_start(card: Locator) -> str:
    """Return the first words of the quote on a card, which shows what stands around it."""
    return card.locator("blockquote mark").inner_text().split(" … ")[0]


def box(found: Locator) -> dict[str, float]:
    bounds = found.bounding_box()
    assert bounds
    return {"left": bounds["x"], "right": bounds["x"] + bounds["width"], "top": bounds["y"]}


def test_every_statement_has_markers_and_every_marker_a_card(page: Page) -> None:
    exchange = ask(page, ANSWERED)
    statements = exchange.locator(".statement").all()
    assert statements
    assert any("1999" in statement.inner_text() for statement in statements)
    numbers = exchange.locator(".card .number").all_inner_texts()
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    for statement in statements:
        markers = statement.locator(".marker").all_inner_texts()
        assert markers
        assert {marker.strip("[]") for marker in markers} <= set(numbers)


def test_a_card_opens_its_article_at_the_quote(page: Page, url: str) -> None:
    exchange = ask(page, ANSWERED)
    citations = httpx.post(f"{url}api/ask", json={"question": ANSWERED}).json()["citations"]
    assert exchange.locator(".card").count() == len(citations)
    page.set_viewport_size({"width": 1280, "height": 300})  # so that it has to scroll
    for opened, citation in zip(exchange.locator(".card").all(), citations, strict=True):
        opened.click()
        mark = page.locator("dialog mark")
        expect(mark).to_be_in_viewport()
        assert mark.evaluate("mark => mark.textContent") == citation["quote"]
        assert squeeze(citation["quote"]).startswith(shown_start(opened))
        expect(page.get_by_role("dialog", name=citation["title"])).to_be_visible()
        page.get_by_role("button", name="Close the article").click()
        expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("width", [900, 1280, 1920])
def test_the_article_opens_beside_the_conversation(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    marker = ask(page, ANSWERED).locator(".marker").first
    marker.click()
    expect(page.locator("dialog mark")).to_be_in_viewport()
    reader = box(page.get_by_role("dialog"))
    for part in (page.locator(".answer"), page.locator(".evidence"), page.locator("#question")):
        assert box(part)["right"] <= reader["left"]
    assert reader["right"] <= width
    expect(marker).to_be_in_viewport()
    second = page.locator(".marker").last  # the page beside it can be used
    second.click()
    expect(page.locator("dialog mark")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(second).to_be_focused()
    assert box(page.locator(".evidence"))["right"] > reader["left"]


def test_on_a_phone_the_article_covers_the_conversation(phone: Page) -> None:
    ask(phone, ANSWERED).locator(".marker").first.click()
    expect(phone.locator("dialog mark")).to_be_in_viewport()
    reader = box(phone.get_by_role("dialog"))
    assert (reader["left"], reader["right"]) == (0, 390)


def test_a_card_shows_what_stands_around_the_quote_and_not_the_quote_again(
    page: Page, url: str
) -> None:
    exchange = ask(page, ANSWERED)
    citation = httpx.post(f"{url}api/ask", json={"question": ANSWERED}).json()["citations"][0]
    text = httpx.get(f"{url}api/articles/{citation['article_id']}").json()["text"]
    shown = card(exchange, 1).locator("blockquote")
    assert squeeze(citation["quote"]) not in shown.inner_text()
    before, after = shown.locator("span").all_inner_texts()
    assert before in squeeze(text[: citation["start"]])[-200:]
    assert squeeze(text[citation["end"] :]).startswith(after.removesuffix(" …"))


def test_the_article_is_shown_as_the_library_holds_it(page: Page, url: str) -> None:
    exchange = ask(page, ANSWERED)
    exchange.locator(".marker").first.click()
    expect(page.locator("dialog mark")).to_be_visible()
    shown = page.locator(".article-text").evaluate("text => text.textContent")
    articles = httpx.get(f"{url}api/articles").json()
    texts = [httpx.get(f"{url}api/articles/{item['id']}").json()["text"] for item in articles]
    assert shown in texts


def test_an_earlier_answer_keeps_its_own_citations(page: Page) -> None:
    first = ask(page, ANSWERED)
    quote = shown_start(card(first, 1))
    second = ask(page, ALSO_ANSWERED)
    assert shown_start(card(second, 1)) != quote
    first.locator(".marker", has_text="[1]").first.click()
    expect(page.locator("dialog mark")).to_be_visible()
    marked = squeeze(page.locator("dialog mark").evaluate("mark => mark.textContent"))
    assert marked.startswith(quote)


def test_a_follow_up_shows_as_what_it_was_read(page: Page) -> None:
    first = ask(page, "Who is Pavel Latushko?")
    expect(first.locator(".rewritten")).to_have_count(0)
    follow_up = "And what does he say about the document?"
    second = ask(page, follow_up)
    read = f"Read as: {follow_up} (Pavel Latushko)"
    expect(second.locator(".rewritten")).to_have_text(read)
    expect(second.locator(".answer > :first-child")).to_have_text(read)
    expect(second.locator(".question")).to_have_text(follow_up)


def test_a_refusal_says_so_and_points_to_the_nearest_passages(page: Page) -> None:
    exchange = ask(page, REFUSED)
    expect(exchange.locator(".refusal")).to_contain_text("No answer given")
    expect(exchange.locator(".refusal-message")).not_to_be_empty()
    expect(exchange.locator(".statement")).to_have_count(0)
    expect(exchange.get_by_role("heading", name="Nearest passages")).to_be_visible()
    nearest = exchange.locator(".card").first
    nearest.click()
    mark = page.locator("dialog mark")
    expect(mark).to_be_in_viewport()
    quote = mark.evaluate("mark => mark.textContent")
    assert squeeze(quote) == nearest.locator("blockquote").inner_text()


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type(ANSWERED)
    page.keyboard.press("Enter")
    exchange = finished(page, 0)
    for opener in (exchange.locator(".card .title").last, exchange.locator(".marker").last):
        for _ in range(12):
            page.keyboard.press("Shift+Tab")
            if opener.evaluate("opener => opener === document.activeElement"):
                break
        expect(opener).to_be_focused()
        assert opener.evaluate("opener => getComputedStyle(opener).outlineStyle") == "solid"
        page.keyboard.press("Enter")
        expect(page.locator("dialog mark")).to_be_in_viewport()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(opener).to_be_focused()
        page.keyboard.press("Space")
        expect(page.locator("dialog mark")).to_be_in_viewport()
        page.keyboard.press("Escape")


def test_an_example_question_gets_an_answer(page: Page) -> None:
    example = page.get_by_role("list", name="Example questions").get_by_role("button").first
    question = example.inner_text()
    example.click()
    exchange = finished(page, 0)
    expect(exchange.get_by_role("heading", name=question)).to_be_visible()
    assert exchange.locator(".statement").count()


def kept(page: Page) -> dict[str, str]:
    """Return what the browser keeps, by name."""
    return dict(page.evaluate("Object.fromEntries(Object.entries(localStorage))"))


def conversations(page: Page) -> Locator:
    page.get_by_text("Conversations", exact=True).click()
    return page.get_by_role("navigation", name="Conversations").get_by_role("listitem")


def test_a_reload_keeps_the_conversation(page: Page) -> None:
    ask(page, "Who is Pavel Latushko?")
    ask(page, REFUSED)
    shown = page.locator(".exchange").all_inner_texts()
    page.reload()
    expect(page.locator(".exchange")).to_have_count(2)
    assert page.locator(".exchange").all_inner_texts() == shown
    follow_up = ask(page, "And what does Pavel Latushko say about the document?")
    assert follow_up.locator(".statement").count()
    page.reload()
    expect(page.locator(".exchange")).to_have_count(3)


def test_tabs_keep_their_own_conversations_and_each_can_be_opened_and_deleted(page: Page) -> None:
    ask(page, ANSWERED)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".start")).to_be_visible()
    ask(other, REFUSED)
    ask(page, ALSO_ANSWERED)
    for tab, count in ((page, 2), (other, 1)):
        tab.reload()
        expect(tab.locator(".exchange")).to_have_count(count)
    assert len(kept(page)) == 3
    other.get_by_role("tab", name="Library").click()
    rows = conversations(other)
    expect(rows).to_have_count(2)
    rows.get_by_role("button", name=ANSWERED, exact=True).click()
    expect(other.locator(".exchange")).to_have_count(2)
    rows = conversations(other)
    rows.get_by_role("button", name=f"Delete the conversation “{ANSWERED}”").click()
    expect(rows).to_have_count(1)
    expect(other.locator(".start")).to_be_visible()
    assert len(kept(page)) == 1


def test_what_comes_back_from_the_browser_is_checked(page: Page) -> None:
    ask(page, ANSWERED)
    ask(page, REFUSED)
    (first, answered), (second, refused) = sorted(kept(page).items())
    forged = "<img src=x onerror=alert(1)> Nobody signed it."
    answer = json.loads(answered)
    answer["question"] = forged
    answer["citations"][0]["quote"] = forged[: len(answer["citations"][0]["quote"])]
    answer["statements"][0]["text"] = answer["citations"][0]["quote"]
    refusal = json.loads(refused)
    refusal["refusal"]["message"] = refusal["nearest"][0]["quote"] = "Buy owls."
    for name, value in ((first, json.dumps(answer)), (second, json.dumps(refusal))):
        page.evaluate("([name, value]) => localStorage.setItem(name, value)", [name, value])
    page.evaluate("name => localStorage.setItem(name.slice(0, -3) + 'fff', '[]')", second)
    page.reload()
    expect(page.locator(".exchange")).to_have_count(3)
    exchange = page.locator(".exchange").first
    expect(exchange.locator(".question")).to_have_text(forged)
    expect(exchange.locator(".lapsed")).to_contain_text("not its article's words")
    expect(exchange.locator(".statement")).to_have_count(len(answer["statements"]) - 1)
    assert "Nobody" not in exchange.locator(".answer").inner_text()
    assert "Buy owls" not in page.locator("body").inner_text()
    expect(page.locator("img")).to_have_count(0)
    expect(page.locator(".lapsed").last).to_contain_text("cannot be read")


def test_sides_that_differ_stand_side_by_side(page: Page) -> None:
    sides = ask(page, ANSWERED).locator(".difference li")
    first, second = box(sides.nth(0)), box(sides.nth(1))
    assert (first["top"], first["right"] <= second["left"]) == (second["top"], True)


def test_a_refusal_offers_what_the_library_has(page: Page) -> None:
    exchange = ask(page, REFUSED)
    offered = exchange.locator(".refusal .titles").get_by_role("button")
    assert set(offered.all_inner_texts()) == set(
        exchange.locator(".evidence .title").all_inner_texts()
    )
    offered.first.click()
    expect(page.locator("dialog mark")).to_be_in_viewport()
    page.keyboard.press("Escape")
    exchange.get_by_role("list", name="Example questions").get_by_role("button").first.click()
    assert finished(page, 1).locator(".statement").count()


def test_an_answer_is_copied_with_its_footnotes(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    exchange = ask(page, ANSWERED)
    exchange.get_by_role("button", name="Copy").click()
    expect(page.locator("#said")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    said = " ".join(exchange.locator(".statement > span").first.inner_text().split())
    assert copied.startswith(f"{ANSWERED}\n\n{said} [1]\n\n")
    assert "Sources:\n\n[1] Belarus will be for dessert" in copied


def test_answers_are_exported_and_the_json_can_be_verified(page: Page, url: str) -> None:
    exchange = ask(page, ANSWERED)
    saved = {}
    for name in ("Markdown", "HTML", "JSON"):
        exchange.get_by_text("Export", exact=True).click()
        with page.expect_download() as download:
            exchange.get_by_role("button", name=name).click()
        saved[name] = download.value.path().read_text("utf-8")
    assert httpx.post(f"{url}api/verify", json=json.loads(saved["JSON"])).json()["holds"]
    assert "[^1]: Belarus will be for dessert" in saved["Markdown"]
    assert '<sup><a href="#1-1">[1]</a></sup>' in saved["HTML"]
    ask(page, REFUSED)
    page.get_by_text("Conversations", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("navigation").get_by_role("button", name="JSON").click()
    answers = json.loads(download.value.path().read_text("utf-8"))
    assert [answer["question"] for answer in answers] == [ANSWERED, REFUSED]


def test_asking_again_takes_the_place_of_the_last_answer(page: Page) -> None:
    ask(page, ANSWERED)
    ask(page, REFUSED)
    before = kept(page)
    key = page.locator(".exchange").last.get_attribute("data-key")
    page.get_by_role("button", name="Ask again").click()
    again = page.locator(f".exchange:last-child:not([data-key='{key}'])")
    expect(again.locator(".refusal")).to_be_visible()
    expect(again.locator(".question")).to_have_text(REFUSED)
    expect(page.locator(".exchange")).to_have_count(2)
    page.wait_for_function("Object.keys(localStorage).length === 2")
    assert len(before.keys() & kept(page).keys()) == 1


def test_filters_bind_the_answer_are_shown_and_can_be_cleared(page: Page) -> None:
    told = "Only: New Eastern Europe · from 2021-01-01"
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Publishers").click()
    page.get_by_role("option", name="New Eastern Europe").click()
    page.get_by_label("Published from").fill("2021-01-01")
    expect(page.locator("#limits p")).to_have_text(told)
    exchange = ask(page, "What role will Union State policy have on migration?")
    expect(exchange.locator(".rewritten")).to_have_text(told)
    titles = set(exchange.locator(".card .title").all_inner_texts())
    assert all(title.startswith("“I am all yours”") for title in titles)
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.locator("#limits")).to_be_hidden()
    expect(ask(page, ALSO_ANSWERED).locator(".rewritten")).to_have_count(0)
    page.get_by_label("Published from").fill("last year")
    expect(ask(page, ANSWERED).get_by_role("alert")).to_contain_text("is not a day")


def test_articles_are_added_found_and_deleted(page: Page, tmp_path: Path) -> None:
    good, bad = tmp_path / "Lindow <b>.txt", tmp_path / "bad.pdf"
    good.write_text("The harbour of Lindow\n\nThe harbour of Lindow opened in 1871, said Ann Gray.")
    bad.write_bytes(b"%PDF-1.4 and nothing more")
    page.get_by_role("tab", name="Library").click()
    rows = page.locator(".shelf li")
    expect(rows).to_have_count(5)
    expect(rows.first).to_contain_text(re.compile(r"\d passages"))
    page.locator("#files input[type=file]").set_input_files([good, bad])
    expect(page.locator("#outcomes li")).to_have_text(
        [re.compile(r"Lindow.* added, 1 passage"), re.compile("bad.pdf failed: .*damaged PDF")]
    )
    expect(page.locator("header")).to_contain_text("Answers from 6 articles")
    page.get_by_label("Find an article").fill("lindow")
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="The harbour of Lindow", exact=True).click()
    expect(page.get_by_role("dialog", name="The harbour of Lindow")).to_be_visible()
    page.keyboard.press("Escape")
    for answer, left in (("Keep it", 1), ("Delete it", 0)):
        rows.get_by_role("button", name="Delete “The harbour of Lindow”").click()
        page.get_by_role("button", name=answer).click()
        page.wait_for_timeout(500)
        expect(rows).to_have_count(left)
    expect(page.locator("#name")).to_contain_text("Answers from 5 articles")


def test_a_file_of_the_server_cannot_be_named_as_an_upload(url: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("The harbour of Lindow opened in 1871, said Ann Gray.")
    events = httpx.get(f"{url}config").json()["dependencies"]
    (upload,) = [e["id"] for e in events if any(name == "upload" for _, name in e["targets"])]
    file = {"path": str(secret), "meta": {"_type": "gradio.FileData"}, "orig_name": "a.txt"}
    event = {"data": [[file], ""], "fn_index": upload, "session_hash": "forged"}
    httpx.post(f"{url}gradio_api/queue/join", json=event).raise_for_status()
    with httpx.stream("GET", f"{url}gradio_api/queue/data?session_hash=forged") as sent:
        ended = next(line for line in sent.iter_lines() if "process_completed" in line)
    assert '"success":false' in ended
    assert httpx.get(f"{url}health").json()["articles"] == 5


def test_a_draft_is_marked_sentence_by_sentence(page: Page) -> None:
    page.get_by_role("tab", name="Check a draft").click()
    page.get_by_label("Your draft").fill(
        "Of the ten most popular TV channels watched in Belarus, six are Russian. "
        "Of the ten most popular TV channels watched in Belarus, eight are Russian.\n\n"
        "<b>Owls</b> hunt at night near the old harbour of Lindow.\n\nDo they?"
    )
    page.get_by_role("button", name="Check", exact=True).click()
    parts = page.locator(".draft > li")
    expect(parts).to_have_count(4)
    labels = ["Differs", "Verbatim", "Not in these words", "Not checked"]
    expect(page.locator(".finding")).to_have_text(labels)
    expect(parts.first.locator("mark")).to_have_text(["six", "eight"])
    expect(parts.nth(2).locator(".said")).to_contain_text("<b>Owls</b>")
    parts.first.get_by_role("button", name="Belarus will be for dessert").click()
    expect(page.locator("dialog mark")).to_contain_text("eight are Russian")


def test_a_rating_is_kept_and_becomes_a_draft_known_fact(
    page: Page, served: tuple[Path, str]
) -> None:
    exchange = ask(page, ALSO_ANSWERED)
    exchange.get_by_role("button", name="This answer is good").click()
    page.get_by_label("Why?").fill("It says <b>who</b>.")
    page.get_by_role("button", name="Keep it").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Make a draft known fact").click()
    expect(page.get_by_label("Draft known fact")).to_contain_text(ALSO_ANSWERED)
    line = json.loads((served[0] / "feedback.jsonl").read_text("utf-8").splitlines()[-1])
    assert (line["rating"], line["reason"]) == ("good", "It says <b>who</b>.")
    assert line["answer"]["question"] == ALSO_ANSWERED
    (fact,) = load_facts(download.value.path())
    assert fact.question == ALSO_ANSWERED
    page.get_by_role("button", name="Close", exact=True).click()
    pressed = exchange.get_by_role("button", name="This answer is good")
    expect(pressed).to_have_attribute("aria-pressed", "true")


def test_a_new_conversation_is_empty(page: Page) -> None:
    ask(page, ANSWERED)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".start")).to_be_visible()
    expect(page.locator(".exchange")).to_have_count(0)
    assert ask(page, ANSWERED).locator(".statement").count()


def test_who_asks_before_the_start_page_has_come_gets_an_answer(page: Page) -> None:
    page.goto(page.url, wait_until="commit")
    assert ask(page, ANSWERED).locator(".statement").count()
    page.wait_for_timeout(1000)
    expect(page.locator(".exchange")).to_have_count(1)


def test_two_visitors_do_not_share_a_conversation(page: Page, phone: Page) -> None:
    ask(page, ANSWERED)
    ask(phone, REFUSED)
    expect(page.locator(".exchange")).to_have_count(1)
    expect(phone.locator(".exchange")).to_have_count(1)


def test_a_follow_up_leans_on_the_conversation(page: Page) -> None:
    ask(page, "When did Boris Yeltsin and Alexander Lukashenko sign the Union State treaty?")
    exchange = ask(page, "And who signed it?")
    assert exchange.locator(".statement").count()


def test_evidence_stands_beside_the_answer_or_on_a_phone_below_it(page: Page, phone: Page) -> None:
    for window, beside in ((page, True), (phone, False)):
        exchange = ask(window, ANSWERED)
        answer = exchange.locator(".answer").bounding_box()
        evidence = exchange.locator(".evidence").bounding_box()
        assert answer
        assert evidence
        assert (evidence["x"] >= answer["x"] + answer["width"]) == beside
        assert (evidence["y"] >= answer["y"] + answer["height"]) != beside


def test_nothing_is_wider_than_a_phone(phone: Page) -> None:
    for question in (ANSWERED, REFUSED, "x" * 500):
        ask(phone, question)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390
        assert phone.evaluate("document.body.scrollWidth") <= 390
    phone.locator(".marker").first.click()
    expect(phone.locator("dialog mark")).to_be_in_viewport()
    assert phone.get_by_role("dialog").evaluate("dialog => dialog.scrollWidth") <= 390


def test_markup_in_a_question_is_shown_as_text(page: Page) -> None:
    question = "<img src=x onerror=alert(1)> What is the capital of Australia?"
    exchange = ask(page, question)
    expect(exchange.locator(".question")).to_have_text(question)
    expect(exchange.locator("img")).to_have_count(0)


def test_a_question_that_is_too_long_says_so(page: Page) -> None:
    exchange = ask(page, "word " * 1000)
    expect(exchange.get_by_role("alert")).to_contain_text("the limit is 4,000")
    expect(page.get_by_label("Your question")).to_have_value("word " * 1000)
    assert ask(page, ANSWERED).locator(".statement").count()


def test_an_empty_question_does_nothing(page: Page) -> None:
    page.get_by_label("Your question").press("Enter")
    page.wait_for_timeout(700)
    expect(page.locator(".start")).to_be_visible()


def test_a_dark_system_gets_a_dark_page(browser: Browser, url: str) -> None:
    found = {}
    for scheme in ("light", "dark"):
        for page in _opened(browser, url, 1280, scheme):
            page.evaluate("document.fonts.ready")
            found[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light, dark = (sum(map(int, re.findall(r"\d+", found[name])[:3])) for name in found)
    assert light > 600
    assert dark < 150


SETTLED = """dark => document.body.matches(".dark") === dark
  && !document.getAnimations().some(one => one instanceof CSSTransition)"""


def assert_accessible(page: Page, state: str) -> None:
    """Have axe-core look for violations of any impact, in light and in dark."""
    rules = {"target-size": {"enabled": True}}  # WCAG 2.2, which axe leaves out by itself
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.wait_for_function(SETTLED, arg=scheme == "dark")
        found = Axe().run(page, options={"rules": rules, "resultTypes": ["violations"]}).response
        told = [
            (one["id"], one["impact"], node["target"], node["failureSummary"])
            for one in found["violations"]
            for node in one["nodes"]
        ]
        assert (state, scheme, told) == (state, scheme, [])
        assert found["passes"]


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(browser: Browser, url: str, width: int) -> None:
    for page in _opened(browser, url, width, "light"):
        assert_accessible(page, "empty")
        ask(page, ANSWERED).locator(".marker").first.click()
        expect(page.locator("dialog mark")).to_be_in_viewport()
        assert_accessible(page, "answered, with a source open")
        page.keyboard.press("Escape")
        assert_accessible(page, "answered")
        ask(page, REFUSED)
        assert_accessible(page, "refused")
        page.get_by_role("tab", name="Library").click()
        expect(page.locator(".shelf li")).to_have_count(5)
        assert_accessible(page, "library")
        page.get_by_role("tab", name="Check a draft").click()
        page.get_by_label("Your draft").fill(
            "Of the ten most popular TV channels watched in Belarus, six are Russian. "
            "Owls hunt at night near the old harbour of Lindow."
        )
        page.get_by_role("button", name="Check", exact=True).click()
        expect(page.locator(".draft > li")).to_have_count(2)
        assert_accessible(page, "draft")


def test_the_page_says_how_many_articles_answer(page: Page) -> None:
    count = len(list(CORPUS.glob("*.txt")))
    expect(page.locator("header")).to_contain_text(f"Answers from {count} articles")


def test_the_api_is_not_hidden_by_the_page(page: Page, url: str) -> None:
    assert httpx.get(f"{url}health").json()["status"] == "ok"
    assert httpx.get(f"{url}docs").status_code == 200
    assert httpx.get(f"{url}gradio_api/info").json()["named_endpoints"] == {}
    expect(page).to_have_title("Ibid")


def test_where_keys_are_set_the_page_asks_for_one(browser: Browser, five: Path) -> None:
    server, address = start_server(five, IBID_API_KEYS="one, two")
    try:
        assert httpx.get(f"{address}/config").status_code == 401
        page = browser.new_page()
        page.goto(address)
        for key, inside in (("three", 0), ("two", 1)):
            page.get_by_label("username").fill("anyone")
            page.get_by_label("password").fill(key)
            with page.expect_response("**/login"):
                page.get_by_role("button", name="Login").click()
            if inside:
                expect(page.locator(".start")).to_be_visible()
            else:
                page.reload()
        assert ask(page, ANSWERED).locator(".statement").count()
        page.close()
    finally:
        stop_server(server)
