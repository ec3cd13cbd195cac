"""Experiments in the registry: which run, which ended, and which buckets each has."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from engine.data.experiment_definition import BUCKETS, Experiment, Variant
from engine.data.online_trial import OnlineGateLimits, OnlineTrial
from engine.errors import NotFound, UsageError
from engine.store.experiment_tables import ExperimentRow, LayerRow
from engine.store.registry_schema import registry_errors

_SECRET_BYTES = 32


@dataclass(frozen=True)
class NewExperiment:
    """What an experiment is started with.

    Attributes:
        traffic: Share of the layer's users, in per cent.
        days: The horizon that is fixed, or None.
        trial: By what the candidate of a night is judged, or None.
        interleaved: Every user gets both variants, as one list.
    """

    name: str
    metric: str
    layer: str
    traffic: float
    variants: Sequence[Variant]
    days: int | None
    who: str
    trial: OnlineTrial | None = None
    interleaved: bool = False


class ExperimentRegistry:
    """Reads and writes experiments; each method is one transaction.

    Args:
        engine: As ``registry_schema.open_registry_engine`` returns it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def start(self, new: NewExperiment) -> Experiment:
        """Give an experiment buckets that nobody else has, and record it.

        Raises:
            UsageError: There was one of that name, or too few users of the layer are free.
        """
        with self._session() as session:
            if session.scalar(select(ExperimentRow.id).where(ExperimentRow.name == new.name)):
                raise UsageError(
                    f"there was an experiment named {new.name} already",
                    hint="choose another name; engine experiment list shows those that there were",
                )
            layer = _locked_layer(session, new.layer)
            running = [row for row in _running(session) if row.layer == new.layer]
            first = _first_free(running, new)
            row = ExperimentRow(
                name=new.name,
                metric=new.metric,
                of_layer=layer,
                first_bucket=first,
                end_bucket=first + _buckets(new.traffic),
                variants=[asdict(one) for one in new.variants],
                days=new.days,
                looks=0,
                started_at=datetime.now(UTC),
                who=new.who,
                trial=None if new.trial is None else asdict(new.trial),
                interleaved=new.interleaved,
            )
            session.add(row)
            session.flush()
            return _experiment_of(row)

    def all(self) -> list[Experiment]:
        """Return every experiment there was, newest first."""
        with self._session() as session:
            rows = session.scalars(select(ExperimentRow).order_by(ExperimentRow.id.desc()))
            return [_experiment_of(row) for row in rows]

    def running(self) -> list[Experiment]:
        """Return those that run, oldest first."""
        with self._session() as session:
            return running_experiments(session)

    def generations(self) -> set[int]:
        """Return the generations that those that run need."""
        return generations_of(self.running())

    def named(self, name: str) -> Experiment:
        """Return the experiment of a name.

        Raises:
            NotFound: There is none.
        """
        with self._session() as session:
            return _experiment_of(_existing(session, name))

    def count_look(self, name: str) -> Experiment:
        """Note that somebody looked at the figures of one that runs, and return it.

        Raises:
            NotFound: There is none of that name.
        """
        with self._session() as session:
            row = _existing(session, name)
            if row.stopped_at is None:
                row.looks += 1
            return _experiment_of(row)

    def trials(self) -> list[Experiment]:
        """Return the trials of nights that run, oldest first."""
        return [one for one in self.running() if one.trial is not None]

    def widest_gap(self, layer: str) -> float:
        """Return how many users of a layer one experiment more could have, in per cent."""
        running = [one for one in self.running() if one.layer == layer]
        taken = ((one.first_bucket, one.end_bucket) for one in running)
        return 100.0 * max(end - first for first, end in _gaps(taken)) / BUCKETS

    def stop(
        self, name: str, who: str, winner: str | None, stop_reason: str | None = None
    ) -> Experiment:
        """End an experiment; its buckets are free again.

        Args:
            name: Of the experiment.
            who: Ends it.
            winner: Of the variants, or None.
            stop_reason: Why, where the engine ends it.

        Raises:
            NotFound: There is none of that name.
            UsageError: It ended before.
        """
        with self._session() as session:
            row = _existing(session, name, alone=True)
            if row.stopped_at is not None:
                raise UsageError(
                    f"the experiment {name} ended at {row.stopped_at:%Y-%m-%d %H:%M}",
                    hint="engine experiment list shows which run",
                )
            row.stopped_at, row.stopped_by, row.winner = datetime.now(UTC), who, winner
            row.stop_reason = stop_reason
            return _experiment_of(row)

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with registry_errors(), Session(self._engine) as session, session.begin():
            yield session


