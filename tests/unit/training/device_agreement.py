"""Every model trained on the CPU and on another device: the vectors must agree.

Without pytest, so that a machine that has a GPU and little else can run it too
(``benchmarks/on_gpu.py``).
"""

from contextlib import nullcontext
from pathlib import Path

import numpy as np

from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS
from engine.models.encoder import Embeddings
from engine.training import device
from engine.training.batch_factories import SOURCES
from engine.training.seed import generator
from engine.training.trainer import TrainingHooks, train

from .elsewhere import elsewhere

USERS, ITEMS, ENTITIES = 20, 12, 3
SETTINGS = [
    *((name, "") for name in MODELS),
    ("lightgcn", "shuffle=users decay=linear"),
    ("lightgcn", "shuffle=users precision=bfloat16"),
    ("lightgcn", "loss=bpr scoring=dot"),
    ("lightgcn", "loss=max-margin negatives=both"),
    ("lightgcn", "negatives=in-batch recency=2"),
    ("ngcf", "message_dropout=0.3 node_dropout=0.3"),
    ("gcn", "inputs=features"),
    ("graphsage", "inputs=features aggregator=max"),
    ("lightgcn", "alphas=learned"),
    ("gcn", "normalisation=symmetric fanout=3"),
    ("transe", "norm=l1 loss=self-adversarial relations=all"),
    ("complex", "inverse=false scoring=cosine"),
    ("rotate", "norm=l1 scoring=dot"),
    ("pinsage", "pooling=max pairs=together"),
    ("deepwalk", "path=any facts=true"),
    ("tgat", "memory=8"),
]
ON_A_GPU = [*SETTINGS, ("graphsage", "aggregator=lstm")]
PLACES = {"cpu": nullcontext, "meta": elsewhere, "cuda": lambda: device.default_device("cuda")}


def material() -> TrainingData:
    """Everything a model may ask for."""
    draw = np.random.default_rng(3)
    user = np.repeat(np.arange(USERS), 6)
    item = draw.integers(0, ITEMS, len(user))
    events = Interactions.of(
        Vocabulary([f"u{n}" for n in range(USERS)]),
        Vocabulary([f"i{n}" for n in range(ITEMS)]),
        user,
        item,
        at=np.arange(1, len(user) + 1) * 86_400_000,
    )
    head = USERS + np.arange(ITEMS)
    tail = USERS + ITEMS + np.arange(ITEMS) % ENTITIES
    facts = Knowledge.of(
        (USERS, ITEMS),
        Vocabulary([f"e{n}" for n in range(ENTITIES)]),
        ("OF",),
        (head, np.zeros(ITEMS, dtype=np.int64), tail),
    )
    rows = (draw.random((count, 4)).astype(np.float32) for count in (USERS, ITEMS))
    return TrainingData(events, facts, NodeFeatures(*rows))


def learned(name: str, words: str, folder: Path, place: str = "cpu") -> Embeddings:
    """Train two epochs there, in two goes: the second one continues the first."""
    texts = {"batch_size": "32", "negative_count": "4", "epochs": "2"}
    texts |= dict(word.split("=") for word in words.split())
    config, training = TrainingRequest(name, texts).configs_for(material().events)
    entry, data = MODELS[name], material()
    with PLACES[place]():
        for steps in (1, 10_000):
            asked = iter(range(steps + 1))
            model = entry.build(data, config, generator(0, "start"))
            batches = SOURCES[entry.batches](data, config, training, 0)
            hooks = TrainingHooks(
                validate=lambda found: float(found.users[0] @ found.items[0]),
                should_stop=lambda asked=asked, steps=steps: next(asked) >= steps,  # type: ignore[misc]
                save_to=folder / "state.pt",
            )
            train(model, batches, training, hooks)
        assert {one.device.type for one in model.state().values()} == {place}
        return model.encode()


def agree(name: str, words: str, folder: Path, place: str) -> None:
    """Train on both and compare every vector."""
    here = learned(name, words, folder / "here")
    there = learned(name, words, folder / "there", place)
    np.testing.assert_allclose(there.users, here.users, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(there.items, here.items, rtol=1e-3, atol=1e-5)
    assert np.abs(here.users).sum() > 0
