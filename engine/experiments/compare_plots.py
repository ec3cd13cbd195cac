"""Plots of a comparison as SVG to be put into a page."""

import io
import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from engine.evaluation.standings import WHERE, MethodStanding
from engine.experiments.compare import CompareReport

# Colours that people with any colour vision can distinguish (Okabe and Ito 2008).
_COLOURS = {"plain": "#999999", "trained": "#0072B2", "blend": "#D55E00", "lists": "#009E73"}
_STYLE: Any = {
    "svg.hashsalt": "engine",  # the same report gives the same file
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_NOTHING = {"Date": None, "Creator": None, "Format": None, "Type": None}


def quality(rows: Sequence[MethodStanding], judged: str) -> str:
    """Return the methods' quality with its intervals, the best on top."""
    ordered = sorted(rows, key=lambda one: one.means[judged])
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(1.2 + 0.28 * len(ordered))
        for place, one in enumerate(ordered):
            found = one.intervals[judged]
            axes.plot([found.low, found.high], [place, place], color=_COLOURS[one.kind], lw=2)
            axes.plot([found.mean], [place], "o", color=_COLOURS[one.kind])
        axes.set_yticks(range(len(ordered)), [_name(one.name) for one in ordered])
        axes.set_xlabel(f"{judged}, mean and 95 % interval")
        axes.grid(axis="x", alpha=0.3)
        return _svg(figure, f"{judged} of every method")


def popularity(rows: Sequence[MethodStanding], judged: str) -> str:
    """Return quality against how popular what is listed is."""
    lift = f"popularity-lift@{judged.partition('@')[2]}"
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(3.4)
        _points(axes, [(one, one.means[lift], one.means[judged]) for one in rows])
        axes.axvline(0, color="#999999", lw=0.8, zorder=0)
        axes.set_xlabel("popularity lift: 0 as popular as what users had, 1 twice as popular")
        axes.set_ylabel(judged)
        return _svg(figure, "quality against popularity bias")


def costs(report: CompareReport) -> str:
    """Return quality against seconds of fitting, in the last question."""
    seen = report.rows[-1].seen
    rows = [one for one in report.rows if one.seen is seen]
    rows.sort(key=lambda one: -one.means[report.judged])
    with mpl.rc_context(_STYLE):
        figure, axes = _figure(3.4)
        seconds = [max(report.costs[one.name]["seconds"], 1e-3) for one in rows]
        values = [one.means[report.judged] for one in rows]
        _points(axes, list(zip(rows, seconds, values, strict=True)))
        axes.set_xscale("log")
        axes.set_xlabel("seconds of fitting (logarithmic)")
        axes.set_ylabel(f"{report.judged}, {WHERE[seen].lower()}")
        return _svg(figure, "quality against seconds")


def _figure(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7.2, height), layout="constrained")
    return figure, figure.subplots()


def _points(axes: Axes, points: Sequence[tuple[MethodStanding, float, float]]) -> None:
    """Draw numbered points: names beside them would cover each other."""
    for number, (one, x, y) in enumerate(points, start=1):
        label = f"{number}  {_name(one.name)}"
        axes.plot([x], [y], "o", ms=11, color=_COLOURS[one.kind], label=label)
        axes.annotate(str(number), (x, y), ha="center", va="center", color="white", fontsize=7)
    axes.margins(0.1)
    axes.legend(
        loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=8, markerscale=0.6
    )


def _name(name: str) -> str:
    return name.replace("$", r"\$")


def _svg(figure: Figure, title: str) -> str:
    """Return the drawing alone: no prologue, whose addresses a browser would not need."""
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata=_NOTHING)
    text = out.getvalue()
    drawing = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    return drawing.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)
