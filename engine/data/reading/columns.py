"""Which column of a file is which field: the usual names, RecBole's typed headers, ``--map``."""

import re
from collections.abc import Mapping, Sequence

from engine.errors import FileRefused

# The field, and what people call it, without case, `_` and `-`. The field's own name wins.
EVENT_FIELDS = {
    "user_id": ("user", "customer", "customerid", "household", "householdid", "visitorid"),
    "item_id": ("item", "product", "productid", "sku", "movieid", "articleid", "asin"),
    "timestamp": ("ts", "time", "datetime", "date"),
    "event": ("eventtype",),
    "weight": ("rating", "value"),
    "basket_id": ("basket", "session", "sessionid", "order", "orderid"),
    "event_id": (),
}
EVENT_REQUIRED = ("user_id", "item_id")
FACT_FIELDS = {
    "head": ("headid",),
    "head_type": (),
    "relation": ("relationid",),
    "tail": ("tailid",),
    "tail_type": (),
}
FACT_REQUIRED = ("head", "relation", "tail")
LINK_FIELDS = {"item_id": EVENT_FIELDS["item_id"], "entity_id": ("entity",)}
LINK_REQUIRED = ("item_id", "entity_id")
NAME_COLUMNS = ("name", "title", "movie_title", "product_name")

_TYPED = re.compile(r"^(?P<name>.+):(?P<type>token|token_seq|float|float_seq)$")
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_RESERVED = re.compile(r"id|key|batch|embedding_.*|emb_.*")


def bare_name(column: str) -> str:
    """Return a header cell without RecBole's type and without a byte order mark."""
    column = column.removeprefix("\ufeff").strip()
    typed = _TYPED.match(column)
    return typed.group("name") if typed else column


def is_sequence(column: str) -> bool:
    """Return whether RecBole's type says that the cells are lists, separated by blanks."""
    typed = _TYPED.match(column.strip())
    return typed is not None and typed.group("type").endswith("_seq")


def assign(
    header: Sequence[str],
    fields: Mapping[str, Sequence[str]],
    required: Sequence[str],
    chosen: Mapping[str, str],
) -> dict[str, str]:
    """Return field -> column of the file; nothing where no line could be read, so no name is known.

    Raises:
        FileRefused: A required field has no column, two columns claim one field, or a chosen column
            is not in the file.
    """
    if not header:
        return {}
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
        found = [by_name[field]] if field in by_name else _called(by_name, field, aliases)
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

    The first of ``NAME_COLUMNS`` is stored as ``name``, which answers show.

    Args:
        header: Columns of the file.
        id_column: The one that is the id.
        chosen: Attribute -> column, for columns that are to be called otherwise.

    Raises:
        FileRefused: A name is reserved or is not lower case letters, digits and underscores.
    """
    by_name = {bare_name(column): column for column in header if column != id_column}
    found = {field: column for field, column in chosen.items() if column in by_name}
    if "name" not in found and (called := [one for one in NAME_COLUMNS if one in by_name]):
        found["name"] = called[0]
    taken = set(found.values())
    rest = [name for name in by_name if name not in taken]
    if twice := [name for name in rest if name in found]:
        raise FileRefused(
            f"two columns would be called {twice[0]!r}",
            code="header",
            hint=f"call the other one otherwise: --map OTHER={twice[0]}",
        )
    found |= {name: name for name in rest}
    for target in found:
        if not _ATTRIBUTE.fullmatch(target) or _RESERVED.fullmatch(target):
            raise FileRefused(
                f"an attribute cannot be called {target[:80]!r}",
                code="attribute-name",
                hint="rename it, --map price=COLUMN: lower case letters, digits and _; "
                "id, key, batch and embedding_* are reserved",
            )
    return {target: by_name[column] for target, column in found.items()}


def unused(header: Sequence[str], assigned: Mapping[str, str]) -> list[str]:
    """Return the columns of the file that are no field."""
    return [column for column in header if column not in assigned.values()]


def _called(by_name: Mapping[str, str], field: str, aliases: Sequence[str]) -> list[str]:
    wanted = {_folded(field), *aliases}
    return [column for name, column in by_name.items() if _folded(name) in wanted]


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _chosen(field: str, column: str, by_name: Mapping[str, str]) -> str:
    if column not in by_name:
        raise FileRefused(
            f"--map {field}={column}: the file has no such column",
            code="header",
            hint=f"it has {', '.join(by_name)}",
        )
    return by_name[column]
