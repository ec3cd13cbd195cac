"""Between nights: what was ingested counts in the very next request, without training."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from engine.answering.answers import recommend, similar
from engine.answering.sources import Sources
from engine.data.dislikes import DislikedTarget
from engine.data.interactions import Interactions
from engine.data.kind_weights import KindWeights
from engine.data.vocabulary import Vocabulary
from engine.evaluation import fold_in
from engine.graph import index_recall, stored_dislikes
from engine.graph.lists import recommendations
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList
from engine.loading.ingest import ingest_files
from engine.loading.load import IngestRequest
from engine.store.graph_client import GraphClient
from engine.usecases.generations import promote

Run = Callable[..., list[dict[str, Any]]]
Vector = npt.NDArray[np.float64]
DAY = 86_400_000
DRIFT = 0.5
"""How much the direction of what is new counts beside the user's own vector."""
PRIOR = 5
"""The cosine of somebody new counts n / (n + PRIOR) after n items."""


@pytest.fixture(scope="module")
def graph(graph_of_file: GraphClient) -> GraphClient:
    """One graph for all tests here."""
    return graph_of_file


@pytest.fixture(scope="module")
def shop_of_file(open_shop_of_file: Callable[[int], Any]) -> Any:
    shop = open_shop_of_file(120)
    shop.publish()
    return shop


@pytest.fixture
def shop(restored_shop: Any) -> Any:
    return restored_shop


def _ingest(shop: Any, events: list[dict[str, Any]]) -> None:
    path = shop.folder / "new.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    ingest_files(shop.settings, IngestRequest(events=path, bulk=False))


def _event(user: str, item: str, shop: Any, days: float) -> dict[str, Any]:
    at = (shop.newest + days * DAY) / 1_000
    return {"user_id": user, "item_id": item, "event": "buy", "timestamp": at}


def _ask(graph: GraphClient, user: str, **asked: Any) -> RecommendationList:
    return recommendations.for_users(graph, [user], Question(**asked))[0]


def _unit(vector: Vector) -> Vector:
    unit: Vector = vector / np.linalg.norm(vector)
    return unit


def _item(shop: Any, id_: str) -> Vector:
    vector: Vector = index_recall.unit(shop.trained.item_vectors)[int(id_[1:])].astype(np.float64)
    return vector


def _placed(shop: Any, mean: Vector) -> Vector:
    """Return the vector of length one that is mean, longer across the mean user, and not along."""
    together = _unit(index_recall.unit(shop.trained.user_vectors).astype(np.float64).mean(axis=0))
    along = mean @ together
    stretch = np.sqrt((1 - along**2) / (mean @ mean - along**2))
    placed: Vector = stretch * mean + (1 - stretch) * along * together
    return placed


def _best(
    shop: Any, run: Run, vector: Vector, without: set[str], k: int, trust: float = 1.0
) -> dict[str, float]:
    """The k best by cosine and the published popularity term."""
    rows = run("MATCH (i:Item) RETURN i.id AS id, COUNT {(i)<--()} AS n")
    counts = {row["id"]: row["n"] for row in rows}
    top = run("MATCH (:Serving)-[:USES]->(g) RETURN g.max_events AS top")[0]["top"]
    scores = {
        id_: trust * float(_item(shop, id_) @ vector)
        + shop.trained.popularity_weight * (counts[id_] / top) ** (1 / 3)
        for id_ in shop.trained.items.ids
        if id_ not in without
    }
    best = sorted(scores, key=lambda id_: -scores[id_])[:k]
    return {id_: scores[id_] for id_ in best}


