"""Tables as other tools write them: strategies for hypothesis.

A table is rows of texts under usual and unusual headers; a writer puts it into bytes as pandas, R,
Excel, Spark, BigQuery, Shopify, Segment or Postgres would, quirks included.
"""

import csv
import gzip
import io
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet
from hypothesis import strategies as st

Rows = Sequence[Sequence[str]]

HEADERS = {
    "user": ("user_id", "userId", "User ID", "customer", "visitorid", "user_id:token"),
    "item": ("item_id", "itemId", "product_id", "SKU", "item_id:token", "Handle"),
    "time": ("timestamp", "event_time", "created_at", "date", "Zeit"),
    "event": ("event", "event_type", "eventName", "action"),
    "weight": ("weight", "rating:float", "value", "Preis (€)"),
    "more": ("", "Unnamed: 0", "*", "^.*$", "_id", "a,b", 'say "x"', "価格", "price", "item_id "),
}
CELLS = {
    "user": ("u1", "u2", "007", "7.0", "é", "", r"\N", "<NA>", "NaN", "\u00a0", "\x1b[2J",
        "4.00638E+12", "#WERT!", "user_id"),
    "item": ("i1", "i2", "a,b", 'say "x"', "two\nlines", "None", "  ", "x" * 257),
    "time": (
        "2024-05-01T10:00:00Z", "2024-05-01 10:00:00 UTC", "2024-05-01 05:00:00 -0500", "20240501",
        "1714557600", "1714557600000000000", "2024-05-01T10:00:00,5+02:00[Europe/Berlin]", "",
        "01.05.2024", "soon", "1e308", "-1", "Wed, 01 May 2024 10:00:00 GMT", "2024/5/1 9:05",
        "638501544000000000", "\u0661",
    ),
    "event": ("view", "Product Viewed", "AddToCart", "PURCHASE", "1", "購入", "購入 1", "", "!"),
    "weight": ("1", "1.5", "1,5", "1.234,5", "", "NaN", "-0.0", "1e400", "much"),
    "more": ("", "x", "1", '"', ";", "\t", "[1]", "\ufeff", "\x00"),
}  # fmt: skip


class Export(NamedTuple):
    """A file: its name and bytes."""

    name: str
    data: bytes


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """Return a header and its rows; most headers name a user and an item once."""
    others = draw(st.lists(st.sampled_from(sorted(CELLS)), max_size=3, unique=True))
    kinds = draw(st.permutations(sorted({"user", "item", *others})))
    kinds += draw(st.sampled_from([[], [], ["more"], ["more", "more"], ["item"]]))
    header = [draw(st.sampled_from(HEADERS[kind])) for kind in kinds]
    odd = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
    cells = (st.sampled_from(CELLS[kind] * 3) | odd for kind in kinds)
    return header, [list(one) for one in draw(st.lists(st.tuples(*cells), max_size=8))]


def delimited(header: Sequence[str], rows: Rows, **dialect: Any) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, **dialect).writerows([header, *rows])
    return text.getvalue()


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def pandas_csv(header: Sequence[str], rows: Rows) -> Export:
    """Write ``to_csv()``: the index is a column without a name."""
    body = [[str(number), *row] for number, row in enumerate(rows)]
    return Export("pandas.csv", encoded(delimited(["", *header], body, lineterminator="\n")))


def pandas_json(header: Sequence[str], rows: Rows) -> Export:
    """Write ``to_json(orient="records", lines=True)``."""
    lines = (json.dumps(dict(zip(header, row, strict=True))) for row in rows)
    return Export("pandas.jsonl", encoded("\n".join(lines)))


def r_table(header: Sequence[str], rows: Rows) -> Export:
    """Write ``write.table(sep="\\t")``: the names of the rows have no cell in the header."""
    body = [[str(number), *row] for number, row in enumerate(rows, start=1)]
    text = delimited(header, body, delimiter="\t", quoting=csv.QUOTE_ALL)
    return Export("r.tsv", encoded(text))


def excel(header: Sequence[str], rows: Rows) -> Export:
    """Save as CSV UTF-8 where the comma is the decimal mark."""
    return Export("excel.csv", b"\xef\xbb\xbf" + encoded(delimited(header, rows, delimiter=";")))


