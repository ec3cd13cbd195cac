"""What a plug-in is made of: the classes that entry points hold, and what they are given.

These names stay within a major version, as those of the library do. Importing them imports PyTorch;
a package of lists alone takes ``ListQuery`` from ``engine.store.plugin_lists``.
"""

from engine.answering.rerankers import Reranker
from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import Span, option
from engine.data.reading.plugin_reader import FileReader
from engine.data.training_data import TrainingData
from engine.graph.lists.recommendations import Recommended
from engine.models.encoder import Embeddings, Encoder, Loss, PairComparison, Scored
from engine.models.item_filter import FilterConfig
from engine.models.registry_entries import ItemScorer, ModelEntry, PlainMethod, of_events
from engine.store.plugin_lists import ListQuery

__all__ = [
    "Embeddings",
    "Encoder",
    "FileReader",
    "FilterConfig",
    "Float32Array",
    "Int64Array",
    "Interactions",
    "ItemScorer",
    "ListQuery",
    "Loss",
    "ModelEntry",
    "PairComparison",
    "PlainMethod",
    "Recommended",
    "Reranker",
    "Scored",
    "Span",
    "TrainingData",
    "of_events",
    "option",
]
