"""Users' vectors made at request time: a click counts in the next list, which is that of torch."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from engine.answering import export
from engine.answering.answers import recommend
from engine.data import sequence_encoder
from engine.data.interactions import Interactions
from engine.errors import NotFound
from engine.evaluation import trend
from engine.evaluation.trend import Trend
from engine.graph import census, stored_generations, stored_user_encoders
from engine.graph.lists import encoded_users, ranked, recommendations
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import RecommendationList
from engine.graph.pulling.pull import pull_interactions
from engine.models.sasrec import SASRec, SASRecConfig
from engine.models.tensors import array
from engine.publishing.generation_health import why_unservable
from engine.store.graph_client import GraphClient, Neo4jTarget
from engine.store.pinned_client import PinnedClient
from engine.training.checkpoint import TrainedModel
from engine.usecases import generations

from ..sample import untrained
from .conftest import N_USERS

Run = Callable[..., list[dict[str, Any]]]
DAY = 86_400_000
ENCODED, DOT, THRESHOLD, STORED, COUNTED = 1, 2, 3, 4, 5
"""Generations: of models that encode users, by cosine, by inner products, with events of a weight
alone; of one that stores users; of a plain method."""
TREND = Trend(0.4, 45.0)
CONFIG = SASRecConfig(dimension=16, length=4, hidden=24, time_gaps=True, start="normal")


@dataclass(frozen=True, eq=False)
class Reference:
    """The model in torch, and the vectors of items that were published."""

    state: dict[str, torch.Tensor]
    config: SASRecConfig
    items: np.ndarray

    def users(self, events: Interactions) -> np.ndarray:
        """Return the vectors of users as torch makes them of what happened so far."""
        model = _model(events, self.config, self.state)
        made = model.encode()
        cosine = self.config.scoring == "cosine"
        return trend.fold(made.users, made.items, events, TREND, cosine=cosine)[0]

    def best(self, events: Interactions, user: str, k: int) -> dict[str, float]:
        """Return the k best items of a user that it has not had, with their scores."""
        row = events.users.index_of(user)
        scores = self.items @ self.users(events)[row]
        had = set(events.item[events.user == row].tolist())
        there = [n for n in range(len(scores)) if n not in had and self.items[n].any()]
        best = sorted(there, key=lambda n: (-scores[n], events.items.ids[n]))[:k]
        return {events.items.ids[n]: float(scores[n]) for n in best}


def _model(
    events: Interactions, config: SASRecConfig, state: dict[str, torch.Tensor] | None = None
) -> SASRec:
    model = SASRec(events, config, np.random.default_rng(4))
    with torch.no_grad():
        for name, one in model.state().items():
            one.copy_(one + 0.3 * torch.randn(one.shape) if state is None else state[name])
    return model


def _trained(events: Interactions, config: SASRecConfig) -> tuple[TrainedModel, Reference]:
    """Return a model with drawn weights: what matters is that order and gaps change its lists."""
    torch.manual_seed(3)
    model = _model(events, config)
    made = model.encode()
    cosine = config.scoring == "cosine"
    users, items = trend.fold(made.users, made.items, events, TREND, cosine=cosine)
    tensors = {name: one.detach() for name, one in model.state().items()}
    trained = TrainedModel(
        user_vectors=users,
        item_vectors=items,
        users=events.users,
        items=events.items,
        scoring=config.scoring,  # type: ignore[arg-type]
        popularity_weight=0.0,
        again_weight=0.0,
        half_life_days=10.0,
        model="sasrec",
        settings=asdict(config) | {"trend": TREND.weight},
        weights={name: array(one) for name, one in tensors.items()},
    )
    return trained, Reference(tensors, config, items)


@pytest.fixture(scope="module")
def graph(graph_of_file: GraphClient) -> GraphClient:
    """One graph for all tests here."""
    return graph_of_file


@pytest.fixture(scope="module")
def reference() -> dict[str, Reference]:
    return {}


@pytest.fixture(scope="module")
def shop_of_file(
    open_shop_of_file: Callable[[int], Any], graph: GraphClient, reference: dict[str, Reference]
) -> Any:
    shop = open_shop_of_file(60)
    settings = shop.settings.model_copy(update={"keep_generations": 9})
    shop = replace(shop, settings=settings)
    events = pull_interactions(graph)
    trained, reference["cosine"] = _trained(events, CONFIG)
    dot, reference["dot"] = _trained(events, replace(CONFIG, scoring="dot"))
    heavy = trained.settings | {"confidence": "threshold", "threshold": 1.0}
    encoded = replace(shop, trained=trained)
    assert encoded.publish().generation == ENCODED
    assert replace(shop, trained=dot).publish().generation == DOT
    assert encoded.publish(settings=heavy).generation == THRESHOLD
    assert replace(shop, trained=untrained(N_USERS, 60)).publish().generation == STORED
    assert shop.publish_plain("user-knn") == COUNTED
    generations.promote(shop.settings, ENCODED)
    return encoded


@pytest.fixture
def shop(restored_shop: Any) -> Any:
    return restored_shop


def _one(graph: GraphClient, user: str, k: int = 8) -> RecommendationList:
    return ranked.for_users(graph, [user], Question(k=k))[0]


def _scores(found: RecommendationList) -> dict[str, float]:
    return {item.id: item.score for item in found.items}


def _click(run: Run, user: str, item: str, at: int) -> None:
    run(
        "MERGE (u:User {id: $user}) WITH u MATCH (i:Item {id: $item}) "
        "CREATE (u)-[:INTERACTED {key: $at, event: 'buy', weight: 1.0, batch: 9, at: $at}]->(i)",
        user=user,
        item=item,
        at=at,
    )


@pytest.mark.parametrize("scoring", ["cosine", "dot"])
def test_lists_are_the_models_own_ranking_in_torch(
    shop: Any, graph: GraphClient, run: Run, reference: dict[str, Reference], scoring: str
) -> None:
    generations.promote(shop.settings, {"cosine": ENCODED, "dot": DOT}[scoring])
    # What was stored of them is not read.
    run(
        "MATCH (u:User) WHERE u.id IN ['u3', 'u7'] SET u.embedding_g1 = null, u.embedding_g2 = null"
    )
    events, own = pull_interactions(graph), reference[scoring]
    for user in ("u0", "u3", "u7", "u29"):
        found = _one(graph, user)
        assert found.basis.served == "embedding"
        assert _scores(found) == pytest.approx(own.best(events, user, 8), abs=2e-4)


def test_a_click_changes_the_next_list_as_torch_says(
    shop: Any, graph: GraphClient, run: Run, reference: dict[str, Reference]
) -> None:
    before = _one(graph, "u4")
    clicked = before.items[-1].id
    _click(run, "u4", clicked, shop.newest + DAY)
    after = _one(graph, "u4")
    expected = reference["cosine"].best(pull_interactions(graph), "u4", 8)
    assert _scores(after) == pytest.approx(expected, abs=1e-4)
    assert list(_scores(after))[:3] == list(expected)[:3]
    still = {item: score for item, score in _scores(before).items() if item in expected}
    assert any(abs(expected[item] - score) > 0.01 for item, score in still.items())
    past = PinnedClient(graph, before.generation or 0)
    past.until = shop.newest + DAY - 1
    assert _scores(_one(past, "u4")) == pytest.approx(_scores(before), abs=1e-6)
    # Another order of the same two clicks is another list.
    other = before.items[-2].id
    lists = []
    for moments in ((1, 2), (2, 1)):
        run("MATCH (:User {id: 'u4'})-[e:INTERACTED {batch: 9}]->() DELETE e")
        for item, days in zip((clicked, other), moments, strict=True):
            _click(run, "u4", item, shop.newest + days * DAY)
        lists.append(_scores(_one(graph, "u4")))
    assert lists[0] != pytest.approx(lists[1], abs=1e-3)


def test_somebody_new_has_a_vector_from_the_first_click(
    shop: Any, graph: GraphClient, run: Run, reference: dict[str, Reference]
) -> None:
    assert _one(graph, "new").basis.served == "unknown-user"
    for n, item in enumerate(("i9", "i2")):
        _click(run, "new", item, shop.newest + (n + 1) * DAY)
        found = _one(graph, "new")
        assert found.basis.served == "embedding"
        expected = reference["cosine"].best(pull_interactions(graph), "new", 8)
        assert _scores(found) == pytest.approx(expected, abs=1e-4)


def test_events_without_a_moment_or_on_new_items_are_left_out(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    before = _scores(_one(graph, "u5"))
    run("CREATE (:Item {id: 'novel'})")
    _click(run, "u5", "novel", shop.newest + DAY)
    run(
        "MATCH (u:User {id: 'u5'}), (i:Item {id: 'i41'}) "
        "CREATE (u)-[:INTERACTED {key: -1, event: 'buy', weight: 1.0, batch: 9}]->(i)"
    )
    after = _scores(_one(graph, "u5", 9))
    for item, score in before.items():
        if item != "i41":
            assert after[item] == pytest.approx(score, abs=1e-5)


def test_events_below_the_threshold_of_training_are_not_looked_at(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    generations.promote(shop.settings, THRESHOLD)
    before = _scores(_one(graph, "u6"))
    clicked = next(iter(before))
    _click(run, "u6", clicked, shop.newest + DAY)
    moved = _scores(_one(graph, "u6"))
    run("MATCH (:User {id: 'u6'})-[e:INTERACTED {batch: 9}]->() SET e.weight = 0.5")
    after = _scores(_one(graph, "u6"))
    del before[clicked]
    assert {item: after[item] for item in before} == pytest.approx(before, abs=1e-5)
    assert moved != pytest.approx(after, abs=1e-3)


def test_what_weighs_nothing_by_its_kind_or_is_disliked_is_not_looked_at(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    before = _scores(_one(graph, "u6"))
    run("MATCH (g:Generation {number: 1}) SET g.kinds = ['view'], g.kind_weights = [0.0]")
    first, *others, last = before
    for n, item in enumerate((first, last)):
        _click(run, "u6", item, shop.newest + (n + 1) * DAY)
    unchanged = {item: pytest.approx(before[item], abs=1e-5) for item in others}
    moved = _scores(_one(graph, "u6"))
    run(
        "MATCH (:User {id: 'u6'})-[e:INTERACTED {batch: 9}]->(i:Item) "
        "FOREACH (_ IN CASE WHEN i.id = $first THEN [1] ELSE [] END | SET e.event = 'view')",
        first=first,
    )
    assert {item: moved[item] for item in others if item in moved} != unchanged
    for fact in (False, True):
        run(
            "MATCH (u:User {id: 'u6'}), (i:Item {id: $last}) "
            "MERGE (fact:Entity {key: 'Brand:x'}) MERGE (i)-[:MADE_BY]->(fact) "
            "FOREACH (_ IN CASE WHEN $fact THEN [1] ELSE [] END | MERGE (u)-[:DISLIKES]->(fact)) "
            "FOREACH (_ IN CASE WHEN $fact THEN [] ELSE [1] END | MERGE (u)-[:DISLIKES]->(i))",
            last=last,
            fact=fact,
        )
        after = _scores(_one(graph, "u6"))
        assert {item: after[item] for item in others} == unchanged
        run("MATCH (:User {id: 'u6'})-[said:DISLIKES]->() DELETE said")


def test_all_lists_are_those_of_single_users(shop: Any, graph: GraphClient, tmp_path: Path) -> None:
    assert shop.settings
    done = export.recommend_all(graph, tmp_path / "lists.parquet", Question(k=4))
    rows = pl.read_parquet(tmp_path / "lists.parquet")
    assert (done.users, done.generation) == (N_USERS, ENCODED)
    for user in ("u3", "u17"):
        alone = recommend(graph, user, Question(k=4))
        assert rows.filter(pl.col("user") == user)["item"].to_list() == [
            item.id for item in alone.items
        ]


def test_no_answer_mixes_two_generations(shop: Any, graph: GraphClient) -> None:
    expected: dict[int | None, list[RecommendationList]] = {}
    users = ["u3", "nobody", "u4"]
    for number in (COUNTED, STORED, ENCODED):
        generations.promote(shop.settings, number)
        expected[number] = ranked.for_users(graph, users, Question(k=6))
        assert {one.generation for one in expected[number]} == {number}
    why = stored_generations.MoveReason("promote", "test", "to and fro")
    with ThreadPoolExecutor(3) as pool:
        for n in range(18):
            asked = [pool.submit(ranked.for_users, graph, users, Question(k=6)) for _ in range(3)]
            stored_generations.promote(graph, (STORED, ENCODED, COUNTED)[n % 3], why)
            for found in (one.result() for one in asked):
                assert found == expected[found[0].generation]


def test_a_restored_graph_of_the_same_number_is_noticed(
    shop: Any, graph: GraphClient, run: Run, neo4j_target: Neo4jTarget
) -> None:
    """Numbers of generations tell nothing to who has seen another graph, or this one before."""
    first = _one(graph, "u3")
    run(
        "MATCH (g:Generation {number: $number})-[encodes:ENCODES_BY]->(:UserEncoder) "
        "REMOVE g.user_encoder DELETE encodes "
        "WITH g MATCH (n:User) SET n.embedding_g1 = [x IN n.embedding_g1 | -x]",
        number=ENCODED,
    )
    with GraphClient(neo4j_target) as another:
        expected = _one(another, "u3")
    assert _one(graph, "u3") == expected != first
    assert shop.settings


def test_what_was_seen_of_another_graph_makes_no_vector_of_this_one(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    by = stored_user_encoders.in_service(graph)
    assert by is not None
    assert by.encoder is not None
    users = ["u3", "u4"]
    assert set(encoded_users.encoded(graph, by, by.encoder, users)) == set(users)
    # Another model's vectors are narrower than those that the encoder takes.
    run("MATCH (i:Item) SET i.embedding_g1 = i.embedding_g1[0..3]")
    run("MATCH (:Generation)-[encodes:ENCODES_BY]->(:UserEncoder) DELETE encodes")
    assert encoded_users.encoded(graph, by, by.encoder, users) == {}
    assert shop.settings


def test_a_damaged_encoder_cannot_be_promoted_and_stored_vectors_serve(
    shop: Any, graph: GraphClient, run: Run, neo4j_target: Neo4jTarget, caplog: Any
) -> None:
    def fault() -> str | None:
        one = next(o for o in stored_generations.generations(graph) if o.number == ENCODED)
        return why_unservable(graph, one)

    assert shop.settings
    assert fault() is None
    expected = _scores(_one(graph, "u3"))
    run("MATCH (e:UserEncoder) SET e.text = e.text + ' '")
    assert "SHA-256" in (fault() or "")
    with caplog.at_level(logging.WARNING), GraphClient(neo4j_target) as client:
        assert _scores(_one(client, "u3")) == pytest.approx(expected, abs=1e-4)
        assert _one(client, "u3").basis.served == "embedding"
    assert sum("stored vectors of users" in one.getMessage() for one in caplog.records) == 1
    run("MATCH (:Generation)-[encodes:ENCODES_BY]->(:UserEncoder) DELETE encodes")
    assert fault() == "its user encoder is gone"


def test_an_encoder_is_no_fact_and_goes_with_its_generation(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    facts = census.count(graph).facts
    stored = run("MATCH (:Generation {number: 1})-->(e:UserEncoder) RETURN e.text AS text")
    encoder = sequence_encoder.read(
        stored[0]["text"], sha256(stored[0]["text"].encode()).hexdigest()
    )
    run("CREATE (:Generation {number: 99, state: 'candidate'})")
    stored_user_encoders.write(graph, 99, encoder)
    assert census.count(graph).facts == facts
    recommendations.warm_plan(graph, ENCODED)
    stored_generations.remove(graph, 99)
    assert run("MATCH (e:UserEncoder) RETURN count(e) AS n") == [{"n": 3}]
    with pytest.raises(NotFound, match="generation 99 is not in the graph"):
        stored_user_encoders.write(graph, 99, encoder)
    assert shop.settings
