"""A model as a night trains it before a moment of the past: where benchmarks of rankers begin."""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from engine import config
from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.training_data import TrainingData
from engine.evaluation.protocols import EvaluationTask, Window
from engine.evaluation.protocols.cuts import DAY_MS
from engine.experiments import experiment
from engine.experiments.pulled_data import gather
from engine.experiments.train import judged_model, trained
from engine.experiments.train_ranker import RankedModel, RankerExperiment
from engine.experiments.training_request import TrainingRequest
from engine.publishing.generations import one_at_a_time
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

DAYS = 7
"""Length of every window."""


def add_options(parser: argparse.ArgumentParser, model: str = "als", before: int = 0) -> None:
    """Add which home, which model, and how many of the newest weeks to leave out."""
    parser.add_argument("home", type=Path)
    parser.add_argument("--model", default=model)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--before", type=int, default=before, help="Weeks to leave out at the end.")


@dataclass(frozen=True, eq=False)
class PastModel:
    """What a night at a cut would have made.

    Attributes:
        asked: How it was trained, and judged on the window after the cut.
        task: That window.
        model: As it was judged.
    """

    asked: TrainingRequest
    task: EvaluationTask
    model: RankedModel


class PastModels:
    """Trains models of one shop before moments of the past.

    Attributes:
        stores: The graph and the registry.
        material: All events of the shop, and what else the model learns from.
    """

    def __init__(
        self,
        settings: Settings,
        stores: tuple[GraphClient, Registry],
        request: TrainingRequest,
        material: TrainingData,
    ) -> None:
        self.stores, self.material = stores, material
        self._settings, self._request = settings, request

    def before(self, cut: int) -> PastModel:
        """Train on what lies before a cut, as a night does."""
        asked = replace(self._request, protocol=Window(DAYS, 1, cut + DAYS * DAY_MS))
        with tempfile.TemporaryDirectory() as folder:
            result = experiment.run(self.material, asked, Path(folder))
        (task,) = asked.tasks(self.material)
        twin = judged_model(trained(result, self.material, asked, None), result)
        return PastModel(asked, task, RankedModel.of(twin, task, result.epochs, DAYS))

    def ranking(self, asked: TrainingRequest, report: StageProgress = no_stage) -> RankerExperiment:
        """Return the learning of rankers of a model."""
        return RankerExperiment(self.stores, self._settings, asked, self.material, report=report)


@contextmanager
def opened(given: argparse.Namespace) -> Iterator[PastModels]:
    """Open the home that the options name, and pull what its shop knows."""
    settings = config.load(home=given.home)
    with (
        one_at_a_time(settings),
        open_registry(settings) as registry,
        open_graph(settings) as graph,
    ):
        texts = dict(one.split("=", 1) for one in given.set)
        request = TrainingRequest(given.model, texts, seed=given.seed, refit=False)
        material = gather(graph, request.wants(), request.texts(), by_basket=True)
        yield PastModels(settings, (graph, registry), request, material)
