"""A list asked for with every option, as a body: what may be shown, in what order, from where."""

from collections.abc import Callable, Collection
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from engine.answering.answers import LISTS, RERANKERS, Sources
from engine.data.duration import read_duration
from engine.graph.lists.question import Arrangement, Boost, Question
from engine.serving.schemas import (
    MAX_FILTERS,
    AttributeFilters,
    AttributeNames,
    Cursor,
    Explore,
    Id,
    ItemCount,
    NotShownWithin,
    RequestBody,
    Where,
    where_rules,
)

MAX_IDS = 1_000
MAX_USERS = 100
_MAX_FALLBACKS = 5
_MAX_LIKES = 50
IdList = Annotated[list[Id], Field(max_length=MAX_IDS)]
EntityType = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9_]{0,62}$")]
TraitName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,62}$")]
EntityFilters = Annotated[
    dict[EntityType, Annotated[list[Id], Field(min_length=1, max_length=MAX_FILTERS)]],
    Field(max_length=MAX_FILTERS),
]


def _known(names: Collection[str]) -> Callable[[str], str]:
    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"Input should be one of {', '.join(names) or 'none: no plug-in'}")
        return name

    return check


# What plug-ins add is known when the service starts.
ListName = Annotated[
    str, AfterValidator(_known(LISTS)), Field(json_schema_extra={"enum": list(LISTS)})
]
RerankerName = Annotated[str, AfterValidator(_known(RERANKERS))]


class BoostRequest(RequestBody):
    """A factor on one item, or on every item with a value of an attribute or entity type."""

    factor: Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)]
    value: Id
    trait: TraitName | None = None


class AtMostRequest(RequestBody):
    """At most n items with the same value of an attribute or entity type."""

    trait: TraitName
    n: ItemCount


class AnyListRequest(RequestBody):
    """Which list, of which items, in what order; docs/recommendations.md."""

    by: ListName = "for-you"
    blend: Annotated[ListName | None, Field(description="blended with it by reciprocal rank")] = (
        None
    )
    fallback: Annotated[list[ListName], Field(max_length=_MAX_FALLBACKS)] = Field(
        default_factory=list
    )
    likes: Annotated[list[Id], Field(max_length=_MAX_LIKES)] = Field(default_factory=list)
    relation: Annotated[
        TraitName | None, Field(description="facts that are friendships, where users have several")
    ] = None
    rerank: Annotated[
        RerankerName | None, Field(description="a plug-in that puts what may be shown in order")
    ] = None
    k: ItemCount = 10
    exclude_seen: bool = True
    seen_days: Annotated[float | None, Field(ge=0, le=36_500, allow_inf_nan=False)] = None
    seen_events: Annotated[list[Id], Field(max_length=MAX_FILTERS)] = Field(default_factory=list)
    not_shown_within: NotShownWithin = None
    filters: AttributeFilters = Field(default_factory=dict)
    where: Annotated[list[Where], Field(max_length=MAX_FILTERS)] = Field(default_factory=list)
    facts: EntityFilters = Field(default_factory=dict)
    allow: IdList | None = None
    block: IdList = Field(default_factory=list)
    candidates: IdList | None = None
    pins: IdList = Field(default_factory=list)
    boosts: Annotated[list[BoostRequest], Field(max_length=MAX_FILTERS)] = Field(
        default_factory=list
    )
    mmr: Annotated[float | None, Field(ge=0, le=1, allow_inf_nan=False)] = None
    at_most: AtMostRequest | None = None
    damping: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0
    explore: Explore = 0.0
    attributes: Annotated[AttributeNames, Field(alias="return")] = Field(default_factory=list)

    def question(self) -> Question:
        """Return how many, which may be shown, and in what order."""
        at_most = None if self.at_most is None else (self.at_most.trait, self.at_most.n)
        return Question(
            k=self.k,
            exclude_seen=self.exclude_seen,
            **where_rules(self.where, self.filters),
            seen_days=self.seen_days,
            seen_events=tuple(self.seen_events),
            not_shown_within=read_duration("not_shown_within", self.not_shown_within),
            facts=self.facts,
            allow=None if self.allow is None else tuple(self.allow),
            block=tuple(self.block),
            candidates=None if self.candidates is None else tuple(self.candidates),
            arrangement=Arrangement(
                pins=tuple(self.pins),
                boosts=tuple(Boost(one.factor, one.value, one.trait) for one in self.boosts),
                mmr=self.mmr,
                at_most=at_most,
                damping=self.damping,
            ),
            attributes=tuple(self.attributes),
            explore=self.explore,
        )

    def sources(self) -> Sources:
        """Return which lists answer.

        Raises:
            UsageError: They do not go together.
        """
        return Sources(
            self.by, self.blend, tuple(self.fallback), tuple(self.likes), self.relation, self.rerank
        )


class ListRequest(AnyListRequest):
    """Which list, for whom, of which items, in what order; docs/recommendations.md."""

    user: Annotated[
        Id | None, Field(description="none for trending, popular, and likes of somebody new")
    ] = None
    cursor: Cursor = None


class UserListsRequest(AnyListRequest):
    """Which list, for each of many users, of which items, in what order."""

    users: Annotated[
        list[Id],
        Field(min_length=1, max_length=MAX_USERS, description="one list for each different id"),
    ]
