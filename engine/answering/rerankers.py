"""Put a list in another order by what a plug-in adds."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from engine.errors import UsageError
from engine.graph.lists.recommendations import Recommended
from engine.plugins import ExtensibleTable

Reranker: TypeAlias = Callable[[Sequence[Recommended], str | None], Sequence[Recommended]]
"""Takes the candidates that may be shown, best first, and the user; returns some, best first."""

RERANKERS: ExtensibleTable[Reranker] = ExtensibleTable("engine.rerankers", {}, callable)


def check_reranker(name: str | None) -> None:
    """Refuse a name that no plug-in has.

    Raises:
        UsageError: There is none of it.
    """
    if name is not None and name not in RERANKERS:
        known = ", ".join(RERANKERS) or "none: a plug-in adds them"
        raise UsageError(f"rerank: there is no reranker {name!r}", hint=f"there are: {known}")


def reranked(
    name: str,
    items: Sequence[Recommended],
    user: str | None,
    k: int,
    known: Mapping[str, Reranker] = RERANKERS,
) -> list[Recommended]:
    """Return the ``k`` best items by a plug-in's order.

    Args:
        name: Of the plug-in.
        items: What may be shown, best first.
        user: For whom, or None.
        k: How many.
        known: The plug-ins.

    Raises:
        UsageError: The plug-in failed, or it returned an item that it was not given, or one twice.
    """
    given = {item.id for item in items}
    try:
        found = list(known[name](tuple(items), user))
        ids = [item.id for item in found]
    except Exception as error:  # a plug-in may raise anything
        raise UsageError(
            f"the reranker {name} failed: {type(error).__name__}: {error}",
            hint="leave it out, or ask whoever made the plug-in",
        ) from error
    if len(set(ids)) < len(ids) or not set(ids) <= given:
        raise UsageError(
            f"the reranker {name} returned an item twice, or one that may not be shown",
            hint="leave it out, or ask whoever made the plug-in",
        )
    return found[:k]
