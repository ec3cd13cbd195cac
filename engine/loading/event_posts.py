"""Write the events of several posts in one transaction, each post whole or not at all.

A post that cannot be written is refused alone: its neighbours' events go in without it. What was
new, known or in conflict is found out in the transaction that writes, so each answer is exact.
"""

from collections import ChainMap, Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl

from engine.connections.forgotten import ForgottenIds
from engine.data.reading import columns
from engine.data.reading.block import Block
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.rejection import Rejection
from engine.errors import (
    AlreadyThere,
    Busy,
    CommitUnknown,
    RegistryError,
    TransientFailure,
    Unreachable,
)
from engine.graph import aliases, event_writes
from engine.loading.event_writer import CONTENT, compare
from engine.loading.load_events import past_limit, validate_block
from engine.store.graph_client import GraphClient

Post = Sequence[Mapping[str, str]]
"""Events of one request, each a map of fields to text, as a row of a file would be."""

_EVERYTHING = ReadOptions()
_TRIES = 20
# What says nothing about the posts: trying them one by one would only cost more.
_OF_THE_SERVER = (
    Busy,
    CommitUnknown,
    RegistryError,
    TransientFailure,
    Unreachable,
)


@dataclass(frozen=True)
class IntakeResult:
    """What became of the events of a post; with ``bad`` or ``conflicts`` none was written.

    Attributes:
        bad: Those that are no events; ``row`` counts from 0.
        conflicts: Those whose event id stands for another event.
        forgotten: Events of users and items that are forgotten; they are written nowhere.
        past_limit: Events that are too old to be kept; they are written nowhere.
    """

    accepted: int = 0
    duplicate: int = 0
    bad: tuple[Rejection, ...] = ()
    conflicts: tuple[Rejection, ...] = ()
    forgotten: int = 0
    past_limit: int = 0


Outcome = IntakeResult | BaseException


def write_posts(
    graph: GraphClient,
    posts: Sequence[Post],
    ingest: int,
    forgotten: ForgottenIds | None = None,
    oldest: int | None = None,
) -> list[Outcome]:
    """Return what became of each post, or the error that it alone ran into.

    What fails is tried again in halves: also where the server found it too much for one
    transaction.

    Args:
        graph: Where to.
        posts: In the order in which they came: of two that clash, the first counts.
        ingest: Number of the load in the registry.
        forgotten: Whose events are left out; None: nobody's.
        oldest: Events from before this moment, epoch ms, are left out; None: none are.

    Raises:
        Unreachable: No server answers; nothing was written, or nobody knows.
        TransientFailure: The server undid the transaction again and again.
        Busy: Others keep writing the same events.
    """
    try:
        return _without_forgotten(graph, posts, ingest, forgotten, oldest)
    except _OF_THE_SERVER:
        raise
    except (Exception, pl.exceptions.PanicException) as error:
        if len(posts) == 1:
            return [error]
        half = len(posts) // 2
        outcomes: list[Outcome] = []
        for part in (posts[:half], posts[half:]):
            try:
                outcomes += write_posts(graph, part, ingest, forgotten, oldest)
            except _OF_THE_SERVER as of_the_server:  # the other half may be written
                outcomes += [of_the_server] * len(part)
        return outcomes


def _without_forgotten(
    graph: GraphClient,
    posts: Sequence[Post],
    ingest: int,
    forgotten: ForgottenIds | None,
    oldest: int | None,
) -> list[Outcome]:
    """Write the posts without the events of those who are forgotten, and count these.

    What is wrong with the others is told by the places that they had in the post as it was sent.
    """
    if not forgotten:
        return list(_write(graph, posts, ingest, oldest))
    sent = [event for post in posts for event in post]
    users = forgotten.among("user", (one.get("user_id") for one in sent))
    items = forgotten.among("item", (one.get("item_id") for one in sent))
    kept = [
        [
            place
            for place, one in enumerate(post)
            if one.get("user_id") not in users and one.get("item_id") not in items
        ]
        for post in posts
    ]
    left = [[post[place] for place in places] for post, places in zip(posts, kept, strict=True)]

    def as_sent(faults: Sequence[Rejection], places: Sequence[int]) -> tuple[Rejection, ...]:
        return tuple(replace(fault, row=places[fault.row]) for fault in faults)

    return [
        replace(
            one,
            bad=as_sent(one.bad, places),
            conflicts=as_sent(one.conflicts, places),
            forgotten=len(post) - len(places),
        )
        for one, post, places in zip(_write(graph, left, ingest, oldest), posts, kept, strict=True)
    ]


