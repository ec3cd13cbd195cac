"""Judge methods by one protocol: compare models, evaluate lists made elsewhere, tune, paper table.

The events come from the graph, or from a file that is read without a database.
"""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from engine import private_files
from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.model_options import Span
from engine.data.predictions import Predictions
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.reading.read_options import ReadOptions
from engine.data.splits import SplitKind
from engine.evaluation.protocols import PROTOCOLS, EvaluationProtocol, protocol_named
from engine.evaluation.standings import WHERE, MethodStanding
from engine.experiments import compare as comparison
from engine.experiments import evaluate as evaluation
from engine.experiments import paper_table as table
from engine.experiments import pulled_data
from engine.experiments import tune as tuning
from engine.experiments import tune_ranker as ranker_tuning
from engine.experiments.compare import CompareProgress, CompareReport
from engine.experiments.compare_request import (
    ComparedData,
    CompareRequest,
    pull_data,
    read_data,
)
from engine.experiments.evaluate import EvaluateReport, UnknownIds, check_cuts, read_lists
from engine.experiments.fitting import FitObserver, TrainingStopped
from engine.experiments.paper_table import PaperTableRequest, PaperTableRow
from engine.experiments.train_ranker import RankerExperiment
from engine.experiments.training_request import TrainingRequest
from engine.experiments.tune import TuneProgress, TuneReport, TuneRequest
from engine.experiments.tune_ranker import RankerTuneRequest
from engine.interrupt import interruptible
from engine.models.registry_entries import ExtraData
from engine.training.trainer import Progress

__all__ = [
    "PROTOCOLS",
    "WHERE",
    "CompareReport",
    "CompareRequest",
    "EvaluateReport",
    "EvaluationProtocol",
    "MethodStanding",
    "PaperTableRequest",
    "PaperTableRow",
    "Progress",
    "RankerTuneRequest",
    "ReadOptions",
    "Span",
    "SplitKind",
    "TuneProgress",
    "TuneReport",
    "TuneRequest",
    "UnknownIds",
    "check_cuts",
    "compare",
    "evaluate",
    "make_paper_table",
    "protocol_named",
    "read_lists",
    "tune",
    "tune_ranker",
]


def compare(
    settings: Settings,
    request: CompareRequest,
    report: CompareProgress = lambda _model, _stage, _progress: None,
    *,
    out: Path | None = None,
    command: str = "",
) -> CompareReport:
    """Train and judge models; a finished one is kept and not trained again.

    Args:
        settings: Which graph, which home, which device.
        request: What to compare, on what.
        report: Called with the model, the stage, and where its training stands.
        out: An HTML file that is written too; None writes none.
        command: What that file calls the command that made it.

    Raises:
        UsageError: A setting is unknown or not allowed.
        FileRefused: The file of events cannot be used.
        DataError: There are no events, or too few to split; a model wants what is not there.
        KeyboardInterrupt: The user stopped it; the same call goes on where it was.
    """
    data = _data(settings, request, request.wants())
    found = comparison.compare(settings, request, data, report)
    if out is not None:
        from engine.experiments.compare_report import write_report  # noqa: PLC0415 of an extra

        private_files.privately_within(settings.home, out)
        write_report(out, found, command)
    return found


def evaluate(
    settings: Settings, predictions: Predictions, request: CompareRequest, cutoffs: Sequence[int]
) -> EvaluateReport:
    """Judge lists made elsewhere by the protocol of ``compare``.

    Args:
        settings: Which graph, where the request names no file of events.
        predictions: What ``read_lists`` returns, which needs no database.
        request: The data, the split and the seed; its models do not matter.
        cutoffs: Lengths of list that are judged.

    Raises:
        FileRefused: The file of events cannot be used.
        DataError: There are no events, or too few to split.
    """
    return evaluation.evaluate(predictions, request, _data(settings, request), cutoffs)


def tune(
    settings: Settings,
    request: TuneRequest,
    report: TuneProgress = lambda _trial, _progress, _best: None,
) -> TuneReport:
    """Search a model's settings within the budget; every finished trial is kept.

    Args:
        settings: Which graph, which home, which device.
        request: What to search, on what, and for how many minutes.
        report: Called with the number of the trial, where its training stands, and the best
            ndcg@20 so far.

    Raises:
        UsageError: There is nothing to resume, or no trial was finished.
        DataError: There are no events, or too few to split.
        KeyboardInterrupt: The user stopped it; ``resume`` goes on.
    """
    request.space()  # a wrong setting is refused before a database is started
    data = _data(settings, request.source, request.request({}).wants())
    return tuning.tune(settings, request, data, report)


def make_paper_table(
    request: PaperTableRequest,
    report: Callable[[str, Progress], None] = lambda _row, _progress: None,
) -> list[PaperTableRow]:
    """Train the rows of a published table again; finished ones are kept.

    Raises:
        FileRefused: A file of the split is missing or cannot be read.
        KeyboardInterrupt: The user stopped it; the same call goes on where it was.
    """

    def work(should_stop: Callable[[], bool]) -> list[PaperTableRow]:
        return table.paper_table(request, FitObserver(report, should_stop))

    try:
        return interruptible(work)
    except TrainingStopped:
        raise KeyboardInterrupt from None


def tune_ranker(
    settings: Settings,
    request: RankerTuneRequest,
    report: TuneProgress = lambda _number, _progress, _best: None,
    stage: StageProgress = no_stage,
) -> TuneReport:
    """Search the settings of a finished run's ranker within a budget of minutes.

    Args:
        settings: Which graph, which home, which device.
        request: Whose, and for how long.
        report: Called with the number of the trial, None, and the best metric so far.
        stage: Called with what is done before the first trial, how much, and how much there is.

    Raises:
        NotFound: There is no such run.
        CheckpointInvalid: The twin of its model is gone.
        DataError: The events are too few, or the run was not judged by time.
        UsageError: There is nothing to resume.
        KeyboardInterrupt: The user stopped it; ``resume`` goes on.
    """
    with open_registry(settings) as registry, open_graph(settings) as graph:
        run = registry.run(request.run)
        trained = TrainingRequest.of_run(run)
        material = pulled_data.pull_data(
            graph, trained, baskets=True, kinds=settings.event_weights
        ).material
        watch = FitObserver(lambda _, now: stage("training on less", now.step, now.steps))
        stores = graph, registry
        experiment = RankerExperiment(stores, settings, trained, material, watch, stage)
        gathered = experiment.gather(experiment.model_of(run))
    return ranker_tuning.tune_ranker(settings.home, request, trained, gathered, report)


def _data(
    settings: Settings, request: CompareRequest, wants: Collection[ExtraData] = ()
) -> ComparedData:
    if request.data is not None:
        return read_data(request.data, request, wants, settings.event_weights)
    with open_graph(settings) as graph:
        return pull_data(graph, request, wants, settings.event_weights)
