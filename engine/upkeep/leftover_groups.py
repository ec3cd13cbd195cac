"""Groups of what can go, each under the locks of those who may be using it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from engine.config import Settings
from engine.connections.home import is_locked
from engine.graph import integrity, list_removal, load_undo, stored_generations
from engine.publishing import generations as published
from engine.store.experiment_registry import generations_of
from engine.upkeep import leftovers
from engine.upkeep.findings import Finding, ok, warning
from engine.upkeep.leftovers import Leftover
from engine.upkeep.open_stores import OpenStores, Store


@dataclass(frozen=True)
class LeftoverGroup:
    """Leftovers that are looked for, and removed, under the same locks.

    Attributes:
        locks: Files of the home.
        busy: Who holds them, where somebody does.
        finders: Each with what it needs beside the home.
    """

    locks: tuple[str, ...]
    busy: str
    finders: tuple[tuple[set[Store], Callable[[OpenStores], Iterable[Leftover]]], ...]


def old_generations(stores: OpenStores) -> Iterator[Leftover]:
    """Yield generations that are kept no longer, and those that interrupted publishes left."""
    known = stores.generations
    needed = {one.number for one in known if published.in_progress(one)}
    if "rows" in stores.there:
        needed |= generations_of(stores.registry.experiments)
    keep = stores.settings.keep_generations
    state = {one.number: one.state for one in known}
    home = stores.graph.target.home
    for number in stored_generations.leftovers(known, keep, needed, home):
        why = f"it is {state[number]}, and {keep} are kept"
        yield Leftover("generation", f"generation {number}", why, number=number)


def data_of_no_generation(stores: OpenStores) -> Iterator[Leftover]:
    """Yield numbers of which vectors, edges or indexes are left without a generation."""
    # Before the generations: the node of a new one comes before its vectors.
    data = integrity.generations_with_data(stores.graph)
    known = {one.number for one in stored_generations.generations(stores.graph)}
    for number in sorted(data - known):
        why = "its vectors or indexes are there without it"
        yield Leftover("vectors", f"generation {number}", why, number=number)


def old_events(stores: OpenStores) -> Iterator[Leftover]:
    """Yield events past their limit, as one thing; those without a time have no age."""
    oldest = stores.settings.oldest_event()
    if oldest is None:
        return
    events, users = load_undo.count_before(stores.graph, oldest)
    if events:
        why = f"they are older than {stores.settings.event_days:g} days"
        yield Leftover("events", f"{events:,} events of {users:,} users", why, number=oldest)


def old_lists(stores: OpenStores) -> Iterator[Leftover]:
    """Yield remembered lists past their limit, as one thing."""
    oldest = stores.settings.oldest_list()
    if lists := list_removal.count_before(stores.graph, oldest):
        why = f"they are older than {stores.settings.list_days:g} days; sums of them are kept"
        yield Leftover("lists", f"{lists:,} lists", why, number=oldest)


_EVENTS = LeftoverGroup(
    ("ingest.lock", "retrain.lock", "publish.lock"),
    "a load, a night or a publish",
    (({"graph"}, old_events),),
)
_GROUPS = (
    LeftoverGroup(("ingest.lock",), "a load", ((set(), leftovers.of_loads),)),
    LeftoverGroup((), "", (({"graph"}, old_lists),)),
    LeftoverGroup(
        (),
        "",
        (
            (set(), leftovers.of_writes),
            (set(), leftovers.quarantine),
            (set(), leftovers.cached_results),
            (set(), leftovers.server_logs),
        ),
    ),
    LeftoverGroup(
        ("retrain.lock", "publish.lock"),
        "a night or a publish",
        (
            ({"rows"}, leftovers.nights),
            ({"rows"}, leftovers.unfinished),
            ({"graph", "rows"}, leftovers.checkpoints),
            ({"graph", "rows"}, old_generations),
            ({"graph"}, data_of_no_generation),
        ),
    ),
)


def groups(settings: Settings) -> tuple[LeftoverGroup, ...]:
    """Return what is looked for: events too where the settings limit their age."""
    return _GROUPS if settings.event_days is None else (_EVENTS, *_GROUPS)


def found_in(group: LeftoverGroup, stores: OpenStores) -> list[Leftover]:
    """Return what of a group can go, as far as the stores that it needs answer."""
    there = stores.there
    return [one for needs, finder in group.finders if needs <= there for one in finder(stores)]


def summary(stores: OpenStores) -> Iterator[Finding]:
    """Say how much of what is on disk can go."""
    files = [
        one
        for group in groups(stores.settings)
        if not any(is_locked(stores.settings.home, name) for name in group.locks)
        for one in found_in(replace(group, finders=_of_files(group)), stores)
    ]
    home = str(stores.settings.home)
    if files:
        size = sum(one.size for one in files) / (1 << 20)
        kinds = ", ".join(sorted({one.kind for one in files}))
        value = f"{len(files)} things of {size:.1f} MiB can go ({kinds})"
        yield warning("old files", home, value, "engine tidy")
    else:
        yield ok("old files", home, "nothing is past its limit")


def _of_files(
    group: LeftoverGroup,
) -> tuple[tuple[set[Store], Callable[[OpenStores], Iterable[Leftover]]], ...]:
    """Return the finders of files: what the graph holds has a check of its own."""
    of_graph = (old_events, old_lists, old_generations, data_of_no_generation)
    return tuple(pair for pair in group.finders if pair[1] not in of_graph)
