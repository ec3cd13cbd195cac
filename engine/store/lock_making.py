"""Making the lock of the server's jars: jgo reads the POMs, so that a first start need not.

For maintainers, after a change of version.
"""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.progress_callbacks import CountProgress, no_count
from engine.errors import LocalServerError
from engine.optional_dependencies import require
from engine.store.artifacts import (
    GDS_VERSION,
    LOCK_FILE,
    NEO4J_VERSION,
    Lock,
    LockedArtifact,
    sha256_of,
)

if TYPE_CHECKING:
    from jgo.maven import MavenContext

ROOTS = (
    f"org.neo4j:neo4j:{NEO4J_VERSION}",
    f"org.neo4j.app:neo4j-server:{NEO4J_VERSION}",
    f"org.neo4j.gds:proc:{GDS_VERSION}",
    f"org.neo4j.gds:opengds-extension:{GDS_VERSION}",
)
# Libraries of tests only. Their scope `test` stands in a parent POM, and jgo lets the version that
# the roots manage take its place, so it would put them on the server's class path.
_TEST_ONLY = (
    ("com.google.code.gson", "gson"),
    ("junit", "junit"),
    ("org.bouncycastle", "bcpkix-jdk18on"),
    ("org.bouncycastle", "bcprov-jdk18on"),
    ("org.bouncycastle", "bcutil-jdk18on"),
    ("org.hamcrest", "hamcrest"),
    ("org.mockito", "mockito-core"),
)


def make_lock(advance: CountProgress = no_count, path: Path = LOCK_FILE) -> Lock:
    """Resolve the whole set with jgo (minutes), download it and write the lock.

    Raises:
        LocalServerError: The set cannot be resolved, or the lock cannot be written.
    """
    require("local", "engine db lock")
    from jgo.maven import MavenContext  # noqa: PLC0415 of that extra

    try:
        # A folder of its own: jgo trusts whatever an interrupted run left in its cache.
        with tempfile.TemporaryDirectory(prefix="engine-lock-") as folder:
            locked = _resolve(MavenContext(repo_cache=Path(folder), timeout=60), advance)
        lock = Lock(NEO4J_VERSION, GDS_VERSION, tuple(sorted(locked, key=lambda a: a.coordinate)))
        partial = path.with_name(path.name + ".partial")
        partial.write_text(lock_text(lock), encoding="utf-8")
        partial.replace(path)
    except (RuntimeError, OSError) as error:
        raise LocalServerError(
            f"the lock cannot be made: {error}", hint="check network and disk, then run it again"
        ) from error
    return lock


def _resolve(context: "MavenContext", advance: CountProgress) -> list[LockedArtifact]:
    unwanted = [context.project(group, name) for group, name in _TEST_ONLY]
    roots = [context.create_dependency(coordinate, unwanted) for coordinate in ROOTS]
    _, nodes = context.resolver.get_dependency_list(roots)
    wanted = [*roots, *(node.dep for node in nodes)]
    found = {one.artifact.key: one.artifact for one in wanted if one.type == "jar"}
    locked = []
    for position, artifact in enumerate(found.values(), 1):
        path = artifact.resolve()
        parts = (artifact.groupId, artifact.artifactId, artifact.version, artifact.classifier)
        coordinate = ":".join(part for part in parts if part)
        locked.append(LockedArtifact(coordinate, path.stat().st_size, sha256_of(path)))
        advance(position, len(found))
    return locked


def lock_text(lock: Lock) -> str:
    """Return the lock as JSON, one artefact per line, so that a change of it can be reviewed."""
    rows = ",\n".join("    " + json.dumps(asdict(one)) for one in lock.artifacts)
    return (
        f'{{\n  "neo4j": "{lock.neo4j}",\n  "gds": "{lock.gds}",\n'
        f'  "artifacts": [\n{rows}\n  ]\n}}\n'
    )
