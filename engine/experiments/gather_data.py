"""Gather what a model learns from."""

from collections.abc import Collection

from engine.data.feature_encoding import encode, fact_words
from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.training_data import TrainingData
from engine.errors import DataError
from engine.graph.pulling.pull import pull_interactions
from engine.graph.pulling.pull_attributes import pull_attributes
from engine.graph.pulling.pull_facts import pull_knowledge
from engine.models.registry_entries import ExtraData
from engine.store.graph_client import GraphClient


def gather(client: GraphClient, wants: Collection[ExtraData]) -> TrainingData:
    """Pull the events, and of ``features`` and ``facts`` what is wanted.

    A graph without facts has none to learn from, and that is no error.

    Raises:
        DataError: What is wanted is not in the graph, or it changed meanwhile.
    """
    events = pull_interactions(client)
    if not {"features", "facts"} & set(wants):
        return TrainingData(events)
    knowledge = pull_knowledge(client)
    if (knowledge.n_users, knowledge.n_items) != (events.n_users, events.n_items):
        raise DataError("users or items arrived during the pull", hint="run the command again")
    features = _features(client, events, knowledge) if "features" in wants else None
    return TrainingData(events, knowledge if "facts" in wants else None, features)


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
