"""Loads and runs that a process is at work on; one that died is found by the next."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.processes import ProcessIdentity
from engine.store.tables import IngestRow, RunRow

RUNNING = "running"
INTERRUPTED = "interrupted"

Watched = TypeVar("Watched", IngestRow, RunRow)


def begun(process: ProcessIdentity) -> dict[str, Any]:
    """Return the columns that tell who is at work, and since when."""
    return {
        "host": process.host,
        "pid": process.pid,
        "process_started": process.started,
        "started_at": datetime.now(UTC),
    }


def mark_interrupted(session: Session, table: type[Watched]) -> None:
    """Mark what was being done by processes of this machine that are dead by now."""
    for row in session.scalars(select(table).where(table.status == RUNNING)):
        if ProcessIdentity(row.host, row.pid, row.process_started).is_dead():
            row.status = INTERRUPTED
            row.finished_at = datetime.now(UTC)
