"""Put exported generations into a graph: what stands on nodes, indexes, the pointer."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from engine.data.arrays import Float32Array
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.vocabulary import Vocabulary
from engine.errors import UsageError
from engine.exchange import generation_tables
from engine.exchange.folders import LocalFolder
from engine.exchange.generation_tables import VECTOR, folder_of_generation, property_of
from engine.exchange.manifest import FolderFile, Manifest
from engine.graph import embeddings, stored_generations
from engine.graph.embeddings import Label
from engine.graph.exporting import generation_records
from engine.graph.exporting.generation_records import ExportedGeneration
from engine.store.graph_client import GraphClient

_ROWS = 5_000
_WHOLE = ("ready", "published")
_COME_WITH: Mapping[Label, tuple[str, ...]] = {
    "User": ("events", "users"),
    "Item": ("events", "items"),
}


class GenerationImport:
    """The generations of a folder, on their way into a graph.

    Args:
        graph: Where to.
        folder: What was exported, verified.
        manifest: Of it.
    """

    def __init__(self, graph: GraphClient, folder: LocalFolder, manifest: Manifest) -> None:
        self._graph, self._folder, self._manifest = graph, folder, manifest
        found = json.loads(folder.read(generation_tables.DOCUMENT))
        self._exported = generation_tables.generations_of(found)
        self._moves: list[dict[str, Any]] = found["moves"]

    def check(self, what: Collection[str]) -> None:
        """Refuse generations that cannot be put into the graph as they were.

        Args:
            what: The sections that are imported with them.

        Raises:
            UsageError: The number of one stands for another one in the graph, or the graph has
                none of the nodes that they stand on.
        """
        there = {one.number: one for one in stored_generations.generations(self._graph)}
        for one in self._exported:
            known = there.get(one.number)
            if known and known.settings.get("created_at") != one.settings.get("created_at"):
                raise UsageError(
                    f"generation {one.number} of this graph is another one than that of the folder",
                    hint="import into an empty graph, or leave generations out: "
                    "--what events,items,users,facts",
                )
        missing = self._missing()
        for label, sections in _COME_WITH.items():
            nodes = generation_tables.FOLDERS[label]
            tables = (f"{folder_of_generation(one.number)}/{nodes}" for one in missing)
            if set(sections) & set(what) or not any(map(self._manifest.of, tables)):
                continue
            if not embeddings.coverage(self._graph, label, 0).nodes:
                raise UsageError(
                    f"the graph has no {nodes}, so the vectors of the folder have no place in it",
                    hint="import them first: --what events,items,users,facts; or all at once",
                )

    def write(self, report: StageProgress = no_stage) -> tuple[int, ...]:
        """Write the generations that are not whole in the graph, and return their numbers.

        Cut off, the same call goes on. One of them serves afterwards where nothing ever did.
        """
        missing = self._missing()
        for one in missing:
            self._write(one, report)
        for one in self._exported:
            if one.serving:
                generation_records.put_into_service(self._graph, one.number, self._moves)
        return tuple(one.number for one in missing)

    def _missing(self) -> list[ExportedGeneration]:
        """Return the generations that are not whole in the graph."""
        there = stored_generations.generations(self._graph)
        whole = {one.number for one in there if one.state in _WHOLE}
        return [one for one in self._exported if one.number not in whole]

    def _write(self, one: ExportedGeneration, report: StageProgress) -> None:
        stage = f"writing generation {one.number}"
        generation_records.begin(self._graph, one)
        done, total = 0, sum(file.rows for file in self._files(one))
        for label, name in generation_tables.FOLDERS.items():
            for rows in self._batches(one, name):
                _write_nodes(self._graph, label, one.number, rows)
                report(stage, done := done + len(rows), total)
        for users in self._similar_users(one):
            generation_records.write_similar_users(self._graph, one.number, users)
        report(f"indexing generation {one.number}", 0, 0)
        generation_records.build_indexes(self._graph, one)
        generation_records.finish(self._graph, one)

    def _files(self, one: ExportedGeneration) -> Sequence[FolderFile]:
        return self._manifest.of(folder_of_generation(one.number))

    def _batches(self, one: ExportedGeneration, name: str) -> Iterator[pa.RecordBatch]:
        for file in self._manifest.of(f"{folder_of_generation(one.number)}/{name}"):
            with pyarrow.parquet.ParquetFile(self._folder.path / file.name) as table:
                yield from table.iter_batches(batch_size=_ROWS)

    def _similar_users(
        self, one: ExportedGeneration
    ) -> Iterator[list[generation_records.UserEdges]]:
        """Yield whole users: the last one of a batch goes on in the next one."""
        users: dict[str, list[list[Any]]] = {}
        for batch in self._batches(one, generation_tables.SIMILAR):
            for row in batch.to_pylist():
                users.setdefault(row["user_id"], []).append([row["other_id"], row["score"]])
            *whole, last = users
            yield [(user, users[user]) for user in whole]
            users = {last: users[last]}
        yield list(users.items())


def _write_nodes(graph: GraphClient, label: Label, number: int, rows: pa.RecordBatch) -> None:
    """Write a batch of a table: vectors as a publish writes them, and the other columns."""
    ids = rows.column("id").to_pylist()
    names = [name for name in rows.schema.names if name not in ("id", VECTOR)]
    if VECTOR in rows.schema.names:
        cells = rows.column(VECTOR)
        there = np.flatnonzero(cells.is_valid().to_numpy(zero_copy_only=False))
        if len(there):
            vectors = _vectors(cells.drop_null())
            embeddings.write(graph, label, number, Vocabulary([ids[n] for n in there]), vectors)
    if names:
        columns = [rows.column(name).to_pylist() for name in names]
        properties = [property_of(name, number) for name in names]
        given = [
            {name: one for name, one in zip(properties, cells, strict=True) if one is not None}
            for cells in zip(*columns, strict=True)
        ]
        generation_records.write_properties(
            graph, label, [(id_, one) for id_, one in zip(ids, given, strict=True) if one]
        )


def _vectors(cells: pa.Array) -> Float32Array:
    """Return lists of one length as ``(n, width) float32``."""
    numbers: Float32Array = cells.flatten().to_numpy().astype(np.float32, copy=False)
    return numbers.reshape(len(cells), -1)
