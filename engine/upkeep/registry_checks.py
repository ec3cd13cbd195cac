"""Checks of the registry: its schema, whether its file is whole, the last night, experiments."""

from collections.abc import Collection, Iterator
from datetime import datetime

from engine.config import Settings
from engine.store import registry_schema
from engine.store.key_marker import KeyMarker
from engine.store.registry_snapshot import RegistrySnapshot
from engine.upkeep.findings import Finding, fault, ok, warning


def registry_schema_state(registry: RegistrySnapshot) -> Iterator[Finding]:
    """Look for migrations of the registry that were not applied, or are newer than this version."""
    name, subject = "registry schema", "registry"
    if registry.damage:
        remedy = "end every engine command, then put the registry back from a backup"
        yield fault(name, subject, f"its file is damaged: {registry.damage}", remedy)
    elif registry.current == registry.head:
        yield ok(name, subject, f"migration {registry.current} is applied")
    elif registry.current is None:
        yield warning(name, subject, "there is none yet", "engine ingest")
    elif registry_schema.knows(registry.current):
        value = f"it is at migration {registry.current}, this version needs {registry.head}"
        yield fault(name, subject, value, "engine migrate")
    else:
        error = registry_schema.newer_registry(registry.current)
        yield fault(name, subject, error.message, error.hint)


def lost_keys(settings: Settings, registry: RegistrySnapshot) -> Iterator[Finding]:
    """Look whether a registry vanished in which API keys were made."""
    error = KeyMarker(settings.home, settings.registry).fault_of(registry.current)
    if error is None or registry.damage:
        yield ok("registry", "registry", "it is the one in which API keys were made, if any were")
    else:
        yield fault("registry", "registry", error.message, error.hint)


def nights(registry: RegistrySnapshot) -> Iterator[Finding]:
    """Look how the newest night ended."""
    last = next(iter(registry.nights), None)
    if last is None:
        yield ok("nights", "nights", "there was none")
    elif last.status in ("interrupted", "failed"):
        done = last.steps[-1].name if last.steps else "nothing"
        value = f"it was {last.status} after {done}; the same command goes on there"
        yield warning("nights", f"night {last.id}", value, "engine retrain")
    else:
        yield ok("nights", f"night {last.id}", f"{last.status}: {last.outcome or 'at work'}")


def experiments(
    registry: RegistrySnapshot, now: datetime, there: Collection[int] | None = None
) -> Iterator[Finding]:
    """Look for experiments past the end that was fixed for them, and for generations they lack.

    Args:
        registry: Of the home.
        now: The moment.
        there: The generations that the graph can serve; None where that is not known.
    """
    found = False
    for one in registry.experiments:
        for variant in one.variants:
            if there is None or variant.generation is None or variant.generation in there:
                continue
            found = True
            value = f"generation {variant.generation} of its variant {variant.name} is gone"
            remedy = f"engine experiment stop {one.name}"
            yield fault("experiments", f"experiment {one.name}", value, remedy)
        if (end := one.ends_at) is not None and end < now:
            found = True
            value = f"its {one.days} days were over at {end:%Y-%m-%d %H:%M}, and it runs on"
            remedy = f"engine experiment stop {one.name}"
            yield warning("experiments", f"experiment {one.name}", value, remedy)
    if not found:
        yield ok("experiments", "experiments", f"{len(registry.experiments)} run")
