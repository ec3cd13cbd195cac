"""What the registry hands out: frozen values made from its rows."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.data.api_key import SCOPES, ApiKey
from engine.data.pointer_move import PointerMove
from engine.store.tables import (
    FlipRow,
    GenerationRow,
    IngestRow,
    KeyRow,
    MetricRow,
    NightRow,
    RunRow,
)


@dataclass(frozen=True)
class Ingest:
    """One load of one file; ``accepted + duplicate + quarantined == rows_read`` when finished.

    Rows of users and items that are forgotten are read, and are none of the three.
    """

    id: int
    source: str
    sha256: str
    kind: str
    status: str
    rows_read: int
    accepted: int
    duplicate: int
    quarantined: int
    started_at: datetime
    finished_at: datetime | None
    quarantine_counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One training run.

    Attributes:
        data_watermark: Number of the newest batch it was trained on.
        embeddings_digest: Hash of the vectors and the ids they belong to.
        ranker_digest: SHA-256 of the ranker beside the checkpoint; None where there is none.
        metrics: None where a figure was not finite.
    """

    id: int
    model: str
    settings: Mapping[str, Any]
    data_watermark: int | None
    seed: int
    code_version: str
    status: str
    seconds: float | None
    checkpoint: str | None
    embeddings_digest: str | None
    ranker_digest: str | None
    started_at: datetime
    finished_at: datetime | None
    metrics: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class GenerationRecord:
    """One generation of embeddings, as the registry mirrors it."""

    number: int
    run_id: int | None
    model: str
    dimension: int
    settings: Mapping[str, Any]
    state: str
    reason: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class NightStep:
    """A finished step of a night."""

    name: str
    result: Mapping[str, Any]
    seconds: float
    finished_at: datetime


@dataclass(frozen=True)
class Night:
    """One ``engine retrain``.

    Attributes:
        asked: Hash of what was asked for: only the same question continues a night.
        outcome: How it ended, None where it did not.
    """

    id: int
    asked: str
    status: str
    outcome: str | None
    started_at: datetime
    finished_at: datetime | None
    steps: tuple[NightStep, ...] = ()


def ingest_of(row: IngestRow) -> Ingest:
    """Return the load of a row."""
    return Ingest(
        id=row.id,
        source=row.source,
        sha256=row.sha256,
        kind=row.kind,
        status=row.status,
        rows_read=row.rows_read,
        accepted=row.accepted,
        duplicate=row.duplicate,
        quarantined=row.quarantined,
        started_at=row.started_at,
        finished_at=row.finished_at,
        quarantine_counts={count.code: count.rows for count in row.counts},
    )


def run_of(row: RunRow) -> Run:
    """Return the run of a row."""
    return Run(
        id=row.id,
        model=row.model,
        settings=row.settings,
        data_watermark=row.data_watermark,
        seed=row.seed,
        code_version=row.code_version,
        status=row.status,
        seconds=row.seconds,
        checkpoint=row.checkpoint,
        embeddings_digest=row.embeddings_digest,
        ranker_digest=row.ranker_digest,
        started_at=row.started_at,
        finished_at=row.finished_at,
        metrics={metric.name: metric.value for metric in row.metrics},
    )


def generation_of(row: GenerationRow) -> GenerationRecord:
    """Return the generation of a row."""
    return GenerationRecord(
        number=row.number,
        run_id=row.run_id,
        model=row.model,
        dimension=row.dimension,
        settings=row.settings,
        state=row.state,
        reason=row.reason,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def flip_of(row: FlipRow) -> PointerMove:
    """Return the move of a row."""
    return PointerMove(
        token=row.token,
        ordinal=row.ordinal,
        at=row.at,
        kind=row.kind,
        from_number=row.from_number,
        to_number=row.to_number,
        who=row.who,
        why=row.why,
    )


def night_of(row: NightRow) -> Night:
    """Return the night of a row."""
    return Night(
        id=row.id,
        asked=row.asked,
        status=row.status,
        outcome=row.outcome,
        started_at=row.started_at,
        finished_at=row.finished_at,
        steps=tuple(
            NightStep(step.name, step.result, step.seconds, step.finished_at) for step in row.steps
        ),
    )


def key_of(row: KeyRow) -> ApiKey:
    """Return the API key of a row."""
    return ApiKey(
        id=row.id,
        name=row.name,
        digest=row.digest,
        scopes=tuple(scope for scope in SCOPES if scope in row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def metric_rows(metrics: Mapping[str, float]) -> list[MetricRow]:
    """Return the rows of a run's figures."""
    return [
        MetricRow(name=name, value=float(value) if math.isfinite(value) else None)
        for name, value in metrics.items()
    ]
