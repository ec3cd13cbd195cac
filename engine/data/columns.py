"""Which column of a file is which field: the usual names, RecBole's typed headers, ``--map``.

May import: ``errors``.
"""

import re
from collections.abc import Mapping, Sequence

from engine.errors import FileRefused

# First name: the field. The rest: what people call it.
EVENT_FIELDS = {
    "user_id": ("user", "userid", "userId", "customer_id", "household_id"),
    "item_id": ("item", "itemid", "itemId", "product_id", "product", "sku"),
    "timestamp": ("ts", "time", "datetime", "date"),
    "event": ("event_type",),
    "weight": ("rating", "value"),
    "basket_id": ("basket", "session_id", "order_id"),
    "event_id": (),
}
EVENT_REQUIRED = ("user_id", "item_id")
FACT_FIELDS = {
    "head": ("head_id",),
    "head_type": (),
    "relation": ("relation_id",),
    "tail": ("tail_id",),
    "tail_type": (),
}
FACT_REQUIRED = ("head", "relation", "tail")
NAME_COLUMNS = ("name", "title", "movie_title", "product_name")

_TYPED = re.compile(r"^(?P<name>.+):(token|token_seq|float|float_seq)$")
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_RESERVED = re.compile(r"id|key|batch|embedding_.*|emb_.*")


def bare_name(column: str) -> str:
    """Return a header cell without RecBole's type and without a byte order mark."""
    column = column.removeprefix("\ufeff").strip()
    typed = _TYPED.match(column)
    return typed.group("name") if typed else column


def assign(
    header: Sequence[str],
    fields: Mapping[str, Sequence[str]],
    required: Sequence[str],
    chosen: Mapping[str, str],
) -> dict[str, str]:
    """Return field -> column of the file.

    Raises:
        FileRefused: A required field has no column, two columns claim one field, or a chosen column
            is not in the file.
    """
    by_name: dict[str, str] = {}
    for column in header:
        name = bare_name(column)
        if name in by_name:
            raise FileRefused(
                f"the header names {name!r} twice", code="header", hint="rename one of the columns"
            )
        by_name[name] = column
    assigned = {}
    for field, aliases in fields.items():
        if field in chosen:
            assigned[field] = _chosen(field, chosen[field], by_name)
            continue
        found = [by_name[name] for name in (field, *aliases) if name in by_name]
        if len(found) > 1:
            raise FileRefused(
                f"columns {found} all look like {field}",
                code="header",
                hint=f"say which: --map {field}=COLUMN",
            )
        if found:
            assigned[field] = found[0]
    missing = [field for field in required if field not in assigned]
    if missing:
        raise FileRefused(
            f"no column for {', '.join(missing)} among {', '.join(by_name) or 'none'}",
            code="header" if len(header) > 1 else "dialect",
            hint=f"name it: --map {missing[0]}=COLUMN; or give the delimiter by the file's suffix",
        )
    return assigned


def attributes(header: Sequence[str], id_column: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """Return attribute -> column for everything that is not the id.

    Raises:
        FileRefused: A name is reserved or is not lower case letters, digits and underscores.
    """
    by_name = {bare_name(column): column for column in header if column != id_column}
    wanted = {field: chosen[field] for field in chosen if field not in ("user_id", "item_id")}
    found: dict[str, str] = {}
    for name, column in by_name.items():
        target = "name" if name in NAME_COLUMNS and "name" not in wanted else name
        if not _ATTRIBUTE.fullmatch(target) or _RESERVED.fullmatch(target):
            raise FileRefused(
                f"an attribute cannot be called {name!r}",
                code="attribute-name",
                hint="use lower case letters, digits and _; id, key and embedding_* are reserved",
            )
        found.setdefault(target, column)
    return found | {field: _chosen(field, column, by_name) for field, column in wanted.items()}


def _chosen(field: str, column: str, by_name: Mapping[str, str]) -> str:
    if column not in by_name:
        raise FileRefused(
            f"--map {field}={column}: the file has no such column",
            code="header",
            hint=f"it has {', '.join(by_name)}",
        )
    return by_name[column]
