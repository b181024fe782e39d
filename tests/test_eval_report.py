"""The report: one file that shows every case and asks for nothing from outside."""

import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from evals.baseline import Blessed
from evals.compare import Held, held
from evals.evaluate import evaluate
from evals.facts import Expectation
from evals.report import confusion, render
from evals.run import Case, Outcome
from evals.saved import Run
from rag.build import Ibid
from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def run(ibid: Ibid, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A third of the known facts, and one question that holds markup."""
    source = (REPOSITORY / "evals/facts/belarus.yaml").read_text("utf-8")
    items = re.split(r"(?m)^(?=- id: )", source)[1:]
    chosen = [item for number, item in enumerate(items) if number % 3 == 0]
    markup = "<script>alert(1)</script>"
    chosen[0] = re.sub("question: .*", f"question: '{markup} Unity Day agreement?'", chosen[0])
    path = tmp_path_factory.mktemp("report") / "some.yaml"
    path.write_text("".join(chosen), "utf-8")
    return evaluate(ibid, [path])


def blessed(run: Run, day: int) -> Blessed:
    return Blessed(
        blessed=datetime(2026, 1, day, tzinfo=UTC),
        cases=run.summary.cases,
        right=run.summary.right,
        fingerprint=run.summary.fingerprint,
        figures=run.summary.figures,
    )


@pytest.fixture(scope="module")
def baseline(run: Run) -> dict[str, Held]:
    """The run's own marks, but that the first wrong case was right."""
    marks = held(run.cases)
    lost = next(case.id for case in run.cases if not case.right)
    return marks | {lost: marks[lost].model_copy(update={"outcome": Outcome.PASSED})}


@pytest.fixture(scope="module")
def page(run: Run, baseline: dict[str, Held]) -> str:
    return render(run, baseline, [blessed(run, 1), blessed(run, 2)])


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


def test_every_case_is_there_with_what_it_needs(page: str, run: Run) -> None:
    for case in run.cases:
        assert f'id="{case.id}"' in page
        for finding in case.findings:
            assert finding.code.replace("_", " ") in page
    assert f"{run.summary.right} of {run.summary.cases} known facts right" in page
    assert run.summary.fingerprint.corpus in page
    assert page.count("<blockquote") >= sum(len(case.expected) for case in run.cases)


def test_what_was_lost_comes_first_with_both_answers(
    page: str, run: Run, baseline: dict[str, Held]
) -> None:
    (lost,) = [c.id for c in run.cases if not c.right and baseline[c.id].outcome == "passed"]
    assert "regressed: 1 lost" in page
    assert page.index(f"<b>{lost}</b> pass → fail") < page.index('class="plots"')
    assert re.search(r'class="case" id="([^"]+)"', page).group(1) == lost  # type: ignore[union-attr]


def test_all_plots_are_drawn(page: str) -> None:
    assert page.count("<svg ") == 6
    for label in (
        "kind of question",
        "Calibration",
        "Risk and coverage",
        "Latency",
        "Retrieval",
        "Blessed runs",
    ):
        assert re.search(f'role="img" aria-label="[^"]*{label}', page), label
    assert not re.search(r"#0[1-6]0[1-6]0[1-6]", page)  # every colour is the page's


def test_the_page_points_to_nothing_outside(page: str) -> None:
    parser = _Addresses()
    parser.feed(page)
    assert [found for found in parser.found if not found.startswith(("#", "data:"))] == []
    assert not re.search(r"url\((?!#)|@import", page)
    assert "default-src 'none'" in page


def test_markup_in_a_question_is_shown_not_run(page: str) -> None:
    parser = _Addresses()
    parser.feed(page)
    assert parser.scripts == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_run_without_a_baseline_says_so(run: Run) -> None:
    page = render(run, {}, [])
    assert "no baseline" in page
    assert "Blessed runs over time" not in page


def test_a_measure_that_the_baseline_does_not_have_is_shown_without_it(
    run: Run, baseline: dict[str, Held]
) -> None:
    old = blessed(run, 1)
    figures = tuple(figure for figure in old.figures if figure.name != "risk_coverage_area")
    page = render(run, baseline, [old.model_copy(update={"figures": figures})])
    row = page.split("<th>risk_coverage_area</th>")[1].split("</tr>")[0]
    assert row.count("<td>") == 4
    assert row.rstrip().endswith("<td></td>")


def test_the_confusion_counts_every_case_once(run: Run) -> None:
    rows = confusion(run.cases)
    assert sum(row.total for row in rows) == run.summary.cases
    refuse = next(row for row in rows if row.expected == "Refuse")
    abstain: Sequence[Case] = [c for c in run.cases if c.expect is Expectation.ABSTAIN]
    assert refuse.counts[2] == sum(case.status == "refused" for case in abstain)
    assert refuse.counts[0] == 0


@pytest.mark.browser
def test_the_page_works_in_a_browser(page: str, run: Run, tmp_path: Path) -> None:
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
        failed = sum(case.outcome is Outcome.FAILED for case in run.cases)
        assert opened.locator(".case:visible").count() == failed
        assert opened.inner_text("#shown") == f"{failed} of {len(run.cases)}"
        right = next(case.id for case in run.cases if case.right and case.statements)
        opened.goto(f"{path.as_uri()}#{right}-1")
        assert opened.locator(f"[id='{right}-1']").is_visible()
        browser.close()
    assert asked
    assert all(address.startswith(path.as_uri()) for address in asked)
    assert problems == []
