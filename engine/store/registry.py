"""The registry: what was loaded, trained and published. Frozen dataclasses in and out, never rows.

Each method is one transaction, so a crash leaves either all of a change or nothing. A process that
dies leaves its load or run marked ``running``; the next one on that machine marks it
``interrupted``.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine.data.whole_numbers import LARGEST
from engine.errors import NotFound
from engine.store.processes import this_process
from engine.store.registry_parts import RegistryParts
from engine.store.registry_records import (
    GenerationRecord,
    Ingest,
    Run,
    generation_of,
    ingest_of,
    metric_rows,
    run_of,
)
from engine.store.registry_schema import registry_errors
from engine.store.tables import GenerationRow, IngestRow, QuarantineRow, RunRow
from engine.store.work_in_progress import RUNNING, begun, mark_interrupted

GenerationState = Literal["candidate", "ready", "serving", "refused", "retired"]

_Found = TypeVar("_Found", IngestRow, RunRow, GenerationRow)


class Registry(RegistryParts):
    """Reads and writes the registry.

    Args:
        engine: As ``registry_schema.open_registry_engine`` returns it.
    """

    def start_ingest(self, source: str, sha256: str, kind: str) -> int:
        """Record that a load begins and return its id."""
        # A file name need not be Unicode, a column has to be.
        printable = source.encode("utf-8", "backslashreplace").decode("utf-8")
        with self._session() as session:
            mark_interrupted(session, IngestRow)
            row = IngestRow(
                source=printable, sha256=sha256, kind=kind, status=RUNNING, **begun(this_process())
            )
            session.add(row)
            session.flush()
            return row.id

    def finish_ingest(
        self,
        id: int,
        accepted: int,
        duplicate: int,
        quarantined: int,
        status: str,
        quarantine_counts: Mapping[str, int],
        rows_read: int,
    ) -> None:
        """Record how a load ended; doing it again overwrites.

        Raises:
            NotFound: No such load.
        """
        with self._session() as session:
            row = _existing(session, IngestRow, id)
            row.accepted = accepted
            row.duplicate = duplicate
            row.quarantined = quarantined
            row.rows_read = rows_read
            row.status = status
            row.finished_at = datetime.now(UTC)
            row.counts.clear()
            session.flush()
            row.counts = [
                QuarantineRow(code=code, rows=rows) for code, rows in quarantine_counts.items()
            ]

    def start_run(
        self,
        model: str,
        settings: Mapping[str, Any],
        data_watermark: int | None,
        seed: int,
        code_version: str,
    ) -> int:
        """Record that a training run begins and return its id."""
        with self._session() as session:
            mark_interrupted(session, RunRow)
            row = RunRow(
                model=model,
                settings=dict(settings),
                data_watermark=data_watermark,
                seed=seed,
                code_version=code_version,
                status=RUNNING,
                **begun(this_process()),
            )
            session.add(row)
            session.flush()
            return row.id

    def finish_run(
        self,
        id: int,
        status: str,
        metrics: Mapping[str, float],
        seconds: float,
        checkpoint: str | None,
        embeddings_digest: str | None = None,
    ) -> None:
        """Record how a run ended; doing it again (after a resume) overwrites.

        Raises:
            NotFound: No such run.
        """
        with self._session() as session:
            row = _existing(session, RunRow, id)
            row.status = status
            row.seconds = seconds
            row.checkpoint = checkpoint
            row.embeddings_digest = embeddings_digest
            row.ranker_digest = None
            row.finished_at = datetime.now(UTC)
            row.metrics.clear()
            session.flush()
            row.metrics = metric_rows(metrics)

    def record_ranker(self, id: int, digest: str | None, metrics: Mapping[str, float]) -> None:
        """Record the SHA-256 of a run's ranker, None: none serves; and figures beside its model's.

        Raises:
            NotFound: No such run.
        """
        with self._session() as session:
            row = _existing(session, RunRow, id)
            row.ranker_digest = digest
            row.metrics = [one for one in row.metrics if one.name not in metrics]
            session.flush()
            row.metrics += metric_rows(metrics)

    def add_generation(
        self,
        number: int,
        run_id: int | None,
        model: str,
        dimension: int,
        settings: Mapping[str, Any],
    ) -> None:
        """Record a new generation as a candidate.

        Raises:
            RegistryError: The number is taken or the run does not exist.
        """
        now = datetime.now(UTC)
        with self._session() as session:
            session.add(
                GenerationRow(
                    number=number,
                    run_id=run_id,
                    model=model,
                    dimension=dimension,
                    settings=dict(settings),
                    state="candidate",
                    **dict.fromkeys(("created_at", "changed_at"), now),
                )
            )

    def mark_generation(self, number: int, state: GenerationState, reason: str = "") -> None:
        """Change a generation's state; one that goes into service retires the one before it.

        Raises:
            NotFound: No such generation.
        """
        now = datetime.now(UTC)
        with self._session() as session:
            row = _existing(session, GenerationRow, number)
            if state == "serving":
                session.execute(
                    update(GenerationRow)
                    .where(GenerationRow.state == "serving", GenerationRow.number != number)
                    .values(state="retired", reason=f"replaced by {number}", changed_at=now)
                )
            row.state = state
            row.reason = reason
            row.changed_at = now

    def next_generation_number(self) -> int:
        """Return the number after the highest one ever recorded."""
        with self._session() as session:
            return (session.scalar(select(func.max(GenerationRow.number))) or 0) + 1

    def runs(self, limit: int = 20) -> list[Run]:
        """Return the newest runs, newest first."""
        with self._session() as session:
            mark_interrupted(session, RunRow)
            rows = session.scalars(select(RunRow).order_by(RunRow.id.desc()).limit(limit))
            return [run_of(row) for row in rows]

    def run(self, id: int) -> Run:
        """Return one run.

        Raises:
            NotFound: No such run.
        """
        with self._session() as session:
            mark_interrupted(session, RunRow)
            return run_of(_existing(session, RunRow, id))

    def ingests(self, limit: int = 20) -> list[Ingest]:
        """Return the newest loads, newest first."""
        with self._session() as session:
            mark_interrupted(session, IngestRow)
            rows = session.scalars(select(IngestRow).order_by(IngestRow.id.desc()).limit(limit))
            return [ingest_of(row) for row in rows]

    def generations(self) -> list[GenerationRecord]:
        """Return every generation, newest first."""
        with self._session() as session:
            rows = session.scalars(select(GenerationRow).order_by(GenerationRow.number.desc()))
            return [generation_of(row) for row in rows]

    def totals(self) -> dict[str, int]:
        """Return sums over all loads, and how many loads, runs and generations there are."""
        sums = (IngestRow.rows_read, IngestRow.accepted, IngestRow.duplicate, IngestRow.quarantined)
        with self._session() as session:
            totals = session.execute(select(*(func.sum(column) for column in sums))).one()
            counts = {
                name: session.scalar(select(func.count()).select_from(table)) or 0
                for name, table in (
                    ("ingests", IngestRow),
                    ("runs", RunRow),
                    ("generations", GenerationRow),
                )
            }
        return counts | {
            column.key: int(total or 0) for column, total in zip(sums, totals, strict=True)
        }

    def quarantine_counts(self) -> dict[str, int]:
        """Return how many rows of all loads were quarantined, by code, the most first."""
        rows = func.sum(QuarantineRow.rows)
        asked = select(QuarantineRow.code, rows).group_by(QuarantineRow.code)
        with self._session() as session:
            found = session.execute(asked.order_by(rows.desc(), QuarantineRow.code))
            return {code: int(total) for code, total in found}

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with registry_errors(), Session(self._engine) as session, session.begin():
            yield session


def _existing(session: Session, table: type[_Found], key: int) -> _Found:
    # Asking a database for more is an error of its driver.
    row = session.get(table, key) if key <= LARGEST else None
    if row is None:
        name = {"ingests": "load", "runs": "run", "generations": "generation"}[table.__tablename__]
        command = {"load": "engine status", "run": "engine runs"}.get(name, "engine generations")
        raise NotFound(f"there is no {name} {key}", hint=f"see which there are: {command}")
    return row
