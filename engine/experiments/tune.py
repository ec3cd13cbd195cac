"""Tune a model: search its settings on validation, within a budget of minutes.

A trial is the first training of the experiment, at one window or several before the oldest cut of
the protocol: it sees nothing of any test part. Its metric is the mean over the windows. The first
trial is the defaults; then Optuna's TPE proposes, and the median rule ends a trial that lags behind
the others at the same epoch of the newest window, which comes first. What is proposed depends on
the seed and on the trials finished before, so a search that was stopped and continued is that of
one run. Over too few users no trial wins: the defaults stand.
"""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from engine import private_files
from engine.config import Settings
from engine.data.model_options import Hint, search_space
from engine.data.training_data import TrainingData
from engine.errors import ModelError, UsageError
from engine.experiments import experiment
from engine.experiments.compare_request import ComparedData, CompareRequest
from engine.experiments.fitting import FitObserver, TrainingStopped
from engine.experiments.training_request import TrainingRequest, content
from engine.experiments.tune_trial import Trial, texts
from engine.experiments.tune_validation import TuneValidation, validation_of
from engine.interrupt import interruptible
from engine.models import trainable
from engine.models.registry_entries import ModelEntry
from engine.training import device
from engine.training.trainer import Progress
from engine.training.training_config import TrainingConfig
from engine.version import __version__

if TYPE_CHECKING:
    from engine.experiments.tune_study import Study

TuneProgress = Callable[[int, Progress | None, float | None], None]
"""Called with the number of the trial, where its training stands, and the best metric so far."""


@dataclass(frozen=True)
class TuneRequest:
    """What is searched, and for how long.

    Attributes:
        model: A model that is trained, or a finished one with vectors.
        minutes: No trial is begun after so many.
        trials: No trial is begun after so many finished ones, those before ``resume`` included.
        resume: Continue the newest search of the same model, data, split, seed and fixed settings.
        fixed: Settings that are not searched.
        source: The data, the split and the seed.
        windows: How many windows before the oldest cut a trial is validated on: so many trainings.
    """

    model: str
    minutes: float
    source: CompareRequest
    trials: int | None = None
    resume: bool = False
    fixed: Mapping[str, str] = field(default_factory=dict)
    windows: int = 1

    def request(self, settings: Mapping[str, str]) -> TrainingRequest:
        """Return the training with some settings beside the fixed ones."""
        one = self.source
        return TrainingRequest(
            self.model,
            dict(self.fixed) | dict(settings),
            one.split,
            one.fraction,
            one.seed,
            refit=False,
            relevant_from=one.relevant_from,
            protocol=one.protocol,
        )

    def space(self) -> dict[str, Hint]:
        """Return where each setting is searched for.

        Raises:
            UnknownModel: There is no such model, or it makes no vectors.
            UsageError: A fixed setting is unknown or not allowed, or nothing is left to search.
        """
        self.request({}).configs()
        chosen = trainable(self.model)
        found = search_space(chosen.config)
        if isinstance(chosen, ModelEntry):
            found |= search_space(TrainingConfig)
        space = {name: hint for name, hint in found.items() if name not in self.fixed}
        if not space:
            raise UsageError(
                f"no setting of {self.model} is left to be searched", hint="leave some --set out"
            )
        return space


@dataclass(frozen=True)
class TuneReport:
    """What a search found.

    Attributes:
        best: The trial with the best metric on validation; over too few users that of the defaults.
        default_metric: That of the defaults.
        command: The training with the best settings.
        stopped_by: ``minutes`` or ``trials``.
        remarks: What a reader has to know beside.
        few_users: Why no trial wins, where too few users are asked; empty where one does.
    """

    study: str
    best: Trial
    default_metric: float | None
    trials: list[Trial]
    command: str
    file: Path
    stopped_by: str
    remarks: tuple[str, ...] = ()
    few_users: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "study": self.study,
            "command": self.command,
            "metric": self.best.metric,
            "default_metric": self.default_metric,
            "settings": self.best.settings,
            "epochs": self.best.epochs,
            "stopped_by": self.stopped_by,
            "file": str(self.file),
            "remarks": list(self.remarks),
            "few_users": self.few_users,
            "trials": [vars(one) for one in self.trials],
        }


