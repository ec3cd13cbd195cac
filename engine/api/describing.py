"""Say what is known of users and items, change it, find items."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from engine.api.engine_session import EngineSession
from engine.data.tabular import Records
from engine.data.tombstone import ForgettableKind

if TYPE_CHECKING:
    from engine.usecases.catalogue import CatalogueItem, DescriptionResult, StoredDescription


class Describing(EngineSession):
    """The part of ``Engine`` that keeps the catalogue."""

    def describe(
        self,
        kind: ForgettableKind,
        rows: Sequence[Mapping[str, Any]],
        *,
        replace: bool = False,
    ) -> "DescriptionResult":
        """Write what rows say of users or items, in one transaction; again, it changes nothing.

        Many thousands are a file or a frame: ``ingest(items=...)``.

        >>> e.describe("item", [{"id": "sencha", "attributes": {"name": "Sencha", "price": 6}}])
        DescriptionResult(accepted=1, duplicate=0, forgotten=0, bad=())
        >>> e.describe("item", [{"id": "sencha", "hidden": True}]).accepted
        1
        >>> e.description("item", "sencha").attributes["price"]
        '6'

        Args:
            kind: ``item`` or ``user``.
            rows: ``id``, ``attributes`` (name to value, None removes), ``facts`` (``relation``,
                ``tail``, ``tail_type``: all that lead away from it); of items ``hidden`` and
                ``expires_at`` too.
            replace: Remove attributes and flags that a row does not name.

        Raises:
            UsageError: A row is not of that form.
            DataError: A value is refused; nothing is written.
        """
        from engine.usecases import catalogue

        self._hold_graph()
        return catalogue.describe(self.settings, kind, rows, whole=replace)

    def description(self, kind: ForgettableKind, id: str) -> "StoredDescription":
        """Return attributes and facts of a user or an item.

        Raises:
            NotFound: There is none of that id.
        """
        from engine.usecases import catalogue

        self._hold_graph()
        return catalogue.show_description(self.settings, kind, id)

    def items(
        self, search: str | None = None, *, prefix: str = "", after: str = "", limit: int = 20
    ) -> "Records[CatalogueItem]":
        """Return items by words of their names, the best match first, or by ids in their order.

        Args:
            search: Words that the name has; the last one may be the beginning of one.
            prefix: What the id begins with.
            after: The last id of the page before.
            limit: Most items, from 1 to 999.

        Raises:
            UsageError: limit is out of range, or ``search`` and another way are asked for.
        """
        from engine.usecases import catalogue

        self._hold_graph()
        page = catalogue.find_items(self.settings, search, prefix=prefix, after=after, limit=limit)
        return Records(page.items)
