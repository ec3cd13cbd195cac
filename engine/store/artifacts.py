"""The jars of the engine's own Neo4j: a lock with SHA-256, and fetching exactly what it names.

The lock names every artefact, so a first start downloads in parallel and never reads a POM; only
``lock_making`` resolves. jgo knows Maven's repositories; nothing here does.
"""

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import filelock
import platformdirs

from engine.data.progress_callbacks import CountProgress, no_count
from engine.errors import Busy, LocalServerError
from engine.optional_dependencies import OTHER_SERVER, require

if TYPE_CHECKING:
    from jgo.maven import Artifact, MavenContext

LOCK_FILE = Path(__file__).with_name("neo4j.lock.json")
NEO4J_VERSION = "2026.08.1"
GDS_VERSION = "2.26.0"
# Downloads wait on the network, not on the processor.
_PARALLEL_DOWNLOADS = 16
_TRIES = 3
# Between two answers of a repository; a whole jar may take longer.
_SILENCE_SECONDS = 20
_CACHE_LOCK_SECONDS = 900.0


@dataclass(frozen=True)
class LockedArtifact:
    """One jar: ``group:artifact:version[:classifier]``, its size in bytes and its SHA-256."""

    coordinate: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Lock:
    """The exact set of jars of one Neo4j and one Graph Data Science version."""

    neo4j: str
    gds: str
    artifacts: tuple[LockedArtifact, ...]


def cache_dir() -> Path:
    """Return the folder of downloaded jars, shared by every ENGINE_HOME of this user."""
    chosen = os.environ.get("ENGINE_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_cache_path("engine-recsys", appauthor=False)


def read_lock(path: Path = LOCK_FILE) -> Lock:
    """Read the lock and check that it is the one this code was written for.

    Raises:
        LocalServerError: It is missing, damaged or names other versions; the hint has the command
            that mends it.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        artifacts = tuple(LockedArtifact(**one) for one in raw["artifacts"])
        lock = Lock(raw["neo4j"], raw["gds"], artifacts)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise LocalServerError(
            f"the lock of the local Neo4j cannot be read: {error!r}", hint="engine db lock"
        ) from error
    if (lock.neo4j, lock.gds) != (NEO4J_VERSION, GDS_VERSION):
        raise LocalServerError(
            f"the lock names Neo4j {lock.neo4j} with GDS {lock.gds}, "
            f"this engine runs {NEO4J_VERSION} with {GDS_VERSION}",
            hint="make it again: engine db lock",
        )
    return lock


def fetch(lock: Lock, cache: Path, advance: CountProgress = no_count) -> list[Path]:
    """Return the paths of all jars in lock order, downloading those that are not there.

    Every jar's SHA-256 is checked every time (0.2 s for the whole set), so a damaged one is
    replaced. A download is renamed into place only when it is whole and right: one that was
    interrupted leaves nothing that looks finished.

    Raises:
        LocalServerError: A jar cannot be had, or is not the one the lock names.
        Busy: Another command has been downloading for a quarter of an hour.
    """
    paths = [cache / "jars" / _file_name(one) for one in lock.artifacts]
    wanted = list(zip(lock.artifacts, paths, strict=True))
    if _unsound(wanted):
        with _alone_in(cache):
            # Another command may have downloaded them in the meantime.
            missing = _unsound(wanted)
            _download(missing, cache, advance)
    return paths


def _unsound(wanted: Sequence[tuple[LockedArtifact, Path]]) -> list[tuple[LockedArtifact, Path]]:
    """Return those that are not there as the lock has them."""

    def sound(pair: tuple[LockedArtifact, Path]) -> bool:
        one, path = pair
        try:
            return path.stat().st_size == one.size and sha256_of(path) == one.sha256
        except OSError:
            return False

    # Hashing lets go of the interpreter lock, so threads share the processors.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [
            pair for pair, fine in zip(wanted, pool.map(sound, wanted), strict=True) if not fine
        ]


@contextmanager
def _alone_in(cache: Path) -> Iterator[None]:
    """Hold the cache's lock: two homes never download the same jars twice."""
    try:
        (cache / "jars").mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(cache / "lock", timeout=_CACHE_LOCK_SECONDS):
            yield
    except filelock.Timeout as error:
        raise Busy(
            f"another command is downloading Neo4j into {cache}", hint="wait for it, then try again"
        ) from error
    except OSError as error:
        raise LocalServerError(
            f"the cache of Neo4j's jars cannot be written: {error}",
            hint="choose another folder: ENGINE_CACHE=... engine db start",
        ) from error


def _download(
    missing: Sequence[tuple[LockedArtifact, Path]], cache: Path, advance: CountProgress
) -> None:
    require("local", "the engine's own Neo4j", otherwise=OTHER_SERVER)
    # jgo brings requests and urllib3, and a command downloads once in its life.
    from jgo.maven import MavenContext  # noqa: PLC0415

    from engine.store.pooled_resolver import PooledResolver  # noqa: PLC0415

    total, done = sum(one.size for one, _ in missing), 0
    stop = threading.Event()
    partial = cache / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    resolver = PooledResolver(_PARALLEL_DOWNLOADS, stop)
    context = MavenContext(resolver, repo_cache=partial, timeout=_SILENCE_SECONDS)
    try:
        with ThreadPoolExecutor(_PARALLEL_DOWNLOADS) as pool:
            waiting = {
                pool.submit(_download_one, context, one, path, stop): one for one, path in missing
            }
            try:
                for finished in as_completed(waiting):
                    finished.result()
                    done += waiting[finished].size
                    advance(done, total)
            except BaseException:
                stop.set()
                pool.shutdown(cancel_futures=True)
                raise
    finally:
        resolver.close()
        shutil.rmtree(partial, ignore_errors=True)


def _download_one(
    context: "MavenContext", one: LockedArtifact, path: Path, stop: threading.Event
) -> None:
    reason = ""
    for attempt in range(_TRIES):
        if stop.wait((2.0**attempt - 1.0) / 2):
            raise CancelledError
        artifact = _artifact(context, one.coordinate)
        try:
            found = artifact.resolve()
            if sha256_of(found) == one.sha256:
                found.replace(path)
                return
            reason = "its SHA-256 is not the one in the lock"
        except (RuntimeError, OSError) as error:
            reason = str(error).split("{")[0]
        _forget(artifact)
    raise LocalServerError(
        f"{one.coordinate} is not in the cache, or damaged there, and cannot be fetched: {reason}",
        hint="check network and disk, then run the command again; what was fetched is kept",
    )


def _artifact(context: "MavenContext", coordinate: str) -> "Artifact":
    group, name, version, *classifier = coordinate.split(":")
    component = context.project(group, name).at_version(version)
    return component.artifact(classifier=classifier[0] if classifier else "")


def _file_name(one: LockedArtifact) -> str:
    # The group is part of the name: two groups may each have a `core-1.0.jar`.
    group, name, version, *classifier = one.coordinate.split(":")
    return "-".join((group, name, version, *classifier)) + ".jar"


def _forget(artifact: "Artifact") -> None:
    if artifact.cached_path is not None:
        artifact.cached_path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
