"""Settings of models that learn from features: which attributes are read as texts, and how."""

from dataclasses import dataclass

from engine.data.model_options import option
from engine.models.confidence import ThresholdConfig


@dataclass(frozen=True)
class FeatureConfig(ThresholdConfig):
    """Settings of every model that can learn from features."""

    texts: str = option(
        "auto",
        "attributes that are read as texts, as NAME,NAME; auto: those that are sentences; none",
    )
    sentence_model: str = option(
        "", "folder of a sentence-transformers model that reads them; empty: their words count"
    )
