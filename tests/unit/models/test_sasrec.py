"""SASRec: causal, the same in NumPy, and learns what only order tells."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.data.sequence_encoder import SequenceEncoder
from engine.data.sequences import Sequences, newest
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError, UsageError
from engine.models.collaborative import first_vectors
from engine.models.sasrec import SASRec, SASRecConfig

from .rings import hits, rings

LENGTH = 6
ITEMS = 12


def some_events(users: int = 9) -> Interactions:
    """Users with 0 to 8 events, so below, at and above the length; some at one moment."""
    generator = np.random.default_rng(1)
    user = np.repeat(np.arange(users), np.arange(users))
    at = 1_700_000_000_000 + np.cumsum(generator.choice([0, 900, 60_000, 10**9], len(user)))
    return Interactions.of(
        Vocabulary([f"u{n}" for n in range(users)]),
        Vocabulary([f"i{n:02}" for n in range(ITEMS)]),
        user,
        generator.integers(0, ITEMS - 1, len(user)),
        at=at,
    )


def model(**settings: Any) -> SASRec:
    """Return a model none of whose weights is zero or one."""
    config = replace(
        SASRecConfig(dimension=8, length=LENGTH, hidden=12, start="normal"), **settings
    )
    found = SASRec(some_events(), config, np.random.default_rng(5))
    with torch.no_grad():
        for one in found.state().values():
            one.add_(0.2 * torch.randn(one.shape))
    return found


def in_numpy(found: SASRec) -> SequenceEncoder:
    weights = {name: one.detach().numpy() for name, one in found.state().items()}
    vectors = weights.pop("vectors")
    assert len(vectors) == ITEMS
    config = found.config
    return SequenceEncoder(weights, config.heads, config.layers, config.scoring == "cosine")


@pytest.mark.parametrize("settings", [{}, {"time_gaps": True}, {"scoring": "dot"}, {"layers": 1}])
def test_numpy_makes_the_vectors_of_torch_at_every_length(settings: dict[str, Any]) -> None:
    found = model(**settings)
    vectors = found.encode()
    sequences = newest(some_events(), LENGTH)
    assert set(sequences.counts.tolist()) == set(range(LENGTH + 1))
    ours = in_numpy(found).encode(sequences, vectors.items)
    np.testing.assert_allclose(ours, vectors.users, atol=1e-5)
    assert not ours[0].any(), "nothing is known of who had nothing"
    for row in range(1, len(sequences)):  # alone, without places that others need
        count = sequences.counts[row]
        one = Sequences(
            sequences.items[row : row + 1, :count],
            sequences.at[row : row + 1, :count],
            sequences.counts[row : row + 1],
        )
        alone = in_numpy(found).encode(one, vectors.items)
        np.testing.assert_allclose(alone[0], vectors.users[row], atol=1e-5)


@pytest.mark.parametrize("time_gaps", [False, True])
def test_what_comes_later_changes_nothing_before_it(time_gaps: bool) -> None:
    found = model(time_gaps=time_gaps)
    items = torch.randn(ITEMS, 8)
    given = newest(some_events(), LENGTH)
    full = np.full(len(given), LENGTH)
    inputs = Sequences(given.items, given.at, full)
    before = found.hidden(items, inputs)
    for place in range(LENGTH):
        changed = given.items.copy()
        changed[:, place:] = ITEMS - 1 - changed[:, place:]
        at = given.at.copy()
        at[:, place:] += 10**10
        after = found.hidden(items, Sequences(changed, at, full))
        torch.testing.assert_close(before[:, :place], after[:, :place], atol=1e-6, rtol=1e-6)
        assert not torch.allclose(before[:, place], after[:, place], atol=1e-3)


def test_attention_is_that_of_the_formula() -> None:
    """Against loops written from the docstring, with gaps, one user, one head at a time."""
    found = model(time_gaps=True, layers=1, heads=2)
    weights = {name: one.detach().numpy().astype(float) for name, one in found.state().items()}
    sequences = newest(some_events(), LENGTH)
    row = 5
    count = int(sequences.counts[row])
    rows, at = sequences.items[row, :count], sequences.at[row, :count]
    e = weights["vectors"] / np.linalg.norm(weights["vectors"], axis=1, keepdims=True)
    x = np.stack(
        [
            np.sqrt(8) * e[item] + weights["positions"][LENGTH - count + t]
            for t, item in enumerate(rows)
        ]
    )

    def norm(name: str, value: np.ndarray) -> np.ndarray:
        spread = np.sqrt(value.var() + 1e-5)
        return (value - value.mean()) / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def linear(name: str, value: np.ndarray) -> np.ndarray:
        return weights[f"{name}.weight"] @ value + weights[f"{name}.bias"]

    projected = [linear("0.attention", norm("0.norm1", one)) for one in x]
    t, mixed = count - 1, []
    for head in range(2):
        part = slice(4 * head, 4 * head + 4)
        scores = []
        for s in range(count):
            seconds = (at[t] - at[s]) // 1_000
            bucket = 0 if seconds < 1 else 1 + int(np.floor(np.log2(seconds)))
            query, key = projected[t][:8][part], projected[s][8:16][part]
            scores.append(query @ key / np.sqrt(4) + weights["gaps"][0, head, bucket])
        share = np.exp(scores) / np.exp(scores).sum()
        mixed.append(sum(share[s] * projected[s][16:][part] for s in range(count)))
    own = x[t] + linear("0.out", np.concatenate(mixed))
    own = own + linear("0.outer", np.maximum(linear("0.inner", norm("0.norm2", own)), 0.0))
    z = norm("norm", own)
    np.testing.assert_allclose(found.encode().users[row], z / np.linalg.norm(z), atol=1e-5)


def test_what_only_order_tells_is_learned_by_this_model_alone() -> None:
    events, following = rings()
    small = {"dimension": "16", "start": "normal", "batch_size": "128", "epochs": "30"}
    assert hits("sasrec", small | {"dropout": "0"}, events, following) > 0.9
    for name in ("bpr-mf", "lightgcn"):
        assert hits(name, small, events, following) < 0.4


def test_heads_that_cannot_share_the_dimension_are_refused() -> None:
    with pytest.raises(UsageError, match="3 heads cannot share 64 numbers"):
        SASRecConfig(heads=3)


def test_events_without_time_are_refused(small_graph: Interactions) -> None:
    with pytest.raises(DataError, match="have no time"):
        SASRec(small_graph, SASRecConfig(), np.random.default_rng(0))


def test_items_start_where_the_graph_has_them() -> None:
    """The first vectors are those of items, in the space of users and items."""
    events = some_events()
    config = SASRecConfig(dimension=8, length=LENGTH, start="spectral")
    found = SASRec(events, config, np.random.default_rng(5)).state()["vectors"]
    whole = first_vectors(events, config, np.random.default_rng(5))
    assert len(whole) == events.n_users + ITEMS
    torch.testing.assert_close(found.detach(), whole[-ITEMS:], atol=0, rtol=0)