def excel_sep(header: Sequence[str], rows: Rows) -> Export:
    """Begin with the line that tells Excel the delimiter."""
    return Export("sep.csv", encoded("sep=|\r\n" + delimited(header, rows, delimiter="|")))


def spark_csv(header: Sequence[str], rows: Rows) -> Export:
    """Write one gzipped part, quotes escaped by a backslash."""
    text = delimited(header, rows, escapechar="\\", doublequote=False, lineterminator="\n")
    return Export("part-00000-c000.csv.gz", gzip.compress(encoded(text), mtime=0))


def bigquery(header: Sequence[str], rows: Rows) -> Export:
    """Write newline-delimited JSON: numbers as text, absent cells left out."""
    lines = (
        json.dumps({name: cell for name, cell in zip(header, row, strict=True) if cell})
        for row in rows
    )
    return Export("000000000000.json.ndjson", encoded("\n".join(lines) + "\n"))


def shopify(header: Sequence[str], rows: Rows) -> Export:
    """Write quoted cells and a delimiter at the end of every line."""
    body = [[*row, ""] for row in rows]
    return Export("shopify.csv", encoded(delimited([*header, ""], body, quoting=csv.QUOTE_ALL)))


def segment(header: Sequence[str], rows: Rows) -> Export:
    """Write JSON with nested objects beside the fields."""
    lines = (
        json.dumps(
            dict(zip(header, row, strict=True)) | {"context": {"ip": row[0]}, "items": [row]}
        )
        for row in rows
    )
    return Export("segment.jsonl", encoded("\n".join(lines)))


def postgres(header: Sequence[str], rows: Rows) -> Export:
    r"""Write ``COPY … TO`` with a header: tabs, ``\N``, no quotes."""
    shown = [
        [cell.replace("\t", "\\t").replace("\n", "\\n") or r"\N" for cell in row] for row in rows
    ]
    return Export("copy.tsv", encoded("\n".join("\t".join(row) for row in [header, *shown])))


def joined(header: Sequence[str], rows: Rows) -> Export:
    """Join two files with a mark and a header each, remarks before the first."""
    one = "\ufeff" + delimited(header, rows, lineterminator="\n")
    return Export("joined.csv", encoded("# made by hand\n" + one + one))


def by_hand(header: Sequence[str], rows: Rows) -> Export:
    """Put a blank after every comma, and nothing in order."""
    return Export("hand.csv", encoded("\n".join(", ".join(row) for row in [header, *rows])))


_TYPES: tuple[Callable[[int, str], Any], ...] = (
    lambda _row, cell: cell.encode("utf-8", "replace").decode(),
    lambda _row, cell: encoded(cell) + b"\xff" * (len(cell) % 2),
    lambda row, _cell: row,
    lambda row, _cell: row / 2,
    lambda row, _cell: datetime(2024, 5, 1, tzinfo=UTC) + timedelta(days=row),
    lambda row, _cell: timedelta(seconds=row),
    lambda row, _cell: Decimal(row) / 4,
    lambda row, _cell: [str(row)],
    lambda row, _cell: {"a": row},
)


@st.composite
def parquet(draw: st.DrawFn, header: Sequence[str], rows: Rows) -> Export:
    """Write columns of any type, names twice and all."""
    columns = []
    for place in range(len(header)):
        convert = draw(st.sampled_from(_TYPES))
        columns.append(pa.array([convert(at, row[place]) for at, row in enumerate(rows)]))
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pa.Table.from_arrays(columns, names=list(header)), buffer)
    return Export("spark.snappy.parquet", buffer.getvalue())


WRITERS = (
    pandas_csv, pandas_json, r_table, excel, excel_sep, spark_csv, bigquery, shopify, segment,
    postgres, joined, by_hand,
)  # fmt: skip


@st.composite
def exports(draw: st.DrawFn) -> Export:
    """Return a file that some tool might have written, perhaps cut off."""
    header, rows = draw(tables())
    writer = draw(st.sampled_from([*WRITERS, None]))
    if writer is None:
        return draw(parquet(header, rows))
    try:
        name, data = writer(header, rows)
    except csv.Error:  # a writer that escapes knows no escape for this
        name, data = excel(header, rows)
    cut = draw(st.sampled_from([0, 0, 0, 1, 2, 5]))
    return Export(name, data[: len(data) - cut])
