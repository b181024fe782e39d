"""The README's pictures of the page: `python -m evals.bench.screenshots`, with Chromium.

They are taken of a server over corpus/, in a library of its own that is gone afterwards.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path("docs/images")
LARGEST = 200_000
"""Bytes that no picture may have."""
SECONDS = 60
SIZE = {"width": 1120, "height": 660}
ANSWERED = "When was the treaty establishing the Union State signed, and by whom?"
REFUSED = "What is the capital of Australia?"
DRAFT = """Of the ten most popular TV channels watched in Belarus, eight are Russian.

Of the ten most popular TV channels watched in Belarus, six are Russian.

The harbour of Lindow opened again in May."""


@contextmanager
def served() -> Iterator[str]:
    """Serve corpus/ and give the address."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library"
        environment = {**os.environ, "IBID_LIBRARY": str(library), "IBID_LLM": ""}
        ibid = [sys.executable, "-m", "ui.cli"]
        subprocess.run([*ibid, "ingest", "corpus"], env=environment, check=True)
        server = subprocess.Popen([*ibid, "serve", "--port", "0"], env=environment)
        try:
            yield _address(library)
        finally:
            server.terminate()
            server.wait()


def _address(library: Path) -> str:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError, KeyError):
            if url := json.loads((library / "owner.json").read_text("utf-8"))["url"]:
                return str(url)
        time.sleep(0.2)
    raise SystemExit("The server did not start; its messages are above.")


def picture(page: Page, name: str) -> None:
    """Save what the page shows."""
    page.wait_for_timeout(500)
    file = IMAGES / f"{name}.png"
    page.screenshot(path=file)
    size = file.stat().st_size
    print(f"{file}: {size:,} bytes")
    if size > LARGEST:
        raise SystemExit(f"{file} has more than {LARGEST:,} bytes: take less of the page.")


def ask(page: Page, question: str) -> None:
    """Ask, and wait for the end of the answer."""
    page.get_by_label("Your question").fill(question)
    page.get_by_label("Your question").press("Enter")
    page.locator(".exchange:last-child").locator(".counts, .refusal").first.wait_for()


def take(browser: Browser, url: str) -> None:
    """Take every picture."""
    for scheme in ("light", "dark"):
        dark = scheme == "dark"
        page = browser.new_page(viewport=SIZE, color_scheme="dark" if dark else "light")  # type: ignore[arg-type]
        page.goto(url)
        ask(page, ANSWERED)
        page.locator(".marker").first.click()
        page.locator("#reader mark").wait_for()
        picture(page, f"answer-{scheme}")
    page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
    page.goto(url)
    ask(page, REFUSED)
    picture(page, "refusal")
    page.get_by_role("tab", name="Check a draft").click()
    page.get_by_label("Your draft").fill(DRAFT)
    page.get_by_role("button", name="Check", exact=True).click()
    page.locator(".draft").wait_for()
    picture(page, "draft")


def main() -> None:
    """Take the pictures with the Chromium that is installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        raise SystemExit(f"There is no browser: install one of {', '.join(names)}.")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with served() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        take(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
