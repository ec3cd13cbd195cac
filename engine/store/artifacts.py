"""The jars of the engine's own Neo4j: a lock with SHA-256, and fetching exactly what it names.

The lock names every artefact, so a first start downloads in parallel and never reads a POM; only
``make_lock`` resolves. jgo knows Maven's repositories; nothing here does. May import: ``errors``.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs
from jgo.maven import Artifact, MavenContext

from engine.errors import LocalServerError

LOCK_FILE = Path(__file__).with_name("neo4j.lock.json")
NEO4J_VERSION = "2026.08.1"
GDS_VERSION = "2.26.0"
ROOTS = (
    f"org.neo4j:neo4j:{NEO4J_VERSION}",
    f"org.neo4j.app:neo4j-server:{NEO4J_VERSION}",
    f"org.neo4j.gds:proc:{GDS_VERSION}",
    f"org.neo4j.gds:opengds-extension:{GDS_VERSION}",
)
# Downloads wait on the network, not on the processor.
_PARALLEL_DOWNLOADS = 16
_TRIES = 3

Advance = Callable[[int, int], None]
"""Called with (bytes so far, bytes in all)."""


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
        LocalServerError: It names other versions; the hint has the command that mends it.
    """
    raw = json.loads(path.read_text(encoding="utf-8"))
    if (raw["neo4j"], raw["gds"]) != (NEO4J_VERSION, GDS_VERSION):
        raise LocalServerError(
            f"the lock names Neo4j {raw['neo4j']} with GDS {raw['gds']}, "
            f"this engine runs {NEO4J_VERSION} with {GDS_VERSION}",
            hint="make it anew: engine db lock",
        )
    artifacts = tuple(LockedArtifact(**one) for one in raw["artifacts"])
    return Lock(raw["neo4j"], raw["gds"], artifacts)


def fetch(lock: Lock, cache: Path, advance: Advance = lambda done, total: None) -> list[Path]:
    """Return the paths of all jars in lock order, downloading those that are not there.

    A file of the right size was verified when it was downloaded; a download is renamed into place
    only after its SHA-256 was right, so a killed download leaves nothing that looks finished.

    Raises:
        LocalServerError: A jar cannot be had, or is not the one the lock names.
    """
    paths = [cache / "jars" / _file_name(one) for one in lock.artifacts]
    missing = [
        (one, path)
        for one, path in zip(lock.artifacts, paths, strict=True)
        if not path.exists() or path.stat().st_size != one.size
    ]
    if missing:
        _download(missing, cache, advance)
    return paths


def _download(
    missing: Sequence[tuple[LockedArtifact, Path]], cache: Path, advance: Advance
) -> None:
    (cache / "jars").mkdir(parents=True, exist_ok=True)
    total, done = sum(one.size for one, _ in missing), 0
    context = MavenContext(repo_cache=cache / "partial" / str(os.getpid()), timeout=60)
    with ThreadPoolExecutor(_PARALLEL_DOWNLOADS) as pool:
        waiting = {pool.submit(_download_one, context, one, path): one for one, path in missing}
        try:
            for finished in as_completed(waiting):
                finished.result()
                done += waiting[finished].size
                advance(done, total)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    shutil.rmtree(context.repo_cache, ignore_errors=True)


def _download_one(context: MavenContext, one: LockedArtifact, path: Path) -> None:
    reason = ""
    for _ in range(_TRIES):
        artifact = _artifact(context, one.coordinate)
        try:
            found = artifact.resolve()
        except (RuntimeError, OSError) as error:
            reason = str(error).split("{")[0]
            _forget(artifact)
            continue
        if _sha256(found) == one.sha256:
            found.replace(path)
            return
        reason = "its SHA-256 is not the one in the lock"
        _forget(artifact)
    raise LocalServerError(
        f"{one.coordinate} cannot be fetched: {reason}",
        hint="check the network and run the command again; what was fetched is kept",
    )


def make_lock(advance: Advance = lambda done, total: None) -> Lock:
    """Resolve the whole set anew with jgo (minutes), download it and write the lock.

    Raises:
        LocalServerError: The set cannot be resolved.
    """
    context = MavenContext(repo_cache=cache_dir() / "resolve", timeout=60)
    roots = [context.create_dependency(coordinate) for coordinate in ROOTS]
    try:
        _, nodes = context.resolver.get_dependency_list(roots)
    except RuntimeError as error:
        raise LocalServerError(f"the set cannot be resolved: {error}") from error
    wanted = [*roots, *(node.dep for node in nodes)]
    found = {one.artifact.key: one.artifact for one in wanted if one.type == "jar"}
    locked = []
    for position, artifact in enumerate(found.values(), 1):
        path = artifact.resolve()
        parts = (artifact.groupId, artifact.artifactId, artifact.version, artifact.classifier)
        coordinate = ":".join(part for part in parts if part)
        locked.append(LockedArtifact(coordinate, path.stat().st_size, _sha256(path)))
        advance(position, len(found))
    lock = Lock(NEO4J_VERSION, GDS_VERSION, tuple(sorted(locked, key=lambda a: a.coordinate)))
    LOCK_FILE.write_text("\n".join(_lock_lines(lock)) + "\n", encoding="utf-8")
    return lock


def _lock_lines(lock: Lock) -> Iterator[str]:
    """One artefact per line, so that a change of the lock can be reviewed."""
    yield "{"
    yield f'  "neo4j": "{lock.neo4j}",'
    yield f'  "gds": "{lock.gds}",'
    yield '  "artifacts": ['
    rows = ["    " + json.dumps(asdict(one)) for one in lock.artifacts]
    yield ",\n".join(rows)
    yield "  ]"
    yield "}"


def _artifact(context: MavenContext, coordinate: str) -> Artifact:
    group, name, version, *classifier = coordinate.split(":")
    component = context.project(group, name).at_version(version)
    return component.artifact(classifier=classifier[0] if classifier else "")


def _file_name(one: LockedArtifact) -> str:
    # The group is part of the name: two groups may each have a `core-1.0.jar`.
    group, name, version, *classifier = one.coordinate.split(":")
    return "-".join((group, name, version, *classifier)) + ".jar"


def _forget(artifact: Artifact) -> None:
    if artifact.cached_path is not None:
        artifact.cached_path.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