def tune(
    settings: Settings,
    request: TuneRequest,
    data: ComparedData,
    report: TuneProgress = lambda _n, _p, _b: None,
) -> TuneReport:
    """Search within the budget; every finished trial is kept, whatever stops the search.

    Args:
        settings: Which home keeps the trials, and which device trains.
        request: What to search.
        data: The events, and features or facts where the model wants them.
        report: Follows the progress.

    Raises:
        UsageError: There is nothing to resume, or no trial was finished.
        DataError: There are too few events to split.
        KeyboardInterrupt: The user stopped it; ``resume`` goes on.
    """
    from engine.experiments.tune_study import Study  # noqa: PLC0415 Optuna, an extra of its own

    space = request.space()
    material, remarks = data.material, list(data.remarks)
    request = replace(request, source=request.source.on(material.events))
    validation = validation_of(material, request.request({}), request.windows)
    remarks += validation.remarks
    name = f"{request.model}-{_digest(request, material, space)}"
    folder = settings.home / "tuning"

    def work(should_stop: Callable[[], bool]) -> TuneReport:
        with (
            device.default_device(settings.device),
            Study(folder, name, space, request.source.seed, resume=request.resume) as study,
        ):
            first = _defaults(request, validation, space)
            for finished in study.within(request.minutes, request.trials):
                proposed = first if not finished else None
                _try(study, request, (material, validation), proposed, (should_stop, report))
                if should_stop():
                    raise KeyboardInterrupt
            found = _report(study, request, folder, validation.few_users)
            return replace(found, remarks=tuple(remarks))

    return interruptible(work)


def _try(
    study: "Study",
    request: TuneRequest,
    data: tuple[TrainingData, TuneValidation],
    proposed: Mapping[str, Any] | None,
    hooks: tuple[Callable[[], bool], TuneProgress],
) -> None:
    """Carry out one trial; one that is stopped leaves no trace."""
    (material, validation), (should_stop, report) = data, hooks
    best = max((one.metric for one in study.trials() if one.metric is not None), default=None)
    number = len(study.trials()) + 1
    with study.trial(proposed) as trial, tempfile.TemporaryDirectory() as states:
        watch = FitObserver(
            lambda _stage, progress: report(number, progress, best),
            should_stop=should_stop,
            validated=trial.validated,
        )
        report(number, None, best)
        asked = request.request(texts(trial.values))
        try:
            found = []
            for number_of_window, parts in enumerate(validation.windows):
                folder = Path(states) / str(number_of_window)
                found.append(experiment.search(material, asked, parts, folder, watch))
                # The median rule compares epochs of one window alone.
                watch = replace(watch, validated=lambda _: None)
        except TrainingStopped:
            raise KeyboardInterrupt from None
        except (ModelError, UsageError) as error:  # settings that do not fit each other: a finding
            trial.impossible(error.message)
        else:
            trial.finished(fmean(one.metric or 0.0 for one in found), found[0].epochs)


def _report(study: "Study", request: TuneRequest, folder: Path, few_users: str) -> TuneReport:
    def command(best: Mapping[str, str]) -> str:
        return request.request(best).command()

    return report_of(study, command, request.trials, folder, few_users)


def report_of(
    study: "Study",
    command: Callable[[Mapping[str, str]], str],
    trials: int | None,
    folder: Path,
    few_users: str = "",
) -> TuneReport:
    """Return what a study found, written beside its database too.

    Args:
        study: With its trials.
        command: Returns the training with the best settings.
        trials: How many there were to be at most.
        folder: Where the study lies.
        few_users: Why no trial wins; empty where one does.

    Raises:
        UsageError: No trial was finished.
    """
    over = study.trials()
    whole = [one for one in over if one.state == "finished" and one.metric is not None]
    if not whole:
        raise UsageError(
            "no trial was finished" + "".join(f": {one.reason}" for one in over[-1:]),
            hint="give more --minutes, or fix another --set",
        )
    best = whole[0] if few_users else max(whole, key=lambda one: one.metric or 0.0)
    enough = trials is not None and len(over) >= trials
    found = TuneReport(
        study.name,
        best,
        over[0].metric,
        over,
        command(best.settings),
        folder / f"{study.name}.json",
        "trials" if enough else "minutes",
        few_users=few_users,
    )
    private_files.write_text(found.file, json.dumps(found.as_dict(), indent=2))
    return found


def _defaults(
    request: TuneRequest, validation: TuneValidation, space: Mapping[str, Hint]
) -> dict[str, Any]:
    asked, known = request.request({}), validation.windows[0].earlier
    effective = asked.effective() | asdict(asked.configs_for(known)[1])
    return {name: effective[name] for name in space}


def _digest(request: TuneRequest, material: TrainingData, space: Mapping[str, Hint]) -> str:
    digest = blake2b(digest_size=8)
    bare = replace(request.request({}), settings=dict(request.fixed))
    head = [__version__, bare.effective(), request.source.seed, repr(sorted(space.items()))]
    head += [request.windows] if request.windows > 1 else []
    digest.update(json.dumps(head, sort_keys=True).encode())
    digest.update(content(material))
    return digest.hexdigest()
