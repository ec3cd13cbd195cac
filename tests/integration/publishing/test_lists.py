"""Every list a shop shows, against the formula its file states, worked out here anew."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from engine.answering.answers import recommend
from engine.answering.sources import Sources
from engine.answering.users_and_reasons import explain
from engine.errors import NotBuilt, NotFound, UsageError
from engine.graph import index_recall
from engine.graph.lists.question import Question
from engine.graph.lists.recommendations import Basis, RecommendationList
from engine.store.graph_client import GraphClient

from ..terminal import invoked

Run = Callable[..., list[dict[str, Any]]]
DAY = 86_400_000
USER = "u7"


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


def _vectors(shop: Any) -> npt.NDArray[np.float64]:
    vectors: npt.NDArray[np.float64] = index_recall.unit(shop.trained.item_vectors).astype(
        np.float64
    )
    return vectors


def _events(run: Run) -> list[tuple[str, str, int]]:
    rows = run("MATCH (u:User)-[r:INTERACTED]->(i) RETURN u.id AS u, i.id AS i, r.at AS at")
    return [(row["u"], row["i"], row["at"]) for row in rows]


def _buy(run: Run, *bought: tuple[str, str, float], newest: int) -> None:
    """Add events: user, item, days before the newest of the catalogue."""
    run(
        "UNWIND range(0, size($rows) - 1) AS n WITH n, $rows[n] AS row "
        "MERGE (u:User {id: row[0]}) MERGE (i:Item {id: row[1]}) "
        "CREATE (u)-[:INTERACTED {key: -100 - n - toInteger(rand() * 100000000) * 1000, "
        "event: 'buy', weight: 1.0, batch: 1, at: $newest - toInteger(row[2] * $day)}]->(i)",
        rows=[list(row) for row in bought],
        newest=newest,
        day=DAY,
    )


def _list(graph: GraphClient, user: str | None, by: Any, **asked: Any) -> RecommendationList:
    return recommend(graph, user, Question(**asked), Sources(by))


def _scores(found: RecommendationList) -> dict[str, float]:
    return {item.id: item.score for item in found.items}


def _top(scores: dict[str, float], k: int) -> dict[str, float]:
    best = sorted(scores, key=lambda id_: (-scores[id_], id_))[:k]
    return {id_: scores[id_] for id_ in best}


def test_because_names_the_item_that_led_to_each(shop: Any, graph: GraphClient, run: Run) -> None:
    vectors, half_life = _vectors(shop), shop.trained.half_life_days
    own = {i: at for u, i, at in _events(run) if u == USER}
    newest = sorted(own, key=lambda i: -own[i])[:5]
    scores, led = {}, {}
    for row, id_ in enumerate(shop.trained.items.ids):
        if id_ in own:
            continue
        parts = {
            anchor: float(vectors[row] @ vectors[int(anchor[1:])])
            * 2 ** (-(max(own.values()) - own[anchor]) / DAY / half_life)
            for anchor in newest
        }
        led[id_] = max(parts, key=lambda anchor, parts=parts: parts[anchor])  # type: ignore[misc]
        scores[id_] = parts[led[id_]]
    found = _list(graph, USER, "because", k=10)
    assert _scores(found) == pytest.approx(_top(scores, 10), abs=1e-5)
    assert [item.because for item in found.items] == [led[i.id] for i in found.items]  # type: ignore[attr-defined]
    assert (found.basis, found.generation) == (Basis("because", "because"), 1)


def test_buy_again_when_due(shop: Any, graph: GraphClient, run: Run) -> None:
    newest = shop.newest
    _buy(
        run,
        # Every ten days, fifteen days ago: r = 1.5.
        *[("ann", "due", days) for days in (45.0, 35.0, 25.0, 15.0)],
        # Every ten days, four ago: not due.
        *[("ann", "fresh", days) for days in (24.0, 14.0, 4.0)],
        # Every five days with one long holiday, twenty days ago: r = 4, by the median.
        *[("ann", "late", days) for days in (80.0, 75.0, 30.0, 25.0, 20.0)],
        # Once, forty days ago; others come back after 20 days (median): r = 2.
        ("ann", "once", 40.0),
        *[("bob", "once", days) for days in (60.0, 40.0, 10.0)],
        ("cid", "once", 50.0),
        ("cid", "once", 38.0),
        # Once, and nobody comes back.
        ("ann", "never", 90.0),
        newest=newest,
    )
    found = _list(graph, "ann", "again")
    expected = {"due": 4 / 5 * 1.5, "late": 5 / 6 * 2 * 0.5**2, "once": 1 / 2 * 2}
    assert _scores(found) == pytest.approx(expected)
    assert [item.id for item in found.items] == ["due", "once", "late"]
    once = json.loads(json.dumps(found.as_dict()))["items"][1]
    assert (once["gap_days"], once["since_days"], once["of_others"]) == (20.0, 40.0, True)
    assert "late" not in _scores(_list(graph, "ann", "again", block=("late",)))
    left = _list(graph, "ann", "again", seen_days=(30.0), now=newest)
    assert set(_scores(left)) == {"once"}  # the others were bought within thirty days
    with pytest.raises(NotFound, match="no user nobody"):
        _list(graph, "nobody", "again")


def test_next_follows_the_last_items(shop: Any, graph: GraphClient, run: Run) -> None:
    with pytest.raises(NotBuilt, match="never built"):
        _list(graph, USER, "next")
    own = {i: at for u, i, at in _events(run) if u == USER}
    last = sorted(own, key=lambda i: -own[i])
    run("CREATE (:DerivedGraph {name: 'sequential', state: 'built'})")
    edges = [(last[0], "i100", 0.2), (last[1], "i100", 0.6), (last[2], "i101", 0.8)]
    edges += [(last[0], last[1], 0.9), (last[0], "i102", 0.1)]
    run(
        "UNWIND $edges AS e MATCH (a:Item {id: e[0]}), (b:Item {id: e[1]}) "
        "CREATE (a)-[:FOLLOWED_BY {count: 4, score: e[2]}]->(b)",
        edges=[list(edge) for edge in edges],
    )
    found = _list(graph, USER, "next")
    assert _scores(found) == pytest.approx({"i100": 0.2 + 0.5 * 0.6, "i101": 0.2, "i102": 0.1})
    assert found.items[0].because == last[1]  # type: ignore[attr-defined]


def test_people_like_you_by_vectors_and_by_shared_items(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    users = index_recall.unit(shop.trained.user_vectors).astype(np.float64)
    alike = users @ users[7]
    near = {f"u{n}": float(alike[n]) for n in range(30) if n != 7 and alike[n] > 0}
    has = defaultdict(set)
    for user, item, _ in _events(run):
        has[user].add(item)
    scores: Counter[str] = Counter()
    for user, cosine in near.items():
        for item in has[user] - has[USER]:
            scores[item] += cosine / sum(near.values())  # type: ignore[assignment]
    found = _list(graph, USER, "people", k=10)
    assert _scores(found) == pytest.approx(_top(dict(scores), 10), abs=1e-5)

    _buy(run, ("new", "i0", 0.5), ("new", "i12", 0.2), newest=shop.newest)
    counts = Counter(user for user, _, _ in _events(run))
    mine = {"i0", "i12"}
    like = {u: len(has[u] & mine) / np.sqrt(2 * counts[u]) for u in has if has[u] & mine}
    scores = Counter()
    for user, cosine in like.items():
        for item in has[user] - mine:
            scores[item] += cosine / sum(like.values())
    found = _list(graph, "new", "people", k=10)
    assert _scores(found) == pytest.approx(_top(dict(scores), 10), abs=1e-9)
    assert found.basis == Basis("people", "shared-items")


def test_friends_count_by_how_lately_they_used_it(shop: Any, graph: GraphClient, run: Run) -> None:
    _buy(
        run,
        ("bob", "kite", 0.0),
        ("cid", "kite", 90.0),
        ("cid", "drum", 180.0),
        ("ann", "mug", 1.0),
        ("bob", "mug", 1.0),
        newest=shop.newest,
    )
    with pytest.raises(NotFound, match="no facts join users"):
        _list(graph, "ann", "friends")
    run(
        "MATCH (a:User {id: 'ann'}), (b:User {id: 'bob'}), (c:User {id: 'cid'}) "
        "CREATE (a)-[:TRUSTS {key: 1}]->(b), (b)-[:TRUSTS {key: 2}]->(a), "
        "(c)-[:TRUSTS {key: 3}]->(a)"
    )
    found = _list(graph, "ann", "friends")
    assert _scores(found) == pytest.approx({"kite": 1 + 0.5, "drum": 0.25})
    kite = found.items[0]
    assert (kite.count, kite.because) == (2, "bob")  # type: ignore[attr-defined]
    with pytest.raises(NotFound, match="u7 has no TRUSTS"):
        _list(graph, USER, "friends")


def test_trending_is_more_than_before(shop: Any, graph: GraphClient, run: Run) -> None:
    newest = shop.newest
    rising = [(f"u{n}", "rising", 0.1 * n) for n in range(12)]
    steady = [(f"u{n}", "steady", 3.0 * n) for n in range(30)]
    gone = [(f"u{n}", "gone", 20.0 + n) for n in range(12)]
    _buy(run, *rising, *steady, *gone, newest=newest)
    ages = defaultdict(list)
    for _, item, at in _events(run):
        ages[item].append((newest - at) / DAY)
    scores = {}
    for item, days in ages.items():
        recent = sum(2 ** (-age / 7) for age in days)
        before = sum(2 ** (-age / 28) for age in days) / 4
        if recent > before:
            scores[item] = (recent - before) / np.sqrt(before + 1)
    found = _list(graph, None, "trending", k=10)
    assert _scores(found) == pytest.approx(_top(scores, 10), abs=1e-6)
    assert scores["rising"] > 2 * scores["steady"]
    assert "gone" not in scores
    assert "rising" not in _scores(_list(graph, "u3", "trending", k=10))  # u3 has it


def test_trending_reads_a_bounded_number_of_events(shop: Any, graph: GraphClient, run: Run) -> None:
    _buy(run, ("u1", "i5", 0.0), ("u2", "i5", 0.0), newest=shop.newest + DAY)
    found = graph.ask("recommend/trending", most=2, user=None)[0]["items"]
    assert [item["id"] for item in found] == ["i5"]


def test_somebody_new_by_what_they_like(shop: Any, graph: GraphClient) -> None:
    vectors = _vectors(shop)
    mean = vectors[3] + vectors[50] + vectors[99]
    cosine = vectors @ (mean / np.linalg.norm(mean))
    scores = {f"i{n}": float(cosine[n]) for n in range(120) if n not in (3, 50, 99)}
    liked = ("i3", "i50", "i99")
    found = recommend(graph, None, Question(k=10), Sources("likes", likes=liked))
    assert _scores(found) == pytest.approx(_top(scores, 10), abs=1e-5)
    every = recommend(graph, None, Question(k=200), Sources("likes", likes=liked))
    assert len(every.items) == 117
    with pytest.raises(NotFound, match="no Item 'no such'"):
        recommend(graph, None, Question(), Sources("likes", likes=("no such",)))
    with pytest.raises(UsageError, match="1 to 50 are allowed"):
        recommend(graph, None, Question(), Sources("likes"))


def test_explain_says_what_carries_most_of_the_score(
    shop: Any, graph: GraphClient, run: Run
) -> None:
    vectors, half_life = _vectors(shop), shop.trained.half_life_days
    own = {i: at for u, i, at in _events(run) if u == USER}
    item = _list(graph, USER, "because", k=1).items[0].id
    parts = {}
    for id_, at in own.items():
        cosine = float(vectors[int(id_[1:])] @ vectors[int(item[1:])])
        if cosine > 0:
            parts[id_] = cosine * 2 ** (-(max(own.values()) - at) / DAY / half_life)
    best = sorted(parts, key=lambda id_: -parts[id_])[:3]
    run(
        "MATCH (a:Item {id: $a}), (b:Item {id: $b}) CREATE (a)-[:CO_OCCURRED {count: 6}]->(b)",
        a=best[0],
        b=item,
    )
    found = explain(graph, USER, item)
    assert [one.id for one in found.evidence.alike] == best
    shares = [one.share for one in found.evidence.alike]
    assert shares == pytest.approx([parts[id_] / sum(parts.values()) for id_ in best], abs=1e-5)
    carried = f"{sum(shares):.0%}"
    assert carried in found.sentence
    assert f"it is in 6 baskets with Item {best[0][1:]}" in found.sentence
    for id_ in best:
        assert f"Item {id_[1:]}" in found.sentence
    lonely = run("CREATE (:User {id: 'lonely'}) RETURN 1 AS one")
    assert lonely
    assert "nothing joins it to lonely" in explain(graph, "lonely", item).sentence
    with pytest.raises(NotFound, match="no item beer"):
        explain(graph, USER, "beer")


@pytest.mark.usefixtures("on_server")
def test_the_command_shows_every_list(shop: Any, run: Run) -> None:
    run("CREATE (:DerivedGraph {name: 'sequential', state: 'built'})")
    run("MATCH (a:User {id: 'u7'}), (b:User {id: 'u8'}) CREATE (a)-[:TRUSTS {key: 1}]->(b)")
    home = ["--home", str(shop.settings.home), "recommend"]

    def engine(*arguments: str) -> Any:
        return invoked(*home, *arguments)

    for by in ("for-you", "because", "again", "next", "people", "friends", "trending", "popular"):
        answer = json.loads(engine(USER, "--by", by, "-k", "3", "--json").stdout)
        assert answer["basis"]["asked"] == by
        assert engine(USER, "--by", by).exit_code == 0
    liked = json.loads(engine("--likes", "i3", "--likes", "i9", "--json").stdout)
    assert (liked["basis"], len(liked["items"])) == ({"asked": "likes", "served": "likes"}, 10)
    assert engine("--by", "trending").exit_code == 0
    assert "because_name" in engine(USER, "--by", "because", "--json").stdout
    done = invoked("explain", USER, "i3")
    assert done.stdout.startswith("Item 3 for u7: ")
