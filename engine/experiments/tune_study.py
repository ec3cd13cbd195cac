"""A study: the trials of one search, kept in SQLite by Optuna, and what it proposes next."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState

from engine import private_files
from engine.connections.home import folder_lock
from engine.data.model_options import Hint, Span
from engine.errors import Busy, UsageError
from engine.experiments.tune_trial import Trial, texts
from engine.store import sqlite_files
from engine.training import seed

_FILE = "studies.sqlite"
_OPENING_SECONDS = 60.0
_RANDOM_FIRST = 8
_WARM_UP_EPOCHS = 3
_OVER = (TrialState.COMPLETE, TrialState.PRUNED)


class RunningTrial:
    """A running trial; each epoch reports its metric, and the median rule may end it."""

    def __init__(self, trial: optuna.Trial) -> None:
        self._trial, self._epoch = trial, 0
        self.values: dict[str, Any] = dict(trial.params)
        self.metric: float | None = None

    def validated(self, metric: float) -> None:
        """Report the metric of an epoch.

        Raises:
            optuna.TrialPruned: The trial lags behind the others.
        """
        self._epoch += 1
        self._trial.report(metric, self._epoch)
        if self._trial.should_prune():
            raise optuna.TrialPruned

    def finished(self, metric: float, epochs: int) -> None:
        """Record the final metric."""
        self._trial.set_user_attr("epochs", epochs)
        self.metric = metric

    def impossible(self, reason: str) -> None:
        """Record that nothing can be trained with these settings.

        Raises:
            optuna.TrialPruned: Always: it counts as the worst.
        """
        self._trial.set_user_attr("impossible", reason)
        raise optuna.TrialPruned


class Study:
    """The trials of one search.

    Args:
        folder: Where the database lies.
        name: Of what is searched: model, data, settings; a number distinguishes searches of it.
        space: Where each setting is searched for.
        number: The seed.
        resume: Continue the newest search of that name.

    Raises:
        UsageError: There is none to resume.
        Busy: The one to resume is at work in another process.
    """

    def __init__(
        self, folder: Path, name: str, space: Mapping[str, Hint], number: int, *, resume: bool
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._folder = private_files.make_folder(folder)
        self._space, self._seed = space, number
        self._held = ExitStack()
        busy = Busy("other searches are being begun without a pause", hint="try again")
        # Optuna makes the tables of its database, and we choose a name, by looking what is there.
        with folder_lock(folder, "studies.lock", busy, wait_seconds=_OPENING_SECONDS):
            sqlite_files.make_private(folder / _FILE)
            self._storage = optuna.storages.RDBStorage(f"sqlite:///{folder / _FILE}")
            try:
                self._open(name, resume=resume)
            except BaseException:
                self.__exit__(None, None, None)
                raise

    def _open(self, name: str, *, resume: bool) -> None:
        there = [
            one
            for one in optuna.get_all_study_names(self._storage)
            if one.rpartition("-")[0] == name
        ]
        if resume and not there:
            raise UsageError(
                "no search has this model, data, split, seed and --set",
                hint="leave out --resume, or give what the search was begun with",
            )
        count = len(there) if resume else len(there) + 1
        self.name = f"{name}-{count}"
        busy = Busy(
            f"the search {self.name} is at work in another process",
            hint="wait for it, or leave out --resume",
        )
        self._held.enter_context(folder_lock(self._folder, f"{self.name}.lock", busy))
        self._study = optuna.create_study(
            storage=self._storage,
            study_name=self.name,
            direction="maximize",
            load_if_exists=resume,
            pruner=optuna.pruners.MedianPruner(
                n_startup_trials=_RANDOM_FIRST // 2, n_warmup_steps=_WARM_UP_EPOCHS
            ),
        )
        for one in self._study.get_trials(deepcopy=False):
            if one.state == TrialState.RUNNING:  # the process that ran it was killed
                self._study.tell(one.number, state=TrialState.FAIL)

    def __enter__(self) -> "Study":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._storage.remove_session()
        self._storage.engine.dispose()
        self._held.close()

    def within(self, minutes: float, trials: int | None) -> Iterator[int]:
        """Yield how many trials are over, as long as another one is to be begun.

        Args:
            minutes: From now on; the first trial is begun whatever they are.
            trials: How many there are to be at most; None: any number.
        """
        ends = time.monotonic() + 60.0 * minutes
        while (over := len(self.trials())) < (trials or over + 1):
            if over and time.monotonic() >= ends:
                break
            yield over

    @contextmanager
    def trial(self, proposed: Mapping[str, Any] | None) -> Iterator[RunningTrial]:
        """Begin a trial, of the values proposed or of what the search proposes.

        Any error, Ctrl-C included, drops the trial.
        """
        self._study.sampler = optuna.samplers.TPESampler(
            n_startup_trials=_RANDOM_FIRST,
            seed=int(seed.generator(self._seed, "trial", len(self.trials())).integers(2**31)),
        )
        waiting = self._study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
        if proposed is not None and not waiting:
            self._study.enqueue_trial(dict(proposed))
        trial = self._study.ask({name: _distribution(hint) for name, hint in self._space.items()})
        running = RunningTrial(trial)
        try:
            yield running
        except optuna.TrialPruned:
            self._study.tell(trial, state=TrialState.PRUNED)
        except BaseException:
            self._study.tell(trial, state=TrialState.FAIL)
            raise
        else:
            self._study.tell(trial, running.metric)

    def trials(self) -> list[Trial]:
        """Return the trials that are over, in order; dropped ones are not."""
        over = self._study.get_trials(deepcopy=False, states=_OVER)
        return [_trial(one) for one in over]


def _distribution(hint: Hint) -> BaseDistribution:
    if not isinstance(hint, Span):
        return CategoricalDistribution(hint)
    if isinstance(hint.low, int) and isinstance(hint.high, int):
        return IntDistribution(hint.low, hint.high, log=hint.log)
    return FloatDistribution(hint.low, hint.high, log=hint.log)


def _trial(one: optuna.trial.FrozenTrial) -> Trial:
    reason = str(one.user_attrs.get("impossible", ""))
    last = one.intermediate_values.get(max(one.intermediate_values, default=0))
    took = one.duration
    return Trial(
        settings=texts(one.params),
        metric=one.value if one.state == TrialState.COMPLETE else last,
        epochs=one.user_attrs.get("epochs"),
        state="finished"
        if one.state == TrialState.COMPLETE
        else "impossible"
        if reason
        else "cut short",
        seconds=took.total_seconds() if took else 0.0,
        reason=reason,
    )
