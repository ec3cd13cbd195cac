"""Place new items among the vectors in service by what they share with others (``cypher/place``).

A new item has no vector until the next training. Until then it stands where its content
neighbours do on average: for each fact and each value of an attribute the mean of the vectors of at
most fifty learned items that have it too, weighed by ln(1 + items / items that have it), so that
what few share says most. By each vector that a user brought, such as that of its picture, the ten
nearest count as a value that these ten share, each weighed by its cosine. The vector index knows
the new item from the commit on, so every list does.

A mean of vectors of length one is shorter than one. Made as long again, it would be nearer to most
users than any item is: vectors of users have much in common, and how far an item's vector points
that way is mostly how popular it is. Vectors near to all others are known as hubs (Radovanović,
Nanopoulos, Ivanović 2010, JMLR 11). So that part is left as the mean has it, and the rest, the
taste, is made as long as that of other items.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from engine.data.arrays import Float64Array
from engine.data.vocabulary import Vocabulary
from engine.graph import content_index, embeddings
from engine.store.graph_client import GraphClient

_BATCH = 500
_MOST = 50
_MOST_VALUES = 32
_NEAREST = 10
_FETCH = 150
"""Items that an index is asked for, learned and new ones."""
_COMPARED = 40_000_000
"""Numbers of vectors that are compared at most for a batch of new items, some three seconds of the
server's work; of more learned items every second, third, … is looked at."""
_TEXTS = ("id", "name", "title", "description", "url", "image")
"""Attributes that name one item rather than what it has in common with others."""
_TINY = 1e-6
_Key = tuple[str, str]


def warm_query_plans(client: GraphClient) -> None:
    """Run the queries of ``place_new_items`` without a write, so that they are planned before."""
    asked: dict[str, Any] = {"property": "", "generation": 0, "most": 1}
    client.read("place/new_items", ids=[""])
    client.read("place/by_facts", facts=[["", ""]], **asked)
    client.read("place/by_values", attribute="", values=[""], **asked)
    nearest: dict[str, Any] = {"brought": "", "width": 0, "stride": 1}
    client.read("place/by_vectors", ids=[""], **nearest, **asked)
    client.write("place/mark", ids=[""], generation=0)


def place_new_items(client: GraphClient, ids: Sequence[str]) -> int:
    """Give a vector to those that were not learned and share something; return how many.

    Placing twice is the same as once; what is known of an item by then decides. Nothing happens
    where no vectors are in service.
    """
    placed = 0
    for start in range(0, len(ids), _BATCH):
        new = client.read("place/new_items", ids=list(ids[start : start + _BATCH]))
        if new:
            placed += _place(client, new)
    return placed


def place_again(client: GraphClient) -> int:
    """Place in the generation in service what was placed in another one and is not learned in it.

    Returns how many were placed.
    """
    return place_new_items(client, [row["id"] for row in client.read("place/placed_before")])


def _place(client: GraphClient, new: Sequence[Mapping[str, Any]]) -> int:
    generation, items = new[0]["generation"], new[0]["items"] or 1
    shared = {row["id"]: _shared(row) for row in new}
    means = _means(client, generation, shared.values()) | _near(client, generation, new, items)
    of_length = _of_length(new[0])
    ids, vectors = [], []
    for id_, keys in shared.items():
        known = [means[key] for key in keys if key in means]
        total = sum(
            (math.log1p(items / degree) * mean for degree, mean in known), start=np.zeros(1)
        )
        if not np.any(total):
            continue
        ids.append(id_)
        weight = sum(math.log1p(items / degree) for degree, _ in known)
        vectors.append(of_length(total / weight))
    if not ids:
        return 0
    rows = np.array(vectors, dtype=np.float32)
    # Marked first: whatever is cut off here, no guess is ever taken for learned.
    client.write("place/mark", ids=ids, generation=generation)
    return embeddings.write(client, "Item", generation, Vocabulary(ids), rows)


def _of_length(row: Mapping[str, Any]) -> Callable[[Float64Array], Float64Array]:
    """Return what makes a mean as long as the vectors that the generation in service stores."""
    if row["scoring"] == "dot":
        return lambda mean: _on_sphere(mean, row["scale"])
    direction = np.array(row["user_mean"] or [0.0])
    length = float(np.linalg.norm(direction))
    return lambda mean: of_length_one(mean, direction / length if length else None)


