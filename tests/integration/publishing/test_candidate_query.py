"""The query of candidates tells what counting by hand tells, now and of the past."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.data.rules import Rules
from engine.graph.lists.candidate_query import AskedCandidates, ask_candidates
from engine.ranking.candidate_features import FEATURES, features
from engine.ranking.candidates import SOURCES
from engine.ranking.item_numbers import unpacked
from engine.ranking.ranking_knowledge import RankingKnowledge
from engine.store.graph_client import GraphClient
from engine.training.checkpoint import TrainedModel

from ..sample import NEWEST
from . import ranked_shop
from .conftest import N_USERS
from .ranked_shop import DAY, N_ITEMS, QUIET, Run

THEN = NEWEST - 20 * DAY
ANY = Rules(exclude_seen=False)
LATE = "u1"
"""Whose last event is on an item that came after what is stored."""
USERS = [*(f"u{n}" for n in range(N_USERS)), "nobody"]


@pytest.fixture(scope="module")
def graph(graph_of_file: GraphClient) -> GraphClient:
    """One graph for all tests here."""
    return graph_of_file


@dataclass(frozen=True, eq=False)
class Told:
    """What the graph was told, what was known of it THEN, and the candidates of that moment."""

    trained: TrainedModel
    rows: list[dict[str, Any]]
    events: Interactions
    known: RankingKnowledge
    then: AskedCandidates


@pytest.fixture(scope="module")
def shop(open_shop_of_file: Callable[[int], Any], graph: GraphClient, bare_run: Run) -> Told:
    """A shop whose events, so far, end at THEN; what was known then is stored."""
    shop = open_shop_of_file(N_ITEMS)
    bare_run("MATCH ()-[event:INTERACTED]->() DELETE event")
    rows = ranked_shop.events()
    ranked_shop.load(bare_run, [row for row in rows if (row["at"] or 0) <= THEN])
    shop.publish()
    events, known, _ = ranked_shop.learn(graph, 1, THEN)
    then = ask_candidates(graph, USERS, ANY, 1)
    bare_run("CREATE (:Item {id: 'new'})")
    ranked_shop.load(bare_run, [row for row in rows if (row["at"] or 0) > THEN])
    late = {"user": LATE, "item": "new", "key": -1, "event": "buy", "at": NEWEST, "basket": None}
    ranked_shop.load(bare_run, [late])
    return Told(shop.trained, [*rows, late], events, known, then)


def _sources(asked: AskedCandidates, user: str) -> dict[str, dict[str, float]]:
    """Return what each source names for a user, and how much it speaks for it."""
    mine = np.flatnonzero(asked.table.user == asked.users.index(user))
    return {
        name: {
            asked.ids[n]: float(asked.table.scores[name][n])
            for n in mine
            if not np.isnan(asked.table.scores[name][n])
        }
        for name in SOURCES
    }


def _baskets(rows: list[dict[str, Any]], user: str) -> dict[str, list[dict[str, Any]]]:
    baskets: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["user"] == user:
            day = f"day {(row['at'] or 0) // DAY}"
            baskets.setdefault(row["basket"] or day, []).append(row)
    return baskets


def _last(rows: list[dict[str, Any]], user: str) -> set[str]:
    """Return the items of a user's last basket."""
    baskets = _baskets(rows, user)
    if not baskets:
        return set()
    newest = max(baskets, key=lambda name: (max(row["at"] or 0 for row in baskets[name]), name))
    return {row["item"] for row in baskets[newest]}


