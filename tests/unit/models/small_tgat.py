"""A small TGAT over events of a few minutes, and what its memory is shown of them."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from engine.data.interactions import Interactions
from engine.models.tgat import TGAT, EventBatch, TGATConfig
from engine.training.losses import softmax

from ..timed_events import Event, timed

USERS, ITEMS, MINUTE = 5, 6, 60_000
EVENTS = st.lists(
    st.tuples(st.integers(0, USERS - 1), st.integers(0, ITEMS - 1), st.integers(1, 9)), max_size=25
)


def interactions(events: list[Event]) -> Interactions:
    """Return events whose times are minutes."""
    return timed(events, USERS, ITEMS, MINUTE)


def some_events(count: int = 40) -> list[Event]:
    """Return events of all but the last user and the last item, some of them at one moment."""
    generator = np.random.default_rng(2)
    columns = (USERS - 1, ITEMS - 1, 30)
    drawn = (generator.integers(0, most, count).tolist() for most in columns)
    return [(user, item, at + 1) for user, item, at in zip(*drawn, strict=True)]


def model(events: list[Event], **chosen: Any) -> TGAT:
    """Return a model none of whose weights is zero, the same for all events."""
    config = replace(
        TGATConfig(dimension=8, times=4, start="normal", neighbours=3, beyond=2), **chosen
    )
    found = TGAT(interactions(events), config, np.random.default_rng(5))
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for one in filter(lambda one: one.requires_grad, found.state().values()):
            one.add_(0.2 * torch.randn(one.shape, generator=generator))
    return found


def taken(found: TGAT, events: list[Event]) -> TGAT:
    """Return the model after its memory took the events, three minutes at a time."""
    begins = True
    for start in range(1, 31, 3):
        some = sorted(event for event in events if start <= event[2] < start + 3)
        if not some:
            continue
        user, item, at = (np.array([one[n] for one in some], dtype=np.int64) for n in range(3))
        batch = EventBatch(
            users=user,
            at=at * MINUTE,
            positives=torch.tensor(item),
            negatives=torch.tensor([0]),
            before=start * MINUTE,
            begins=begins,
        )
        found.fit_step(batch, softmax(0.1))
        begins = False
    return found


def everybody_at(found: TGAT, minute: int) -> torch.Tensor:
    nodes = np.arange(USERS + ITEMS)
    return found.at_times(nodes, np.full(len(nodes), minute * MINUTE)).detach()
