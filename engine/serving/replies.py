"""What comes out, field by field."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from engine.data.experiment_definition import ShownVariant
from engine.serving.answer_form import AnswerModel

AttributeValue: TypeAlias = str | bool | int | float | list[str | bool | int | float]


class Reply(AnswerModel):
    """What every answer carries.

    Attributes:
        generation: Which embeddings were used; left out where none were.
        took_ms: From the arrival of the request.
    """

    generation: int | None
    took_ms: float


class ListedItem(AnswerModel):
    """An item, and why it stands there; what a list does not rest on is left out.

    Attributes:
        position: Over all pages of the list; the best is 1.
        count: How often it was joined: baskets, times after another, shared facts, friends.
        because: Own item, or person, that led to it.
        gap_days, since_days: Usual time between purchases (``of_others``), and since the last one.
        recent, before: Events of late, and of as long before that.
        attributes: Those that ``return`` names and the item has.
    """

    position: int
    id: str
    name: str | None
    score: float
    source: str
    count: int | None = None
    support: float | None = None
    lift: float | None = None
    because: str | None = None
    because_name: str | None = None
    gap_days: float | None = None
    since_days: float | None = None
    of_others: bool | None = None
    recent: float | None = None
    before: float | None = None
    attributes: Mapping[str, AttributeValue] | None = None


class BasisReply(AnswerModel):
    """Which list was asked for, and what serves: docs/recommendations.md."""

    asked: str
    served: str


class ItemList(AnswerModel):
    """Items, best first.

    Attributes:
        list_id: Of this answer; impressions and events name it.
        subject: Id of the user or item, or ids of a basket.
        basis: Which list was asked for, and what serves.
        fallback: Popularity decides, as nothing is known of the user or item.
        note: What a reader must know, if anything.
        cursor: Asks for the next page; none where the catalogue ends.
    """

    list_id: str
    subject: str
    name: str | None
    basis: BasisReply
    fallback: bool
    short: bool
    note: str | None
    cursor: str | None = None
    items: list[ListedItem]


class ItemListReply(ItemList, Reply):
    """Items, best first.

    Attributes:
        degraded: No database answered in time: popular items from memory, seen ones among them.
        variant: Of an experiment, where the user is in one.
    """

    degraded: bool
    variant: ShownVariant | None = None


class ListChoiceEntry(AnswerModel):
    """A list; needs: fields of ``POST /v1/recommendations`` that must be given with it."""

    name: str
    title: str
    needs: list[Literal["user", "likes"]]


class ListMenuReply(Reply):
    """Which lists there are: the engine's own, then those of plug-ins.

    ``named`` are those of ``GET /v1/lists/{name}``.
    """

    lists: list[ListChoiceEntry]
    named: list[str]


class RefusedUser(AnswerModel):
    """A user for whom no list could be made; status and detail are those of a request for one."""

    user: str
    status: int
    detail: str


class UserListsReply(Reply):
    """A list for each user, all of one generation, in the order that was asked.

    Attributes:
        degraded: As for one list; memory answers for all of them or for none.
        refused: Users who have none, and why.
    """

    degraded: bool
    lists: list[ItemList]
    refused: list[RefusedUser]


class UserEntry(AnswerModel):
    """A user."""

    id: str
    name: str | None


class UserListReply(Reply):
    """Users in the order of their ids; more: others follow."""

    users: list[UserEntry]
    more: bool


class HistoryEntry(AnswerModel):
    """What was done with an item, and when (ISO 8601, UTC), where it has a time."""

    id: str
    name: str | None
    kind: str | None
    at: str | None
    weight: float


class HistoryReply(Reply):
    """What a user did, the newest first; total counts the events that are not shown too."""

    user: str
    name: str | None
    total: int
    events: list[HistoryEntry]


class ExplanationPath(AnswerModel):
    """Own item, and what it shares with the other."""

    score: float
    source: Literal["knowledge-graph"] = "knowledge-graph"
    via: str
    via_name: str | None
    events: int
    weight: float
    first: str
    entity: str
    entity_name: str | None
    type: str | None
    second: str


class SimilarOwnItem(AnswerModel):
    """An own item that is like the other, and the share of the score that it carries."""

    id: str
    name: str | None
    cosine: float
    share: float
    times: int


class JoinedOwnItem(AnswerModel):
    """An own item that is joined to the other, and how often."""

    id: str
    name: str | None
    count: int


class ExplanationEvidence(AnswerModel):
    """What the sentence rests on beside paths."""

    events: int
    bought: int
    alike: list[SimilarOwnItem]
    together: JoinedOwnItem | None
    after: JoinedOwnItem | None


class GraphNode(AnswerModel):
    """A node of the picture; own: an item that the user had; type: of an entity."""

    key: str
    kind: Literal["user", "own", "entity", "item"]
    id: str
    name: str | None
    type: str | None


class GraphEdge(AnswerModel):
    """What joins two nodes, by their keys.

    Attributes:
        weight: Of had, together and after how often; of alike the share of the score that the own
            item carries; of a fact the score of the best path over it.
    """

    start: str
    end: str
    kind: Literal["had", "fact", "alike", "together", "after"]
    relation: str | None
    weight: float


class ExplanationGraph(AnswerModel):
    """What the sentence rests on as a small graph: the user first, the item last."""

    nodes: list[GraphNode]
    edges: list[GraphEdge]


class ExplanationReply(Reply):
    """Why an item may suit a user: a sentence, what it rests on, paths, best first, a graph.

    Attributes:
        ranked: What speaks most for it in the order of the ranker in service, the strongest first;
            empty where there is none, or the item is no candidate.
    """

    user: str
    item: str
    sentence: str
    ranked: list[str]
    evidence: ExplanationEvidence
    paths: list[ExplanationPath]
    graph: ExplanationGraph


class EventsReply(Reply):
    """What became of the events; those of forgotten ids, or past the limit of age, are not kept."""

    accepted: int
    duplicate: int
    forgotten: int = 0
    past_limit: int = 0


class GenerationEntry(AnswerModel):
    """A generation of embeddings."""

    number: int
    model: str | None
    state: str
    serving: bool
    in_graph: bool
    created_at: str | None
    metrics: dict[str, float]


class GenerationListReply(Reply):
    """Newest first; ``generation`` is the one in service."""

    generations: list[GenerationEntry]


class PromotionReply(Reply):
    """Which generation serves now, and which did before; moved is false where nothing was done."""

    previous: int | None
    moved: bool


class HealthReply(AnswerModel):
    """Whether the service works, and what keeps it from working."""

    status: Literal["alive", "ready", "not-ready"]
    reason: str | None = None
