from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError
from engine.models.complex import ComplEx, ComplExConfig
from engine.models.distmult import DistMult, DistMultConfig
from engine.models.relational import ScoredTriples, TripleBatch
from engine.models.rotate import RotatE, RotatEConfig
from engine.models.transe import TransE, TransEConfig
from engine.models.twhin import TwHIN, TwHINConfig

# Nodes 0 to 8 are users, 9 to 15 items, 16 to 18 entities; 8, 15 and 18 are in no triple.
BATCH = TripleBatch(
    heads=torch.tensor([0, 9, 3]),
    relations=torch.tensor([0, 1, 2]),
    tails=torch.tensor([10, 16, 4]),
    negatives=(torch.tensor([0, 1, 2]), torch.tensor([10, 11]), torch.tensor([17, 16, 17, 16])),
)
# One row of scores per triple; those of ComplEx and DistMult are in test_bilinear.py.
ONE_ROW = [(TransE, TransEConfig), (RotatE, RotatEConfig), (TwHIN, TwHINConfig)]
MODELS = [*ONE_ROW, (ComplEx, ComplExConfig), (DistMult, DistMultConfig)]
every_one_row_model = pytest.mark.parametrize(("model", "config"), ONE_ROW)
every_model = pytest.mark.parametrize(("model", "config"), MODELS)
every_scoring = pytest.mark.parametrize("scoring", ["cosine", "dot"])


@pytest.fixture
def material(small_graph: Interactions) -> TrainingData:
    columns = ([9, 10, 0, 14], [0, 0, 1, 0], [16, 17, 1, 17])
    facts = tuple(np.array(column, dtype=np.int64) for column in columns)
    entities = Vocabulary(["Brand:1", "Brand:2", "Brand:3"])
    return TrainingData(
        small_graph,
        Knowledge.of((9, 7), entities, ("MADE_BY", "TRUSTS"), facts),  # type: ignore[arg-type]
    )


@every_scoring
@every_one_row_model
def test_every_score_is_that_of_the_triple_alone(
    material: TrainingData, model: type, config: type, scoring: str
) -> None:
    """Ends are replaced by nodes of their own label, and a triple is not told from itself."""
    encoder = model(material, config(dimension=4, scoring=scoring), np.random.default_rng(0))
    found: list[ScoredTriples] = []

    def loss(scored: ScoredTriples) -> torch.Tensor:
        found.append(scored)
        return scored.own.sum()

    encoder.fit_step(BATCH, loss)
    tails = encoder.graph.score_tails(BATCH.heads.numpy(), BATCH.relations.numpy())
    heads = encoder.graph.score_heads(BATCH.relations.numpy(), BATCH.tails.numpy())
    own = [tails[at, tail] for at, tail in enumerate(BATCH.tails.tolist())]
    # A short distance is the difference of long squares, so its last digits are lost.
    np.testing.assert_allclose(found[0].own.detach(), own, atol=1e-4)
    np.testing.assert_allclose(
        own, [heads[at, head] for at, head in enumerate(BATCH.heads.tolist())], atol=1e-4
    )
    candidates = [one.tolist() for one in BATCH.negatives]
    labels = [(1, 2, 0), (0, 1, 0)]
    for at in range(3):
        row = found[0].others[at].detach().numpy()
        for place, (scores, true) in enumerate(
            ((tails, BATCH.tails[at].item()), (heads, BATCH.heads[at].item()))
        ):
            some = candidates[labels[place][at]]
            expected = [-np.inf if node == true else scores[at, node] for node in some]
            expected += [-np.inf] * (4 - len(some))
            np.testing.assert_allclose(row[4 * place : 4 * place + 4], expected, atol=1e-5)


@every_scoring
@every_model
def test_what_is_stored_ranks_as_the_model_does(
    material: TrainingData, model: type, config: type, scoring: str
) -> None:
    settings = {"dimension": 4, "scoring": scoring, "start": "normal"}
    encoder = model(material, config(**settings), np.random.default_rng(1))
    served = encoder.encode()
    users = np.arange(8)
    own = encoder.graph.score_tails(users, np.zeros(8, dtype=np.int64))
    for targets, first, count in ((served.items, 9, 6), (served.entities, 16, 2)):
        stored = served.users[:8] @ targets[:count].T
        np.testing.assert_array_equal(
            np.argsort(stored, axis=1), np.argsort(own[:, first : first + count], axis=1)
        )
    assert not served.users[8].any()
    assert not served.items[6].any()
    assert not served.entities[2].any()


@every_model
def test_facts_are_left_out_where_events_are_asked_for(
    material: TrainingData, model: type, config: type
) -> None:
    encoder = model(material, config(dimension=4, relations="events"), np.random.default_rng(0))
    assert encoder.encode().entities is None
    assert encoder.graph.triples.facts == ()
    assert encoder.state()["nodes"].shape == (16, 4)
    inverse = 1 if getattr(encoder.config, "inverse", False) else 0
    width = 2 if model is RotatE else 4
    assert encoder.state()["relations"].shape == (1 + inverse, width)


def two_kinds(material: TrainingData) -> TrainingData:
    events = material.events
    later = (np.arange(len(events)) % 4 == 0).astype(np.int16)
    return material.of(replace(events, event=later, events=("viewed", "bought")))


def test_a_kind_of_event_is_served_or_the_mean_of_all(material: TrainingData) -> None:
    some, config = two_kinds(material), TwHINConfig(dimension=4, scoring="dot", start="normal")
    encoders = {
        serve: TwHIN(some, replace(config, serve=serve), np.random.default_rng(0))
        for serve in ("viewed", "bought", "")
    }
    viewed, bought, both = (encoders[one].encode().users[:8] for one in ("viewed", "bought", ""))
    state = encoders[""].state()
    moved = (state["nodes"][:8] + state["relations"][1]).detach().numpy()
    np.testing.assert_allclose(bought, moved, atol=1e-6)
    share = encoders[""].graph.triples.kind_counts()
    np.testing.assert_allclose(
        both, (share[0] * viewed + share[1] * bought) / share.sum(), atol=1e-6
    )
    # What weighs nothing keeps its name among the kinds, and nothing is learned of it.
    known = replace(some.events, events=("viewed", "bought", "seen"))
    for kind in ("sold", "seen"):
        with pytest.raises(UsageError, match=f"kind {kind}") as caught:
            TwHIN(some.of(known), replace(config, serve=kind), np.random.default_rng(0))
        assert caught.value.hint == "there are: viewed, bought"


def test_a_spectral_start_puts_an_entity_near_what_it_joins(material: TrainingData) -> None:
    encoder = TwHIN(material, TwHINConfig(dimension=4), np.random.default_rng(0))
    nodes = encoder.state()["nodes"].detach()
    torch.testing.assert_close(nodes[16], nodes[9], atol=0.1, rtol=0)
    torch.testing.assert_close(nodes[17], (nodes[10] + nodes[14]) / 2, atol=0.1, rtol=0)
    assert nodes[:8].square().sum(dim=1).mean() > 0.5


def test_l2_counts_the_nodes_of_the_triples(material: TrainingData) -> None:
    encoder = TransE(material, TransEConfig(dimension=4, l2=0.5), np.random.default_rng(0))
    nodes = encoder.state()["nodes"].detach()
    expected = 0.5 * nodes[[0, 9, 3, 10, 16, 4]].square().sum() / 6
    assert encoder.fit_step(BATCH, lambda _: torch.zeros(())).item() == pytest.approx(
        expected.item(), rel=1e-5
    )
