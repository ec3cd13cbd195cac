"""Train models, search their settings, and look at finished runs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.api.engine_session import EngineSession
from engine.api.judging_options import (
    JudgingOptions,
    checked_seed,
    protocol_of,
    settings_text,
)
from engine.api.trained_run import TrainedRun
from engine.data.tabular import Records
from engine.optional_dependencies import needs

if TYPE_CHECKING:
    from engine.usecases.modelling import Progress, TrainingRequest
    from engine.usecases.status import Run

_STAGES = {
    "search": "Training, with validation",
    "test": "Training, for the test",
    "final": "Training, on everything",
}
_OF_JUDGING = tuple(JudgingOptions.__annotations__)


class Training(EngineSession):
    """The part of ``Engine`` that makes models."""

    @needs("train")
    def models(self) -> Records[dict[str, Any]]:
        """Return a row per model: the trained ones, then the plain methods; needs no database.

        >>> [row["kind"] for row in e.models() if row["name"] == "lightgcn"]
        ['gnn']
        """
        from engine.usecases.modelling import list_models

        return Records(list_models())

    @needs("train", "engine models")
    def model_settings(self, model: str) -> Records[dict[str, Any]]:
        """Return every setting of a model with its default, its range and its meaning.

        >>> [row["default"] for row in e.model_settings("lightgcn") if row["name"] == "layers"]
        [3]

        Raises:
            UnknownModel: There is no such model.
        """
        from engine.usecases.modelling import describe_settings

        return Records(describe_settings(model))

    @needs("train")
    def train(
        self,
        model: str = "lightgcn",
        *,
        settings: Mapping[str, Any] | None = None,
        refit: bool = True,
        ranker: bool = True,
        resume: bool = False,
        processes: int = 1,
        **more: Any,
    ) -> TrainedRun:
        """Train a model, judge it on events it has not seen, and keep it for ``publish``.

        Ctrl-C saves, ``resume=True`` goes on to the same bits.

        >>> run = e.train("als", dimension=8, ranker=False)
        >>> run.metrics.columns[:2]
        ['question', 'method']

        Args:
            model: Which one: see ``models``.
            settings: Its settings, and the trainer's; those of the ranker as ``ranker.NAME``.
            refit: After the test, train once more on all events; that one is published.
            ranker: Afterwards, train what ranks the candidates of several sources.
            resume: Continue the interrupted run of these settings, in any number of processes.
            processes: How many train it, each with a part of the users and of every table.
            more: Settings by name, such as ``epochs=20``, and how the model is judged: see
                ``JudgingOptions``.

        Raises:
            DataError: The graph holds no events, or too few to split.
            UsageError: A setting is unknown or not allowed, there is nothing to resume, or the
                model is trained in one process.
            KeyboardInterrupt: The user stopped it; what was saved, ``resume=True`` continues.
        """
        from engine.usecases.modelling import TrainingInterrupted, train, train_ranker

        request = _request(model, settings or {}, more, refit=refit)
        request.configs()  # a wrong setting is refused before a database is started
        self._hold_graph()
        with self._reporting() as progress:

            def report(stage: str, now: "Progress") -> None:
                metric = "" if now.metric is None else f", ndcg@20 {now.metric:.4f}"
                detail = f"epoch {now.epoch}, loss {now.loss:.4f}{metric}"
                progress.update(_STAGES[stage], now.step, now.steps, unit="steps", detail=detail)

            try:
                done = train(
                    self.settings,
                    request,
                    resume=resume,
                    report=report,
                    phase=progress.update,
                    for_ranker=ranker,
                    processes=processes,
                )
            except TrainingInterrupted as stop:
                if not stop.saved:
                    raise
                raise KeyboardInterrupt(
                    "Saved. Go on with the same command and --resume."
                ) from None
            ranked = None
            if ranker:
                ranked = train_ranker(
                    self.settings,
                    request,
                    done.run_id,
                    report=progress.update,
                    pulled=done.pulled,
                )
        return TrainedRun(model, done, ranked)

    def runs(self, limit: int = 20) -> "Records[Run]":
        """Return the newest training runs, newest first; needs no graph."""
        from engine.usecases.status import list_runs

        return Records(list_runs(self.settings, limit=limit))

    def run(self, id: int) -> "Run":
        """Return one training run: settings, data, metrics, duration; needs no graph.

        Raises:
            NotFound: There is no such run.
        """
        from engine.usecases.status import show_run

        return show_run(self.settings, id)


def _request(
    model: str, settings: Mapping[str, Any], more: Mapping[str, Any], *, refit: bool
) -> "TrainingRequest":
    from engine.usecases.modelling import TrainingRequest

    judging: JudgingOptions = {  # type: ignore[assignment]
        name: value for name, value in more.items() if name in _OF_JUDGING
    }
    own = {name: value for name, value in more.items() if name not in _OF_JUDGING}
    return TrainingRequest(
        model,
        settings_text({**settings, **own}),
        judging.get("split", "auto"),
        seed=checked_seed(judging.get("seed", 0)),
        refit=refit,
        relevant_from=judging.get("relevant_from"),
        protocol=protocol_of(judging),
    )
