"""A filter in service: its lists equal the model's, new events count at once, nothing stays."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from engine.answering.answers import similar
from engine.connections.session import open_registry
from engine.data.interactions import Interactions
from engine.data.rules import Rules
from engine.errors import NotBuilt, NotFound, PublishRefused
from engine.evaluation import ranking
from engine.evaluation.blend import Blend
from engine.evaluation.ranking import RankingTask
from engine.evaluation.served_score import served_by_edges
from engine.graph import stored_filters, stored_generations
from engine.graph.lists import ranked, recommendations
from engine.graph.lists.candidate_query import AskedCandidates, ask_candidates
from engine.graph.lists.evidence import evidence
from engine.graph.lists.question import Question
from engine.graph.pulling import pull
from engine.models import item_filter
from engine.models.encoder import Embeddings
from engine.models.item_filter import FilterConfig
from engine.models.item_knn import ItemKnn, ItemKnnConfig
from engine.publishing.generation_health import why_unservable
from engine.publishing.hidden_generation import hidden_generation
from engine.store.graph_client import GraphClient
from engine.store.pinned_client import PinnedClient
from engine.training import checkpoint
from engine.usecases.generations import promote, rollback

NEVER = 9_000_000_000_000
_KEPT = "MATCH (n) UNWIND keys(n) AS key WITH key WHERE key STARTS WITH 'embedding_g' RETURN key"


@pytest.fixture
def shop(open_shop: Any) -> Any:
    """A shop of 60 items."""
    return open_shop(60)


@pytest.fixture
def publish_filter(shop: Any, graph: GraphClient) -> Callable[..., Any]:
    """Return what publishes item k-NN as a filter."""
    return partial(_publish, shop, graph)


def _publish(
    shop: Any, graph: GraphClient, blend: Blend | None = None, given: Any = None, **settings: Any
) -> Any:
    weights = blend or Blend()
    events = pull.pull_interactions(graph)
    config = ItemKnnConfig(edges=8, **settings)
    found = _edges(events, config) if given is None else given
    nothing = np.zeros((events.n_users, 0), dtype=np.float32)
    return shop.publish(
        user_vectors=nothing,
        item_vectors=np.zeros((events.n_items, 0), dtype=np.float32),
        users=events.users,
        items=events.items,
        edges=found,
        scoring="dot",
        model="item-knn",
        settings=vars(config),
        popularity_weight=weights.popularity_weight,
        again_weight=weights.again_weight,
        half_life_days=weights.half_life_days,
        popular_half_life_days=weights.popular_half_life_days,
    )


@pytest.mark.parametrize(
    ("blend", "settings"),
    [
        (Blend(), {}),
        (Blend(popularity_weight=0.3, again_weight=1.0, half_life_days=45.0), {}),
        (Blend(popularity_weight=0.5, popular_half_life_days=7.0), {"profile_half_life_days": 2.0}),
        (Blend(), {"confidence": "log", "profile_half_life_days": 5.0}),
    ],
)
@pytest.mark.parametrize(("seen", "k"), [(False, 5), (True, 5), (False, 101)])
def test_lists_equal_the_models(
    publish_filter: Any,
    graph: GraphClient,
    blend: Blend,
    settings: dict[str, Any],
    seen: bool,
    k: int,
) -> None:
    assert publish_filter(blend, **settings).edges == 8
    events = pull.pull_interactions(graph)
    score = _score(events, blend, ItemKnnConfig(edges=8, **settings))
    task = ranking.task(events, events, include_seen=True)
    hidden = None if seen else events.csr(binary=True)
    task = RankingTask(task.users, task.relevant, hidden, task.n_items, task.never, task.tie_order)
    best = ranking.top(task, score, min(k, 60))
    users = [events.users.ids[row] for row in task.users]
    answers = ranked.for_users(graph, users, Question(k=k, exclude_seen=not seen))
    for row, rows, answer in zip(task.users, best, answers, strict=True):
        assert answer.basis.served == "edges"
        values = score(np.array([row]))[0]
        worth = np.sort(values[rows[rows >= 0]])[::-1]
        some = worth > 0  # items of score 0 are in no order
        found = [one.score for one in answer.items][: some.sum()]
        np.testing.assert_allclose(found, worth[some][: len(found)], rtol=1e-5, atol=1e-7)
        listed = events.items.positions([one.id for one in answer.items])[: some.sum()]
        np.testing.assert_allclose(values[listed], found, rtol=1e-5, atol=1e-7)


def test_what_a_user_does_counts_at_once(publish_filter: Any, graph: GraphClient, run: Any) -> None:
    publish_filter()
    run("CREATE (:User {id: 'new'})")
    first = recommendations.for_users(graph, ["new"], Question(k=5))[0]
    assert first.basis.served == "no-embedding"
    assert {one.source for one in first.items} == {"popular"}
    run(
        "MATCH (u:User {id: 'new'}), (i:Item {id: 'i3'}) "
        "CREATE (u)-[:INTERACTED {key: -1, event: 'buy', weight: 1.0, batch: 9}]->(i)"
    )
    after = recommendations.for_users(graph, ["new"], Question(k=5))[0]
    events = pull.pull_interactions(graph)
    edges = _edges(events, ItemKnnConfig(edges=8))
    best = events.items.ids[edges[[events.items.positions(["i3"])[0]]].toarray()[0].argmax()]
    assert (after.basis.served, after.items[0].source) == ("edges", "filter")
    assert after.items[0].id == best
    # An item that the filter does not know leads nowhere, and is in nobody's way.
    run(
        "CREATE (i:Item {id: 'brand-new'}) WITH i MATCH (u:User {id: 'new'}) "
        "CREATE (u)-[:INTERACTED {key: -2, event: 'buy', weight: 1.0, batch: 9}]->(i)"
    )
    again = recommendations.for_users(graph, ["new"], Question(k=5))[0]
    assert [one.id for one in again.items] == [one.id for one in after.items]
    # A list of the past knows nothing of what came later.
    run(
        "MATCH (u:User {id: 'new'}), (i:Item {id: $first}) "
        "CREATE (u)-[:INTERACTED {key: -3, event: 'buy', weight: 1.0, batch: 9, at: $at}]->(i)",
        first=best,
        at=NEVER,
    )
    now = recommendations.for_users(graph, ["new"], Question(k=5))[0]
    past = PinnedClient(graph, 1)
    past.until = NEVER - 1
    assert recommendations.for_users(past, ["new"], Question(k=5))[0].items == again.items
    assert now.items != again.items


def test_items_that_an_item_leads_to(shop: Any, publish_filter: Any, graph: GraphClient) -> None:
    shop.publish()
    with pytest.raises(NotBuilt, match="no filter"):
        similar(graph, "i3", Question(k=5), by="filter")
    publish_filter()
    events = pull.pull_interactions(graph)
    row = _edges(events, ItemKnnConfig(edges=8))[[events.items.positions(["i3"])[0]]]
    with pytest.raises(NotFound, match="no vectors to compare items by") as refused:
        recommendations.likes(graph, ["i3"], Question(k=5))
    assert refused.value.hint == "engine similar i3 --by filter"
    without = similar(graph, "i3", Question(k=5))
    assert (without.items, "Try --by filter." in (without.note() or "")) == ((), True)
    assert "Only 0" not in (without.note() or "")
    found = similar(graph, "i3", Question(k=8), by="filter")
    best = sorted(zip(-row.data, row.indices, strict=True))
    assert [one.score for one in found.items] == pytest.approx([-value for value, _ in best])
    assert {one.id for one in found.items} == {events.items.ids[at] for _, at in best}
    assert {one.source for one in found.items} == {"filter"}


def test_rules_hold_for_its_lists(publish_filter: Any, graph: GraphClient) -> None:
    publish_filter()
    whole = recommendations.for_users(graph, ["u7"], Question(k=20))[0]
    first, second = whole.items[0].id, whole.items[1].id
    blocked = recommendations.for_users(graph, ["u7"], Question(k=5, block=(first,)))[0]
    assert first not in [one.id for one in blocked.items]
    assert blocked.items[0].id == second
    rare = Question(k=5, filters={"kind": ("rare",)})
    only = recommendations.for_users(graph, ["u7"], rare)[0]
    assert {one.id for one in only.items} <= {"i7"}


def test_edges_go_with_their_generation_and_are_missed_when_they_are_gone(
    shop: Any, publish_filter: Any, graph: GraphClient, run: Any
) -> None:
    before = shop.publish()
    here = publish_filter()
    assert "writing edges" in shop.stages
    assert stored_generations.generations(graph)[0].settings["edges"] == 8
    rollback(shop.settings)
    assert recommendations.for_users(graph, ["u7"], Question(k=3))[0].generation == (
        before.generation
    )
    promote(shop.settings, here.generation)
    one = next(o for o in stored_generations.generations(graph) if o.number == here.generation)
    assert why_unservable(graph, one) is None
    run(f"MATCH (i:Item) REMOVE i.embedding_g{here.generation}_edges")
    fault = stored_filters.fault(graph, here.generation, one.settings)
    assert fault is not None
    assert "items still have their edges" in fault
    promote(shop.settings, before.generation)
    stored_generations.remove(graph, here.generation)
    names = {row["key"] for row in run(_KEPT)}
    assert names == {f"embedding_g{before.generation}"}


def test_a_filter_of_other_ids_or_of_bad_numbers_is_refused(
    publish_filter: Any, graph: GraphClient
) -> None:
    events = pull.pull_interactions(graph)
    edges = _edges(events, ItemKnnConfig(edges=8))
    edges.data[0] = np.nan
    with pytest.raises(PublishRefused, match="NaN"):
        publish_filter(given=edges)


def test_a_reason_names_the_own_items_that_lead_there(
    publish_filter: Any, graph: GraphClient
) -> None:
    publish_filter()
    first = recommendations.for_users(graph, ["u7"], Question(k=1))[0].items[0]
    found = evidence(graph, "u7", first.id, k=100)
    events = pull.pull_interactions(graph)
    edges = _edges(events, ItemKnnConfig(edges=8)).toarray()
    own = events.csr(binary=True)[[events.users.positions(["u7"])[0]]].indices
    weights = edges[own, events.items.positions([first.id])[0]]
    named = {one.id: one.share for one in found.alike}
    expected = {
        events.items.ids[at]: weight / weights.sum()
        for at, weight in zip(own, weights, strict=True)
        if weight > 0
    }
    assert named == pytest.approx(expected)
    assert found.reason().startswith("like ")


def test_shares_of_a_reason_and_of_a_list_are_those_of_the_profile(
    publish_filter: Any, graph: GraphClient, run: Any
) -> None:
    settings: dict[str, Any] = {"confidence": "threshold", "threshold": 1.0, "profile_items": 3}
    publish_filter(**settings)
    edges = _edges(pull.pull_interactions(graph), ItemKnnConfig(edges=8, **settings)).toarray()
    # Of level items the newest three count. An event without a time is older than all others, and
    # one below the threshold makes no item newer.
    run("MATCH (:User {id: 'u7'})-[e:INTERACTED]->(:Item {id: 'i0'}) REMOVE e.at")
    run(
        "MATCH (u:User {id: 'u7'}), (i:Item {id: 'i28'}) CREATE (u)-[:INTERACTED "
        "{key: -7, event: 'buy', weight: 0.5, batch: 9, at: $at}]->(i)",
        at=NEVER,
    )
    _profile_serves(graph, edges, FilterConfig(**settings))
    # What is disliked is not learned from: it makes room for the next one.
    run("MATCH (u:User {id: 'u7'}), (i:Item {id: 'i7'}) CREATE (u)-[:DISLIKES]->(i)")
    _profile_serves(graph, edges, FilterConfig(**settings), without="i7")
    run("MATCH (g:Generation) SET g.confidence = 'linear', g.threshold = null")
    run("MATCH (:User {id: 'u7'})-[e:INTERACTED]->(:Item {id: 'i14'}) SET e.weight = 5.0")
    _profile_serves(graph, edges, FilterConfig(confidence="linear", profile_items=3), "i7")


def test_what_is_popular_keeps_what_its_edges_say_however_far_down(
    open_shop: Any, graph: GraphClient, run: Any
) -> None:
    shop = open_shop(1_500)
    run(
        "MATCH (u:User), (i:Item {id: 'i1'}) WHERE u.id <> 'u2' "
        "WITH u, i, -1 - toInteger(substring(u.id, 1)) AS key CREATE (u)-[:INTERACTED "
        "{key: key, event: 'buy', weight: 1.0, batch: 9, at: $at}]->(i)",
        at=1,
    )
    events = pull.pull_interactions(graph)
    edges = _edges(events, ItemKnnConfig(edges=8)).tolil()
    leads, famous = events.items.positions(["i2", "i1"])
    others = np.setdiff1d(np.arange(1_500), [leads, famous])
    edges[leads, others] = np.linspace(2.0, 1.5, len(others), dtype=np.float32)
    edges[:, famous] = 0.0
    edges[leads, famous] = 1.0
    blend, edges = Blend(1.0, 0.1, shop.trained.half_life_days), edges.tocsr()
    nothing = np.zeros((events.n_users, 0), dtype=np.float32)
    _publish(shop, graph, blend, edges)
    found = Embeddings(
        nothing, nothing, edges=edges, profiles=item_filter.profiles(events, FilterConfig())
    )
    scores = served_by_edges(found, events, blend)(events.users.positions(["u2"]))[0]
    answer = ranked.for_users(graph, ["u2"], Question(k=3, exclude_seen=False))[0]
    assert "i1" in [one.id for one in answer.items]
    for one in answer.items:
        assert one.score == pytest.approx(scores[events.items.positions([one.id])[0]], rel=1e-5)


def test_of_who_has_many_items_a_list_follows_the_strongest_edges(
    publish_filter: Any, graph: GraphClient, run: Any
) -> None:
    events = pull.pull_interactions(graph)
    edges = np.random.default_rng(6).normal(size=(60, 60)).astype(np.float32)
    np.fill_diagonal(edges, 0.0)
    number = publish_filter(given=sparse.csr_array(edges), list_edges=100).generation
    least = -np.sort(-np.abs(edges), axis=1)[:, [49]]  # of two own items or more, fifty each
    strongest = np.where(np.abs(edges) < least, 0.0, edges)
    profiles = item_filter.profiles(events, FilterConfig()).toarray()
    many = np.count_nonzero(profiles, axis=1) > 1
    assert 0 < many.sum() < len(many)
    expected = np.where(many[:, None], profiles @ strongest, profiles @ edges)
    assert not np.allclose(expected, profiles @ edges, atol=1e-3)
    for user in ("u2", "u7"):
        row = events.users.positions([user])[0]
        for one in ranked.for_users(graph, [user], Question(k=5, exclude_seen=False))[0].items:
            at = events.items.positions([one.id])[0]
            assert one.score == pytest.approx(expected[row, at], rel=1e-4)
            parts = np.maximum(profiles[row] * strongest[:, at], 0.0)
            named = {
                reason.id: reason.share for reason in evidence(graph, user, one.id, k=99).alike
            }
            assert named == pytest.approx(
                {events.items.ids[n]: parts[n] / parts.sum() for n in np.flatnonzero(parts)}
            )
    asked = ask_candidates(
        graph, list(events.users.ids), Rules(exclude_seen=False), number, indexed=False
    )
    near, users, items = _near(asked, events)
    np.testing.assert_allclose(near, expected[users, items], rtol=1e-4, atol=1e-6)
    # Of a generation that was published before there was a bound, all edges count.
    run("MATCH (g:Generation) REMOVE g.list_edges")
    row = events.users.positions(["u7"])[0]
    for one in ranked.for_users(graph, ["u7"], Question(k=5, exclude_seen=False))[0].items:
        at = events.items.positions([one.id])[0]
        assert one.score == pytest.approx(profiles[row] @ edges[:, at], rel=1e-4)


def test_a_ranker_gets_what_edges_lead_to_at_the_moment_that_is_asked_about(
    shop: Any, publish_filter: Any, graph: GraphClient
) -> None:
    config = ItemKnnConfig(edges=8, profile_half_life_days=3.0)
    publish_filter(given=None, profile_half_life_days=3.0)
    trained = checkpoint.load(shop.folder / "model.pt")
    events = pull.pull_interactions(graph)
    until = int(np.median(events.at))
    past = events.select(events.at <= until)
    expected = (item_filter.profiles(past, config) @ trained.edges).toarray()
    with (
        open_registry(shop.settings) as registry,
        hidden_generation(graph, registry, trained) as number,
    ):
        asked = ask_candidates(
            graph, list(events.users.ids), Rules(exclude_seen=False), number, until, indexed=False
        )
    near, users, items = _near(asked, events)
    np.testing.assert_allclose(near, expected[users, items], rtol=1e-5)
    # Fifty at most are named, and here no user has more.
    assert len(near) == np.count_nonzero(expected > 0) > 100
    kept = {one.number for one in stored_generations.generations(graph)}
    assert number not in kept


def _near(asked: AskedCandidates, events: Interactions) -> tuple[Any, Any, Any]:
    """Return what edges lead to: scores, and the rows of their users and items."""
    near = asked.table.scores["near"]
    named = np.flatnonzero(~np.isnan(near))
    users = events.users.positions([asked.users[row] for row in asked.table.user[named]])
    return near[named], users, events.items.positions([asked.ids[at] for at in named])


def _profile_serves(
    graph: GraphClient, edges: Any, config: FilterConfig, without: str = ""
) -> None:
    """Compare the list of u7 and the reason of its first item with the profile in NumPy."""
    events = pull.pull_interactions(graph)
    row = events.users.positions(["u7"])[0]
    unwanted = [] if not without else events.items.positions([without])
    known = events.select(~np.isin(events.item, unwanted))
    profile = item_filter.profiles(known, config).toarray()[row]
    asked = Question(k=3, exclude_seen=False)
    for one in ranked.for_users(graph, ["u7"], asked)[0].items:
        parts = profile * edges[:, events.items.positions([one.id])[0]]
        assert one.score == pytest.approx(parts.sum(), rel=1e-5)
        named = {own.id: own.share for own in evidence(graph, "u7", one.id, k=100).alike}
        expected = {events.items.ids[at]: parts[at] / parts.sum() for at in np.flatnonzero(parts)}
        assert named == pytest.approx(expected)


def _edges(events: Interactions, config: ItemKnnConfig) -> Any:
    return item_filter.scaled(ItemKnn(events, None, config).item_edges(config.edges))


def _score(events: Interactions, blend: Blend, config: ItemKnnConfig) -> ranking.UserScorer:
    nothing = np.zeros((0, 0), dtype=np.float32)
    found = Embeddings(
        nothing,
        nothing,
        edges=_edges(events, config),
        profiles=item_filter.profiles(events, config),
    )
    return served_by_edges(found, events, blend)
