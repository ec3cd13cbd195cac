"""Ask a list's query, and again over the whole catalogue where too few candidates are left."""

from collections.abc import Mapping
from typing import Any

from engine.graph.lists.question import Question
from engine.graph.serving_index import rows_in_service
from engine.store.graph_client import GraphClient, Idents, Row

_WHOLE_FROM = 100
"""A longer list is taken from the whole catalogue at once: the nearest would be most of it, and a
server counts a list of candidates once for every row that it keeps in order (docs/serving.md)."""


def candidate_rows(
    client: GraphClient, name: str, question: Question, idents: Idents = None, **given: Any
) -> list[Row]:
    """Return the rows of a list whose candidates are all there are, such as what friends have."""
    return client.ask(name, idents, **given, **question.parameters())


def refilled_rows(
    client: GraphClient,
    name: str,
    question: Question,
    others: Mapping[str, str] | None = None,
    **given: Any,
) -> list[Row]:
    """Return the rows of a list whose formula ranks every item, such as likeness by vectors.

    Its candidates are the nearest, more of them than are asked for. Where filters and what was seen
    leave fewer than ``k``, every item is scored; at once where the ids to choose from are given or
    the list is long, with its pages before. ``others`` are the statements of generations without
    vectors.
    """
    asked = {**given, **question.parameters()}
    at_once = asked["only"] is not None or question.k + len(question.listed) > _WHOLE_FROM
    rows = rows_in_service(client, name, "Item", asked | {"whole": at_once}, others)
    if at_once or all(len(row["items"]) >= question.k for row in rows):
        return rows
    return rows_in_service(client, name, "Item", asked | {"whole": True}, others)
