"""Search the settings of a model, or of a ranker, within a budget of minutes."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Unpack

from engine.api.engine_session import EngineSession
from engine.api.frames import Source, files_of
from engine.api.judging_options import JudgingOptions, request_of, settings_text
from engine.data.tabular import Records
from engine.optional_dependencies import needs

if TYPE_CHECKING:
    from engine.api.progress import ProgressReporter
    from engine.usecases.comparing import Progress, ReadOptions, TuneReport


class Tuning(EngineSession):
    """The part of ``Engine`` that searches settings; the test part is never looked at."""

    @needs("tune")
    def tune(
        self,
        model: str = "lightgcn",
        events: Source | None = None,
        *,
        minutes: float = 30.0,
        trials: int | None = None,
        resume: bool = False,
        settings: Mapping[str, Any] | None = None,
        reading: "ReadOptions | None" = None,
        **judging: Unpack[JudgingOptions],
    ) -> "TuneReport":
        """Search a model's settings by their effect on validation; every finished trial is kept.

        Args:
            model: Which one.
            events: A path or a frame; None: those of the graph.
            minutes: Begin no trial after so many.
            trials: Begin none after so many finished ones, those before ``resume`` included.
            resume: Go on with the newest such search.
            settings: Settings that are fixed.
            reading: How a file of events is read.
            judging: See ``JudgingOptions``. With ``cuts`` a trial is the mean over as many windows
                before the oldest cut, a training each.

        Raises:
            UsageError: A setting is unknown, or there is nothing to resume.
            DataError: There are no events, or too few to split.
            KeyboardInterrupt: The user stopped it; ``resume=True`` goes on.
        """
        from engine.usecases.comparing import ReadOptions, TuneRequest, tune

        with files_of({"events": events}) as files:
            source = request_of(judging, data=files["events"], reading=reading or ReadOptions())
            fixed = settings_text(settings or {})
            request = TuneRequest(
                model, minutes, source, trials, resume, fixed, judging.get("cuts") or 1
            )
            request.space()  # a wrong setting is refused before a database is started
            if source.data is None:
                self._hold_graph()
            return self._search(lambda report, _: tune(self.settings, request, report))

    @needs("tune", "engine tune")
    def tune_ranker(
        self, run: int, *, minutes: float = 30.0, trials: int | None = None, resume: bool = False
    ) -> "TuneReport":
        """Search the settings of a finished run's ranker, on the last of its windows.

        Args:
            run: Number of the run.
            minutes: Begin no trial after so many.
            trials: Begin none after so many finished ones, those before ``resume`` included.
            resume: Go on with the newest search for this run.

        Raises:
            NotFound: There is no such run.
            CheckpointInvalid: The twin of its model is gone.
            DataError: The events are too few, or the run was not judged by time.
            KeyboardInterrupt: The user stopped it; ``resume=True`` goes on.
        """
        from engine.usecases.comparing import RankerTuneRequest, tune_ranker

        request = RankerTuneRequest(run, minutes, trials, resume)
        self._hold_graph()
        return self._search(
            lambda report, progress: tune_ranker(self.settings, request, report, progress.update)
        )

    @needs("tune", "engine tune")
    def search_space(
        self, model: str = "lightgcn", settings: Mapping[str, Any] | None = None
    ) -> Records[dict[str, str]]:
        """Return where each setting of a model is searched for, those that are fixed left out.

        Raises:
            UnknownModel: There is no such model, or it makes no vectors.
            UsageError: A fixed setting is unknown or not allowed, or nothing is left to search.
        """
        from engine.usecases.comparing import CompareRequest, Span, TuneRequest

        request: TuneRequest = TuneRequest(
            model, 1.0, CompareRequest(()), fixed=settings_text(settings or {})
        )
        return Records(
            {
                "name": name,
                "searched": f"{hint.low:g} to {hint.high:g}" + (", by factors" if hint.log else "")
                if isinstance(hint, Span)
                else "one of " + ", ".join(str(value) for value in hint),
            }
            for name, hint in request.space().items()
        )

    def _search(
        self, work: "Callable[[Callable[..., None], ProgressReporter], TuneReport]"
    ) -> "TuneReport":
        begun = 0
        with self._reporting() as progress:
            progress.update("reading the events")

            def report(number: int, now: "Progress | None", best: float | None) -> None:
                nonlocal begun
                begun = number
                detail = "" if best is None else f"best ndcg@20 {best:.4f}"
                step, steps = (0, None) if now is None else (now.step, now.steps)
                progress.update(f"trial {number}", step, steps, unit="steps", detail=detail)

            try:
                return work(report, progress)
            except KeyboardInterrupt:
                if begun < 2:
                    raise
                said = "Finished trials are kept. Go on with the same command and --resume."
                raise KeyboardInterrupt(said) from None
