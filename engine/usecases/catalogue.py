"""Say what is known of users and items, change it, find items: by the library, as over HTTP."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from engine.answering import answers
from engine.answering.answers import CatalogueItem, ItemPage, StoredDescription
from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.reading.line_formats import decode
from engine.data.tombstone import ForgettableKind
from engine.errors import DataError, UsageError
from engine.loading.catalogue_intake import CatalogueIntake, DescriptionResult
from engine.loading.descriptions import FLAGS, Document

__all__ = [
    "CatalogueItem",
    "DescriptionResult",
    "ItemPage",
    "StoredDescription",
    "describe",
    "find_items",
    "show_description",
]
_NAMES = ("id", "attributes", "facts")
_SOURCE = "the library"


def describe(
    settings: Settings, kind: ForgettableKind, rows: Sequence[Mapping[str, Any]], *, whole: bool
) -> DescriptionResult:
    """Write what rows say of users or items, all or none.

    Args:
        settings: Which graph, which home.
        kind: What they are of.
        rows: ``id``, ``attributes``, ``facts``; of items ``hidden`` and ``expires_at`` too.
        whole: Whether attributes and flags that a row does not name are removed.

    Raises:
        UsageError: A row is not of that form.
        DataError: A value is refused; nothing is written.
    """
    documents = [_document(kind, row) for row in rows]
    with open_registry(settings) as registry, open_graph(settings) as graph:
        intake = CatalogueIntake(settings, registry, lambda work: work(graph), _SOURCE)
        try:
            done = intake.take(kind, documents, whole=whole)
        finally:
            intake.close()
    if done.bad:
        first = done.bad[0]
        raise DataError(
            f"row {first.row}: {first.reason}",
            hint=f"nothing is written; {len(done.bad)} values are refused",
        )
    return done


def show_description(settings: Settings, kind: ForgettableKind, id_: str) -> StoredDescription:
    """Return attributes and facts of a user or an item.

    Raises:
        NotFound: There is none of that id.
    """
    label: Literal["User", "Item"] = "Item" if kind == "item" else "User"
    with open_graph(settings) as graph:
        return answers.description(graph, label, id_)


def find_items(
    settings: Settings, search: str | None, *, prefix: str = "", after: str = "", limit: int = 20
) -> ItemPage:
    """Return items by words of their names, or by the beginning of their ids.

    Raises:
        UsageError: limit is out of range, or both ways are asked for.
    """
    if search is not None and (prefix or after):
        raise UsageError(
            "search stands alone: no prefix and no after", hint=f"e.items(search={search!r})"
        )
    with open_graph(settings) as graph:
        if search is not None:
            return answers.items_named(graph, search, limit)
        return answers.items(graph, limit, prefix=prefix, after=after)


def _document(kind: ForgettableKind, row: Mapping[str, Any]) -> Document:
    known = {*_NAMES, *(FLAGS if kind == "item" else ())}
    unknown = sorted(set(row) - known)
    if unknown or not isinstance(row.get("id"), str):
        wrong = f"has {unknown[0]!r}" if unknown else f"has the id {row.get('id')!r}"
        raise UsageError(
            f"a row of {kind}s {wrong}",
            hint=f"a row is a dict of {', '.join(sorted(known))}; the id is a text",
        )
    try:
        document: Document = decode(json.dumps(dict(row), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"the row of {row['id']!r} is no JSON: {error}",
            hint="values are texts, numbers, booleans, None, and lists of them",
        ) from error
    return document
