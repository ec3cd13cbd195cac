"""Ask a list's query, and again over the whole catalogue where too few of its candidates are left."""

from typing import Any

from engine.graph.lists.question import Question
from engine.store.graph_client import GraphClient, Idents, Row


def candidate_rows(
    client: GraphClient, name: str, question: Question, idents: Idents = None, **given: Any
) -> list[Row]:
    """Return the rows of a list whose candidates are all there are, such as what friends have."""
    return client.ask(name, idents, **given, **question.parameters())


def refilled_rows(
    client: GraphClient, name: str, question: Question, idents: Idents = None, **given: Any
) -> list[Row]:
    """Return the rows of a list whose formula ranks every item, such as likeness by vectors.

    Its candidates are the nearest, more of them than are asked for. Where filters and what was seen
    leave fewer than ``k``, every item is scored; where the ids to choose from are given, at once.
    """
    parameters = question.parameters()
    at_once = parameters["only"] is not None
    rows = client.ask(name, idents, whole=at_once, **given, **parameters)
    if at_once or all(len(row["items"]) >= question.k for row in rows):
        return rows
    return client.ask(name, idents, whole=True, **given, **parameters)
