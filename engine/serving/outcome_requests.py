"""What was seen of a list, and what is asked about lists, field by field."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from engine.data.event_kinds import EVENT_KIND
from engine.serving.schemas import MAX_K, Id, ListId, RequestBody, only_digits
from engine.usecases.experiment_reports import ConversionRequest
from engine.usecases.outcomes import MOST_EVENTS, OutcomeGroup, OutcomeRequest

Days = Annotated[int, Field(ge=1, le=36_500), BeforeValidator(only_digits)]
EventKind = Annotated[str, StringConstraints(pattern=EVENT_KIND)]


class ImpressionsRequest(RequestBody):
    """Which items of a list were seen."""

    list_id: Annotated[ListId, Field(description="of the answer")]
    items: Annotated[list[Id], Field(min_length=1, max_length=MAX_K)]


class OutcomeQuery(BaseModel):
    """Which lists, and what counts as having come of them; docs/outcomes.md."""

    model_config = ConfigDict(extra="forbid")

    by: OutcomeGroup = "all"
    event: Annotated[
        list[EventKind],
        Field(max_length=MOST_EVENTS, description="kinds; none: those that name a list"),
    ] = []
    days: Days = 28
    within: Annotated[Days, Field(description="days after a list in which it counts for it")] = 7
    rule: Annotated[
        bool, Field(description="count events that name no list for the newest with their item")
    ] = False

    def request(self) -> OutcomeRequest:
        """Return what it asks."""
        return OutcomeRequest(self.by, tuple(self.event), self.days, self.within, self.rule)


class ExperimentReportQuery(BaseModel):
    """What counts as a conversion of a list of an experiment; docs/experiments.md."""

    model_config = ConfigDict(extra="forbid")

    event: Annotated[
        EventKind | None,
        Field(description="the kind that is a conversion; none: the only one that names a list"),
    ] = None
    within: Annotated[Days, Field(description="days after a list in which it counts for it")] = 7

    def request(self) -> ConversionRequest:
        """Return what it asks."""
        return ConversionRequest(self.event, self.within)