def of_length_one(mean: Float64Array, direction: Float64Array | None) -> Float64Array:
    """Return a mean at length one, as far in a direction as it was.

    Args:
        mean: ``(d,)``, of vectors of length one.
        direction: ``(d,)``, of length one: where users' vectors point together; None: not known,
            as in a generation that was published before it was stored.
    """
    if direction is not None:
        along = float(mean @ direction)
        across = mean - along * direction
        length = float(np.linalg.norm(across))
        if length > _TINY:
            found: Float64Array = along * direction + math.sqrt(1 - along**2) / length * across
            return found
    unit: Float64Array = mean / np.linalg.norm(mean)
    return unit


def _on_sphere(mean: Float64Array, longest: float) -> Float64Array:
    """Return a mean on the sphere of the reduction of inner products to cosines."""
    taste = mean[:-1]
    rest = math.sqrt(max(longest**2 - float(taste @ taste), 0.0))
    return np.append(taste, rest)


def _shared(row: Mapping[str, Any]) -> list[_Key]:
    """Return what an item may have in common with others.

    (relation, entity) of facts, (=name, value) of attributes, (~name, own id) of vectors.
    """
    keys = [(relation, key) for relation, key in row["facts"]]
    keys += [(f"~{name}", row["id"]) for name, _ in row["vectors"]]
    for name, value in row["attributes"]:
        if name in _TEXTS:
            continue
        values = value if isinstance(value, list) else [value]
        texts = [_text(one) for one in values[:_MOST_VALUES] if isinstance(one, str | bool)]
        keys += [(f"={name}", text) for text in texts]
    return list(dict.fromkeys(keys))


def _text(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value


def _means(
    client: GraphClient, generation: int, shared: Iterable[Sequence[_Key]]
) -> dict[_Key, tuple[int, Float64Array]]:
    """Return how many have what is shared, and the mean of the vectors of some of them."""
    wanted = sorted({key for keys in shared for key in keys if not key[0].startswith("~")})
    facts = [list(key) for key in wanted if not key[0].startswith("=")]
    property_ = embeddings.property_name(generation)
    asked: dict[str, Any] = {"property": property_, "generation": generation, "most": _MOST}
    found: dict[_Key, tuple[int, list[list[float]]]] = {}
    for row in client.read("place/by_facts", facts=facts, **asked) if facts else []:
        found[row["relation"], row["key"]] = row["degree"], row["vectors"]
    for name in sorted({name for name, _ in wanted if name.startswith("=")}):
        values = [value for one, value in wanted if one == name]
        rows = client.read("place/by_values", attribute=name[1:], values=values, **asked)
        found |= {(name, row["value"]): (row["degree"], row["vectors"]) for row in rows}
    return {
        key: (degree, np.array(vectors, dtype=np.float64).mean(axis=0))
        for key, (degree, vectors) in found.items()
        if vectors
    }


def _near(
    client: GraphClient, generation: int, new: Sequence[Mapping[str, Any]], items: int
) -> dict[_Key, tuple[int, Float64Array]]:
    """Return how many learned items are near to each new one, and the mean of their vectors."""
    by_kind: dict[tuple[str, int], list[str]] = {}
    for row in new:
        for name, width in row["vectors"]:
            by_kind.setdefault((name, width), []).append(row["id"])
    found: dict[_Key, tuple[int, Float64Array]] = {}
    indexed = content_index.widths(client) if by_kind else {}
    for (name, width), ids in by_kind.items():
        asked: dict[str, Any] = {
            "brought": name,
            "property": embeddings.property_name(generation),
            "generation": generation,
            "most": _NEAREST,
        }
        rows = _from_index(client, asked | {"ids": ids}) if indexed.get(name) == width else []
        # Among many new ones that are alike, an index may name no learned item.
        near = {row["id"] for row in rows if row["vectors"]}
        if rest := [one for one in ids if one not in near]:
            stride = math.ceil(len(rest) * items * width / _COMPARED) or 1
            asked |= {"ids": rest, "width": width, "stride": stride}
            rows = [*rows, *client.read("place/by_vectors", **asked)]
        for row in rows:
            if row["vectors"]:
                vectors = np.array(row["vectors"], dtype=np.float64)
                mean = np.average(vectors, axis=0, weights=row["cosines"])
                found[f"~{name}", row["id"]] = len(vectors), mean
    return found


def _from_index(client: GraphClient, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    index = content_index.index_name(asked["brought"])
    idents = {"index": index} if client.server.cypher25 else None
    return client.read("place/by_index", idents, **asked, index_name=index, fetch=_FETCH)
