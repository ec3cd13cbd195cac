"""Checks of the graph's schema, of its server, and of the serving pointer."""

import time
from collections.abc import Iterator

from engine.errors import SchemaMismatch
from engine.graph import census, integrity, vector_index
from engine.graph.embeddings import LABELS
from engine.graph.stored_generations import StoredGeneration
from engine.store import graph_schema
from engine.store.graph_client import GraphClient
from engine.store.migration_lock import MigrationLock, NightLock
from engine.upkeep.findings import Finding, fault, ok, warning

REPAIR = "engine migrate --repair"
MOST_SKEW_SECONDS = 60.0
_HOUR_MS = 3_600_000
_DAY_SECONDS = 86_400.0
_OLDEST = (5, 26)


def schema(graph: GraphClient) -> Iterator[Finding]:
    """Look for migrations that were not applied, were changed, or are newer than this version."""
    try:
        found = graph_schema.status(graph)
    except SchemaMismatch as error:
        yield fault("graph schema", "graph", error.message, error.hint)
        return
    if not found.pending:
        yield ok("graph schema", "graph", f"{found.applied[-1].name} is applied")
    elif not found.applied:
        yield warning(
            "graph schema", "graph", "it is new: no migration is applied", "engine ingest"
        )
    else:
        names = ", ".join(found.pending)
        yield fault("graph schema", "graph", f"not applied: {names}", "engine migrate")


def constraints(graph: GraphClient) -> Iterator[Finding]:
    """Look for constraints and indexes of the schema that are gone or do not answer."""
    states = {one.name: one for one in integrity.indexes(graph)}
    wanted, ranges = graph_schema.made_by_migrations()
    applied = _applied(graph)
    gone = sorted((wanted - integrity.constraints(graph)) | (ranges - states.keys()))
    for name in gone if applied else ():
        kind = "constraint" if name in wanted else "index"
        yield fault("constraints", f"{kind} {name}", "it is missing", REPAIR)
    bad = [states[name] for name in sorted((wanted | ranges) & states.keys())]
    bad = [one for one in bad if not one.online]
    for index in bad:
        failed = index.state == "FAILED"
        remedy = f"DROP INDEX {index.name} on the server, then: {REPAIR}" if failed else "wait"
        state = f"it is {index.state} at {index.percent:.0f} %"
        yield (fault if failed else warning)("constraints", f"index {index.name}", state, remedy)
    if not (gone or bad):
        yield ok("constraints", "graph", f"{len(wanted)} constraints, {len(ranges)} indexes")


def _applied(graph: GraphClient) -> bool:
    """Tell whether the graph has a schema: one that is new has no constraint, and is not broken."""
    try:
        return bool(graph_schema.status(graph).applied)
    except SchemaMismatch:
        return True


def pointer(graph: GraphClient) -> Iterator[Finding]:
    """Look whether one pointer leads to one generation."""
    found = integrity.pointers(graph)
    numbers = [number for one in found for number in one.numbers]
    strange = [one.name for one in found if one.name != "default"]
    if strange:
        value = f"there is a second one, {strange[0]!r}"
        remedy = "on the server, remove every Serving node but the one whose name is default"
        yield fault("pointer", "serving pointer", value, remedy)
    elif len(numbers) > 1:
        leads = ", ".join(str(number) for number in numbers)
        value = f"it leads to the generations {leads}"
        # The newest counts as the one in service, and promoting that again would change nothing.
        yield fault("pointer", "serving pointer", value, f"engine promote {min(numbers)}")
    elif numbers:
        yield ok("pointer", "serving pointer", f"generation {numbers[0]} is in service")
    else:
        remedy = "engine train && engine publish"
        yield warning("pointer", "serving pointer", "nothing is in service", remedy)


def vector_indexes(graph: GraphClient, generations: list[StoredGeneration]) -> Iterator[Finding]:
    """Look whether the indexes of the vectors of each generation that can serve are whole."""
    for one in filter(has_vectors, generations):
        dimension = int(one.settings["dimension"])
        with_index = [
            label for label in LABELS if label != "Entity" or one.settings.get("entity_vectors")
        ]
        faults = [
            found
            for label in with_index
            if (found := vector_index.health(graph, label, one.number, dimension))
        ]
        subject = f"generation {one.number}"
        for value in faults:
            yield fault("vector indexes", subject, value, publish_again(one))
        if not faults:
            yield ok("vector indexes", subject, f"{len(with_index)} indexes are online")


def has_vectors(one: StoredGeneration) -> bool:
    """Tell whether a generation serves by vectors; filters have edges, plain methods neither."""
    settings = one.settings
    return bool(
        settings.get("dimension") and not settings.get("edges") and not settings.get("plain")
    )


def publish_again(one: StoredGeneration) -> str:
    """Return the command that publishes again what a generation was made of."""
    run = one.settings.get("run")
    return "engine publish" if run is None else f"engine publish --run {run}"


def locks(graph: GraphClient) -> Iterator[Finding]:
    """Look for locks in the graph that a process left which is gone."""
    held = False
    for kind, remedy in (
        (MigrationLock, "engine migrate --break-lock"),
        (NightLock, "engine retrain --break-lock"),
    ):
        holder = kind.holder(graph)
        if holder is None:
            continue
        held = True
        subject = f"lock {kind.name}"
        if holder.process.is_dead():
            # The next one takes it over by itself.
            yield warning("locks", subject, f"it was left by the dead {holder.describe()}", remedy)
        elif holder.age_seconds > _DAY_SECONDS:
            yield warning("locks", subject, f"it is held by {holder.describe()}", remedy)
        else:
            yield ok("locks", subject, f"it is held by {holder.describe()}")
    if not held:
        yield ok("locks", "graph", "nobody holds one")


def clock(graph: GraphClient, now: float | None = None) -> Iterator[Finding]:
    """Compare this machine's clock with the server's, and with the newest event.

    Args:
        graph: The graph.
        now: Epoch seconds; this machine's clock.
    """
    here = time.time() if now is None else now
    began = time.monotonic()
    there = integrity.server_milliseconds(graph) / 1_000
    skew = here - there
    asked = time.monotonic() - began
    newest = census.newest_at(graph)
    if abs(skew) > MOST_SKEW_SECONDS + asked:
        way = "ahead of" if skew > 0 else "behind"
        yield fault(
            "clock",
            "this machine",
            f"its clock is {abs(skew):.0f} s {way} that of the Neo4j server",
            "set both clocks by NTP: timedatectl set-ntp true",
        )
    elif newest is not None and newest > here * 1_000 + _HOUR_MS:
        hours = (newest - here * 1_000) / _HOUR_MS
        yield warning(
            "clock",
            "newest event",
            f"it lies {hours:.0f} hours in the future: it counts as the newest until then",
            "engine status",
        )
    else:
        yield ok("clock", "this machine", f"{abs(skew):.1f} s from the clock of the server")


def server_version(version: str, edition: str, gds: str | None) -> Finding:
    """Judge the version of a server; the oldest that is supported is 5.26."""
    subject = f"Neo4j {version} {edition}"
    numbers = tuple(int(part) for part in version.split("-", maxsplit=1)[0].split(".")[:2])
    if numbers < _OLDEST:
        oldest = ".".join(str(part) for part in _OLDEST)
        return fault("versions", subject, f"it is older than {oldest}", "upgrade the server")
    plugin = "without Graph Data Science" if gds is None else f"Graph Data Science {gds}"
    return ok("versions", subject, plugin)
