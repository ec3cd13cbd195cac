"""Judge methods by one protocol: compare models, score lists made elsewhere, search settings."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from engine.api.engine_session import EngineSession
from engine.api.frames import Source, files_of
from engine.api.judging_options import (
    JudgingOptions,
    checked_seed,
    request_of,
    settings_text,
)
from engine.data.tabular import Records
from engine.optional_dependencies import needs, require

if TYPE_CHECKING:
    from engine.api.progress import ProgressReporter
    from engine.usecases.comparing import (
        CompareReport,
        CompareRequest,
        EvaluateReport,
        PaperTableRow,
        Progress,
        ReadOptions,
    )

_STAGES = {"search": "with validation", "test": "for the test"}
_ENDS = {"found": "finished before", "done": "ranked"}


class Judging(EngineSession):
    """The part of ``Engine`` that measures, on the graph's events or on those of a file."""

    @needs("train")
    def compare(
        self,
        models: Sequence[str] = ("lightgcn", "item-knn"),
        events: Source | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
        reading: "ReadOptions | None" = None,
        out: str | Path | None = None,
        command: str = "",
        **judging: Unpack[JudgingOptions],
    ) -> "CompareReport":
        """Train models and judge all of them by one protocol; finished ones are kept.

        >>> found = e.compare(["item-knn"], events_df)
        >>> found.to_polars().columns[:3]
        ['question', 'method', 'kind']

        Args:
            models: Names of trained and of plain methods; the plain ones that always stand in the
                table are added.
            events: A path or a frame; None: those of the graph.
            settings: ``NAME`` for every model that has the setting, ``MODEL.NAME`` for one.
            reading: How a file of events is read.
            out: An HTML file that is written too.
            command: What that file calls the command that made it.
            judging: See ``JudgingOptions``.

        Raises:
            UsageError: A setting is unknown or not allowed.
            FileRefused: The file of events cannot be used.
            DataError: There are no events, or too few to split; a model wants what is not there.
            KeyboardInterrupt: The user stopped it; the same call goes on where it was.
        """
        from engine.usecases.comparing import ReadOptions, compare

        if out is not None:
            require(
                "report",
                "the HTML report of engine compare",
                otherwise="or write none: --no-report",
            )
        names = (models,) if isinstance(models, str) else tuple(models)
        with files_of({"events": events}) as files:
            request = request_of(
                judging,
                names,
                settings=settings_text(settings or {}),
                data=files["events"],
                reading=reading or ReadOptions(),
            )
            request.entrants()  # a wrong setting is refused before a database is started
            with self._reading(request) as progress:
                progress.update("reading the events")

                def report(model: str, stage: str, now: "Progress | None") -> None:
                    if stage in _ENDS:
                        progress.update(model, 1, 1, detail=_ENDS[stage])
                    elif now is None:
                        progress.update(model, detail="" if stage == "start" else stage)
                    else:
                        metric = "" if now.metric is None else f", ndcg@20 {now.metric:.4f}"
                        task = f"{model}, {_STAGES[stage]}"
                        detail = f"epoch {now.epoch}{metric}"
                        progress.update(task, now.step, now.steps, unit="steps", detail=detail)

                path = None if out is None else Path(out)
                return compare(self.settings, request, report, out=path, command=command)

    @needs("train")
    def evaluate(
        self,
        lists: Source,
        events: Source | None = None,
        *,
        k: Sequence[int] | None = None,
        reading: "ReadOptions | None" = None,
        **judging: Unpack[JudgingOptions],
    ) -> "EvaluateReport":
        """Judge lists made elsewhere by the protocol of ``compare``, beside plain methods.

        Args:
            lists: A path or a frame: user_id, item_id, and rank (1 is the best) or score.
            events: A path or a frame; None: those of the graph.
            k: Lengths of list that are judged; the largest decides who wins. None: 10 and 20, of
                ``next-item`` 10.
            reading: How the files are read.
            judging: See ``JudgingOptions``.

        Raises:
            FileRefused: A file cannot be used: every row of the lists must be right.
            DataError: There are no events, or too few to split.
            UsageError: The protocol has several cuts: a list belongs to one.
        """
        from engine.usecases.comparing import ReadOptions, check_cuts, evaluate, read_lists

        if judging.get("protocol") in ("window", "next-basket"):
            judging["cuts"] = judging.get("cuts") or 1
        with files_of({"lists": lists, "events": events}) as files:
            request = request_of(judging, data=files["events"], reading=reading or ReadOptions())
            path = files["lists"]
            assert path is not None, "lists are given"
            check_cuts(path.name, request)  # before anything is read or started
            found = read_lists(path, request)
            with self._reading(request):
                cutoffs = tuple(k or request.cut().judged_by.cutoffs)
                return evaluate(self.settings, found, request, cutoffs)

    @needs("train", "engine benchmark")
    def paper_table(
        self,
        folder: str | Path,
        *,
        models: Sequence[str] = ("lightgcn", "ngcf"),
        layers: Sequence[int] = (1, 2, 3, 4),
        seed: int = 0,
        settings: Mapping[str, Any] | None = None,
    ) -> "Records[PaperTableRow]":
        """Train the rows of a published table again, beside its figures; finished ones are kept.

        Args:
            folder: It holds train.txt and test.txt (or .gz), adjacency lists.
            models: Which rows.
            layers: Which of each.
            seed: Of all random draws.
            settings: Settings of the models and of the trainer.

        Raises:
            FileRefused: A file of the split is missing or cannot be read.
            KeyboardInterrupt: The user stopped it; the same call goes on where it was.
        """
        from engine.usecases.comparing import PaperTableRequest, make_paper_table

        request = PaperTableRequest(
            folder=Path(folder),
            keep=self.settings.home / "paper-table",
            models=models,
            layers=layers,
            seed=checked_seed(seed),
            settings=settings_text(settings or {}),
            device=self.settings.device,
        )
        with self._reporting() as progress:

            def report(row: str, now: "Progress") -> None:
                detail = f"epoch {now.epoch}, loss {now.loss:.4f}"
                progress.update(row, now.step, now.steps, unit="steps", detail=detail)

            return Records(make_paper_table(request, report))

    @contextmanager
    def _reading(self, request: "CompareRequest") -> "Iterator[ProgressReporter]":
        """Open what a request reads its events from, and report."""
        if request.data is None:
            self._hold_graph()
        with self._reporting() as progress:
            yield progress
