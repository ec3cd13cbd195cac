"""The tables of experiments: what ``tables`` holds of everything else."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.store.tables import RegistryTable, UtcDateTime


class LayerRow(RegistryTable):
    """One division of all users into buckets, and the key of its hash."""

    __tablename__ = "experiment_layers"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))


class ExperimentRow(RegistryTable):
    """One experiment; it owns the buckets from the first up to the end, without that."""

    __tablename__ = "experiments"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    metric: Mapped[str] = mapped_column(String(32))
    layer: Mapped[str] = mapped_column(ForeignKey("experiment_layers.name"))
    first_bucket: Mapped[int] = mapped_column(Integer)
    end_bucket: Mapped[int] = mapped_column(Integer)
    variants: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    days: Mapped[int | None] = mapped_column(Integer)
    looks: Mapped[int] = mapped_column(Integer, default=0)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(Text)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_by: Mapped[str | None] = mapped_column(Text)
    winner: Mapped[str | None] = mapped_column(String(64))
    trial: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    stop_reason: Mapped[str | None] = mapped_column(Text)
    interleaved: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())

    of_layer: Mapped[LayerRow] = relationship(lazy="joined")
