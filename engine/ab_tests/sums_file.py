"""What users of an experiment saw and did, read from a file of any format that loads read.

Columns: ``user``, ``variant``, ``shown``, ``conversions`` and, where the metric needs it,
``value``. A user may have several rows, such as one for each day: they are added up.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from engine.ab_tests.ratio_metric import Metric, UserSums
from engine.ab_tests.variant_totals import ExperimentTotals, VariantTotals
from engine.data.arrays import Float64Array
from engine.data.reading.table_reader import read_blocks
from engine.errors import FileRefused

_COUNTS = ("shown", "conversions", "value")


@dataclass(frozen=True, eq=False)
class VariantSums:
    """The users of an experiment.

    Attributes:
        sums: Name of each variant to its users.
        in_several: Users who were seen in more than one variant: they are in no sum.
        of_others: Users of variants that the experiment does not have: they are in no sum.
    """

    sums: Mapping[str, UserSums]
    in_several: int
    of_others: int

    def totals(self, metric: Metric) -> ExperimentTotals:
        """Return the totals of each variant by a metric."""
        variants = {name: _totals(one, metric) for name, one in self.sums.items()}
        return ExperimentTotals(variants, self.in_several, self.of_others)


def read_sums(path: Path, variants: Collection[str], metric: Metric = "conversion") -> VariantSums:
    """Read the sums of some variants.

    Args:
        path: The file.
        variants: Names.
        metric: One of value needs that column.

    Raises:
        FileRefused: The file is missing or empty, a column is, a cell is no number from 0 on, or
            says not whose it is.
    """
    by_user = _by_user(path, metric)
    several = by_user.group_by("user").len().filter(pl.col("len") > 1)["user"]
    once = by_user.filter(~pl.col("user").is_in(several.implode()))
    known = once.filter(pl.col("variant").is_in(list(variants)))
    return VariantSums(
        {name: _sums(known.filter(pl.col("variant") == name)) for name in variants},
        len(several),
        len(once) - len(known),
    )


def read_all_users(path: Path, metric: Metric = "conversion") -> UserSums:
    """Read the sums of all users, whatever their variant.

    Args:
        path: The file.
        metric: As for ``read_sums``.

    Raises:
        FileRefused: As ``read_sums``.
    """
    by_user = _by_user(path, metric).group_by("user").agg(pl.col(_COUNTS).sum())
    return _sums(by_user)


def read_credits(path: Path) -> tuple[Float64Array, Float64Array]:
    """Read what each user chose of two interleaved lists: columns ``user``, ``a`` and ``b``.

    Returns:
        ``(n_users,)`` items of the first list and of the second.

    Raises:
        FileRefused: As ``read_sums``.
    """
    frames = [_numbers(path, block.frame, ("user",), ("a", "b")) for block in read_blocks(path)]
    by_user = pl.concat(frames).group_by("user").agg(pl.col("a", "b").sum())
    return by_user["a"].to_numpy(), by_user["b"].to_numpy()


def _by_user(path: Path, metric: Metric) -> pl.DataFrame:
    """Return a row for each user of each variant."""
    frames = []
    for block in read_blocks(path):
        frame = block.frame
        if "value" not in frame.columns and not metric.startswith("value"):
            frame = frame.with_columns(value=pl.lit("0"))
        frames.append(_numbers(path, frame, ("user", "variant"), _COUNTS))
    return pl.concat(frames).group_by("user", "variant").agg(pl.col(_COUNTS).sum())


def _numbers(
    path: Path, frame: pl.DataFrame, names: tuple[str, ...], counts: tuple[str, ...]
) -> pl.DataFrame:
    """Return the columns of names as they are, and those of counts as numbers."""
    for name in (*names, *counts):
        if name not in frame.columns:
            raise FileRefused(
                f"{path.name} has no column {name}",
                code="missing-column",
                hint="docs/experiments.md names the columns",
            )
    unnamed = frame.filter(pl.any_horizontal(pl.col(names).fill_null("") == ""))
    if len(unnamed):
        first = unnamed.row(0, named=True)
        name = next(name for name in names if not first[name])
        raise FileRefused(
            f"{path.name}: {name} must not be empty (record {first['_row']})",
            code="required-value",
            hint="leave out whom nobody knows: they are no user of any variant",
        )
    read = frame.select("_row", *names, pl.col(counts).cast(pl.Float64, strict=False))
    for name in counts:
        wrong = read.filter(~(pl.col(name).is_finite() & (pl.col(name) >= 0)).fill_null(False))
        if len(wrong):
            row = wrong["_row"][0]
            cell = frame.filter(pl.col("_row") == row)[name][0]
            raise FileRefused(
                f"{path.name}: {name} must be a number from 0 on, not {cell!r} (record {row})",
                code="not-a-number",
                hint="mend the query that wrote it",
            )
    return read.drop("_row")


def _sums(frame: pl.DataFrame) -> UserSums:
    return UserSums(*(frame[name].to_numpy() for name in _COUNTS))


def _totals(sums: UserSums, metric: Metric) -> VariantTotals:
    shown, conversions, value = sums.shown.sum(), sums.conversions.sum(), sums.value.sum()
    return VariantTotals(sums.moments(metric), float(shown), float(conversions), float(value))
