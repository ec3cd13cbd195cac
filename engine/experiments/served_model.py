"""The score of a trained model as it is served, for whoever judges what serves."""

from dataclasses import replace

from engine.data import sequences
from engine.data.interactions import Interactions
from engine.data.sequence_encoder import SequenceEncoder
from engine.data.splits import Split
from engine.evaluation.blend import Blend
from engine.evaluation.ranking import UserScorer
from engine.evaluation.served_score import served_by_edges, served_score
from engine.models import item_filter
from engine.publishing import user_encoders
from engine.training.checkpoint import TrainedModel


def blend_score(model: TrainedModel, parts: Split, until: int) -> UserScorer:
    """Return the score of the blend that a model is served by.

    A filter adds up its edges over what is known by then; a model that makes users' vectors at
    request time makes them of it.

    Args:
        model: By rows of the events.
        parts: The first is known.
        until: When the newest event happened that the model has learned from, epoch milliseconds.
    """
    known = parts.earlier
    weights = Blend(
        model.popularity_weight,
        model.again_weight,
        model.half_life_days,
        model.drift_weight,
        model.popular_half_life_days,
    )
    if model.edges is not None:
        found = item_filter.served(model.edges, known, item_filter.config_of(model.settings))
        return served_by_edges(found, known, weights)
    users = model.user_vectors
    if (encoder := user_encoders.of_model(model)) is not None:
        users = encoder.served(_newest(known, encoder), model.item_vectors)
        weights = replace(weights, drift_weight=0.0)  # what was done since is in the vectors
    vectors = users, model.item_vectors
    return served_score(vectors, known, weights, until, cosine=model.scoring == "cosine")


def _newest(known: Interactions, encoder: SequenceEncoder) -> sequences.Sequences:
    if encoder.least_weight is not None:
        known = known.select(known.weight >= encoder.least_weight)
    return sequences.newest(known, encoder.length)
