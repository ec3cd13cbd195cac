"""A sentence of a night stands under ``message``, and codes of held files have new names."""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_KEYS = {"said": "message"}
_CODES = {"strangers": "unknown-ids", "flood": "one-user"}
_STEPS = sa.table(
    "night_steps",
    sa.column("night_id", sa.Integer()),
    sa.column("name", sa.String()),
    sa.column("result", sa.JSON()),
)


def upgrade() -> None:
    _rewrite(_renamed(_KEYS, _CODES))


def downgrade() -> None:
    _rewrite(_renamed(*({new: old for old, new in one.items()} for one in (_KEYS, _CODES))))


def _renamed(keys: Mapping[str, str], codes: Mapping[str, str]) -> Callable[[Any], Any]:
    def rename(value: Any) -> Any:
        if isinstance(value, list):
            return [rename(one) for one in value]
        if not isinstance(value, dict):
            return value
        found = {keys.get(name, name): rename(one) for name, one in value.items()}
        if isinstance(found.get("held"), str):
            found["held"] = codes.get(found["held"], found["held"])
        return found

    return rename


def _rewrite(rename: Callable[[Any], Any]) -> None:
    connection = op.get_bind()
    for night_id, name, result in connection.execute(sa.select(_STEPS)).all():
        renamed = rename(result)
        if renamed != result:
            connection.execute(
                sa.update(_STEPS)
                .where(_STEPS.c.night_id == night_id, _STEPS.c.name == name)
                .values(result=renamed)
            )
