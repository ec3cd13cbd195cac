"""The part of a trained model that makes users' vectors at request time, where it has one."""

from typing import Any

import numpy as np

from engine.data.sequence_encoder import SequenceEncoder
from engine.evaluation import trend
from engine.graph import stored_user_encoders
from engine.store.graph_client import GraphClient
from engine.training.checkpoint import TrainedModel

MODEL = "sasrec"


def of_model(trained: TrainedModel) -> SequenceEncoder | None:
    """Return what makes users' vectors of their newest items; None where they are stored alone.

    A model without weights, such as the one that was judged, has none.
    """
    if trained.model != MODEL or not trained.weights:
        return None
    settings = trained.settings
    weights = {
        name: one.astype(np.float32) for name, one in trained.weights.items() if name != "vectors"
    }
    by_weight = settings["confidence"] == "threshold"
    return SequenceEncoder(
        weights,
        heads=settings["heads"],
        layers=settings["layers"],
        unit=trained.scoring == "cosine",
        trend=trend.gain(settings.get("trend", 0.0)),
        least_weight=settings["threshold"] if by_weight else None,
    )


def write(graph: GraphClient, number: int, encoder: SequenceEncoder | None) -> None:
    """Store it beside a generation that is not in service yet; nothing where there is none."""
    if encoder is not None:
        stored_user_encoders.write(graph, number, encoder)


def settings(encoder: SequenceEncoder | None) -> dict[str, Any]:
    """Return what the serving query reads of it from the generation's node."""
    return {} if encoder is None else {stored_user_encoders.SETTING: encoder.digest}
