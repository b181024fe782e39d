"""The report's plots, as SVG that takes colours and type from the page.

Drawn with matplotlib: its SVG keeps text as text, needs no script to be read or printed, and half
a dozen plots are 100 KB, where plotly would bring 4.5 MB of JavaScript along.
"""

import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from evals.measures.calibration import Forecast, bins
from evals.measures.figure import Figure, proportion
from evals.measures.risk_coverage import Selection, at, curve

INK, FAINT, ACCENT, SECOND, GOOD, BAD = (
    "#010101", "#020202", "#030303", "#040404", "#050505", "#060606",
)  # fmt: skip
_VARIABLES = {
    INK: "currentColor",
    FAINT: "var(--faint)",
    ACCENT: "var(--accent)",
    SECOND: "var(--second)",
    GOOD: "var(--good)",
    BAD: "var(--bad)",
}
_STYLE: Any = {
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
}
_WIDTH = 5.6


def by_kind(now: Sequence[Figure], before: dict[str, Figure]) -> str:
    """Bars: the share right of each kind, with its interval; a mark where the baseline was."""
    canvas, axes = _canvas(0.6 + 0.27 * len(now))
    places = np.arange(len(now))[::-1]
    values = [figure.value or 0 for figure in now]
    axes.barh(places, values, 0.62, color=ACCENT, alpha=0.6)
    for place, figure in zip(places, now, strict=True):
        _whisker(axes, figure, place)
        earlier = before.get(figure.name)
        if earlier is not None and earlier.value is not None:
            axes.plot([earlier.value] * 2, [place - 0.38, place + 0.38], color=SECOND, lw=2)
        right = round((figure.value or 0) * figure.count)
        axes.text(1.04, place, f"{right} of {figure.count}", va="center", ha="left")
    axes.set_yticks(places, [figure.name.split(".")[-1].replace("_", " ") for figure in now])
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    return _svg(canvas, "Share of right answers by kind of question")


def _whisker(axes: Axes, figure: Figure, place: float) -> None:
    if figure.low is not None and figure.high is not None:
        axes.plot([figure.low, figure.high], [place, place], color=INK, lw=1)


def calibration(found: Sequence[Forecast]) -> str:
    """Stated probability of being answerable against its frequency, and who is where."""
    canvas, axes = _canvas(3.1)
    axes.plot([0, 1], [0, 1], color=FAINT, lw=1, ls="--")
    for item in bins(found):
        interval = proportion("bin", item.true, item.size)
        axes.plot(
            [item.probability] * 2, [interval.low or 0, interval.high or 0], color=ACCENT, lw=1
        )
        axes.scatter(item.probability, item.frequency, s=14 + 3 * item.size, color=ACCENT, zorder=3)
        axes.annotate(
            str(item.size), (item.probability, item.frequency), (7, -10), textcoords="offset points"
        )
    for place, colour, wanted in ((1.07, GOOD, True), (-0.07, BAD, False)):
        spread = [item.probability for item in found if item.answerable is wanted]
        axes.plot(spread, [place] * len(spread), "|", color=colour, ms=7, alpha=0.7)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.12, 1.12), xlabel="probability that the articles answer")
    axes.set_ylabel("share that they do answer")
    axes.set_yticks(np.linspace(0, 1, 5))
    _percent(axes)
    return _svg(canvas, "Calibration of the probability that a question can be answered")


def risk_coverage(found: Sequence[Selection], threshold: float) -> str:
    """Share of wrong answers against the share of questions answered; a dot for the threshold."""
    canvas, axes = _canvas(3.1)
    points = curve(found)
    axes.axhline(points[-1].risk, color=FAINT, lw=1, ls="--")
    coverages, risks = [p.coverage for p in points], [p.risk for p in points]
    axes.step([0, *coverages], [risks[0], *risks], where="pre", color=ACCENT, lw=1.5)
    chosen = at(found, threshold)
    if chosen:
        axes.scatter(chosen.coverage, chosen.risk, s=36, color=SECOND, zorder=3)
        axes.annotate(
            f"{chosen.coverage:.0%} answered, {chosen.risk:.0%} of these wrong",
            (chosen.coverage, chosen.risk), (0.97, 0.9), textcoords="axes fraction", ha="right",
            arrowprops={"arrowstyle": "-", "color": FAINT, "shrinkB": 5},
        )  # fmt: skip
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="share of the questions that is answered")
    axes.set_ylabel("share of these that is wrong")
    _percent(axes)
    return _svg(canvas, "Risk and coverage by how sure an answer must be")


