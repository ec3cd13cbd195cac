"""Which column of a file is which field: the usual names, RecBole's typed headers, ``--map``."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.data.reading.header import bare_name, is_unnamed
from engine.data.snake_case import LONGEST, snake_case
from engine.errors import FileRefused

# The field, and what people call it, without case, `_`, `-` and blanks. The field's own name wins;
# then the names of the first group that the file has.
EVENT_FIELDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "user_id": (
        ("user", "customer", "customerid", "household", "householdid", "visitorid"),
        ("uid", "userpseudoid", "member", "memberid", "client", "clientid", "account", "accountid",
         "buyer", "buyerid", "reviewerid", "anonymousid"),
    ),
    "item_id": (
        ("item", "product", "productid", "sku", "movieid", "articleid", "asin"),
        ("article", "movie", "productsku", "productcode", "stockcode", "variantid", "isbn",
         "itemcode", "trackid", "songid", "videoid", "contentid"),
    ),
    "timestamp": (
        ("ts", "datetime"),
        ("eventtime", "eventtimestamp", "eventdatetime"),
        ("time", "date"),
        ("createdat", "occurredat", "originaltimestamp", "unixtimestamp", "unixtime", "invoicedate",
         "purchasedat", "sentat"),
        ("eventdate", "orderdate", "purchasedate"),
    ),
    "event": (("eventtype",), ("eventname", "action", "behavior", "behaviour", "behaviortype")),
    "weight": (("rating", "value"),),
    "basket_id": (("basket", "session", "sessionid", "order", "orderid"),),
    "event_id": (),
    "event_key": (),
    "list_id": (),
    "list_position": (),
}  # fmt: skip
EVENT_REQUIRED = ("user_id", "item_id")
FACT_FIELDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "head": (("headid",),),
    "head_type": (),
    "relation": (("relationid",),),
    "tail": (("tailid",),),
    "tail_type": (),
}
FACT_REQUIRED = ("head", "relation", "tail")
LINK_FIELDS = {"item_id": EVENT_FIELDS["item_id"], "entity_id": (("entity",),)}
LINK_REQUIRED = ("item_id", "entity_id")
NAME_COLUMNS = ("name", "title", "movie_title", "product_name")

_ATTRIBUTE = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST - 1}}}")
_RESERVED = re.compile(r"id|key|batch|embedding_.*|emb_.*")


@dataclass(frozen=True)
class AttributeColumns:
    """Which columns of a file are attributes.

    Attributes:
        targets: Attribute -> column.
        left_out: Column that is none -> why, with what to do.
    """

    targets: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def renamed(self) -> dict[str, str]:
        """Column -> attribute, where the two differ."""
        return {
            column: target
            for target, column in self.targets.items()
            if bare_name(column) not in (target, *NAME_COLUMNS)
        }


def assign(
    header: Sequence[str],
    fields: Mapping[str, Sequence[Sequence[str]]],
    required: Sequence[str],
    chosen: Mapping[str, str],
    skipped: Collection[str] = (),
    within: Sequence[str] = (),
) -> dict[str, str]:
    """Return field -> column of the file; nothing where no line could be read, so no name is known.

    Args:
        header: Columns of the file.
        fields: Field -> groups of its other names, the better one first.
        required: Fields that must have a column.
        chosen: Field -> column.
        skipped: Columns that are no field.
        within: Fields of the objects in its cells, such as ``properties.product_id``.

    Raises:
        FileRefused: A required field has no column, two columns claim one field, or a chosen column
            is not in the file.
    """
    if not header:
        return {}
    by_name = _by_name(column for column in header if not is_skipped(column, skipped))
    assigned = {}
    for name, groups in fields.items():
        if name in chosen:
            found = _chosen(name, chosen[name], header, by_name)
        else:
            found = by_name.get(name) or _called(by_name, name, groups)
        if len(found) > 1:
            raise FileRefused(
                f"{len(found)} columns look like {name}: {', '.join(map(repr, found))}",
                code="header",
                hint=f"say which: --map '{name}={found[0]}', or leave one out: "
                f"--skip '{found[-1]}'",
            )
        if found:
            assigned[name] = found[0]
    missing = [name for name in required if name not in assigned]
    if missing:
        if field_within := _within(missing[0], fields, within):
            raise FileRefused(
                f"no column for {missing[0]} among {', '.join(header)[:500]}: {field_within} "
                "is a field of an object",
                code="header",
                hint=f"make a column of it: jq -c '.{missing[0]} = .{field_within}' FILE "
                "> NEW.jsonl",
            )
        raise _missing(missing, header, list(fields))
    return assigned


def alternatives(
    header: Sequence[str],
    fields: Mapping[str, Sequence[Sequence[str]]],
    required: Sequence[str],
    assigned: Mapping[str, str],
) -> list[str]:
    """Return what ``--map`` would make of columns that are called like a required field."""
    return [
        f"{name}={column}"
        for name in required
        for column in unused(header, assigned)
        if any(_folded(bare_name(column)) in group for group in fields[name])
    ]


def attributes(
    header: Sequence[str],
    id_column: str,
    chosen: Mapping[str, str],
    skipped: Collection[str] = (),
) -> AttributeColumns:
    """Return which attribute is which column: all that are not the id and not to be skipped.

    A column's name is folded to that of an attribute (``names.snake_case``). The first of
    ``NAME_COLUMNS`` is stored as ``name``, which answers show.

    Args:
        header: Columns of the file.
        id_column: The one that is the id.
        chosen: Attribute -> column, for columns that are to be called otherwise.
        skipped: Columns that are no attribute.

    Raises:
        FileRefused: A chosen name is reserved or is not that of an attribute.
    """
    found = AttributeColumns()
    rest = [one for one in header if one != id_column and not is_skipped(one, skipped)]
    for target, wanted in chosen.items():
        columns = [one for one in rest if wanted in (one, bare_name(one))]
        if columns and (why := attribute_fault(target)):
            raise FileRefused(
                f"--map {target}={wanted}: {why}",
                code="attribute-name",
                hint="lower case letters, digits and _, the first one a letter; id, key, batch and "
                "embedding_* are the engine's own",
            )
        if columns:
            found.targets[target] = columns[0]
    rest = [one for one in rest if one not in found.targets.values()]
    folded = {one: snake_case(bare_name(one)) for one in rest}
    if "name" not in found.targets:
        named = [one for name in NAME_COLUMNS for one in rest if folded[one] == name]
        if named:
            found.targets["name"] = named[0]
            rest.remove(named[0])
    # A column whose name is an attribute's as it stands comes before one that is folded to it.
    for column in sorted(rest, key=lambda one: bare_name(one) != folded[one]):
        _add_attribute(found, column, folded[column])
    return found


def is_skipped(column: str, skipped: Collection[str]) -> bool:
    """Return whether a column is among those that ``--skip`` names."""
    return column in skipped or bare_name(column) in skipped


def unused(header: Sequence[str], assigned: Mapping[str, str]) -> list[str]:
    """Return the named columns of the file that are no field."""
    return [one for one in header if one not in assigned.values() and not is_unnamed(one)]


def attribute_fault(target: str) -> str:
    """Return why a name can be none of an attribute; the empty text: it can."""
    if not target:
        return "no letter of its name can be in an attribute's"
    if _RESERVED.fullmatch(target):
        return f"{target} is the engine's own"
    if not _ATTRIBUTE.fullmatch(target):
        return f"{target[:80]!r} is not an attribute's name"
    return ""


def _add_attribute(found: AttributeColumns, column: str, target: str) -> None:
    if is_unnamed(column):
        found.left_out[column] = "it has no name"
        return
    why = attribute_fault(target)
    if target in found.targets:
        why = f"{found.targets[target][:80]!r} is called {target} already"
    if why:
        found.left_out[column] = f"{why}; name it: --map 'ATTRIBUTE={column[:80]}'"
    else:
        found.targets[target] = column


def _by_name(header: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for column in header:
        if not is_unnamed(column):
            found.setdefault(bare_name(column), []).append(column)
    return found


def _called(
    by_name: Mapping[str, list[str]], name: str, groups: Sequence[Sequence[str]]
) -> list[str]:
    for group in ((_folded(name),), *groups):
        if found := [one for key, many in by_name.items() if _folded(key) in group for one in many]:
            return found
    return []


def _folded(name: str) -> str:
    return snake_case(name).replace("_", "")


def _chosen(
    name: str, column: str, header: Sequence[str], by_name: Mapping[str, list[str]]
) -> list[str]:
    if column in header:
        return [column]
    if column in by_name:
        return by_name[column]
    raise FileRefused(
        f"--map {name}={column}: the file has no such column",
        code="header",
        hint=f"it has {', '.join(header)[:500]}",
    )


def _within(
    name: str, fields: Mapping[str, Sequence[Sequence[str]]], within: Sequence[str]
) -> str | None:
    """Return the field of an object that is called as a field."""
    by_name: dict[str, list[str]] = {}
    for path in within:
        by_name.setdefault(path.rpartition(".")[2], []).append(path)
    return next(iter(_called(by_name, name, fields[name])), None)


def _missing(missing: Sequence[str], header: Sequence[str], fields: Sequence[str]) -> FileRefused:
    names = ", ".join(header)
    known = ",".join(fields[:3])
    if header[0].startswith(("{", "[{")):
        return FileRefused(
            f"no column for {', '.join(missing)}: the first line is JSON, {header[0][:80]!r}",
            code="format",
            hint="for one object in each line: --format jsonl",
        )
    if len(header) > 1:
        return FileRefused(
            f"no column for {', '.join(missing)} among {names[:500]}",
            code="header",
            hint=f"name it: --map {missing[0]}=COLUMN; if the first line of a CSV file is a row "
            f"and no header: --columns {known},…; if it is a title: remove it",
        )
    return FileRefused(
        f"no column for {', '.join(missing)}: the file has one column, {names[:80]!r}",
        code="dialect",
        hint="say what stands between two cells: --delimiter ';', --delimiter tab, "
        "--delimiter ' '; or remove what stands before the header",
    )
