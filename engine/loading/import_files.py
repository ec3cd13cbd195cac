"""Files for Neo4j's offline importer, made of validated events; each event once.

Events are first spread over parts by their key, so that repeated rows are in one part and
memory holds one part at a time.
"""

import time
from pathlib import Path

import polars as pl
import pyarrow as pa

from engine.data.dislikes import DISLIKE_KINDS
from engine.data.reading.rejection import Rejection
from engine.store.migration_lock import LockHolder, NightLock

_FEWEST_PARTS, _ROWS_A_PART = 8, 2_000_000
_IDS_IN_HAND = 2_000_000
# Names and types as the importer's headers write them; an empty cell is no property.
_EVENT_COLUMNS = {
    "user": ":START_ID(User)",
    "item": ":END_ID(Item)",
    "key": "key:long",
    "event": "event:string",
    "at": "at:long",
    "weight": "weight:double",
    "basket": "basket:string",
    "list": "list:string",
    "position": "position:long",
}


class _Ids:
    """Different ids, in the order in which they turn up."""

    def __init__(self) -> None:
        self._found: list[pl.Series] = []
        self._in_hand = 0

    def add(self, ids: pl.Series) -> None:
        self._found.append(ids.unique(maintain_order=True))
        self._in_hand += len(self._found[-1])
        if self._in_hand > _IDS_IN_HAND:
            self._found, self._in_hand = [self.all()], 0

    def all(self) -> pl.Series:
        return pl.concat(self._found).unique(maintain_order=True)


class ImportFiles:
    """The files on their way.

    Args:
        folder: Where they are written; must exist.
        rows: How many events there will be, at least about.
    """

    def __init__(self, folder: Path, rows: int = 0) -> None:
        self.unique = 0
        self.conflicts: list[Rejection] = []
        self._folder = folder
        self._parts = max(_FEWEST_PARTS, 1 << (rows // _ROWS_A_PART).bit_length())
        self._writers: dict[int, pa.RecordBatchFileWriter] = {}
        self._users, self._items = _Ids(), _Ids()
        self._multiline = False

    def add(self, events: pl.DataFrame) -> None:
        """Add validated events, as ``events.validate`` returns them."""
        columns = events.select("row", "payload", *_EVENT_COLUMNS)
        parts = columns.with_columns(part=pl.col("key") & (self._parts - 1))
        for (part,), frame in parts.partition_by(
            "part", as_dict=True, include_key=False, maintain_order=True
        ).items():
            table = frame.to_arrow()
            if part not in self._writers:
                path = self._folder / f"{part}.arrow"
                self._writers[part] = pa.ipc.new_file(path, table.schema)
            self._writers[part].write_table(table)

    def finish(self, ingest: int, token: str, night: LockHolder | None = None) -> list[str]:
        """Write the importer's files and return its arguments.

        ``unique`` and ``conflicts`` say afterwards what the events came to. The graph gets the
        marker of one batch that holds them all.

        Args:
            ingest: Number of the load in the registry.
            token: Of the batch.
            night: Who holds the graph's lock of nights, and goes on holding it in the new graph.
        """
        files = [one for part in sorted(self._writers) for one in self._write_part(part)]
        nodes = {"User": self._users.all(), "Item": self._items.all()}
        sources = [self._write_nodes(label, ids) for label, ids in nodes.items()]
        marker = {
            "number:long": 1,
            "token:string": token,
            "rows:long": self.unique,
            "ingest:long": ingest,
            "at:long": int(time.time() * 1000),
        }
        sources.append(self._write("Batch", pl.DataFrame([marker])))
        sources.append(self._write("Sequence", pl.DataFrame({"name": "batch", "value:long": 1})))
        if night is not None:
            sources.append(self._write(NightLock.label, _lock_node(night)))
        header = self._folder / "events.csv"
        header.write_text(",".join([*_EVENT_COLUMNS.values(), "batch:long"]) + "\n")
        for relation in ("INTERACTED", "DISLIKES"):
            if parts := [path for name, path in files if name == relation]:
                sources.append(f"--relationships={relation}=" + ",".join([str(header), *parts]))
        # The importer is much quicker where it need not look for line ends in quotes.
        return [f"--multiline-fields={str(self._multiline).lower()}", *sources]

    def _write_part(self, part: int) -> list[tuple[str, str]]:
        """Write the events of a part and return the type of each file's relationships and it."""
        self._writers[part].close()
        source = self._folder / f"{part}.arrow"
        with pa.memory_map(str(source)) as mapped:
            frame = pl.DataFrame(pl.from_arrow(pa.ipc.open_file(mapped).read_all()))
            first = frame.unique("key", keep="first", maintain_order=True)
            if len(first) < len(frame):
                meant = first.select("key", meant="payload")
                clash = frame.join(meant, on="key").filter(pl.col("payload") != pl.col("meant"))
                self.conflicts += [Rejection(row, "conflict", "event_id") for row in clash["row"]]
            self.unique += len(first)
            self._users.add(first["user"])
            self._items.add(first["item"])
            texts = first.select(pl.col(pl.String).str.contains(r"[\r\n]").any())
            self._multiline |= any(texts.row(0))
            disliked = pl.col("event").is_in(DISLIKE_KINDS)
            files = [
                ("INTERACTED", self._write_events(f"events-{part}", first.filter(~disliked))),
                ("DISLIKES", self._write_events(f"dislikes-{part}", first.filter(disliked))),
            ]
        source.unlink()
        return [(name, path) for name, path in files if path]

    def _write_events(self, name: str, events: pl.DataFrame) -> str:
        """Write events without a header and return the path; nothing where there are none."""
        if not len(events):
            return ""
        path = self._folder / f"{name}.csv"
        cells = events.select(*_EVENT_COLUMNS, batch=pl.lit(1))
        cells.write_csv(path, include_header=False)
        return str(path)

    def _write_nodes(self, label: str, ids: pl.Series) -> str:
        return self._write(label, pl.DataFrame({f"id:ID({label})": ids}))

    def _write(self, label: str, table: pl.DataFrame) -> str:
        path = self._folder / f"{label}.csv"
        table.write_csv(path)
        return f"--nodes={label}={path}"


def _lock_node(night: LockHolder) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "name:string": NightLock.name,
            "token:string": night.token,
            "host:string": night.process.host,
            "pid:long": night.process.pid,
            "started:double": night.process.started,
            "acquired_at:long": int((time.time() - night.age_seconds) * 1000),
        }
    )
