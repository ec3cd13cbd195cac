"""Registry entries of the models of triples, which learn from facts beside events."""

from engine.models.complex import ComplEx, ComplExConfig
from engine.models.distmult import DistMult, DistMultConfig
from engine.models.registry_entries import ModelEntry
from engine.models.relational import facts_unless_left_out
from engine.models.rotate import RotatE, RotatEConfig
from engine.models.transe import TransE, TransEConfig
from engine.models.twhin import TwHIN, TwHINConfig

# Every node of a label is a candidate while there are no more than these: 1-N.
_ONE_TO_ALL = {"temperature": "1", "negative_count": "4096", "batch_size": "1024"}

RELATIONAL: dict[str, ModelEntry] = {
    "transe": ModelEntry(
        config=TransEConfig,
        build=TransE,
        sharded=TransE,
        sparse_gradients=True,
        wants=facts_unless_left_out,
        summary="A relation is a step from head to tail; events and facts together",
        kind="shallow",
        paper="Bordes et al. 2013",
        takes=("facts",),
        batches="triples",
        training={"loss": "self-adversarial", "margin": "1", "temperature": "0.2"},
    ),
    "distmult": ModelEntry(
        config=DistMultConfig,
        build=DistMult,
        wants=facts_unless_left_out,
        summary="A relation weighs coordinates; which tail and which head among all",
        kind="shallow",
        paper="Yang et al. 2015",
        takes=("facts",),
        batches="triples",
        training=_ONE_TO_ALL,
    ),
    "complex": ModelEntry(
        config=ComplExConfig,
        build=ComplEx,
        wants=facts_unless_left_out,
        summary="A relation is a complex product; which tail and which head among all",
        kind="shallow",
        paper="Trouillon et al. 2016, Lacroix et al. 2018",
        takes=("facts",),
        batches="triples",
        training=_ONE_TO_ALL,
    ),
    "rotate": ModelEntry(
        config=RotatEConfig,
        build=RotatE,
        wants=facts_unless_left_out,
        summary="A relation turns complex coordinates of the head to those of the tail",
        kind="shallow",
        paper="Sun et al. 2019",
        takes=("facts",),
        batches="triples",
        training={"loss": "self-adversarial", "margin": "1", "temperature": "1"},
    ),
    "twhin": ModelEntry(
        config=TwHINConfig,
        build=TwHIN,
        sharded=TwHIN,
        sparse_gradients=True,
        wants=facts_unless_left_out,
        summary="One space for events, friendships and facts, each relation a vector",
        kind="shallow",
        paper="El-Kishky et al. 2022",
        takes=("facts",),
        batches="triples",
        training={"negatives": "both"},
    ),
}
