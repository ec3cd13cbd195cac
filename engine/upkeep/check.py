"""Look at everything: graph, registry, home. Nothing is changed, started or waited for.

A check is a function of stores that are open and yields what it found. One that fails is a finding
itself, and the others go on.
"""

from collections.abc import Callable, Iterable

from engine.config import Settings
from engine.errors import EngineError
from engine.graph import stored_generations
from engine.store import registry_snapshot
from engine.store.graph_client import GraphClient
from engine.store.registry_snapshot import RegistrySnapshot
from engine.upkeep import (
    attribute_checks,
    generation_checks,
    home_checks,
    leftover_groups,
    list_checks,
    registry_checks,
    schema_checks,
)
from engine.upkeep.findings import CheckReport, Finding, fault
from engine.upkeep.open_stores import OpenStores, Store
from engine.upkeep.reach import reached

Check = Callable[[OpenStores], Iterable[Finding]]


def _versions(stores: OpenStores) -> Iterable[Finding]:
    server = stores.graph.server
    yield schema_checks.server_version(server.version, server.edition, server.gds)


def _experiments(stores: OpenStores) -> Iterable[Finding]:
    there = {one.number for one in stores.complete} if "graph" in stores.there else None
    return registry_checks.experiments(stores.registry, stores.now, there)


# Name -> what a check needs beside the home, and the check.
CHECKS: dict[str, tuple[set[Store], Check]] = {
    "versions": ({"graph"}, _versions),
    "graph schema": ({"graph"}, lambda stores: schema_checks.schema(stores.graph)),
    "constraints": ({"graph"}, lambda stores: schema_checks.constraints(stores.graph)),
    "pointer": ({"graph"}, lambda stores: schema_checks.pointer(stores.graph)),
    "vector indexes": (
        {"graph"},
        lambda stores: schema_checks.vector_indexes(stores.graph, stores.complete),
    ),
    "vectors": (
        {"graph"},
        lambda stores: generation_checks.vectors(stores.graph, stores.complete),
    ),
    "attributes": ({"graph"}, lambda stores: attribute_checks.attributes(stores.graph)),
    "leftovers": (
        {"graph"},
        lambda stores: generation_checks.leftovers(stores.graph, stores.generations),
    ),
    "locks": ({"graph"}, lambda stores: schema_checks.locks(stores.graph)),
    "clock": ({"graph"}, lambda stores: schema_checks.clock(stores.graph)),
    "registry schema": (
        {"registry"},
        lambda stores: registry_checks.registry_schema_state(stores.registry),
    ),
    "registry": (
        {"registry"},
        lambda stores: registry_checks.lost_keys(stores.settings, stores.registry),
    ),
    "agreement": (
        {"graph", "rows"},
        lambda stores: generation_checks.agreement(stores.generations, stores.registry),
    ),
    "checkpoints": ({"graph", "rows"}, generation_checks.checkpoints),
    "nights": ({"rows"}, lambda stores: registry_checks.nights(stores.registry)),
    "experiments": ({"rows"}, _experiments),
    "lists": ({"graph"}, list_checks.lists),
    "home": (set(), lambda stores: home_checks.home(stores.settings.home)),
    "permissions": (set(), lambda stores: home_checks.permissions(stores.settings.home)),
    "disk": (set(), lambda stores: home_checks.disk(stores.settings.home)),
    "old files": (set(), leftover_groups.summary),
}


def check(settings: Settings) -> CheckReport:
    """Look at everything that the settings name."""
    with reached(settings) as (graph, findings):
        registry, of_registry = read_registry(settings)
        stores = OpenStores(settings, graph, registry)
        found = [*findings, *of_registry]
        not_checked = []
        for name, (needs, one) in CHECKS.items():
            if needs <= stores.there:
                found += carried_out(name, one, stores)
            else:
                not_checked.append(name)
    return CheckReport(tuple(found), tuple(not_checked))


def carried_out(name: str, one: Check, stores: OpenStores) -> list[Finding]:
    """Return what a check found; that it failed is a finding too."""
    try:
        return list(one(stores))
    except EngineError as error:
        return [fault(name, "this check", f"it failed: {error.message}", error.hint)]
    except OSError as error:
        value = f"it failed: {error.filename}: {error.strerror}"
        return [fault(name, "this check", value, "correct the permissions of ENGINE_HOME")]


def read_registry(settings: Settings) -> tuple[RegistrySnapshot | None, list[Finding]]:
    """Return the registry as it is, None where it cannot be read, and why."""
    try:
        return registry_snapshot.read(settings.registry), []
    except EngineError as error:
        return None, [fault("registry schema", "registry", error.message, error.hint)]


def serving_faults(graph: GraphClient) -> list[Finding]:
    """Return what keeps a graph from giving its best answers: only what costs milliseconds."""
    known = [one for one in stored_generations.generations(graph) if one.serving]
    found = [
        *schema_checks.constraints(graph),
        *schema_checks.pointer(graph),
        *schema_checks.vector_indexes(graph, known),
    ]
    return [one for one in found if one.state == "fault"]
