"""What is kept of a training: for ``publish``, and beside it for the nights that judge it later."""

from dataclasses import replace
from pathlib import Path

from engine.data.training_data import TrainingData
from engine.experiments import experiment
from engine.experiments.train import judged_model, trained
from engine.experiments.training_request import TrainingRequest
from engine.training import checkpoint

from .conftest import FAST, shop


def test_every_weight_of_the_blend_is_kept_for_publish(tmp_path: Path) -> None:
    material, request = TrainingData(shop()), TrainingRequest(settings=FAST)
    result = experiment.run(material, request, tmp_path / "run")
    blend = replace(result.blend, drift_weight=0.3)
    model = trained(replace(result, blend=blend), material, request, 7)
    for one in (model, judged_model(model, result)):
        checkpoint.save(tmp_path / "model.pt", one)
        kept = checkpoint.load(tmp_path / "model.pt")
        weights = (kept.popularity_weight, kept.again_weight, kept.half_life_days)
        assert weights == (blend.popularity_weight, blend.again_weight, blend.half_life_days)
        assert (kept.drift_weight, kept.data_watermark) == (0.3, 7)
