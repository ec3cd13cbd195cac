"""Generations as a list shows them: those the registry remembers, as the graph has them now."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from engine.graph.stored_generations import StoredGeneration
from engine.publishing.recorded_generations import records_of
from engine.store.registry import Registry
from engine.store.registry_records import Run

_JUDGED = tuple(
    f"{mode}.{what}.ndcg@20" for what in ("blend", "ranked") for mode in ("seen", "unseen")
)


def listed_generations(
    of_graph: Sequence[StoredGeneration], registry: Registry
) -> list[dict[str, Any]]:
    """Return every generation the registry remembers, newest first; the graph says which serves.

    Of a number that another home has given in this graph, the row is that of the graph.

    Args:
        of_graph: The generations that the graph holds.
        registry: Of the home that asks.
    """
    records = registry.generations()
    runs = {run.id: run for run in registry.runs(1_000)}
    stored = {one.number: one for one in of_graph}
    recorded = records_of(of_graph, records)
    strange = stored.keys() - recorded.keys()
    rows = [asdict(record) for record in records if record.number not in strange]
    rows += [unrecorded_row(stored[number]) for number in strange]
    for row in rows:
        one = stored.get(row["number"])
        row["serving"] = one is not None and one.serving
        row["in_graph"] = one is not None and one.state in ("ready", "published")
        row["metrics"] = blend_figures(runs.get(row["run_id"]))
        if row["serving"]:
            row["state"] = "serving"
        elif row["state"] == "serving":
            row["state"] = "retired"
    return sorted(rows, key=lambda row: -int(row["number"]))


def blend_figures(run: Run | None) -> dict[str, float]:
    """Return the figures of the run that a list of generations shows."""
    metrics = {} if run is None else run.metrics
    return {name: value for name in _JUDGED if (value := metrics.get(name)) is not None}


def unrecorded_row(one: StoredGeneration) -> dict[str, Any]:
    """Return a row for a generation published from another home."""
    return {
        "number": one.number,
        "run_id": None,
        "model": one.settings.get("model"),
        "dimension": one.settings.get("dimension"),
        "settings": {},
        "state": "serving" if one.serving else one.state,
        "reason": "published from another home",
        "created_at": None,
        "changed_at": None,
    }