@pytest.mark.parametrize("as_of", [None, THEN])
def test_candidates_are_what_counting_by_hand_gives(
    shop: Told, graph: GraphClient, as_of: int | None
) -> None:
    asked = ask_candidates(graph, USERS, ANY, 1, as_of)
    pulled, known = shop.events, shop.known
    rows = [row for row in shop.rows if as_of is None or (row["at"] or 0) <= as_of]
    assert asked.table.as_of == (NEWEST if as_of is None else as_of)
    assert asked.users == tuple(USERS)
    assert asked.known == tuple(user != "nobody" for user in USERS)
    ids, items = pulled.items.ids, shop.trained.item_vectors
    items = items / np.linalg.norm(items, axis=1, keepdims=True)
    for user in USERS:
        found = _sources(asked, user)
        assert found["own"] == Counter(row["item"] for row in rows if row["user"] == user)
        assert found["popular"] == {ids[n]: -place for place, n in enumerate(known.popular)}
        for name, lists, most in (
            ("together", known.together, 40),
            ("next", known.following, 30),
        ):
            last = [n for n in map(_place(ids), _last(rows, user)) if n is not None]
            votes = Counter(ids[n] for item in last for n in lists[item])
            best = sorted(votes, key=lambda id_: (-votes[id_], id_))[:most]
            assert found[name] == {id_: votes[id_] for id_ in best}
        assert found["together"] or user in (QUIET, "nobody", LATE)
        if user == "nobody":
            assert not found["people"]
            assert not found["near"]
            continue
        row = pulled.users.ids.index(user)
        people = {
            ids[n]: count
            for n, count in zip(known.people[row], known.people_counts[row], strict=True)
        }
        assert found["people"] == pytest.approx(people)
        own = shop.trained.user_vectors[shop.trained.users.ids.index(user)]
        cosine = dict(zip(shop.trained.items.ids, items @ (own / np.linalg.norm(own)), strict=True))
        near = found["near"]
        assert near == pytest.approx({id_: cosine[id_] for id_ in near}, abs=0.02)
        exact = sorted(cosine, key=lambda id_: -cosine[id_])[:50]
        assert len(near) == 50
        assert len(near.keys() & set(exact)) >= 47


def test_own_items_that_are_taken_least_are_counted_and_are_no_candidates(
    shop: Told, graph: GraphClient
) -> None:
    whole, few = (ask_candidates(graph, USERS, ANY, 1, None, most) for most in (150, 3))
    for user in USERS:
        weights: Counter[str] = Counter()
        for row in (row for row in shop.rows if row["user"] == user):
            weights[row["item"]] += 2.0 ** (((row["at"] or 0) - NEWEST) / (120 * DAY))  # type: ignore[assignment]
        best = sorted(weights, key=lambda id_: (-weights[id_], id_))[:3]
        sources = _sources(few, user)
        named = {id_ for name in SOURCES if name not in ("own", "people") for id_ in sources[name]}
        assert set(best) <= sources["own"].keys() <= {*best, *named, *sources["people"]}
    # What is no candidate counts all the same, in all that is about groups and about the user.
    rows = {(few.table.user[n], few.ids[n]): row for n, row in enumerate(features(few.table))}
    for n, row in enumerate(features(whole.table)):
        if (key := (whole.table.user[n], whole.ids[n])) in rows:
            same = [not name.endswith("_rank") for name in FEATURES]
            np.testing.assert_array_equal(rows[key][same], row[same])
    every = Rules(exclude_seen=True)
    for user, mine in zip(
        USERS, _shown(ask_candidates(graph, USERS, every, 1, None, 3)), strict=True
    ):
        assert not mine & {row["item"] for row in shop.rows if row["user"] == user}


def _shown(asked: AskedCandidates) -> list[set[str]]:
    found: list[set[str]] = [set() for _ in asked.users]
    for user, id_, may in zip(asked.table.user, asked.ids, asked.shown, strict=True):
        if may:
            found[user].add(id_)
    return found


def test_events_come_with_their_times_and_baskets(shop: Told, graph: GraphClient) -> None:
    asked = ask_candidates(graph, USERS, ANY, 1)
    own, node = asked.table.own, _id_of_row(asked)
    # Numbered by name: in what order a store has them is no order of baskets of one time.
    names = sorted({name for user in USERS for name in _baskets(shop.rows, user)})
    for number, user in enumerate(USERS):
        mine = own.user == number
        found: dict[int, list[tuple[str, int]]] = {}
        for item, at, basket in zip(own.item[mine], own.at[mine], own.basket[mine], strict=True):
            found.setdefault(int(basket), []).append((node[item], int(at)))
        expected = {
            names.index(name): sorted((row["item"], row["at"] or 0) for row in basket)
            for name, basket in _baskets(shop.rows, user).items()
        }
        assert {number: sorted(basket) for number, basket in found.items()} == expected


