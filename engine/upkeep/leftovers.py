"""What of a home and a graph can go: left by killed work, or past its limit (``engine.toml``).

Nothing here removes anything. What serves, its runs, their twins and rankers, what a night or a
training that is at work or can be continued needs, are never among it.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from engine.data.checkpoint_files import FOLDER, UNFINISHED
from engine.loading.file_load import STAGING
from engine.upkeep.kept_runs import kept_runs
from engine.upkeep.open_stores import OpenStores

NIGHTS_KEPT = 100
"""Nights that stay however old they are: a night looks so far back for the last like it."""
_NIGHT_FILE = re.compile(r"(\d{6,})\.json")
_BESIDE = re.compile(r"\..+\.(\d+)")
_ROTATED = re.compile(r".+\.log\.\d.*")
_DAY_SECONDS = 86_400.0


@dataclass(frozen=True)
class Leftover:
    """Something that can go.

    Attributes:
        kind: Such as ``quarantine``.
        subject: The file or folder under the home, the generation, or the night.
        why: Why it can go.
        size: Bytes on disk; 0 of what lies in a database.
        path: None of what lies in a database.
        number: Of the generation or the night, of events and lists the moment before which they
            happened, epoch ms; None of files.
    """

    kind: str
    subject: str
    why: str
    size: int = 0
    path: Path | None = None
    number: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            name: value for name, value in asdict(self).items() if name not in ("path", "number")
        }


def of_loads(stores: OpenStores) -> Iterator[Leftover]:
    """Yield what killed loads left: staged rows, files for the importer, graphs half imported."""
    home = stores.settings.home
    places = [home / STAGING, home / "bulk"]
    places += [one for one in (home / "neo4j").glob("import-*") if one.name != "import-done"]
    for path in sorted(one for one in places if one.is_dir()):
        if any(path.iterdir()):
            yield _file(home, path, "staging", "a load that was killed left it")


def of_writes(stores: OpenStores) -> Iterator[Leftover]:
    """Yield files that killed processes left half written beside the place they were meant for."""
    home = stores.settings.home
    for place, folders, names in os.walk(home):
        if Path(place) == home / "neo4j":
            folders[:] = [one for one in folders if one == "conf"]
        for name in names:
            path = Path(place, name)
            if (found := _BESIDE.fullmatch(name)) is None or psutil.pid_exists(int(found[1])):
                continue
            if (stores.now - _changed(path)).total_seconds() > _DAY_SECONDS:
                yield _file(home, path, "half written", "the process that wrote it is gone")


def quarantine(stores: OpenStores) -> Iterator[Leftover]:
    """Yield quarantine files past their limit; that of a load at work is open, however old it is.

    A stream that is followed for months may set no row aside for as long as the limit.
    """
    loads = stores.registry.loads if "rows" in stores.there else ()
    at_work = tuple(f"{load.id:06d}-" for load in loads)
    found = (stores.settings.home / "quarantine").glob("*.jsonl")
    closed = (path for path in found if not path.name.startswith(at_work))
    yield from _old(stores, "quarantine", closed, stores.settings.quarantine_days)


def cached_results(stores: OpenStores) -> Iterator[Leftover]:
    """Yield kept results of ``engine compare`` past their limit."""
    home, days = stores.settings.home, stores.settings.cache_days
    found = [*(home / "compare").glob("*.npz"), *(home / "compare" / UNFINISHED).glob("*")]
    yield from _old(stores, "compare", found, days)


def server_logs(stores: OpenStores) -> Iterator[Leftover]:
    """Yield logs of the engine's own Neo4j, and tracebacks of nights, past their limit.

    A log that a server may have open goes only where none runs; a rotated one is never open.
    """
    home, days = stores.settings.home, stores.settings.log_days
    logs = [one for one in (home / "neo4j" / "logs").glob("*") if one.is_file()]
    if (home / "neo4j" / "server.json").exists():
        logs = [one for one in logs if _ROTATED.fullmatch(one.name)]
    yield from _old(stores, "log", [*logs, *(home / "retrain").glob("*.traceback.txt")], days)


def nights(stores: OpenStores) -> Iterator[Leftover]:
    """Yield nights past their limit, and their summaries."""
    home, days = stores.settings.home, stores.settings.night_days
    kept = set()
    for place, night in enumerate(stores.registry.nights):
        ended = night.finished_at or night.started_at
        if place < NIGHTS_KEPT or night.status == "running" or ended > stores.before(days):
            kept.add(night.id)
        else:
            why = f"it ended more than {days:g} days ago"
            yield Leftover("night", f"night {night.id}", why, number=night.id)
    files = [
        path
        for path in (home / "retrain").glob("*.json")
        if (found := _NIGHT_FILE.fullmatch(path.name)) and int(found[1]) not in kept
    ]
    yield from _old(stores, "night", files, days)


def unfinished(stores: OpenStores) -> Iterator[Leftover]:
    """Yield states of trainings that were interrupted so long ago that nobody goes on from them.

    Which state belongs to which run is not known: none goes that was written since the oldest
    training or night at work began, or since the night that can be continued did.
    """
    days = stores.settings.unfinished_days
    work = [run.started_at for run in stores.registry.runs if run.status == "running"]
    last = stores.registry.nights[:1]
    work += [one.started_at for one in last if one.status != "finished"]
    since = min([*work, stores.before(days)])
    home = stores.settings.home
    for path in sorted((home / FOLDER / UNFINISHED).glob("*")):
        if _changed(path) < since:
            why = f"its training was interrupted more than {days:g} days ago"
            yield _file(home, path, "unfinished training", why)


def checkpoints(stores: OpenStores) -> Iterator[Leftover]:
    """Yield checkpoints whose generations are gone, and what interrupted runs left of theirs.

    A run that was never published stays, whatever its age, and so does the folder of a run that
    the registry does not know: a registry that was lost must not take the models with it.
    """
    home, settings = stores.settings.home, stores.settings
    kept = kept_runs(stores)
    gone = stores.before(settings.checkpoint_days)
    retired: dict[int, datetime] = {}
    for row in stores.registry.generations:
        if row.run_id is not None:
            before = retired.get(row.run_id, row.changed_at)
            retired[row.run_id] = max(before, row.changed_at)
    for path in sorted((home / FOLDER).glob("[0-9]*")):
        run = stores.runs.get(int(path.name)) if path.name.isdecimal() else None
        if run is None or run.id in kept or not path.is_dir():
            continue
        if run.id in retired and retired[run.id] < gone:
            why = f"its generation has been gone for more than {settings.checkpoint_days:g} days"
            yield _file(home, path, "checkpoint", why)
        elif run.status in ("interrupted", "failed") and _changed(path) < stores.before(
            settings.unfinished_days
        ):
            yield _file(home, path, "checkpoint", f"run {run.id} was {run.status}")


def _old(stores: OpenStores, kind: str, paths: Iterable[Path], days: float) -> Iterator[Leftover]:
    for path in sorted(paths):
        if _changed(path) < stores.before(days):
            yield _file(stores.settings.home, path, kind, f"it is older than {days:g} days")


def _changed(path: Path) -> datetime:
    """Return when a file, or the newest in a folder, was written; now where it is gone."""
    try:
        times = [path.lstat().st_mtime]
        if path.is_dir() and not path.is_symlink():
            times += [one.lstat().st_mtime for one in path.rglob("*")]
    except FileNotFoundError:
        return datetime.now(UTC)
    return datetime.fromtimestamp(max(times), UTC)


def _file(home: Path, path: Path, kind: str, why: str) -> Leftover:
    inside = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path]
    size = sum(one.lstat().st_size for one in inside if one.exists())
    return Leftover(kind, path.relative_to(home).as_posix(), why, size, path)


def remove_file(path: Path) -> None:
    """Remove a file or a folder; a link goes, and not what it leads to.

    Raises:
        OSError: It cannot be removed.
    """
    if path.is_dir() and not path.is_symlink():
        with suppress(FileNotFoundError):
            shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
