"""Experiments on users, and the layers of users that they divide."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "experiment_layers",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_experiment_layers"),
    )
    op.create_table(
        "experiments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("metric", sa.String(32), nullable=False),
        sa.Column("layer", sa.String(64), nullable=False),
        sa.Column("first_bucket", sa.Integer(), nullable=False),
        sa.Column("end_bucket", sa.Integer(), nullable=False),
        sa.Column("variants", sa.JSON(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("stopped_at", UtcDateTime(), nullable=True),
        sa.Column("stopped_by", sa.Text(), nullable=True),
        sa.Column("winner", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(["layer"], ["experiment_layers.name"], name="fk_experiments_layer"),
        sa.PrimaryKeyConstraint("id", name="pk_experiments"),
        sa.UniqueConstraint("name", name="uq_experiments_name"),
    )


def downgrade() -> None:
    op.drop_table("experiments")
    op.drop_table("experiment_layers")
