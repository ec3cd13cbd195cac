"""Look at everything and say what mends it; remove what can go."""

from contextlib import ExitStack

from engine.config import Settings
from engine.connections.session import open_registry
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.errors import RegistryError
from engine.store.graph_client import GraphClient
from engine.upkeep import check as checks
from engine.upkeep import tidy as tidying
from engine.upkeep.findings import CheckReport, Finding
from engine.upkeep.leftovers import Leftover
from engine.upkeep.reach import reached
from engine.upkeep.tidy import TidyReport

__all__ = ["CheckReport", "Finding", "Leftover", "TidyReport", "check", "serving_fault", "tidy"]


def check(settings: Settings) -> CheckReport:
    """Look at graph, registry and home; nothing is changed, started or migrated."""
    return checks.check(settings)


def serving_fault(graph: GraphClient) -> str | None:
    """Return what keeps a graph from giving its best answers, or None; takes milliseconds."""
    found = checks.serving_faults(graph)
    return str(found[0]) if found else None


def tidy(
    settings: Settings, *, dry_run: bool = False, report: StageProgress = no_stage
) -> TidyReport:
    """Remove what killed work left and what is past its limit, as far as the stores answer.

    Args:
        settings: Which home, which graph, and the limits.
        dry_run: Only say what would go; nothing is changed.
        report: Called with a kind, how many are done, and how many there are.

    Raises:
        ConfigError: Something of ENGINE_HOME cannot be removed.
    """
    with reached(settings) as (graph, _), ExitStack() as opened:
        if dry_run or not settings.home.is_dir():
            return tidying.plan(settings, graph)
        try:
            registry = opened.enter_context(open_registry(settings))
        except RegistryError:
            registry = None
        return tidying.tidy(settings, graph, registry, report)
