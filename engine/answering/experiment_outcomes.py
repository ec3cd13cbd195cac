"""What the remembered lists of an experiment say: the totals of its variants, by user."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from engine.ab_tests.ratio_metric import Metric, RatioMoments
from engine.ab_tests.variant_totals import ExperimentTotals, TeamCounts, VariantTotals
from engine.answering.outcomes import OutcomeRequest
from engine.data.experiment_definition import Experiment
from engine.data.reading.timestamps import CLOCK_SKEW_MS
from engine.errors import NotFound, UsageError
from engine.graph import experiment_sums
from engine.graph.experiment_sums import ExperimentBasis, ExperimentSums
from engine.graph.outcome_sums import ListsOfTime
from engine.store.graph_client import GraphClient


@dataclass(frozen=True)
class ConversionRequest:
    """What counts as a conversion of a list.

    Attributes:
        event: The kind of event; None: the only one that names a list of the experiment.
        within_days: What is done so long after a list counts for it.
    """

    event: str | None = None
    within_days: float = 7.0

    def lists(
        self, experiment: Experiment, list_days: float, seconds: float | None = None
    ) -> ListsOfTime:
        """Return which lists are those of an experiment, where they are kept for so many days.

        Raises:
            UsageError: The event or the days have no meaning.
        """
        events = () if self.event is None else (self.event,)
        time = OutcomeRequest(events=events, within_days=self.within_days).lists(list_days, seconds)
        since = max(_milliseconds(experiment.started_at) - CLOCK_SKEW_MS, time.kept_from)
        if experiment.stopped_at is None:
            return replace(time, since=since)
        return replace(time, since=since, until=_milliseconds(experiment.stopped_at))


def experiment_totals(
    graph: GraphClient,
    experiment: Experiment,
    metric: Metric,
    request: ConversionRequest,
    list_days: float,
    seconds: float | None = None,
) -> ExperimentTotals:
    """Return what the users of each variant were shown and did.

    A user whose list was made by the control, as the variant failed, stays in the variant. Lists
    that are nobody's and users who were shown several variants are in no total.

    Raises:
        UsageError: Several kinds of event name a list, and none was chosen.
        NotFound: No list of the experiment is remembered.
    """
    time, basis, event = _remembered(graph, experiment, request, list_days, seconds)
    seen_only = basis.seen and not metric.endswith("per-user")
    rows = experiment_sums.sums(graph, experiment.name, time, event, seen_only=seen_only)
    by_name = {one.variant: one for one in rows if one.variant is not None}
    names = [one.name for one in experiment.variants]
    nothing = ExperimentSums("", *(0,) * 11)
    rest = next((one for one in rows if one.variant is None), nothing)
    return ExperimentTotals(
        {name: _totals(by_name.get(name, nothing), metric) for name in names},
        rest.users,
        sum(one.users for name, one in by_name.items() if name not in names),
        (
            _counted(basis, event, metric, seen_only),
            *_failed([by_name[name] for name in names if name in by_name], experiment.control.name),
            *_left_out(rest.lists, experiment, time),
        ),
    )


def team_counts(
    graph: GraphClient,
    experiment: Experiment,
    request: ConversionRequest,
    list_days: float,
    seconds: float | None = None,
) -> TeamCounts:
    """Return what the users of an interleaved experiment chose.

    Raises:
        UsageError: Several kinds of event name a list, and none was chosen.
        NotFound: No list of the experiment is remembered.
    """
    time, _, event = _remembered(graph, experiment, request, list_days, seconds)
    first, second = experiment.variants
    teams = first.name, second.name
    found = experiment_sums.credits(graph, experiment.name, time, event, teams)
    counted = (
        f"Chosen: items with events {event} that name their list, each item of a list once."
        if event
        else "Chosen: nothing, as no event names a list yet."
    )
    return TeamCounts(
        found.users,
        found.lists,
        found.failed,
        (found.credits_a, found.credits_b),
        (found.for_a, found.for_b),
        found.ties,
        (counted, *_left_out(found.of_nobody, experiment, time)),
    )


def _remembered(
    graph: GraphClient,
    experiment: Experiment,
    request: ConversionRequest,
    list_days: float,
    seconds: float | None,
) -> tuple[ListsOfTime, ExperimentBasis, str]:
    """Return which lists are those of an experiment, what there is of them, and what counts."""
    time = request.lists(experiment, list_days, seconds)
    basis = experiment_sums.basis(graph, experiment.name, time)
    if not basis.lists:
        raise NotFound(
            f"no list of the experiment {experiment.name} is remembered",
            hint="set remember_lists = true in engine.toml, or: "
            f"engine experiment report {experiment.name} --from sums.csv",
        )
    return time, basis, request.event or _only_kind(experiment, basis)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000)


def _only_kind(experiment: Experiment, basis: ExperimentBasis) -> str:
    if len(basis.kinds) > 1:
        raise UsageError(
            f"events of several kinds name a list of {experiment.name}: {', '.join(basis.kinds)}",
            hint=f"say which is a conversion: --event {basis.kinds[-1]}",
        )
    return basis.kinds[0] if basis.kinds else ""


def _totals(sums: ExperimentSums, metric: Metric) -> VariantTotals:
    by_conversions = metric.startswith("conversion")
    y = sums.conversions if by_conversions else sums.value
    yy = sums.conversions_squared if by_conversions else sums.value_squared
    if metric.endswith("per-user"):
        moments = RatioMoments(sums.users, y, sums.users, yy, y, sums.users)
    else:
        xy = sums.shown_conversions if by_conversions else sums.shown_value
        moments = RatioMoments(sums.users, y, sums.shown, yy, xy, sums.shown_squared)
    shown, conversions, value = float(sums.shown), float(sums.conversions), float(sums.value)
    return VariantTotals(moments, shown, conversions, value, sums.lists, sums.failed)


def _counted(basis: ExperimentBasis, event: str, metric: Metric, seen_only: bool) -> str:
    conversions = f"events {event} that name their list" if event else "no event names a list yet"
    if metric.endswith("per-user"):
        return (
            f"Users: those who asked for a list, as nobody else is known. Conversions: "
            f"{conversions}."
        )
    if seen_only:
        return (
            f"Shown: items that were reported as seen. Conversions: {conversions}, of those items."
        )
    return f"Shown: all items of the lists; no impression was reported. Conversions: {conversions}."


def _failed(rows: Sequence[ExperimentSums], control: str) -> list[str]:
    return [
        f"{one.variant}: {'what everybody gets' if one.variant == control else 'the control'} made "
        f"{one.failed} of {one.lists} lists, as the variant could not be made; their users stay in "
        f"{one.variant}."
        for one in rows
        if one.failed
    ]


def _left_out(of_nobody: int, experiment: Experiment, time: ListsOfTime) -> list[str]:
    said = []
    if of_nobody:
        said.append(f"{of_nobody} lists of people who are not in the graph are left out.")
    if _milliseconds(experiment.started_at) < time.kept_from:
        day = datetime.fromtimestamp(time.kept_from / 1_000, UTC)
        said.append(f"Lists from before {day:%Y-%m-%d} are kept no more (list_days), nor counted.")
    return said
