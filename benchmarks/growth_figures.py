"""The table and the plot of what ``benchmarks.growth`` kept: how each step grows with the events.

    python -m benchmarks.growth_figures growth.json docs/scale.svg

A step's slope is that between its two largest sizes in logarithms, log(what it takes) by
log(events): 1 is as many times as much for as many times the events, 2 their square; n log n has
1.06 between a million events and ten. Where the smaller of the two takes seconds, most of them
begin the command, and the slope is too small. Processor seconds are those of the engine's process,
of what it started and of the server.
"""

import argparse
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

Record = dict[str, Any]

_MIB, _GIB = 1 << 20, 1 << 30
_COLUMNS = (
    "data",
    "events",
    "step",
    "seconds",
    "processor seconds",
    "engine, peak MiB",
    "server or importer, peak MiB",
    "graph, bytes an event",
)
_GROWTH = (
    "data",
    "step",
    "slope of seconds",
    "slope of processor seconds",
    "engine, bytes for each event more",
)


def work(one: Record) -> float:
    """Return the processor seconds of all processes."""
    return float(one["processor"] + one["child_processor"] + one["server_processor"])


def slope(events: list[int], values: list[float]) -> float:
    """Return the slope between the two largest sizes, in logarithms."""
    if len(events) < 2:
        return math.nan
    return math.log(values[-1] / values[-2]) / math.log(events[-1] / events[-2])


def table(records: list[Record]) -> str:
    """Return a row for each size and step."""
    rows = [_row(_COLUMNS), _row(["---"] * len(_COLUMNS))]
    for one in records:
        beside = one["child_peak"] if one["step"] == "ingest" else one["server_peak"]
        cells = (
            one["shape"],
            f"{one['events']:,}",
            one["step"],
            f"{one['seconds']:,.0f}",
            f"{work(one):,.0f}",
            f"{one['peak'] / _MIB:,.0f}",
            f"{beside / _MIB:,.0f}",
            f"{one['graph_bytes'] / one['events']:,.0f}",
        )
        rows.append(_row(cells))
    return "\n".join(rows)


def by_step(records: list[Record]) -> dict[tuple[str, str], list[Record]]:
    """Return the records of each shape and step by rising number of events."""
    found: dict[tuple[str, str], list[Record]] = {}
    for one in sorted(records, key=lambda one: one["events"]):
        found.setdefault((one["shape"], one["step"]), []).append(one)
    return found


def slopes(records: list[Record]) -> str:
    """Return a row for each step: its slopes, and bytes an event more between the ends."""
    rows = [_row(_GROWTH), _row(["---"] * len(_GROWTH))]
    for (shape, step), some in by_step(records).items():
        events = [one["events"] for one in some]
        wall = slope(events, [one["seconds"] for one in some])
        spent = slope(events, [work(one) for one in some])
        more = "—"
        if len(some) > 1:
            held = some[-1]["peak"] - some[-2]["peak"]
            more = f"{held / (events[-1] - events[-2]):,.0f}"
        rows.append(_row((shape, step, f"{wall:.2f}", f"{spent:.2f}", more)))
    return "\n".join(rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def draw(records: list[Record], path: Path) -> None:
    """Draw processor seconds and peak memory by events, both in logarithms."""
    plt.rcParams["svg.hashsalt"] = "engine"
    figure, (spent, held) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained")
    for (shape, step), some in by_step(records).items():
        if shape != "zipf":
            continue
        events = [one["events"] for one in some]
        seconds = [work(one) for one in some]
        name = f"{step}: slope {slope(events, seconds):.2f}" if len(some) > 1 else step
        spent.loglog(events, seconds, "o-", label=name)
        held.loglog(events, [one["peak"] / _GIB for one in some], "o-")
    spent.set_ylabel("processor seconds")
    held.set_ylabel("peak of the engine's process, GiB")
    for axes in (spent, held):
        axes.set_xlabel("events")
        axes.spines[["top", "right"]].set_visible(False)
    figure.legend(*spent.get_legend_handles_labels(), frameon=False, loc="outside right center")
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Print both tables and draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("records", type=Path)
    parser.add_argument("plot", type=Path)
    given = parser.parse_args()
    records = [one for one in json.loads(given.records.read_text()) if "failed" not in one]
    records.sort(key=lambda one: (one["shape"], one["events"]))
    print(table(records), slopes(records), sep="\n\n")
    draw(records, given.plot)


if __name__ == "__main__":
    main()
