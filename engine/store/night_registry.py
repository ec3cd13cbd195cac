"""Nights and moves of the serving pointer in the registry, beside loads, runs and generations.

Each method is one transaction. A night whose process died is marked ``interrupted`` by the next one
on that machine, and can be continued.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from engine.data.pointer_move import PointerMove
from engine.errors import NotFound
from engine.store.processes import ProcessIdentity, this_process
from engine.store.registry_records import Night, flip_of, night_of
from engine.store.registry_schema import registry_errors
from engine.store.tables import FlipRow, NightRow, StepRow

_CUT_OFF = ("interrupted", "failed")


class NightRegistry:
    """Reads and writes nights and flips.

    Args:
        engine: As ``registry_schema.open_registry_engine`` returns it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, asked: str) -> Night:
        """Return the newest night where it asked for the same and was cut off, or a new one."""
        mark = this_process()
        with self._session() as session:
            _mark_interrupted(session)
            row = session.scalar(select(NightRow).order_by(NightRow.id.desc()).limit(1))
            if row is None or row.asked != asked or row.status not in _CUT_OFF:
                row = NightRow(asked=asked, started_at=datetime.now(UTC))
                session.add(row)
            row.status, row.outcome, row.finished_at = "running", None, None
            row.host, row.pid, row.process_started = mark.host, mark.pid, mark.started
            session.flush()
            return night_of(row)

    def record_step(self, id: int, name: str, result: Mapping[str, Any], seconds: float) -> None:
        """Record that a step is done; doing it again overwrites."""
        with self._session() as session:
            row = _existing(session, id)
            kept = [step for step in row.steps if step.name != name]
            position = max((step.position for step in kept), default=-1) + 1
            session.merge(
                StepRow(
                    night_id=id,
                    name=name,
                    position=position,
                    result=dict(result),
                    seconds=seconds,
                    finished_at=datetime.now(UTC),
                )
            )

    def forget_steps(self, id: int, names: Sequence[str]) -> None:
        """Forget that some steps were done: what they rest on has changed."""
        with self._session() as session:
            for step in _existing(session, id).steps:
                if step.name in names:
                    session.delete(step)

    def finish(self, id: int, status: str, outcome: str | None) -> None:
        """Record how a night ended."""
        with self._session() as session:
            row = _existing(session, id)
            row.status, row.outcome, row.finished_at = status, outcome, datetime.now(UTC)

    def nights(self, limit: int = 40) -> list[Night]:
        """Return the newest nights, newest first."""
        with self._session() as session:
            _mark_interrupted(session)
            rows = session.scalars(select(NightRow).order_by(NightRow.id.desc()).limit(limit))
            return [night_of(row) for row in rows]

    def remove(self, ids: Collection[int]) -> None:
        """Remove nights and their steps; one that is at work stays."""
        with self._session() as session:
            for row in session.scalars(select(NightRow).where(NightRow.id.in_(ids))):
                if row.status != "running":
                    session.delete(row)

    def copy_flips(self, flips: Sequence[PointerMove]) -> int:
        """Add the moves that are not here yet and return how many they were."""
        with self._session() as session:
            known = set(session.scalars(select(FlipRow.token)))
            new = [FlipRow(**asdict(flip)) for flip in flips if flip.token not in known]
            session.add_all(new)
            return len(new)

    def flips(self) -> list[PointerMove]:
        """Return every move of the pointer, newest first."""
        with self._session() as session:
            rows = session.scalars(
                select(FlipRow).order_by(FlipRow.at.desc(), FlipRow.ordinal.desc())
            )
            return [flip_of(row) for row in rows]

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with registry_errors(), Session(self._engine) as session, session.begin():
            yield session


def _mark_interrupted(session: Session) -> None:
    for row in session.scalars(select(NightRow).where(NightRow.status == "running")):
        if ProcessIdentity(row.host, row.pid, row.process_started).is_dead():
            row.status, row.finished_at = "interrupted", datetime.now(UTC)


def _existing(session: Session, id: int) -> NightRow:
    row = session.get(NightRow, id)
    if row is None:
        raise NotFound(f"there is no night {id}", hint="engine retrain --nights lists them")
    return row
