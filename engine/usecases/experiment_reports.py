"""What experiments on users show: on remembered lists, or on sums that come in a file.

SciPy and polars are imported where they are needed: who starts or lists experiments needs neither.
"""

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.ab_tests.ratio_metric import Metric, metric_named
from engine.answering.experiment_outcomes import ConversionRequest, experiment_totals, team_counts
from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.errors import FileRefused, UsageError
from engine.store.graph_client import GraphClient
from engine.store.registry import Registry

if TYPE_CHECKING:
    from engine.ab_tests.experiment_report import ExperimentReport
    from engine.ab_tests.interleaving import Preference
    from engine.ab_tests.interleaving_report import InterleavingReport
    from engine.ab_tests.simulated_splits import SimulatedSplits

__all__ = [
    "ConversionRequest",
    "check_metric",
    "compare_interleaved",
    "report",
    "report_of_lists",
]


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
    if not 0.0 < effect <= 10.0:
        raise UsageError(
            f"effect must be a share above 0 and up to 10, not {effect:g}", hint="0.05 is 5 %"
        )
    if users_a_day is not None and not 0.0 < users_a_day < math.inf:
        raise UsageError(
            f"users_a_day must be a number above 0, not {users_a_day:g}", hint="--users-a-day 1000"
        )
    with open_registry(settings) as registry:
        registry.experiments.named(name)  # before a database is started
        if path is not None:
            return _report_of_file(registry, name, path, conversions, effect, users_a_day)
        asked = conversions or ConversionRequest()
        with open_graph(settings) as graph:
            return report_of_lists(
                graph,
                registry,
                name,
                asked,
                settings.list_days,
                effect=effect,
                users_a_day=users_a_day,
            )


def report_of_lists(
    graph: GraphClient,
    registry: Registry,
    name: str,
    conversions: ConversionRequest,
    list_days: float,
    seconds: float | None = None,
    *,
    effect: float = 0.05,
    users_a_day: float | None = None,
) -> "ExperimentReport | InterleavingReport":
    """Return the report of an experiment on remembered lists, and count the look.

    Args:
        graph: Where lists are remembered.
        registry: Where the experiment is.
        name: Of the experiment.
        conversions: What came of the lists.
        list_days: For how long lists are kept.
        seconds: After which the server ends a query; None: after those of its client.
        effect: As for ``report``.
        users_a_day: As for ``report``.

    Raises:
        UsageError: It must be said which kind of event counts.
        NotFound: There is no such experiment, or no list of it is remembered.
        QueryTooSlow: One took longer.
    """
    from engine.ab_tests.experiment_report import make_report  # noqa: PLC0415
    from engine.ab_tests.interleaving_report import make_interleaving_report  # noqa: PLC0415

    one = registry.experiments.named(name)
    now = one.stopped_at or datetime.now(UTC)
    if one.interleaved:
        chosen = team_counts(graph, one, conversions, list_days, seconds)
        # What was refused above is no look.
        return make_interleaving_report(registry.experiments.count_look(name), chosen, now)
    metric = metric_named(one.metric)
    found = experiment_totals(graph, one, metric, conversions, list_days, seconds)
    one = registry.experiments.count_look(name)
    return make_report(one, found, now, effect=effect, users_a_day=users_a_day)


def _report_of_file(
    registry: Registry,
    name: str,
    path: Path,
    conversions: ConversionRequest | None,
    effect: float,
    users_a_day: float | None,
) -> "ExperimentReport":
    from engine.ab_tests.experiment_report import make_report  # noqa: PLC0415
    from engine.ab_tests.sums_file import read_sums  # noqa: PLC0415

    one = registry.experiments.named(name)
    if one.interleaved:
        raise UsageError(
            f"the experiment {name} is interleaved: a file has no variants to compare",
            hint=f"engine experiment interleaving --from {path.name}",
        )
    if conversions is not None:
        raise UsageError(
            "what counts as a conversion is chosen for remembered lists, not for a file",
            hint="leave out --event and --within, or --from",
        )
    metric = metric_named(one.metric)
    found = read_sums(path, [variant.name for variant in one.variants], metric).totals(metric)
    one = registry.experiments.count_look(name)
    now = one.stopped_at or datetime.now(UTC)
    return make_report(one, found, now, effect=effect, users_a_day=users_a_day)


def check_metric(path: Path, metric: Metric, seed: int = 0) -> "SimulatedSplits":
    """Split the users of a file into random halves a thousand times, and count false findings.

    Raises:
        FileRefused: The file cannot be read, or no two halves of it can differ.
    """
    from engine.ab_tests.confidence_sequence import FEWEST_USERS  # noqa: PLC0415
    from engine.ab_tests.simulated_splits import simulate_splits  # noqa: PLC0415
    from engine.ab_tests.sums_file import read_all_users  # noqa: PLC0415

    sums = read_all_users(path, metric)
    y, x = sums.terms(metric)
    if len(y) < 2 * FEWEST_USERS:
        raise FileRefused(
            f"{path.name} has {len(y)} users: a check needs {2 * FEWEST_USERS}",
            code="too-few-users",
            hint="take a longer time",
        )
    if not (y.any() and x.any()):
        raise FileRefused(
            f"{path.name}: {metric} is 0 for every user, so no split can differ",
            code="nothing-counted",
            hint="mend the query that wrote it, or take another --metric",
        )
    return simulate_splits(sums, metric, np.random.default_rng(seed))


def compare_interleaved(path: Path) -> "Preference":
    """Tell from which of two interleaved lists users chose more.

    Raises:
        FileRefused: The file cannot be read.
    """
    from engine.ab_tests.interleaving import preference  # noqa: PLC0415
    from engine.ab_tests.sums_file import read_credits  # noqa: PLC0415

    return preference(*read_credits(path))
