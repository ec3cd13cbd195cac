"""Remove what can go, each group of it under the locks of those who may be using it."""

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.config import Settings
from engine.connections.home import home_errors, home_lock, is_locked
from engine.data.kind_weights import KindWeights
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.tabular import Tabular
from engine.errors import Busy
from engine.graph import integrity, list_removal, load_undo, stored_generations
from engine.publishing import generations as published
from engine.publishing import item_graphs, needed_generations
from engine.store.graph_client import GraphClient
from engine.store.migration_lock import NightLock
from engine.store.registry import Registry
from engine.upkeep import leftover_groups, leftovers
from engine.upkeep.check import read_registry
from engine.upkeep.leftover_groups import LeftoverGroup
from engine.upkeep.leftovers import Leftover
from engine.upkeep.open_stores import OpenStores


@dataclass(frozen=True)
class TidyReport(Tabular):
    """What went, or would go.

    Attributes:
        removed: All of it.
        skipped: What was not looked at, and why, a sentence each.
        dry_run: Whether nothing was done.
    """

    removed: tuple[Leftover, ...]
    skipped: tuple[str, ...] = ()
    dry_run: bool = False

    @property
    def freed(self) -> int:
        """Bytes on disk."""
        return sum(one.size for one in self.removed)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a dictionary for each."""
        return [one.as_dict() for one in self.removed]

    def remarks_for_reader(self) -> tuple[str, ...]:
        """Say what was not looked at."""
        return self.skipped

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "removed": self.to_dicts(),
            "skipped": list(self.skipped),
            "freed": self.freed,
            "dry_run": self.dry_run,
        }


def plan(settings: Settings, graph: GraphClient | None) -> TidyReport:
    """Return what ``tidy`` would remove now; nothing is changed."""
    stores = OpenStores(settings, graph, read_registry(settings)[0])
    found: list[Leftover] = []
    skipped = _unknown(stores)
    for group in leftover_groups.groups(settings):
        if any(is_locked(settings.home, name) for name in group.locks):
            skipped.append(_in_use(group))
        else:
            found += leftover_groups.found_in(group, stores)
    return TidyReport(tuple(found), tuple(skipped), dry_run=True)


def tidy(
    settings: Settings,
    graph: GraphClient | None,
    registry: Registry | None,
    report: StageProgress = no_stage,
) -> TidyReport:
    """Remove what can go; again, it removes what could go since.

    Args:
        settings: Which home, and the limits.
        graph: None where no server answers: what depends on it stays.
        registry: None where it cannot be opened: what depends on it stays.
        report: Called with a kind, how many are done, and how many there are.

    Raises:
        ConfigError: Something of ENGINE_HOME cannot be removed.
    """
    removed: list[Leftover] = []
    skipped: list[str] = []
    if graph is not None and registry is not None:
        needed_generations.note(graph, registry)
    for group in leftover_groups.groups(settings):
        try:
            with ExitStack() as held:
                for name in group.locks:
                    held.enter_context(home_lock(settings, name, Busy(group.busy)))
                # Only now: what was there before the locks were taken may have changed.
                snapshot = None if registry is None else read_registry(settings)[0]
                stores = OpenStores(settings, graph, snapshot)
                found = leftover_groups.found_in(group, stores)
                _remove(found, stores, registry, report)
                removed += found
        except Busy:
            skipped.append(_in_use(group))
    return TidyReport(tuple(removed), tuple([*_unknown(stores), *skipped]))


def _remove(
    found: list[Leftover], stores: OpenStores, registry: Registry | None, report: StageProgress
) -> None:
    settings = stores.settings
    for done, one in enumerate(found):
        report(f"removing {one.kind}", done, len(found))
        if one.path is not None:
            with home_errors(settings.home):
                leftovers.remove_file(one.path)
        elif one.kind == "events" and one.number is not None:
            _remove_events(stores.graph, one.number, settings.event_weights, report)
        elif one.kind == "lists" and one.number is not None:
            list_removal.remove_before(stores.graph, one.number, partial(report, "removing lists"))
        elif one.kind == "vectors" and one.number is not None:
            stored_generations.remove(stores.graph, one.number)
            integrity.remove_properties(stores.graph, one.number)
    nights = [one.number for one in found if one.path is None and one.kind == "night"]
    if registry is not None and nights:
        registry.nights.remove([number for number in nights if number is not None])
    if registry is not None and any(one.kind == "generation" for one in found):
        published.remove_old(stores.graph, registry, settings.keep_generations, report)


def _remove_events(
    graph: GraphClient, before: int, kinds: KindWeights, report: StageProgress
) -> None:
    """Take out events, and count what was counted from them again."""
    with NightLock(graph, wait_seconds=0):  # a night of another home reads this graph too
        load_undo.remove_before(graph, before)
        item_graphs.rebuild(graph, item_graphs.COUNTED, kinds, report)


def _in_use(group: LeftoverGroup) -> str:
    return f"What {group.busy} uses was left alone: one is at work."


def _unknown(stores: OpenStores) -> list[str]:
    there = stores.there
    found = []
    if "graph" not in there:
        found.append("No Neo4j server answers: generations and checkpoints were left alone.")
    if "rows" not in there:
        found.append("The registry cannot be read: nights and checkpoints were left alone.")
    return found
