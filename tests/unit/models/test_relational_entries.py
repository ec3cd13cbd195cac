from engine.models.relational import RelationalConfig
from engine.models.relational_entries import RELATIONAL
from engine.training.training_config import TrainingConfig


def test_every_model_of_triples_asks_for_facts_unless_they_are_left_out() -> None:
    for name, entry in RELATIONAL.items():
        assert issubclass(entry.config, RelationalConfig), name
        assert entry.batches == "triples", name
        assert entry.wants(entry.config()) == ("facts",), name
        assert entry.wants(entry.config(relations="events")) == (), name


def test_candidates_of_the_bilinear_ones_are_all_of_a_label_in_a_small_graph() -> None:
    for name in ("distmult", "complex"):
        training = RELATIONAL[name].training
        assert TrainingConfig().loss == "softmax"
        assert "loss" not in training
        assert int(training["negative_count"]) >= 4096
