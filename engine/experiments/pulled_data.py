"""What a model is trained on, from the graph: events, and of features and facts what it wants."""

from collections.abc import Collection
from dataclasses import dataclass

from engine.data.arrays import Int64Array
from engine.data.feature_encoding import encode, fact_words
from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.training_data import TrainingData
from engine.errors import DataError
from engine.experiments.training_request import TrainingRequest
from engine.graph.pulling import pull
from engine.graph.pulling.pull import pull_attributes
from engine.graph.pulling.pull_facts import pull_knowledge
from engine.models.registry_entries import ExtraData
from engine.store.graph_client import GraphClient


@dataclass(frozen=True, eq=False)
class PulledData:
    """What a model is trained on, and the watermark of the graph before it was pulled."""

    material: TrainingData
    watermark: int | None


def pull_data(graph: GraphClient, request: TrainingRequest, *, baskets: bool = False) -> PulledData:
    """Pull what the model of a request learns from; the graph is not needed afterwards.

    Args:
        graph: Where from.
        request: What is trained, and how it is judged.
        baskets: Whether the baskets of events are pulled though nothing in the request asks.

    Raises:
        DataError: The graph holds no events, or not what the model wants beside them.
    """
    watermark = pull.data_watermark(graph)
    material = gather(graph, request.wants(), by_basket=baskets or request.judged_by.by_basket)
    if not len(material.events):
        raise DataError("the graph holds no events", hint="load some with: engine ingest FILE")
    return PulledData(material, watermark)


def gather(
    client: GraphClient, wants: Collection[ExtraData], *, by_basket: bool = False
) -> TrainingData:
    """Pull the events, and of ``features`` and ``facts`` what is wanted.

    A graph without facts has none to learn from, and that is no error.

    Args:
        client: The graph.
        wants: What is wanted.
        by_basket: Whether the events' baskets are pulled too.

    Raises:
        DataError: What is wanted is not in the graph, or it changed meanwhile.
    """
    if by_basket:
        return with_extra_data(client, *pull.pull_baskets(client), wants)
    return with_extra_data(client, pull.pull_interactions(client), None, wants)


def with_extra_data(
    client: GraphClient,
    events: Interactions,
    baskets: Int64Array | None,
    wants: Collection[ExtraData],
) -> TrainingData:
    """Return events that were pulled, and of ``features`` and ``facts`` what is wanted.

    Raises:
        DataError: What is wanted is not in the graph, or it changed since the events were pulled.
    """
    if not {"features", "facts"} & set(wants):
        return TrainingData(events, baskets=baskets)
    knowledge = pull_knowledge(client)
    if (knowledge.n_users, knowledge.n_items) != (events.n_users, events.n_items):
        raise DataError("users or items arrived during the pull", hint="run the command again")
    features = _features(client, events, knowledge) if "features" in wants else None
    return TrainingData(events, knowledge if "facts" in wants else None, features, baskets)


def _features(client: GraphClient, events: Interactions, knowledge: Knowledge) -> NodeFeatures:
    """Return what is known of users and of items; a side that nothing is known of has none.

    Raises:
        DataError: Nothing is known of either.
    """
    words = fact_words(knowledge)
    users = encode(events.users.ids, pull_attributes(client, "User"), words[: events.n_users])
    items = encode(events.items.ids, pull_attributes(client, "Item"), words[events.n_users :])
    if users is None and items is None:
        raise DataError(
            "this model learns from features, and the graph holds no attribute and no fact",
            hint="load some with: engine ingest --items FILE --facts FILE",
        )
    return NodeFeatures(users, items)