def test_numbers_of_items_are_those_that_are_stored(shop: Told, graph: GraphClient) -> None:
    asked = ask_candidates(graph, USERS, ANY, 1)
    pulled, known = shop.events, shop.known
    statistics, groups = unpacked(known.numbers)
    names = _id_of_row(asked)
    for row in range(len(asked.nodes)):
        place = _place(pulled.items.ids)(names[row])
        if place is None:  # it came after the numbers were stored
            assert np.isnan(asked.table.statistics[row, -1])
            assert not asked.table.statistics[row, :-1].any()
            assert (asked.table.groups[row] == -1).all()
        else:
            np.testing.assert_array_equal(asked.table.statistics[row], statistics[place])
            np.testing.assert_array_equal(asked.table.groups[row], groups[place])


def test_rows_of_the_past_are_those_that_were_made_when_it_was_the_present(
    shop: Told, graph: GraphClient
) -> None:
    then, now = shop.then, ask_candidates(graph, USERS, ANY, 1, as_of=THEN)
    assert (then.users, then.ids) == (now.users, now.ids)
    assert then.table.as_of == now.table.as_of == THEN
    np.testing.assert_array_equal(then.table.user, now.table.user)
    np.testing.assert_array_equal(features(then.table), features(now.table))
    later = ask_candidates(graph, USERS, ANY, 1)
    assert "new" in later.ids
    assert "new" not in now.ids
    assert len(later.table.own.user) > len(now.table.own.user)


def test_rules_change_what_is_shown_and_not_what_speaks_for_it(
    shop: Told, graph: GraphClient
) -> None:
    every = ask_candidates(graph, ["u3", "u4"], ANY, 1)
    some = ask_candidates(graph, ["u3", "u4"], Rules(filters={"kind": ["rare"]}), 1)
    assert shop.rows
    assert every.ids == some.ids
    assert every.shown.all()
    assert not some.shown.all()
    np.testing.assert_array_equal(features(every.table), features(some.table))


def test_another_generation_than_the_one_in_service_gives_no_row(
    shop: Told, graph: GraphClient, bare_run: Run
) -> None:
    assert shop.rows
    bare_run("MATCH (:Serving)-[uses:USES]->(g) DELETE uses")
    try:
        assert ask_candidates(graph, ["u3"], ANY, 1).users == ()
        assert ask_candidates(graph, ["u3"], ANY, 1, as_of=THEN).users == ("u3",)
    finally:
        bare_run(
            "MATCH (s:Serving {name: 'default'}) MATCH (g:Generation {number: 1}) "
            "CREATE (s)-[:USES]->(g)"
        )


def _place(ids: Any) -> Callable[[str], int | None]:
    places = {id_: place for place, id_ in enumerate(ids)}
    return places.get


def _id_of_row(asked: AskedCandidates) -> dict[int, str]:
    return dict(zip(asked.table.item.tolist(), asked.ids, strict=True))


def test_events_of_a_kind_that_weighs_nothing_are_no_own_items_and_stay_seen(
    shop: Told, graph: GraphClient, bare_run: Run
) -> None:
    user = USERS[0]
    before = ask_candidates(graph, [user], ANY, 1)
    own, candidates = _sources(before, user)["own"], before.ids
    item = next(id_ for id_ in candidates if id_ not in own)
    row = {"user": user, "item": item, "key": -2, "event": "return", "at": NEWEST, "basket": None}
    ranked_shop.load(bare_run, [row])
    bare_run("MATCH (g:Generation {number: 1}) SET g.kinds = ['return'], g.kind_weights = [0.0]")
    try:
        after = ask_candidates(graph, [user], ANY, 1)
        assert _sources(after, user)["own"] == own
        unseen = ask_candidates(graph, [user], Rules(exclude_seen=True), 1)
        shown = dict(zip(unseen.ids, unseen.shown.tolist(), strict=True))
        assert not shown[item]
        assert any(shown.values())
    finally:
        bare_run("MATCH (g:Generation {number: 1}) REMOVE g.kinds, g.kind_weights")
        bare_run("MATCH ()-[event:INTERACTED {key: -2}]->() DELETE event")
