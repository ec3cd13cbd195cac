"""What arranges items that may be shown: popularity, attributes, types, vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.graph.lists.question import Question
from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class Traits:
    """What is known of an item.

    Attributes:
        events: How many events are on it.
        values: Trait to its values: of an attribute, or ids of entities of a type.
        vector: Of a generation, None where it has none or none was asked for.
    """

    id: str
    name: str | None = None
    events: int = 0
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    vector: Sequence[float] | None = None


def of_items(
    client: GraphClient,
    ids: Sequence[str],
    question: Question,
    user: str | None,
    generation: int | None,
) -> dict[str, Traits]:
    """Return the traits of those of ``ids`` that may be shown to ``user``.

    Args:
        client: The graph.
        ids: At most some hundreds.
        question: Its exclusion rule is asked again, its arrangement says which traits are wanted.
        user: Id, or None.
        generation: Whose vectors; None: that in service.
    """
    names = question.arrangement.traits
    parameters = question.parameters()
    del parameters["k"]
    rows = client.ask(
        "recommend/traits",
        ids=list(ids),
        user=user,
        traits=names,
        vectors=question.arrangement.mmr is not None,
        generation=generation,
        **parameters,
    )
    return {
        row["id"]: Traits(
            row["id"],
            row["name"],
            row["events"],
            dict(zip(names, row["traits"], strict=True)),
            row["vector"],
        )
        for row in rows
    }
