"""Digest of a run's embeddings, moves of the serving pointer, nights and their steps."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("embeddings_digest", sa.String(64), nullable=True))
    op.create_table(
        "flips",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("from_number", sa.Integer(), nullable=True),
        sa.Column("to_number", sa.Integer(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_flips"),
    )
    op.create_table(
        "nights",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked", sa.String(64), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("process_started", sa.Float(53), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_nights"),
    )
    op.create_index("ix_nights_asked", "nights", ["asked"])
    op.create_table(
        "night_steps",
        sa.Column("night_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.Float(53), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("night_id", "name", name="pk_night_steps"),
        sa.ForeignKeyConstraint(
            ["night_id"], ["nights.id"], name="fk_night_steps_night_id", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    for table in ("night_steps", "nights", "flips"):
        op.drop_table(table)
    with op.batch_alter_table("runs") as runs:
        runs.drop_column("embeddings_digest")
