"""Of several posts in one transaction each is taken whole or refused whole, in their order."""

from typing import Any

import polars as pl

from engine.data.reading.rejection import Rejection
from engine.loading.event_posts import IntakeResult, decide

_NAMES = ("post", "row", "key", "user", "item", "event", "at", "weight", "basket")


def _events(*rows: tuple[int, int, int, str]) -> pl.DataFrame:
    """Make events of (post, row, key, item)."""
    full: list[tuple[Any, ...]] = [
        (post, row, key, "u", item, "buy", 1, 1.0, None) for post, row, key, item in rows
    ]
    return pl.DataFrame(full, _NAMES, orient="row", schema_overrides={"basket": pl.String})


def _content(item: str) -> tuple[Any, ...]:
    return ("u", item, "buy", 1, 1.0, None)


def test_what_stands_in_two_posts_is_new_in_the_first() -> None:
    events = _events((0, 0, 1, "a"), (0, 1, 1, "a"), (1, 0, 1, "a"), (1, 1, 2, "b"))
    write, taken = decide(events, {})
    assert write.to_list() == [True, False, False, True]
    assert taken == {0: IntakeResult(1, 1), 1: IntakeResult(1, 1)}


def test_a_post_in_conflict_leaves_nothing_and_hinders_nobody() -> None:
    events = _events(
        (0, 0, 1, "a"),
        (1, 0, 5, "new"),  # good by itself, refused with the post
        (1, 1, 1, "other"),
        (2, 0, 5, "new"),
        (3, 0, 7, "c"),
        (3, 1, 7, "d"),
    )
    write, taken = decide(events, {})
    assert write.to_list() == [True, False, False, True, False, False]
    assert taken[0] == taken[2] == IntakeResult(1, 0)
    assert taken[1] == IntakeResult(conflicts=(Rejection(1, "conflict", "event_id"),))
    assert taken[3] == IntakeResult(conflicts=(Rejection(1, "conflict", "event_id"),))


def test_what_the_graph_has_is_a_duplicate_or_a_conflict() -> None:
    events = _events((0, 0, 1, "a"), (1, 0, 1, "b"))
    write, taken = decide(events, {1: _content("a")})
    assert write.to_list() == [False, False]
    assert taken[0] == IntakeResult(0, 1)
    assert taken[1].conflicts
