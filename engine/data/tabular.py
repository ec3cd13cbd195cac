"""Results that are tables: as plain values, as a frame, and as what a notebook shows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from engine.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

T = TypeVar("T")


class Tabular:
    """A result with rows; a class of results says what they are in ``to_dicts``."""

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a dictionary for each row, all with the same keys in the same order."""
        raise NotImplementedError

    def to_polars(self) -> "pl.DataFrame":
        """Return a polars frame."""
        import polars as pl

        return (
            pl.from_dicts(rows, infer_schema_length=None)
            if (rows := self.to_dicts())
            else pl.DataFrame()
        )

    def to_pandas(self) -> "pd.DataFrame":
        """Return a pandas frame.

        Raises:
            UsageError: pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError:
            raise UsageError(
                "pandas is not installed", hint="pip install pandas, or use to_polars()"
            ) from None
        return pd.DataFrame(self.to_dicts())

    def remarks_for_reader(self) -> Iterable[str]:
        """Return what a reader must know beside the rows, a sentence each."""
        return ()

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the table, and what must be known beside it."""
        said = "".join(f"<p>{escape(one)}</p>" for one in self.remarks_for_reader())
        return f"{said}{self.to_polars()._repr_html_()}"


class Records(Tabular, Sequence[T], Generic[T]):
    """A sequence of records or of dictionaries that is a table too."""

    def __init__(self, rows: Iterable[T]) -> None:
        self._rows = tuple(rows)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> "Records[T]": ...
    def __getitem__(self, index: int | slice) -> "T | Records[T]":
        return Records(self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[T]:
        return iter(self._rows)

    def __repr__(self) -> str:
        return repr(list(self._rows))

    def to_dicts(self) -> list[dict[str, Any]]:
        """See ``Tabular``."""
        return [_plain(row) for row in self._rows]


def _plain(row: Any) -> dict[str, Any]:
    if is_dataclass(row) and not isinstance(row, type):
        return asdict(row)
    if isinstance(row, Mapping):
        return dict(row)
    raise TypeError(f"a row is a dataclass or a mapping, not {type(row).__name__}")
