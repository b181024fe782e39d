"""The report: one file that shows every case and asks for nothing from outside."""

import re
import shutil
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from evals.baseline import Baseline
from evals.facts import Expectation, Kind
from evals.fingerprint import Fingerprint
from evals.measures import measure_all
from evals.report import confusion, render
from evals.run import Case, Outcome, run
from evals.saved import Run, Summary
from evals.system import Reference
from tests.eval_answers import ARCHES, ARTICLES, FACT, OPENED, RED, Made, answer, refused, statement

MARKUP = "<script>alert(1)</script>"
FINGERPRINT = Fingerprint(
    version="0", commit=None, code="c", articles=1, corpus="the corpus", facts={"made": "0"},
    engine="extractive", embedding="e", settings={}, python="3", machine="m",
)  # fmt: skip


def asked() -> list[Case]:
    """A right answer, a wrong one, one that raises, and two refusals, one of them wrong."""
    abstain = {"expect": Expectation.ABSTAIN, "answers": (), "quotes": (), "kind": Kind.INJECTION}
    right = answer(statement(OPENED, focus="1901"), statement(ARCHES))
    given = [
        (FACT, Made(right)),
        (FACT.model_copy(update={"id": "A-2", "question": MARKUP}), Made(answer(statement(RED)))),
        (FACT.model_copy(update={"id": "A-3"}), Made(RuntimeError("broken"))),
        (FACT.model_copy(update={"id": "A-4"}), Made(refused())),
        (FACT.model_copy(update={"id": "A-5", **abstain}), Made(refused())),
    ]
    reference = Reference(ARTICLES, ())
    return [case for fact, made in given for case in run([fact], "made", made, reference)]


@pytest.fixture
def made(tmp_path: Path) -> Run:
    cases = tuple(asked())
    summary = Summary(
        started=datetime(2026, 1, 1, tzinfo=UTC), seconds=1, jobs=1,
        files=(str(tmp_path / "made.yaml"),), cases=len(cases),
        right=sum(case.right for case in cases), fingerprint=FINGERPRINT,
        figures=tuple(measure_all(cases)),
    )  # fmt: skip
    return Run(summary=summary, cases=cases)


@pytest.fixture
def page(made: Run) -> str:
    """The page of a run whose second case was right when it was blessed."""
    before = [
        case.model_copy(update={"outcome": Outcome.PASSED}) if case.id == "A-2" else case
        for case in made.cases
    ]
    Baseline.of(made.summary).bless(made.model_copy(update={"cases": tuple(before)}))
    return render(made)


class _Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "action", "data", "srcset") and value:
                self.found.append(value)


def body(page: str, name: str) -> str:
    return page.split(f'class="case" id="{name}"')[1].split("</details>")[0]


def test_every_case_is_there_with_answer_and_gold(page: str, made: Run) -> None:
    for case in made.cases:
        assert case.question in page or case.question == MARKUP
        for finding in case.findings:
            assert finding.code.replace("_", " ") in body(page, case.id)
    right = body(page, "A-1")
    answered, expected = right.split("<h4>Expected</h4>")
    assert "opened in <mark>1901</mark>." in answered
    assert "beside the expected quotes" in answered.split(ARCHES)[1]
    assert re.search(rf"<blockquote>{re.escape(OPENED)}", expected)
    assert '<p class="group good"><code>1901</code>' in expected
    assert '<p class="group bad"><code>1901</code>' in body(page, "A-2")
    assert "No article answers" in body(page, "A-5")
    assert "2 of 5 right" in page
    assert "the corpus" in page


def test_what_was_lost_comes_first_with_both_answers(page: str) -> None:
    assert "regressed: 1 lost" in page
    assert page.index("<b>A-2</b> pass → fail") < page.index('id="kinds"')
    assert re.search(r'class="case" id="([^"]+)"', page).group(1) == "A-2"  # type: ignore[union-attr]


def test_the_page_points_to_nothing_outside_and_runs_no_markup(page: str) -> None:
    parser = _Addresses()
    parser.feed(page)
    assert [found for found in parser.found if not found.startswith(("#", "data:"))] == []
    assert not re.search(r"url\((?!#)|@import", page)
    assert "default-src 'none'" in page
    assert parser.scripts == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_run_without_a_baseline_says_so(made: Run) -> None:
    page = render(made)
    assert "no baseline" in page
    assert "Blessed runs" not in page
    assert 'id="engines"' not in page
    assert "<th>other</th>" in render(made, [_of_another_engine(made)])


def _of_another_engine(made: Run) -> Run:
    fingerprint = made.summary.fingerprint.model_copy(update={"engine": "other"})
    return made.model_copy(
        update={"summary": made.summary.model_copy(update={"fingerprint": fingerprint})}
    )


def test_the_confusion_counts_every_case_once(made: Run) -> None:
    assert {row.expected: row.counts for row in confusion(made.cases)} == {
        "Answer": (1, 1, 1, 1),
        "Refuse": (0, 0, 1, 0),
    }


@pytest.mark.browser
def test_the_page_works_in_a_browser(page: str, tmp_path: Path) -> None:
    program = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if program is None:
        pytest.skip("no browser: install chromium")
    path = tmp_path / "report.html"
    path.write_text(page, "utf-8")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        opened = browser.new_page(viewport={"width": 390, "height": 800})
        asked: list[str] = []
        problems: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.on("console", lambda message: problems.append(message.text))
        opened.goto(path.as_uri())
        assert opened.evaluate("document.documentElement.scrollWidth") <= 390
        opened.select_option("select[name=outcome]", "failed")
        assert opened.locator(".case:visible").count() == 2
        assert opened.inner_text("#shown") == "2 of 5"
        number = f"A-1-{statement(OPENED).citations[0].number}"
        opened.goto(f"{path.as_uri()}#{number}")
        assert opened.locator(f"[id='{number}']").is_visible()
        browser.close()
    assert asked
    assert all(address.startswith(path.as_uri()) for address in asked)
    assert problems == []
