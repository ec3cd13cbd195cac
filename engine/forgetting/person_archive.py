"""All that is held about one user, as one archive of JSON lines with a manifest."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine import private_files
from engine.connections.forgotten import ForgottenIds
from engine.data.checkpoint_files import FIRST_VECTORS, FOLDER, MODELS, twin_of
from engine.errors import CheckpointInvalid, DataError, NotFound
from engine.forgetting.home_removal import QUARANTINE, named_by
from engine.graph import aliases, person_records
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.training import checkpoint
from engine.version import __version__

_NOT_HELD = (
    "Models hold in the vectors of items and of other users what they learned from these events; "
    "it cannot be told apart.",
    "Lists and reports that were written by --out, logs and backups are not looked through.",
    "Of users that are like this one no ids are given.",
)


@dataclass(frozen=True)
class ArchivedFile:
    """One file of an archive.

    Attributes:
        rows: JSON lines of it.
        sha256: Of its content.
    """

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class PersonArchive:
    """What an archive holds.

    Attributes:
        user: Whom it is about.
        at: When it was written, ISO 8601, UTC.
        files: Those with at least one row.
        notes: What it does not hold, in words.
    """

    user: str
    at: str
    path: str
    files: tuple[ArchivedFile, ...]
    notes: tuple[str, ...] = _NOT_HELD
    version: str = __version__

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def write(
    graph: GraphClient, registry: Registry, home: Path, user: str, out: Path
) -> PersonArchive:
    """Write the archive of a user, readable by its owner alone; one that is there is replaced.

    Raises:
        NotFound: Nothing is held about that user.
        DataError: The archive cannot be written there.
    """
    user = aliases.current(graph, [user]).get(user, user)
    known = person_records.attributes(graph, user)
    parts: dict[str, Iterable[Mapping[str, Any]]] = {
        "attributes.jsonl": [] if known is None else [known],
        "aliases.jsonl": aliases.rows_of(graph, [user]),
        "events.jsonl": person_records.events(graph, user),
        "lists.jsonl": person_records.lists(graph, user),
        "facts.jsonl": person_records.facts(graph, user),
        "similar.jsonl": person_records.neighbours(graph, user),
        "vectors.jsonl": [*person_records.vectors(graph, user), *_of_checkpoints(home, user)],
        "quarantine.jsonl": _quarantined(home, user),
    }
    at = datetime.now(UTC)
    try:
        with private_files.replacing(out) as file, zipfile.ZipFile(file, "w") as archive:
            files = tuple(_written(archive, name, rows, at) for name, rows in parts.items())
            held = tuple(one for one in files if one.rows)
            if not held:
                raise _nothing(registry, home, user)
            found = PersonArchive(user, at.isoformat("T", "seconds"), out.name, held)
            text = json.dumps(found.as_dict(), indent=2, ensure_ascii=False) + "\n"
            archive.writestr(_entry("manifest.json", at), text)
    except OSError as error:
        raise DataError(
            f"{error.filename or out}: {error.strerror or error}", hint="name another: --out FILE"
        ) from error
    return found


def _written(
    archive: zipfile.ZipFile, name: str, rows: Iterable[Mapping[str, Any]], at: datetime
) -> ArchivedFile:
    digest, count = hashlib.sha256(), 0
    with archive.open(_entry(name, at), "w", force_zip64=True) as file:
        for row in rows:
            line = json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n"
            file.write(line)
            digest.update(line)
            count += 1
    return ArchivedFile(name, count, digest.hexdigest())


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
    return entry


def _of_checkpoints(home: Path, user: str) -> Iterator[dict[str, Any]]:
    """Yield the vectors of a user in every file of every run."""
    names = {*MODELS, *(twin_of(Path(name)).name for name in MODELS), FIRST_VECTORS}
    for path in sorted((home / FOLDER).glob("[0-9]*/*")):
        if path.name not in names:
            continue
        where = path.relative_to(home).as_posix()
        try:
            if path.name == FIRST_VECTORS:
                from engine.training import warm_start  # noqa: PLC0415 PyTorch

                for stage, start in warm_start.load(path, "").items():
                    if (row := start.users.index_of(user)) is not None:
                        values = start.vectors[row].tolist()
                        yield {"where": f"{where}: {stage}", "values": values}
            else:
                trained = checkpoint.load(path)
                if (row := trained.users.index_of(user)) is not None:
                    yield {"where": where, "values": trained.user_vectors[row].tolist()}
        except CheckpointInvalid:
            continue


def _quarantined(home: Path, user: str) -> Iterator[dict[str, Any]]:
    """Yield the quarantined rows that name a user, and the file of each."""
    for path in sorted((home / QUARANTINE).glob("*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                if named_by(line, "user", {user}):
                    text = line.decode("utf-8", "backslashreplace").rstrip("\n")
                    yield {"where": path.name, "row": text}


def _nothing(registry: Registry, home: Path, user: str) -> NotFound:
    if ForgottenIds(registry, home).among("user", [user]):
        return NotFound(
            f"the user {user!r} is forgotten: nothing is held but a keyed hash of the id",
            hint="certificates of what was removed lie in ENGINE_HOME/forget",
        )
    return NotFound(
        f"there is nothing about a user {user!r}",
        hint="ids are compared letter by letter, as the events name them",
    )
