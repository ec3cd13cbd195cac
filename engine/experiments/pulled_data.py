"""What a model is trained on, from the graph: events, and of features and facts what it wants."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from engine.data.arrays import Float32Array
from engine.data.encoding.text_choice import TextChoice
from engine.data.feature_encoding import Described, FeatureEncoder, fact_words
from engine.data.features import NodeFeatures
from engine.data.interactions import Interactions
from engine.data.kind_weights import EQUAL, KindWeights
from engine.data.knowledge import Knowledge
from engine.data.training_data import TrainingData
from engine.errors import DataError, UsageError
from engine.experiments.training_request import TrainingRequest
from engine.graph.pulling import pull
from engine.graph.pulling.pull import pull_attributes
from engine.graph.pulling.pull_facts import pull_knowledge
from engine.graph.pulling.pull_feedback import pull_dislikes, pull_shown
from engine.graph.pulling.pull_vectors import pull_vectors
from engine.models.encoder import Side
from engine.models.registry_entries import ExtraData
from engine.store.graph_client import GraphClient

_SIDES: Mapping[Literal["User", "Item"], Side] = {"User": "users", "Item": "items"}


@dataclass(frozen=True, eq=False)
class PulledData:
    """What a model is trained on, and the watermark of the graph before it was pulled."""

    material: TrainingData
    watermark: int | None

    def without_baskets(self) -> "PulledData":
        """Return the same for who does not ask which basket an event is of."""
        return PulledData(replace(self.material, baskets=None), self.watermark)


def pull_data(
    graph: GraphClient,
    request: TrainingRequest,
    *,
    baskets: bool = False,
    kinds: KindWeights = EQUAL,
) -> PulledData:
    """Pull what the model of a request learns from; the graph is not needed afterwards.

    Args:
        graph: Where from.
        request: What is trained, and how it is judged.
        baskets: Whether the baskets of events are pulled though nothing in the request asks.
        kinds: Factors on the weights of events.

    Raises:
        DataError: The graph holds no events, or not what the model wants beside them.
        UsageError: An attribute that is to be read as a text is not there.
    """
    watermark = pull.data_watermark(graph)
    by_basket = baskets or request.judged_by.by_basket
    material = gather(graph, request.wants(), request.texts(), by_basket=by_basket, kinds=kinds)
    if not len(material.events):
        raise DataError("the graph holds no events", hint="load some with: engine ingest FILE")
    return PulledData(material, watermark)


def gather(
    client: GraphClient,
    wants: Collection[ExtraData],
    texts: TextChoice,
    *,
    by_basket: bool = False,
    kinds: KindWeights = EQUAL,
) -> TrainingData:
    """Pull the events, dislikes, and beside them what is wanted.

    A graph without facts has none to learn from, and that is no error.

    Args:
        client: The graph.
        wants: What is wanted.
        texts: Which attributes features read as texts.
        by_basket: Whether the events' baskets are pulled too.
        kinds: Factors on the weights of events.

    Raises:
        DataError: What is wanted is not in the graph, or it changed meanwhile.
    """
    if by_basket:
        events, baskets = pull.pull_baskets(client, kinds=kinds)
    else:
        events, baskets = pull.pull_interactions(client, kinds=kinds), None
    dislikes = pull_dislikes(client, events, kinds)
    pulled = TrainingData(events, baskets=baskets, unwanted=dislikes)
    return with_extra_data(client, pulled, wants, texts)


def with_extra_data(
    client: GraphClient, pulled: TrainingData, wants: Collection[ExtraData], texts: TextChoice
) -> TrainingData:
    """Return events and dislikes that were pulled, and beside them what is wanted.

    Raises:
        DataError: What is wanted is not in the graph, or it changed since the events were pulled.
    """
    events = pulled.events
    if "shown" in wants:
        pulled = replace(pulled, shown=pull_shown(client, events))
    if not {"features", "facts"} & set(wants):
        return pulled
    knowledge = pull_knowledge(client)
    if (knowledge.n_users, knowledge.n_items) != (events.n_users, events.n_items):
        raise DataError("users or items arrived during the pull", hint="run the command again")
    features = _features(client, events, knowledge, texts) if "features" in wants else None
    return replace(pulled, knowledge=knowledge if "facts" in wants else None, features=features)


def _features(
    client: GraphClient, events: Interactions, knowledge: Knowledge, texts: TextChoice
) -> NodeFeatures:
    """Return what is known of users and of items; a side that nothing is known of has none.

    Raises:
        DataError: Nothing is known of either.
        UsageError: An attribute that is to be read as a text is not there.
    """
    words = fact_words(knowledge)
    ids = {"User": events.users, "Item": events.items}
    facts = {"User": words[: events.n_users], "Item": words[events.n_users :]}
    encoders: dict[Side, FeatureEncoder] = {}
    rows: dict[Side, Float32Array] = {}
    for label, side in _SIDES.items():
        attributes = pull_attributes(client, label, names=texts.wants_name)
        known = Described(
            [attributes.get(id_, {}) for id_ in ids[label].ids],
            facts[label],
            pull_vectors(client, label, ids[label]),
        )
        encoder = FeatureEncoder.fitted(known, texts)
        if not encoder.is_empty:
            encoders[side], rows[side] = encoder, encoder.encode(known)
    if not rows:
        raise DataError(
            "this model learns from features, and the graph holds no attribute and no fact",
            hint="load some with: engine ingest --items FILE --facts FILE",
        )
    read = {name for one in encoders.values() for name in one.text_names}
    for name in texts.named:
        if name not in read:
            raise UsageError(
                f"texts={texts.names}: no user and no item has an attribute {name}",
                hint="give the attribute's own name, as the report of engine ingest has it",
            )
    return NodeFeatures(rows.get("users"), rows.get("items"), encoders)
