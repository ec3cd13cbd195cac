"""Tune the ranker of a finished run: its rows are gathered once, then settings are tried on them.

A trial is judged on the validation windows, each by what was learned from those before it; the
model's test part is never looked at. The first trial is the defaults.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from engine.data.model_options import configure, search_space
from engine.experiments.gathered_windows import GatheredWindows
from engine.experiments.training_request import OF_RANKER, TrainingRequest
from engine.experiments.tune import TuneProgress, TuneReport, report_of
from engine.experiments.tune_trial import texts
from engine.interrupt import interruptible
from engine.ranking.ranker import RankerSettings
from engine.version import __version__


@dataclass(frozen=True)
class RankerTuneRequest:
    """Whose ranker is searched for, and for how long.

    Attributes:
        run: A finished run, which has a model and was judged by time.
        minutes: No trial is begun after so many.
        trials: No trial is begun after so many finished ones, those before ``resume`` included.
        resume: Continue the newest search for the same run.
    """

    run: int
    minutes: float
    trials: int | None = None
    resume: bool = False


def tune_ranker(
    home: Path,
    request: RankerTuneRequest,
    trained: TrainingRequest,
    gathered: GatheredWindows,
    report: TuneProgress = lambda _n, _p, _b: None,
) -> TuneReport:
    """Search within the budget; every finished trial is kept, whatever stops the search.

    Args:
        home: Keeps the trials.
        request: For whom.
        trained: What the run was trained by.
        gathered: Its windows.
        report: Follows the progress.

    Raises:
        UsageError: There is nothing to resume.
        KeyboardInterrupt: The user stopped it; ``resume`` goes on.
    """
    from engine.experiments.tune_study import Study  # noqa: PLC0415 as in tune.py

    space = search_space(RankerSettings)
    name = f"ranker-of-run-{request.run}-{__version__}"
    fixed = {n: text for n, text in trained.settings.items() if not n.startswith(OF_RANKER)}

    def command(best: Mapping[str, str]) -> str:
        found = {f"{OF_RANKER}{n}": text for n, text in best.items()}
        return replace(trained, settings=fixed | found).command()

    def work(should_stop: Callable[[], bool]) -> TuneReport:
        folder = home / "tuning"
        with Study(folder, name, space, gathered.seed, resume=request.resume) as study:
            defaults = asdict(RankerSettings())
            for over in study.within(request.minutes, request.trials):
                proposed = None if over else {n: defaults[n] for n in space}
                known = [one.metric for one in study.trials() if one.metric is not None]
                report(over + 1, None, max(known, default=None))
                with study.trial(proposed) as trial:
                    trees, values = gathered.validated(
                        configure(RankerSettings, texts(trial.values))
                    )
                    trial.finished(float(values.mean()), trees)
                if should_stop():
                    raise KeyboardInterrupt
            return report_of(study, command, request.trials, folder)

    return interruptible(work)
