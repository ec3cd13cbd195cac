"""Trials of a night's candidate, why an experiment ended, and lists that are interleaved."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    with op.batch_alter_table("experiments") as table:
        table.add_column(sa.Column("trial", sa.JSON(), nullable=True))
        table.add_column(sa.Column("stop_reason", sa.Text(), nullable=True))
        table.add_column(
            sa.Column("interleaved", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    with op.batch_alter_table("experiments") as table:
        table.drop_column("interleaved")
        table.drop_column("stop_reason")
        table.drop_column("trial")
