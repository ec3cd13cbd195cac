"""Experiments on users: start one, list them, who gets which variant, what it shows, stop it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.ab_tests.assignment import assigned
from engine.ab_tests.ratio_metric import METRICS, Metric, metric_named
from engine.answering.experiment_outcomes import ConversionRequest, experiment_totals, team_counts
from engine.answering.experiment_request import ExperimentRequest, variants_of
from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.experiment_definition import DEFAULT_LAYER, Experiment, Variant
from engine.errors import NotFound, PublishRefused, UsageError
from engine.graph import stored_generations, stored_lists
from engine.graph.lists import ranked
from engine.graph.stored_generations import StoredGeneration
from engine.publishing import generations
from engine.publishing.generation_health import why_unservable
from engine.store.experiment_registry import NewExperiment
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry
from engine.usecases import naming_lists

if TYPE_CHECKING:
    from engine.ab_tests.experiment_report import ExperimentReport
    from engine.ab_tests.interleaving import Preference
    from engine.ab_tests.interleaving_report import InterleavingReport
    from engine.ab_tests.simulated_splits import SimulatedSplits
    from engine.ab_tests.variant_totals import ExperimentTotals

__all__ = [
    "METRICS",
    "ConversionRequest",
    "Experiment",
    "ExperimentRequest",
    "Metric",
    "StoppedExperiment",
    "Variant",
    "assign",
    "check_metric",
    "compare_interleaved",
    "list_experiments",
    "report",
    "start",
    "stop",
]


@dataclass(frozen=True)
class StoppedExperiment:
    """An experiment that has ended.

    Attributes:
        promoted: The generation that serves since then, where the winner is one.
        remark: What the winner has that a promotion does not bring, or "".
    """

    experiment: Experiment
    promoted: int | None
    remark: str


def start(settings: Settings, request: ExperimentRequest) -> Experiment:
    """Start an experiment.

    Raises:
        UsageError: A name, a share or an option is not allowed, or too few users are free.
        NotFound: A variant's generation or list is not there.
        PublishRefused: A variant's generation is not whole.
    """
    variants = variants_of(request)
    if any(one.kind in ("generation", "list") for one in variants):
        with open_graph(settings) as graph:
            stored = {one.number: one for one in stored_generations.generations(graph)}
            for one in variants:
                _check_there(settings, graph, stored, one)
                if one.generation is not None:
                    ranked.warm_plan(graph, one.generation)
    with open_registry(settings) as registry:
        return registry.experiments.start(
            NewExperiment(
                request.name,
                request.metric,
                request.layer,
                request.traffic,
                variants,
                request.days,
                generations.author(),
                interleaved=request.interleave,
            )
        )


def list_experiments(settings: Settings) -> list[Experiment]:
    """Return every experiment there was, newest first."""
    with open_registry(settings) as registry:
        return registry.experiments.all()


def assign(
    settings: Settings, user: str, layer: str = DEFAULT_LAYER
) -> tuple[Experiment, Variant] | None:
    """Return the experiment of a layer that a user is in and the variant; None: in none."""
    with open_registry(settings) as registry:
        return assigned(registry.experiments.running(), layer, user)


def report(
    settings: Settings,
    name: str,
    path: Path | None = None,
    conversions: ConversionRequest | None = None,
    *,
    effect: float = 0.05,
    users_a_day: float | None = None,
) -> "ExperimentReport | InterleavingReport":
    """Return the report of an experiment, and count the look.

    Args:
        settings: Which registry, and which graph remembers lists.
        name: Of the experiment.
        path: Its users' sums, see ``engine.ab_tests.sums_file``; None: those of remembered lists.
        conversions: What came of remembered lists.
        effect: Relative, 0.05 for 5 %.
        users_a_day: Who enter it; None: as many as until now.

    Raises:
        UsageError: A number is out of range, or it must be said which kind of event counts.
        NotFound: There is no such experiment, or no list of it is remembered.
        FileRefused: The file cannot be read.
    """
    # SciPy and polars, which whoever starts or lists experiments does not need.
    from engine.ab_tests.experiment_report import make_report  # noqa: PLC0415

    if not 0.0 < effect <= 10.0:
        raise UsageError(
            f"effect must be a share above 0 and up to 10, not {effect:g}", hint="0.05 is 5 %"
        )
    if users_a_day is not None and users_a_day <= 0.0:
        raise UsageError(
            f"users_a_day must be above 0, not {users_a_day:g}", hint="--users-a-day 1000"
        )
    with open_registry(settings) as registry:
        one = registry.experiments.named(name)
        if one.interleaved:
            return _interleaving_report(settings, registry, one, path, conversions)
        found = _totals(settings, one, path, conversions)
        one = registry.experiments.count_look(name)  # what was refused above is no look
    now = one.stopped_at or datetime.now(UTC)
    return make_report(one, found, now, effect=effect, users_a_day=users_a_day)


def _interleaving_report(
    settings: Settings,
    registry: Registry,
    one: Experiment,
    path: Path | None,
    conversions: ConversionRequest | None,
) -> "InterleavingReport":
    from engine.ab_tests.interleaving_report import (  # noqa: PLC0415 as above
        make_interleaving_report,
    )

    if path is not None:
        raise UsageError(
            f"the experiment {one.name} is interleaved: a file has no variants to compare",
            hint=f"engine experiment interleaving --from {path.name}",
        )
    with open_graph(settings) as graph:
        found = team_counts(graph, one, conversions or ConversionRequest(), settings.list_days)
    one = registry.experiments.count_look(one.name)
    return make_interleaving_report(one, found, one.stopped_at or datetime.now(UTC))


def _totals(
    settings: Settings, one: Experiment, path: Path | None, conversions: ConversionRequest | None
) -> "ExperimentTotals":
    metric = metric_named(one.metric)
    if path is None:
        request = conversions or ConversionRequest()
        with open_graph(settings) as graph:
            return experiment_totals(graph, one, metric, request, settings.list_days)
    if conversions is not None:
        raise UsageError(
            "what counts as a conversion is chosen for remembered lists, not for a file",
            hint="leave out --event and --within, or --from",
        )
    from engine.ab_tests.sums_file import read_sums  # noqa: PLC0415 polars, as above

    return read_sums(path, [variant.name for variant in one.variants]).totals(metric)


def check_metric(path: Path, metric: Metric, seed: int = 0) -> "SimulatedSplits":
    """Split the users of a file into random halves a thousand times, and count false findings.

    Raises:
        FileRefused: The file cannot be read.
    """
    from engine.ab_tests.simulated_splits import simulate_splits  # noqa: PLC0415 as above
    from engine.ab_tests.sums_file import read_all_users  # noqa: PLC0415

    return simulate_splits(read_all_users(path), metric, np.random.default_rng(seed))


def compare_interleaved(path: Path) -> "Preference":
    """Tell from which of two interleaved lists users chose more.

    Raises:
        FileRefused: The file cannot be read.
    """
    from engine.ab_tests.interleaving import preference  # noqa: PLC0415 as above
    from engine.ab_tests.sums_file import read_credits  # noqa: PLC0415

    return preference(*read_credits(path))


def stop(settings: Settings, name: str, winner: str | None = None) -> StoppedExperiment:
    """End an experiment; a winner that is a generation is promoted.

    Raises:
        NotFound: There is no such experiment or variant, or the winner's generation is gone.
        UsageError: It ended before.
        PublishRefused: The winner's generation is not whole: the experiment runs on.
    """
    with open_registry(settings) as registry:
        one = registry.experiments.named(name)
        won = None if winner is None else _variant_named(one, winner)
        promoted = None
        if one.stopped_at is None and won is not None and won.generation is not None:
            why = generations.reason("promote", f"experiment {name}: {winner} won")
            with open_graph(settings) as graph:
                generations.move_pointer(graph, registry, won.generation, why)
            promoted = won.generation
        stopped = registry.experiments.stop(name, generations.author(), winner)
    return StoppedExperiment(stopped, promoted, "" if won is None else _not_promoted(won))


def _not_promoted(won: Variant) -> str:
    """Say what of a winner the pointer to a generation cannot hold."""
    if won.kind == "list":
        return f"The list {won.list} won: show it where the experiment was."
    if won.kind == "holdout":
        return "The popular items won: nothing is promoted."
    if won.options:
        said = ", ".join(f"{name} = {value}" for name, value in won.options.items())
        return f"Its options are no part of a generation: ask for lists with {said}."
    return ""


def _variant_named(one: Experiment, name: str) -> Variant:
    found = one.variant(name)
    if found is None:
        known = ", ".join(variant.name for variant in one.variants)
        raise NotFound(f"the experiment {one.name} has no variant {name}", hint=f"it has {known}")
    return found


def _check_there(
    settings: Settings, graph: GraphClient, stored: Mapping[int, StoredGeneration], one: Variant
) -> None:
    """Refuse a variant that could not be shown.

    Raises:
        NotFound: Its generation or its list is not there.
        PublishRefused: Its generation is not whole.
    """
    if one.list is not None:
        naming_lists.named_list_of(settings, stored_lists.current(graph), one.list)
    if one.generation is None:
        return
    if one.generation not in stored:
        raise NotFound(
            f"the variant {one.name}: generation {one.generation} is not in the graph",
            hint="see which are: engine generations; publish it again: engine publish --run ID",
        )
    if fault := why_unservable(graph, stored[one.generation]):
        raise PublishRefused(
            f"the variant {one.name}: generation {one.generation} cannot serve: {fault}",
            hint="publish it again: engine publish --run ID",
        )
