"""Runs whose checkpoints must stay: what serves, what can be served again, what a night needs."""

from engine.publishing.recorded_generations import records_of
from engine.upkeep.open_stores import OpenStores

_IN_USE = ("serving", "ready", "candidate")


def kept_runs(stores: OpenStores) -> set[int]:
    """Return the ids of runs that no tidying touches.

    Those of the generations in the graph; those that the registry has in service or waiting, and
    of the last ``keep_generations`` that were, so that a graph that was lost, or another one that
    the settings name by mistake, does not take them along; the newest finished run, which
    ``engine publish`` takes; and those of the newest night, which can be continued.
    """
    registry, settings = stores.registry, stores.settings
    made = records_of(stores.generations, registry.generations)
    kept = {row.run_id for row in made.values()}
    kept |= {row.run_id for row in registry.generations if row.state in _IN_USE}
    retired = [row for row in registry.generations if row.state == "retired"]
    retired.sort(key=lambda row: row.changed_at, reverse=True)
    kept |= {row.run_id for row in retired[: settings.keep_generations]}
    finished = [run.id for run in registry.runs if run.status == "finished"]
    kept |= set(finished[:1])
    kept |= {step.result.get("run") for night in registry.nights[:1] for step in night.steps}
    return {int(run) for run in kept if run is not None}
