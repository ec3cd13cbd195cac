"""Where one epoch goes, by PyTorch's own profiler.

python -m benchmarks.profile_epoch lightgcn gowalla/
python -m benchmarks.profile_epoch pinsage ml-100k/

LightGCN on Gowalla with the settings of the paper's table, PinSage on ml-100k with its defaults.
One epoch warms up, the next is looked at. An operation's seconds are its own, without those of what
it calls.
"""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile, record_function

from benchmarks import offline
from engine.data.reading.adjacency_lists import read_split
from engine.data.training_data import TrainingData
from engine.experiments.paper_table import SETTINGS
from engine.experiments.training_request import TrainingRequest
from engine.models import MODELS
from engine.models.encoder import Encoder, Loss
from engine.training import batch_factories, seed
from engine.training.batches import BatchSource
from engine.training.trainer import TrainingHooks, train

_ROWS = 16


class _MarkedBatches:
    """Batches whose drawing has a name in the profile."""

    def __init__(self, source: BatchSource[Any]) -> None:
        self._source, self.steps = source, source.steps

    def batch(self, epoch: int, step: int) -> Any:
        with record_function("PART drawing batches"):
            return self._source.batch(epoch, step)


class _MarkedEncoder:
    """An encoder whose forward pass has a name in the profile."""

    def __init__(self, encoder: Encoder[Any]) -> None:
        self._encoder, self.config = encoder, encoder.config
        self.encode, self.state = encoder.encode, encoder.state

    def fit_step(self, batch: Any, loss: Loss) -> torch.Tensor:
        with record_function("PART forward and loss"):
            return self._encoder.fit_step(batch, loss)


def main(name: str, folder: Path) -> None:
    """Print what an epoch's seconds are spent on."""
    if name == "pinsage":
        material, settings = offline.ml_100k(folder), {}
    else:
        material, settings = TrainingData(read_split(folder).earlier), SETTINGS.get(name, {})
    request = TrainingRequest(name, settings | {"recency": "0"})
    model, training = request.configs_for(material.events)
    training = replace(training, epochs=1)
    encoder = _MarkedEncoder(MODELS[name].build(material, model, seed.generator(0, "start")))
    source = _MarkedBatches(
        batch_factories.SOURCES[MODELS[name].batches](material, model, training, 0)
    )
    train(encoder, source, training, TrainingHooks())
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        train(encoder, source, training, TrainingHooks())
    events = seen.key_averages()
    whole = sum(event.self_cpu_time_total for event in events)
    print(f"{name}: {source.steps} steps, {whole / 1e6:.2f} s of processor time on the main thread")
    for event in events:
        if event.key.startswith("PART"):
            print(f"  {event.key[5:]}: {event.cpu_time_total / whole:.0%}")
    for event in sorted(events, key=lambda one: -one.self_cpu_time_total)[:_ROWS]:
        share = event.self_cpu_time_total / whole
        print(
            f"  {share:6.1%} {event.self_cpu_time_total / 1e6:7.2f} s {event.count:6} x {event.key}"
        )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
