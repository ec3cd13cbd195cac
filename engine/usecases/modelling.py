"""Make a model of what the graph holds and serve it: list the models, train one, publish it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.experiments import train as training
from engine.experiments.fitting import FitObserver
from engine.experiments.pulled_data import PulledData, pull_data
from engine.experiments.ranker_training import RankerReport
from engine.experiments.train import TrainingInterrupted, TrainReport
from engine.experiments.train_ranker import RankerExperiment
from engine.experiments.training_request import TrainingRequest, describe_settings
from engine.models import MODELS, PLAIN, ModelDescription
from engine.training.processes.training_processes import check_processes
from engine.training.trainer import Progress
from engine.usecases.generations import Published, publish

__all__ = [
    "Progress",
    "Published",
    "RankerReport",
    "TrainReport",
    "TrainingInterrupted",
    "TrainingRequest",
    "describe_settings",
    "list_models",
    "publish",
    "train",
    "train_ranker",
]


def list_models() -> list[dict[str, Any]]:
    """Return a row per model: the trained ones, then the plain methods."""
    rows = [_row(name, about, trained=True) for name, about in MODELS.items()]
    return rows + [_row(name, about, trained=False) for name, about in PLAIN.items()]


def train(
    settings: Settings,
    request: TrainingRequest,
    *,
    resume: bool | None = False,
    report: Callable[[str, Progress], None] = lambda _stage, _progress: None,
    phase: Callable[[str], None] = lambda _what: None,
    for_ranker: bool = False,
    processes: int = 1,
) -> TrainReport:
    """Train a model from the graph, judge it, and keep the result for ``publish``.

    Ctrl-C is taken between two steps, where the state is saved; within two seconds in any case.

    Args:
        settings: Which graph, which home, which device.
        request: What to train and how to judge it.
        resume: True continues an interrupted run, False starts anew, None does what it can.
        report: Called with the stage (``search``, ``test``, ``final``) and its progress after
            every step.
        phase: Called with what begins and has no steps to count.
        for_ranker: Whether the report keeps what was pulled, with the baskets, for
            ``train_ranker``.
        processes: How many train it: see docs/processes.md.

    Raises:
        DataError: The graph holds no events, or too few to split.
        UsageError: A setting is not allowed, or ``resume`` was asked for and there is nothing to
            resume.
        TrainingInterrupted: The user stopped it; ``resume=True`` continues what was saved.
    """
    request.configs()  # a wrong setting is refused before a database is started
    check_processes(processes, request.model, settings.device)
    phase("reading the graph")
    with open_graph(settings) as graph:
        pulled = pull_data(graph, request, baskets=for_ranker, kinds=settings.event_weights)
    observer = FitObserver(report, phase=phase)
    # A run is known by what it learned from: baskets that are the ranker's alone are none of it.
    own = pulled if request.judged_by.by_basket else pulled.without_baskets()
    with open_registry(settings) as registry:
        done = training.train(
            registry, settings, request, own, observer, resume=resume, processes=processes
        )
    return replace(done, pulled=pulled if for_ranker else None)


def train_ranker(
    settings: Settings,
    request: TrainingRequest,
    run_id: int,
    *,
    report: StageProgress = no_stage,
    pulled: PulledData | None = None,
) -> RankerReport:
    """Train the ranker of a finished run, and keep it for ``publish`` where it beats the blend.

    Args:
        settings: Which graph, which home, which device.
        request: What the run was trained by.
        run_id: The run.
        report: Called with a stage, how much of it is done, and how much there is.
        pulled: What the run was trained on, with its baskets; None: it is pulled.

    Raises:
        NotFound: There is no such run.
    """
    with open_registry(settings) as registry, open_graph(settings) as graph:
        pulled = pulled or pull_data(graph, request, baskets=True, kinds=settings.event_weights)
        watch = FitObserver(lambda _, now: report("training on less", now.step, now.steps))
        stores = graph, registry
        experiment = RankerExperiment(
            stores, settings, request, pulled.material, watch, report, beside_plain=True
        )
        return experiment.train(run_id)


def _row(name: str, about: ModelDescription, *, trained: bool) -> dict[str, Any]:
    sides = {"users": about.unseen_users, "items": about.unseen_items}
    return {
        "name": name,
        "kind": about.kind,
        "trained": trained,
        "needs": list(about.needs),
        "takes": list(about.takes),
        "unseen": [side for side, can in sides.items() if can],
        "paper": about.paper,
        "summary": about.summary,
    }