def _write(
    graph: GraphClient, posts: Sequence[Post], ingest: int, oldest: int | None
) -> list[IntakeResult]:
    if not any(posts):  # all of them were of people who are forgotten
        return [IntakeResult() for _ in posts]
    events, taken = _judge(posts)
    events = aliases.resolved(graph, events)
    past: dict[int, int] = {}
    if oldest is not None:
        old = past_limit(events, oldest)
        past = Counter(events.filter(old)["post"].to_list())
        events = events.filter(~old)
    if len(events):

        def choose(known: dict[int, tuple[Any, ...]]) -> pl.DataFrame:
            write, decided = decide(events, known)
            taken.update(decided)
            return events.filter(write)

        _write_new(graph, events["key"].to_list(), choose, ingest)
    found = [taken.get(number, IntakeResult()) for number in range(len(posts))]
    return [replace(one, past_limit=past.get(number, 0)) for number, one in enumerate(found)]


def _write_new(
    graph: GraphClient,
    keys: list[int],
    choose: Callable[[dict[int, tuple[Any, ...]]], pl.DataFrame],
    ingest: int,
) -> None:
    for _ in range(_TRIES):
        try:
            event_writes.write_chosen_events(graph, keys, choose, ingest)
            return
        except AlreadyThere:  # somebody else wrote one of them after it was looked for
            continue
    raise Busy(
        "other writers keep writing the same events",
        hint="send the same again: what is there is known",
    )


def _judge(posts: Sequence[Post]) -> tuple[pl.DataFrame, dict[int, IntakeResult]]:
    """Return the events of sound posts, and what the others are refused for.

    The frame is that of ``events.validate`` and the number of each event's ``post``; its ``row``
    counts within the post.
    """
    places = [(number, row) for number, post in enumerate(posts) for row in range(len(post))]
    one = validate_block(_block([event for post in posts for event in post]), _EVERYTHING)
    bad: dict[int, list[Rejection]] = {}
    for fault in sorted(one.bad, key=lambda fault: fault.row):
        number, row = places[fault.row]
        bad.setdefault(number, []).append(replace(fault, row=row))
    placed = [places[row] for row in one.events["row"]]
    events = one.events.with_columns(
        post=pl.Series([number for number, _ in placed], dtype=pl.Int64),
        row=pl.Series([row for _, row in placed], dtype=pl.Int64),
    )
    refused = {number: IntakeResult(bad=tuple(faults)) for number, faults in bad.items()}
    return events.filter(~pl.col("post").is_in(list(bad))), refused


def decide(
    events: pl.DataFrame, known: Mapping[int, tuple[Any, ...]]
) -> tuple[pl.Series, dict[int, IntakeResult]]:
    """Return which events to write, and what becomes of each post.

    Args:
        events: Those of ``events.validate`` with the number of their ``post``, in order.
        known: Key to content of those that are in the graph.
    """
    first: dict[int, tuple[Any, ...]] = dict(known)
    write: list[bool] = []
    taken: dict[int, IntakeResult] = {}
    for number, rows in groupby(events.select("post", *CONTENT).iter_rows(), key=itemgetter(0)):
        tried: ChainMap[int, tuple[Any, ...]] = ChainMap({}, first)
        keep, conflicts = compare((row[1:] for row in rows), tried)
        if conflicts:
            write += [False] * len(keep)
            taken[number] = IntakeResult(conflicts=tuple(conflicts))
        else:
            first.update(tried.maps[0])
            write += keep
            taken[number] = IntakeResult(sum(keep), len(keep) - sum(keep))
    return pl.Series(write, dtype=pl.Boolean), taken


def _block(events: Sequence[Mapping[str, str]]) -> Block:
    fields = [name for name in columns.EVENT_FIELDS if any(name in one for one in events)]
    frame = pl.DataFrame(
        {name: [one.get(name) for one in events] for name in fields},
        dict.fromkeys(fields, pl.String),
    )
    return Block(frame.with_columns(_row=pl.Series(range(len(events)), dtype=pl.Int64)))
