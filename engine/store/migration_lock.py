"""Lock nodes: one migrator, one night, one decision at a time, across processes and machines.

A holder that is known to be dead (same machine, no such process any more) is taken over at once;
any other is waited for and then reported with its age.
"""

import logging
import time
import uuid
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any

from engine.errors import Busy
from engine.store.graph_client import GraphClient
from engine.store.processes import ProcessIdentity, this_process

_LOG = logging.getLogger(__name__)
_POLL_SECONDS = 0.1


@dataclass(frozen=True)
class LockHolder:
    """Who holds the migration lock, and since when.

    Attributes:
        token: Drawn each time the lock is taken.
        process: Who took it.
        age_seconds: By the clock of the server.
    """

    token: str
    process: ProcessIdentity
    age_seconds: float

    def describe(self) -> str:
        """Return one phrase for people."""
        return f"{self.process}, for {self.age_seconds:.0f} s"


class MigrationLock:
    """Holds the lock while the ``with`` block runs.

    Args:
        client: The graph.
        wait_seconds: How long to wait for another holder.

    Raises:
        Busy: Another holder kept it for longer than that.
    """

    label = "__MigrationLock"
    name = "default"
    held = "another migrator holds the graph's migration lock"
    remedy = "wait for it and try again; if it is dead: engine migrate --break-lock"

    def __init__(self, client: GraphClient, *, wait_seconds: float) -> None:
        self._client = client
        self._wait_seconds = wait_seconds
        self._me: dict[str, Any] = {
            "lock": self.name,
            "token": uuid.uuid4().hex,
            **asdict(this_process()),
        }

    @classmethod
    def holder(cls, client: GraphClient) -> LockHolder | None:
        """Return who holds the lock, or None."""
        rows = client.read("schema/read_lock", lock=cls.name)
        return _holder(rows[0]) if rows and not _vanished(rows[0]) else None

    @classmethod
    def break_lock(cls, client: GraphClient) -> LockHolder | None:
        """Remove the lock whoever holds it, and return who that was."""
        holder = cls.holder(client)
        client.write("schema/break_lock", lock=cls.name)
        return holder

    def __enter__(self) -> "MigrationLock":
        deadline = time.monotonic() + self._wait_seconds
        while (holder := self._try()) is not None:
            if time.monotonic() >= deadline:
                raise Busy(f"{self.held} ({holder.describe()})", hint=self.remedy)
            time.sleep(_POLL_SECONDS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.write("schema/release_lock", lock=self.name, token=self._me["token"])

    def record(self, number: int, name: str, checksum: str) -> None:
        """Write a history entry, in one transaction with the check that the lock is ours.

        Raises:
            Busy: Somebody broke the lock.
        """
        rows = self._client.write(
            "schema/record_migration",
            lock=self.name,
            token=self._me["token"],
            number=number,
            migration=name,
            checksum=checksum,
        )
        if not rows:
            raise Busy(
                f"the migration lock was broken while {name} was being applied",
                hint="nothing is lost: run engine migrate again",
            )

    def _try(self) -> LockHolder | None:
        """Take the lock; return the holder when it is somebody else."""
        while _vanished(row := self._client.write("schema/acquire_lock", **self._me)[0]):
            _LOG.debug("the lock was given back while we looked at it")
        holder = _holder(row)
        if holder.token == self._me["token"]:
            return None
        if holder.process.is_dead():
            _LOG.warning("taking the lock over from the dead %s", holder.describe())
            if self._client.write("schema/take_over_lock", old=holder.token, **self._me):
                return None
        return holder


class NightLock(MigrationLock):
    """Holds the lock of ``engine retrain`` on a graph while the ``with`` block runs."""

    name = "retrain"
    held = "another retrain is at work on this graph"
    remedy = "wait for it; if its machine is gone: engine retrain --break-lock"


class TrialLock(MigrationLock):
    """Holds the lock of whoever decides on trials of a graph while the ``with`` block runs."""

    name = "online-gate"
    held = "another process is deciding on the trials of this graph"
    remedy = "wait for it; if its machine is gone: engine retrain --break-lock"


def _vanished(row: dict[str, Any]) -> bool:
    # Reads are committed reads: a node that was found may be deleted before its values are read.
    return any(value is None for value in row.values())


def _holder(row: dict[str, Any]) -> LockHolder:
    return LockHolder(
        token=str(row["token"]),
        process=ProcessIdentity(str(row["host"]), int(row["pid"]), float(row["started"])),
        age_seconds=row["age_ms"] / 1000,
    )
