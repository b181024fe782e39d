"""A run for continuous integration, as JUnit XML."""

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from evals.compare import Change, Comparison
from evals.errors import CannotRunError
from evals.run import Case


def write_junit(cases: Sequence[Case], comparison: Comparison, path: Path) -> None:
    """Write one test case a fact. Failures are what the gate fails for; what was wrong before too
    is skipped, so that a held gate is green.
    """  # noqa: D205
    lost = {change.before.id: change for change in comparison.failed}
    suite = ElementTree.Element(
        "testsuite",
        name="ibid eval",
        tests=str(len(cases) + len(comparison.missing) + len(comparison.fallen)),
        failures=str(len(lost) + len(comparison.fallen)),
        skipped=str(sum(not case.right and case.id not in lost for case in cases)),
    )
    for case in cases:
        _add(suite, case, lost.get(case.id))
    for name in comparison.missing:
        _fail(suite, "missing", name, "the case is missing from the run")
    for before, now in comparison.fallen:
        _fail(suite, "figures", now.name, f"it was {before.value}, and is {now.value}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise CannotRunError(f"{path} cannot be written ({error.strerror}).") from None


def _fail(suite: ElementTree.Element, group: str, name: str, message: str) -> None:
    element = ElementTree.SubElement(suite, "testcase", classname=group, name=name)
    ElementTree.SubElement(element, "failure", message=message)


def _add(suite: ElementTree.Element, case: Case, lost: Change | None) -> None:
    seconds = f"{(case.milliseconds or 0) / 1000:.3f}"
    element = ElementTree.SubElement(
        suite, "testcase", classname=f"{case.file}.{case.kind}", name=case.id, time=seconds
    )
    reasons = "; ".join(f"{finding.code}: {finding.text}" for finding in case.findings)
    if lost is not None:
        failure = ElementTree.SubElement(element, "failure", message=reasons)
        failure.text = f"{case.question}\n\nBefore\n{lost.before.text}\n\nNow\n{case.text}"
    elif not case.right:
        ElementTree.SubElement(element, "skipped", message=f"not a regression: {reasons}")
