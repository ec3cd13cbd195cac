"""What a training found, as frames and as what a notebook shows."""

from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from engine.usecases.modelling import RankerReport, TrainReport


@dataclass(frozen=True)
class TrainedRun:
    """A finished run, kept for ``publish``.

    Attributes:
        model: Its name.
        report: Everything that was found.
        ranker: What became of its ranker; None where none was asked for.
    """

    model: str
    report: "TrainReport" = field(repr=False)
    ranker: "RankerReport | None" = field(default=None, repr=False)

    @property
    def id(self) -> int:
        """Number of the run, for ``publish`` and ``engine runs show``."""
        return self.report.run_id

    @property
    def checkpoint(self) -> Path:
        """Where its weights are."""
        return self.report.checkpoint

    @property
    def metrics(self) -> "pl.DataFrame":
        """A row per question and method, with the mean of every metric over the test part's users.

        The questions are ``New items only`` (lists leave out what a user had) and ``Seen items
        allowed``.
        """
        from engine.usecases.comparing import WHERE

        return _frame(
            {"question": WHERE[one.seen], "method": one.method, **one.means}
            for one in self.report.result.comparisons
        )

    def compare(self, metric: str = "ndcg@20") -> "pl.DataFrame":
        """Return a row per question and method, with its distance to the blend that would serve.

        Args:
            metric: Which one.

        Returns:
            ``question``, ``method``, the metric, ``blend_minus_method`` and the ends of its
            interval, ``low`` and ``high`` (paired over users, 95 %); null for the blend itself.
        """
        from engine.usecases.comparing import WHERE

        rows: list[dict[str, Any]] = []
        for one in self.report.result.comparisons:
            gap = one.against_blend.get(metric)
            rows.append(
                {
                    "question": WHERE[one.seen],
                    "method": one.method,
                    metric: one.means[metric],
                    "blend_minus_method": None if gap is None else gap.mean,
                    "low": None if gap is None else gap.low,
                    "high": None if gap is None else gap.high,
                }
            )
        rows.sort(key=lambda row: (row["question"], -row[metric]))
        return _frame(rows)

    @property
    def verdicts(self) -> list[str]:
        """Who won, in words: for new items, and with seen items allowed."""
        return self.report.result.verdicts()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader has to know beside."""
        return self.report.remarks

    def _repr_html_(self) -> str:
        said = [*self.verdicts, *(self.ranker.lines() if self.ranker else ()), *self.remarks]
        lines = "".join(f"<p>{escape(line)}</p>" for line in said)
        title = f"<p><b>Run {self.id}</b>, {escape(self.model)}</p>"
        return f"{title}{lines}{self.compare()._repr_html_()}"


def _frame(rows: Any) -> "pl.DataFrame":
    import polars as pl

    return pl.from_dicts(list(rows), infer_schema_length=None)
