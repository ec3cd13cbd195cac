"""Checks of remembered lists: they come, they go in time, and events find the list they name."""

from collections.abc import Iterator
from datetime import UTC, datetime

from engine.data.reading.timestamps import CLOCK_SKEW_MS
from engine.graph import integrity, list_removal, outcome_sums
from engine.graph.outcome_sums import ListsOfTime
from engine.upkeep.findings import Finding, ok, warning
from engine.upkeep.open_stores import OpenStores

_NAME, _SUBJECT = "lists", "remembered lists"
_DAY_MS = 86_400_000
_TIDIED_DAYS = 7
"""Who tidies once a week is in time."""
_QUIET_DAYS = 2
_LOOKED_AT_DAYS = 7
_LOST_SHARE, _FEWEST_EVENTS = 0.05, 20


def lists(stores: OpenStores) -> Iterator[Finding]:
    """Look whether lists are remembered as the settings say, removed, and named rightly."""
    there = integrity.remembered(stores.graph)
    found = [*_coming(stores, there.newest), *_overdue(stores), *_lost(stores)]
    yield from found
    if not found:
        yield ok(_NAME, _SUBJECT, f"{there.lists:,} are in the graph" if there.lists else "none is")


def _coming(stores: OpenStores, newest: int | None) -> Iterator[Finding]:
    on = stores.settings.remember_lists
    if newest is None:
        if on:
            value = "there is none, though remember_lists is on"
            yield warning(_NAME, _SUBJECT, value, "engine serve")
    elif newest < _milliseconds(stores) - _QUIET_DAYS * _DAY_MS:
        day = f"{datetime.fromtimestamp(newest / 1_000, UTC):%Y-%m-%d}"
        if on:
            yield warning(_NAME, _SUBJECT, f"the newest is of {day}", "engine serve")
        else:
            value = f"the newest is of {day}, and remember_lists is off: no report goes on"
            yield warning(_NAME, _SUBJECT, value, "remember_lists = true in engine.toml")


def _overdue(stores: OpenStores) -> Iterator[Finding]:
    limit = stores.settings.list_days
    before = _milliseconds(stores) - int((limit + _TIDIED_DAYS) * _DAY_MS)
    if old := list_removal.count_before(stores.graph, before):
        value = f"{old:,} are older than {limit + _TIDIED_DAYS:g} days, the limit is {limit:g}"
        yield warning(_NAME, _SUBJECT, value, "engine tidy")


def _lost(stores: OpenStores) -> Iterator[Finding]:
    """Look how many events of late name a list and count for none."""
    now, days = _milliseconds(stores), _LOOKED_AT_DAYS * _DAY_MS
    kept_from = now - int(stores.settings.list_days * _DAY_MS)
    time = ListsOfTime(now - days, now + CLOCK_SKEW_MS, days, kept_from)
    kinds = outcome_sums.kinds(stores.graph, time)
    by_fault = outcome_sums.attribution(stores.graph, time, kinds)
    events = sum(by_fault.values())
    lost = {fault: number for fault, number in by_fault.items() if fault is not None}
    share = sum(lost.values()) / max(events, 1)
    if share >= _LOST_SHARE and events >= _FEWEST_EVENTS:
        told = ", ".join(f"{number:,} {fault}" for fault, number in lost.items())
        value = f"{share:.0%} of {events:,} count for none: {told}"
        subject = f"events that name a list of the last {_LOOKED_AT_DAYS} days"
        yield warning(_NAME, subject, value, f"engine outcomes --days {_LOOKED_AT_DAYS}")


def _milliseconds(stores: OpenStores) -> int:
    return int(stores.now.timestamp() * 1_000)
