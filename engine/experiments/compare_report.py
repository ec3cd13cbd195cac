"""The report of a comparison as one HTML file that needs nothing else, a network least of all."""

from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from engine import private_files
from engine.errors import UsageError
from engine.evaluation.cold_start import FEW_EVENTS
from engine.evaluation.repeat_explore import PARTS
from engine.evaluation.sample_size import FEWEST_USERS
from engine.evaluation.significance import Difference
from engine.evaluation.standings import WHERE, MethodStanding
from engine.experiments import compare_plots
from engine.experiments.compare import CompareReport
from engine.resources import templates_dir
from engine.version import __version__

_TEMPLATE = "comparison.html.jinja"


def write_report(path: Path, report: CompareReport, command: str) -> None:
    """Write the report in one move: a reader sees the old file or the new one.

    Args:
        path: Where to.
        report: What was found.
        command: What found it, as it was typed.

    Raises:
        UsageError: The place cannot be written.
    """
    try:
        with private_files.replacing(path, "w", private=False) as file:
            file.write(html(report, command))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}",
            hint="give another --out; what is finished is not trained again",
        ) from error


def html(report: CompareReport, command: str) -> str:
    """Return the report as HTML."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates_dir()),
        autoescape=True,
        finalize=_printable,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["interval"] = _interval
    environment.filters["gap"] = _gap
    environment.filters["each_cut"] = _each_cut
    parts = [_part(report, seen) for seen in (False, True)]
    return environment.get_template(_TEMPLATE).render(
        report=report,
        command=command,
        version=__version__,
        few=FEW_EVENTS,
        fewest=FEWEST_USERS,
        longest=report.judged.partition("@")[2],
        parts=[part for part in parts if part["rows"]],
        cost_plot=Markup(compare_plots.costs(report)),  # our own SVG
    )


def _printable(value: object) -> object:
    """Return a value as it is to be printed.

    Raises:
        TypeError: It is a function: the template named a method of a table in place of a key.
    """
    if callable(value) and not hasattr(value, "__html__"):
        raise TypeError(f"{value!r} is no text")
    return value


def _part(report: CompareReport, seen: bool) -> dict[str, Any]:
    """Return what the template shows of one question: best rows first."""
    rows = [one for one in report.rows if one.seen is seen]
    rows.sort(key=lambda one: -one.means[report.judged])
    return {
        "title": WHERE[seen],
        "rows": rows,
        "columns": _basket_columns(rows, report.judged),
        "best_plain": next((one.name for one in rows if not one.gaps), ""),
        "plots": [Markup(one) for one in _plots(rows, report.judged)],
    }


def _basket_columns(rows: list[MethodStanding], judged: str) -> list[str]:
    """Return the metrics that are given of baskets beside all others; none of anything else."""
    k = int(judged.partition("@")[2])
    names = [f"{metric}@{at}" for metric in ("ndcg", "recall") for at in (10,) if at != k]
    names += [f"phr@{at}" for at in sorted({10, k})]
    names += [f"{part}-{metric}@{k}" for part in PARTS for metric in ("recall", "ndcg", "phr")]
    names += [f"repeat-share@{k}"]
    if not rows or f"phr@{k}" not in rows[0].means:
        return []
    return [name for name in names if name in rows[0].means]


def _plots(rows: list[MethodStanding], judged: str) -> list[str]:
    if not rows:
        return []
    return [compare_plots.quality(rows, judged), compare_plots.popularity(rows, judged)]


def _interval(one: Difference | None) -> str:
    return "-" if one is None else f"{one.mean:.4f} [{one.low:.4f}, {one.high:.4f}]"


def _each_cut(one: Difference) -> str:
    return ", ".join(f"{mean:+.4f}" for mean in one.by_cut)


def _gap(one: Difference | None) -> str:
    if one is None:
        return "-"
    interval = f"{one.mean:+.4f} [{one.low:+.4f}, {one.high:+.4f}]"
    if one.users < FEWEST_USERS:
        return interval
    return f"{interval} {'better' if one.better else 'worse' if one.high < 0 else 'level'}"