def running_experiments(session: Session) -> list[Experiment]:
    """Return those that run, oldest first."""
    return [_experiment_of(row) for row in _running(session)]


def generations_of(experiments: Iterable[Experiment]) -> set[int]:
    """Return the generations that experiments need."""
    variants = (one for experiment in experiments for one in experiment.variants)
    return {one.generation for one in variants if one.generation is not None}


def _locked_layer(session: Session, name: str) -> LayerRow:
    """Return a layer, made where there is none; nobody else can start one in it meanwhile."""
    session.execute(update(LayerRow).where(LayerRow.name == name).values(name=name))
    layer = session.get(LayerRow, name)
    if layer is None:
        layer = LayerRow(name=name, secret=secrets.token_hex(_SECRET_BYTES))
        session.add(layer)
    return layer


def _running(session: Session) -> Sequence[ExperimentRow]:
    asked = select(ExperimentRow).where(ExperimentRow.stopped_at.is_(None))
    return session.scalars(asked.order_by(ExperimentRow.id)).all()


def _buckets(traffic: float) -> int:
    return round(traffic * BUCKETS / 100.0)


def _first_free(running: Sequence[ExperimentRow], new: NewExperiment) -> int:
    """Return the first bucket of the first gap that is wide enough.

    Raises:
        UsageError: None is.
    """
    wanted, widest = _buckets(new.traffic), 0
    for first, end in _gaps((row.first_bucket, row.end_bucket) for row in running):
        widest = max(widest, end - first)
        if end - first >= wanted:
            return first
    names = ", ".join(row.name for row in running)
    raise UsageError(
        f"traffic must be at most {100.0 * widest / BUCKETS:g} % of the layer {new.layer}, not "
        f"{new.traffic:g} %: the other users are in {names}",
        hint="engine experiment stop NAME, or another --layer",
    )


def _gaps(taken: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the first bucket of each gap and the one after its last."""
    begin = 0
    for first, end in [*sorted(taken), (BUCKETS, BUCKETS)]:
        yield begin, first
        begin = end


def _existing(session: Session, name: str, *, alone: bool = False) -> ExperimentRow:
    """Return the row of a name; ``alone``: nobody else changes it in this transaction's time."""
    asked = select(ExperimentRow).where(ExperimentRow.name == name)
    row = session.scalar(asked.with_for_update(of=ExperimentRow) if alone else asked)
    if row is None:
        raise NotFound(f"there is no experiment {name}", hint="engine experiment list")
    return row


def _experiment_of(row: ExperimentRow) -> Experiment:
    return Experiment(
        id=row.id,
        name=row.name,
        metric=row.metric,
        layer=row.of_layer.name,
        first_bucket=row.first_bucket,
        end_bucket=row.end_bucket,
        variants=tuple(Variant(**one) for one in row.variants),
        days=row.days,
        started_at=row.started_at,
        who=row.who,
        looks=row.looks,
        stopped_at=row.stopped_at,
        stopped_by=row.stopped_by,
        winner=row.winner,
        secret=bytes.fromhex(row.of_layer.secret),
        trial=None if row.trial is None else _trial_of(row.trial),
        stop_reason=row.stop_reason,
        interleaved=row.interleaved,
    )


def _trial_of(kept: Mapping[str, Any]) -> OnlineTrial:
    return OnlineTrial(**{**kept, "limits": OnlineGateLimits(**kept["limits"])})
