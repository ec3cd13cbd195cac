"""``engine compare``."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli import render
from engine.cli.name_value import pairs, split_names
from engine.cli.protocol_options import judging, metrics_shown, protocol_options
from engine.cli.read_options import taken

if TYPE_CHECKING:
    from engine.api import Engine
    from engine.api.results import CompareReport, MethodStanding


@click.command(
    help="Train models and judge all of them by one protocol: quality with intervals, "
    "difference from the best plain method, coverage, novelty, popularity bias, cold users and "
    "items, time and memory, with and without seen items. Writes one HTML file that needs no "
    "network. popular, recent-popular, buy-again, p-top, gp-top, user-knn and no-vectors blend "
    "(popularity, recency and repeats weighed as a model's blend weighs them) always stand in the "
    "table; the first line says when a plain method wins. Models that can be published stand there "
    "as they are and by the blend they are served by.\n\n"
    "A protocol with several cuts trains every model at each of them; its intervals are over users "
    "and over cuts.\n\n"
    "Finished models are kept: the same command, stopped or not, trains none of them again.",
    epilog="Example: engine compare --models lightgcn,ease,item-knn --set epochs=20 "
    "--data events.csv --out report.html\n\n"
    "Example: engine compare --models item-knn --protocol window --window-days 7 --cuts 4\n\n"
    "Example: engine compare --models item-knn --protocol next-basket --data events.parquet",
)
@click.option(
    "--models",
    default="lightgcn,item-knn",
    show_default=True,
    metavar="NAME,NAME,…",
    help="Trained and plain methods: engine models.",
)
@click.option(
    "--set",
    "settings_given",
    multiple=True,
    metavar="[MODEL.]NAME=VALUE",
    help="Change a setting of every model that has it, or of one; repeatable.",
)
@protocol_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("report.html"),
    show_default=True,
    help="The HTML file.",
)
@click.option("--report/--no-report", default=True, help="Write that file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    engine: "Engine",
    /,
    models: str,
    settings_given: tuple[str, ...],
    out: Path | None,
    report: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Compare models and write the report."""
    out = out if report else None
    found = engine.compare(
        split_names(models),
        given["data"],
        settings=pairs(settings_given, "--set", "epochs=20"),
        out=out,
        command=shlex.join(["engine", *sys.argv[1:]]),
        reading=taken(given),
        **judging(given),
    )
    _show(found, out, as_json=as_json)


def _show(found: "CompareReport", out: Path | None, *, as_json: bool) -> None:
    if as_json:
        render.emit_json(found.as_dict() | {"report": out})
        return
    for line in found.lines:
        render.say(line)
    show_rows(found.rows, found.judged, found.data["protocol"])
    for remark in found.remarks:
        render.note(remark)
    if out is not None:
        render.say(f"Report: {out}")


def show_rows(rows: "list[MethodStanding]", judged: str, protocol: str) -> None:
    """Print the standings, best first, a table for each question."""
    for title in dict.fromkeys(one.question for one in sorted(rows, key=lambda one: one.seen)):
        asked = [one for one in rows if one.question == title]
        asked.sort(key=lambda one: -one.means[judged])
        table = [
            {"method": one.name}
            | {column: one.means[name] for name, column in _columns(one, judged, protocol).items()}
            | {"to the best plain": _gap(one, judged)}
            for one in asked
        ]
        if table:
            render.table(table, tuple(table[0]), title)


def _columns(one: "MethodStanding", judged: str, protocol: str) -> dict[str, str]:
    """Return metric to heading."""
    k = int(judged.partition("@")[2])
    names = metrics_shown(protocol, k)
    headings = {name: name for name in [*names, f"coverage@{k}", f"novelty@{k}"]}
    headings |= {f"popularity-lift@{k}": "lift"}
    return {name: heading for name, heading in headings.items() if name in one.means}


def _gap(one: "MethodStanding", judged: str) -> str:
    if not one.gaps:
        return ""
    gap = one.gaps[judged]
    return f"{gap.mean:+.4f} [{gap.low:+.4f}, {gap.high:+.4f}]"