def test_a_known_users_next_request_leaves_out_and_reflects_the_new_event(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    before = _ask(graph, "u4", k=10)
    bought = before.items[0].id
    _ingest(shop, [_event("u4", bought, shop, 1.0)])
    after = _ask(graph, "u4", k=10)

    assert bought not in {item.id for item in after.items}
    row = shop.trained.users.index_of("u4")
    own = _unit(shop.trained.user_vectors[row].astype(np.float64))
    seen = {r["id"] for r in run("MATCH (:User {id: 'u4'})-->(i:Item) RETURN i.id AS id")}
    expected = _best(shop, run, _unit(own + DRIFT * _item(shop, bought)), seen, 10)
    assert {item.id: item.score for item in after.items} == pytest.approx(expected, abs=1e-4)
    assert (before.basis.served, after.basis.served) == ("embedding", "embedding")
    # Nobody else's list moved by more than the item's own popularity.
    assert [i.id for i in _ask(graph, "u5", k=5).items if i.id != bought]


def test_what_a_model_has_seen_moves_nothing(shop: Any, graph: GraphClient, run: Run) -> None:
    run("MATCH (:Serving)-[:USES]->(g) SET g.data_watermark = 7")
    bought = _ask(graph, "u4", k=1).items[0].id
    link = (
        "MATCH (u:User {id: 'u4'}), (i:Item {id: $id}) "
        "CREATE (u)-[:INTERACTED {key: -5, event: 'buy', batch: $batch, at: $at}]->(i)"
    )
    run(link, id=bought, batch=7, at=shop.newest + DAY)
    plain = {item.id: item.score for item in _ask(graph, "u4", k=8).items}
    seen = {r["id"] for r in run("MATCH (:User {id: 'u4'})-->(i:Item) RETURN i.id AS id")}
    row = shop.trained.users.index_of("u4")
    own = _unit(shop.trained.user_vectors[row].astype(np.float64))
    assert plain == pytest.approx(_best(shop, run, own, seen, 8), abs=1e-4)
    # A late event, older than what the model has seen, is new all the same.
    run("MATCH ()-[r:INTERACTED {key: -5}]->() SET r.batch = 8, r.at = $at", at=shop.newest - DAY)
    moved = {item.id: item.score for item in _ask(graph, "u4", k=8).items}
    folded = _unit(own + DRIFT * _item(shop, bought))
    assert moved == pytest.approx(_best(shop, run, folded, seen, 8), abs=1e-4)


def test_what_is_disliked_moves_the_vector_away_until_it_is_taken_back(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    before = _ask(graph, "u4", k=10)
    disliked = before.items[0].id
    stored_dislikes.add(graph, "u4", DislikedTarget.of(disliked), "dislike")
    row = shop.trained.users.index_of("u4")
    own = _unit(shop.trained.user_vectors[row].astype(np.float64))
    seen = {r["id"] for r in run("MATCH (:User {id: 'u4'})-->(i:Item) RETURN i.id AS id")}
    expected = _best(shop, run, _unit(own - DRIFT * _item(shop, disliked)), seen, 10)
    found = {item.id: item.score for item in _ask(graph, "u4", k=10).items}
    assert found == pytest.approx(expected, abs=1e-4)
    stored_dislikes.take_back(graph, "u4", DislikedTarget.of(disliked))
    assert _ask(graph, "u4", k=10).items == before.items
    # Somebody new of whom nothing but a dislike is known has no taste to go by.
    stored_dislikes.add(graph, "new", DislikedTarget.of("i33"), "not_interested")
    assert "i33" not in [one.id for one in _ask(graph, "new", k=100).items]


def test_a_new_user_with_one_event_gets_lists_of_their_own(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    assert _ask(graph, "new").basis.served == "unknown-user"
    _ingest(shop, [_event("new", "i33", shop, 1.0)])
    found = _ask(graph, "new", k=10)
    assert found.basis.served == "folded-in"
    assert not found.fallback
    assert "newer than the model" in (found.note() or "")
    expected = _best(shop, run, _item(shop, "i33"), {"i33"}, 10, 1 / (1 + PRIOR))
    assert {item.id: item.score for item in found.items} == pytest.approx(expected, abs=1e-4)

    _ingest(shop, [_event("new", "i71", shop, 11.0)])  # ten days later: a half-life
    found = _ask(graph, "new", k=10)
    mean = _unit(_item(shop, "i71") + 0.5 * _item(shop, "i33"))
    expected = _best(shop, run, mean, {"i33", "i71"}, 10, 2 / (2 + PRIOR))
    assert {item.id: item.score for item in found.items} == pytest.approx(expected, abs=1e-4)


def test_inner_products_are_folded_in_without_the_number_of_the_reduction(
    shop: Any, graph: GraphClient
) -> None:
    shop.publish(scoring="dot", popularity_weight=0.0, again_weight=0.0)
    nobody = _ask(graph, "new", k=10)  # a vector that is not there has no length
    assert nobody.basis.served == "unknown-user"
    assert [item.source for item in nobody.items] == ["popular"] * 10
    _ingest(shop, [_event("new", "i33", shop, 1.0)])
    found = _ask(graph, "new", k=10)
    items = shop.trained.item_vectors.astype(np.float64)
    scores = items @ _unit(items[33])
    best = [f"i{row}" for row in np.argsort(-scores) if row != 33][:10]
    assert len({item.id for item in found.items} & set(best)) >= 9
    for item in found.items:
        assert item.score == pytest.approx(scores[int(item.id[1:])] / (1 + PRIOR), abs=1e-3)


def test_a_new_item_is_recommended_by_its_facts_and_attributes(
    shop: Any, graph: GraphClient, run: Run, tmp_path: Path
) -> None:
    run(
        "UNWIND range(0, 119) AS n MATCH (i:Item {id: 'i' + toString(n)}) "
        "SET i.colour = CASE n WHEN 3 THEN 'puce' WHEN 9 THEN 'puce' ELSE 'grey' END"
    )
    run(
        "MERGE (t:Entity:Taste {key: 'Taste:smoky', id: 'smoky'}) WITH t "
        "MATCH (i:Item) WHERE i.id IN ['i3', 'i9', 'i60'] CREATE (i)-[:TASTES {key: i.id}]->(t)"
    )
    facts, items = tmp_path / "facts.csv", tmp_path / "items.csv"
    facts.write_text("head,head_type,relation,tail,tail_type\nnovel,Item,TASTES,smoky,Taste\n")
    items.write_text("item_id,name,colour\nnovel,Novel,puce\nplain,Plain,\n")
    reports = ingest_files(shop.settings, IngestRequest(items=items, facts=facts))
    assert [report.accepted for report in reports] == [2, 1]

    # 120 items have vectors; two are puce; four facts point to smoky, the new one's included.
    puce, smoky = np.log1p(120 / 2), np.log1p(120 / 4)
    mean = puce * (_item(shop, "i3") + _item(shop, "i9")) / 2
    mean += smoky * (_item(shop, "i3") + _item(shop, "i9") + _item(shop, "i60")) / 3
    mean /= puce + smoky
    stored = run("MATCH (i:Item {id: 'novel'}) RETURN i.embedding_g1 AS v")[0]["v"]
    assert np.array(stored) == pytest.approx(_placed(shop, mean), abs=1e-5)
    assert run("MATCH (i:Item {id: 'plain'}) RETURN i.embedding_g1 AS v")[0]["v"] is None

    alike = similar(graph, "novel", Question(k=2))
    assert {item.id for item in alike.items} == {"i3", "i9"}
    assert "novel" in [item.id for item in similar(graph, "i3", Question(k=3)).items]
    by_facts = similar(graph, "i60", Question(k=3), by="attributes")
    assert "novel" in [item.id for item in by_facts.items]
    liked = recommend(graph, None, Question(k=1), Sources("likes", likes=("i3", "i9")))
    assert [item.id for item in liked.items] == ["novel"]


def test_a_new_item_is_placed_again_when_more_is_known_of_it(
    shop: Any, graph: GraphClient, run: Run, tmp_path: Path
) -> None:
    run(
        "MATCH (i:Item) SET i.colour = CASE i.id WHEN 'i3' THEN 'puce' ELSE 'grey' END "
        "WITH DISTINCT 1 AS one "
        "MERGE (t:Entity:Taste {key: 'Taste:smoky', id: 'smoky'}) WITH t "
        "MATCH (i:Item {id: 'i60'}) CREATE (i)-[:TASTES {key: i.id}]->(t)"
    )

    def placed(item: str) -> Vector:
        stored = run("MATCH (i:Item {id: $id}) RETURN i.embedding_g1 AS v", id=item)[0]["v"]
        return np.array(stored, dtype=np.float64)

    items, facts = tmp_path / "items.csv", tmp_path / "facts.csv"
    items.write_text("item_id,colour\nnovel,puce\n")
    ingest_files(shop.settings, IngestRequest(items=items))
    assert placed("novel") == pytest.approx(_item(shop, "i3"), abs=1e-5)

    facts.write_text("head,head_type,relation,tail,tail_type\nnovel,Item,TASTES,smoky,Taste\n")
    ingest_files(shop.settings, IngestRequest(facts=facts))
    # Where it stood before says nothing. One learned item is puce; two facts point to smoky.
    weights = np.log1p([120 / 1, 120 / 2])
    mean = (weights[0] * _item(shop, "i3") + weights[1] * _item(shop, "i60")) / weights.sum()
    assert placed("novel") == pytest.approx(_placed(shop, mean), abs=1e-5)

    # It is known to the next generation too, which has not learned it either, and to one before.
    shop.publish(item_vectors=-shop.trained.item_vectors)
    stored = run("MATCH (i:Item {id: 'novel'}) RETURN i.embedding_g2 AS v")[0]["v"]
    assert stored is not None
    assert "novel" in [one.id for one in similar(graph, "i3", Question(k=3)).items]
    run("MATCH (i:Item {id: 'novel'}) REMOVE i.embedding_g1")
    promote(shop.settings, 1)
    assert placed("novel") == pytest.approx(_placed(shop, mean), abs=1e-5)

    # What was learned stays.
    facts.write_text("head,head_type,relation,tail,tail_type\ni3,Item,TASTES,smoky,Taste\n")
    ingest_files(shop.settings, IngestRequest(facts=facts))
    assert placed("i3") == pytest.approx(_item(shop, "i3"), abs=1e-5)


def test_a_new_item_is_placed_by_its_vector_among_what_are_none(
    shop: Any, run: Run, tmp_path: Path
) -> None:
    run("MATCH (i:Item {id: 'i3'}) SET i.look = [0.5, 1.5]")
    run("MATCH (i:Item {id: 'i9'}) SET i.look = ['0.5', '1.5']")
    run("MATCH (i:Item {id: 'i60'}) SET i.look = 'no'")
    run("MATCH (i:Item {id: 'i61'}) SET i.look = true")
    run("MATCH (i:Item {id: 'i62'}) SET i.look = [0.5, 1.5, 2.5]")
    items = tmp_path / "items.jsonl"
    items.write_text('{"item_id": "novel", "look": [0.5, 1.25]}\n')
    ingest_files(shop.settings, IngestRequest(items=items))
    stored = run("MATCH (i:Item {id: 'novel'}) RETURN i.embedding_g1 AS v")[0]["v"]
    assert stored == pytest.approx(_item(shop, "i3"), abs=1e-5)


def test_placing_asks_for_nothing_where_no_vectors_serve(shop: Any, run: Run) -> None:
    promote(shop.settings, shop.publish_plain("popular"))
    items = shop.folder / "items.csv"
    items.write_text("item_id,kind\nnovel,common\n")
    ingest_files(shop.settings, IngestRequest(items=items))
    kept = run("MATCH (i:Item {id: 'novel'}) RETURN properties(i) AS kept")[0]["kept"]
    assert kept == {"id": "novel", "kind": "common"}


def test_what_comes_next_and_is_due_follow_the_new_event(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    run(
        "CREATE (:DerivedGraph {name: 'sequential', state: 'built'}) WITH 1 AS one "
        "MATCH (a:Item {id: 'i50'}), (b:Item {id: 'i51'}) "
        "CREATE (a)-[:FOLLOWED_BY {count: 3, score: 0.9}]->(b)"
    )
    assert recommend(graph, "u2", Question(), Sources("next")).items == ()
    _ingest(shop, [_event("u2", "i50", shop, 1.0)])
    assert [i.id for i in recommend(graph, "u2", Question(), Sources("next")).items] == ["i51"]


def test_the_gate_folds_in_what_serving_folds_in(shop: Any, graph: GraphClient, run: Run) -> None:
    kinds = {"view": 0.2, "return": 0}
    settings = shop.settings.model_copy(update={"events": kinds})
    shop = replace(shop, settings=settings, trained=replace(shop.trained, popularity_weight=0.0))
    shop.publish(drift_weight=0.3)
    bought = [item.id for item in _ask(graph, "u4", k=3).items]
    news = [_event("u4", id_, shop, days + 1.0) for days, id_ in enumerate(bought)]
    news += [_event("new", "i33", shop, 1.0), _event("new", "i71", shop, 11.0)]
    news[1]["event"] = news[4]["event"] = "view"
    untimed = _event("new", "i8", shop, 0.0) | {"timestamp": None}
    back = {"event": "return"}
    _ingest(
        shop,
        [*news, untimed, _event("new", "i5", shop, 2.0) | back, _event("u4", "i9", shop, 9) | back],
    )
    rows = run(
        "MATCH (u:User)-[r:INTERACTED]->(i) "
        "RETURN u.id AS u, i.id AS i, coalesce(r.at, 0) AS at, r.event AS event"
    )
    users, items = Vocabulary([*shop.trained.users.ids, "new"]), shop.trained.items
    events = Interactions.of(
        users,
        items,
        users.positions([row["u"] for row in rows]),
        items.positions([row["i"] for row in rows]),
        at=np.array([row["at"] for row in rows]),
        event=[("buy", "view", "return").index(row["event"]) for row in rows],
        events=("buy", "view", "return"),
    )
    events = KindWeights(kinds).weighed(events)[0]
    trained = index_recall.unit(shop.trained.user_vectors)
    vectors = index_recall.unit(shop.trained.item_vectors)
    folded = fold_in.folded(
        np.vstack((trained, np.zeros((1, trained.shape[1]), dtype=np.float32))),
        vectors,
        events,
        shop.newest,
        weight=0.3,
        half_life_days=shop.trained.half_life_days,
        cosine=True,
    )
    for user in ("u4", "new"):
        row = users.index_of(user)
        assert row is not None
        had = {one["i"] for one in rows if one["u"] == user}
        vector = folded[row].astype(np.float64)
        expected = _best(shop, run, vector, had, 10)
        found = {item.id: item.score for item in _ask(graph, user, k=10).items}
        assert found == pytest.approx(expected, abs=1e-4), user