def latency(times: Sequence[float], p50: float, p95: float) -> str:
    """Histogram of milliseconds from question to answer."""
    canvas, axes = _canvas(2.5)
    axes.hist(times, bins=min(40, max(8, len(times) // 4)), color=ACCENT, alpha=0.85)
    top = axes.get_ylim()[1]
    for value, name in ((p50, "median"), (p95, "95th percentile")):
        axes.axvline(value, color=SECOND, lw=1.5)
        axes.text(value, top * 1.03, f"{name} {value:,.0f}", ha="center", va="bottom")
    axes.set(xlabel="milliseconds", ylabel="questions", ylim=(0, top))
    return _svg(canvas, "Latency")


def retrieval(figures: dict[str, Figure], depths: Sequence[int]) -> str:
    """Hit rate and recall by how many passages are looked at."""
    canvas, axes = _canvas(3.1)
    places = range(len(depths))
    for name, colour in (("hit", ACCENT), ("recall", SECOND)):
        found = [figures[f"{name}@{depth}"] for depth in depths]
        axes.fill_between(
            places, [f.low or 0 for f in found], [f.high or 0 for f in found],
            color=colour, alpha=0.15, lw=0,
        )  # fmt: skip
        axes.plot(places, [f.value or 0 for f in found], "o-", color=colour, label=name, ms=4)
    axes.set_xticks(list(places), [str(depth) for depth in depths])
    axes.set(xlabel="passages looked at", ylim=(0, 1.02))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend(loc="lower right", frameon=False)
    return _svg(canvas, "Retrieval by depth")


def history(days: Sequence[datetime], figures: Mapping[str, Sequence[Figure | None]]) -> str:
    """Figures over the blessed runs."""
    canvas, axes = _canvas(2.5)
    colours = (ACCENT, SECOND, GOOD, BAD)
    for colour, (name, found) in zip(colours, figures.items(), strict=False):
        known = [(n, f) for n, f in enumerate(found) if f is not None and f.value is not None]
        places = [n for n, _ in known]
        axes.plot(places, [f.value or 0 for _, f in known], "o-", color=colour, ms=4, label=name)
        if name == next(iter(figures)):
            lows, highs = [f.low or 0 for _, f in known], [f.high or 0 for _, f in known]
            axes.fill_between(places, lows, highs, color=colour, alpha=0.15, lw=0)
    shown = np.unique(np.linspace(0, len(days) - 1, min(len(days), 6)).astype(int))
    axes.set_xticks(shown, [days[n].strftime("%d %b %Y") for n in shown])
    axes.set(ylim=(0, 1.03), xlim=(-0.5, len(days) - 0.5))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend(loc="lower center", ncols=2, bbox_to_anchor=(0.5, 1), frameon=False)
    return _svg(canvas, "Blessed runs over time")


def _percent(axes: Axes) -> None:
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))


def _canvas(height: float) -> tuple[Canvas, Axes]:
    with rc_context(_STYLE):
        canvas = Canvas(figsize=(_WIDTH, height), layout="constrained")
        return canvas, canvas.subplots()


def _svg(canvas: Canvas, label: str) -> str:
    """Return the drawing as inline SVG: the page's colours, no ids but those referred to."""
    buffer = io.StringIO()
    canvas.patch.set_visible(False)
    for axes in canvas.axes:
        axes.patch.set_visible(False)
    with rc_context({**_STYLE, "svg.hashsalt": label}):
        canvas.savefig(buffer, format="svg", metadata={"Date": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    used = set(re.findall(r"#([\w-]+)", svg))
    svg = re.sub(r' id="([^"]+)"', lambda m: m.group() if m.group(1) in used else "", svg)
    svg = re.sub(r'<svg [^>]*?(viewBox="[^"]+")[^>]*>', rf'<svg \1 role="img" aria-label="{label}" '
                 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">',
                 svg, count=1)  # fmt: skip
    for sentinel, variable in _VARIABLES.items():
        svg = svg.replace(sentinel, variable)
    return svg
