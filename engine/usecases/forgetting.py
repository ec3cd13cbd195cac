"""Forget users and items, take a tombstone back, and hand out what is held about a person."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.config import Settings
from engine.connections.forgotten import key_name, usable_key
from engine.connections.home import home_errors
from engine.connections.session import open_graph, open_registry
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.tombstone import ForgettableKind
from engine.forgetting import person_archive
from engine.forgetting.certificate import ForgetCertificate
from engine.forgetting.forget import ForgetRequest, Removal, ids_of_file
from engine.forgetting.person_archive import PersonArchive
from engine.loading.locks import graph_replaced, one_load_at_a_time
from engine.nights import retrain as nights
from engine.publishing import generations
from engine.store.graph_client import GraphClient
from engine.store.migration_lock import NightLock
from engine.store.registry import Registry

__all__ = [
    "ForgetCertificate",
    "ForgetRequest",
    "PersonArchive",
    "drop_unknown",
    "export_person",
    "forget",
    "ids_of_file",
    "lift",
]


def forget(
    settings: Settings, request: ForgetRequest, report: StageProgress = no_stage
) -> ForgetCertificate:
    """Forget users or items and say what was removed where; the same call carries on a cut off one.

    Raises:
        NotFound: There is nothing of one of them anywhere, and nobody forgot it before.
        Busy: A night or a publish is at work: what it holds in memory would be written again.
        ConfigError: The key of the tombstones that there are is not in this home.
    """
    with _everything(settings) as (graph, registry):
        one = Removal(graph, registry, settings.home, _barrier(settings), report)
        with home_errors(settings.home):
            return one.forget(request)


def lift(settings: Settings, kind: ForgettableKind, ids: tuple[str, ...]) -> int:
    """Take tombstones back and return how many stood: what is loaded from now on is taken again.

    Raises:
        ConfigError: The key of the tombstones that there are is not in this home.
    """
    with one_load_at_a_time(settings), open_registry(settings) as registry:
        key = usable_key(registry, settings.home)
        return registry.tombstones.remove([key.digest(kind, id_) for id_ in ids])


def drop_unknown(settings: Settings) -> int:
    """Give up the tombstones of other keys than this home's, and return how many they were."""
    with one_load_at_a_time(settings), open_registry(settings) as registry:
        return registry.tombstones.remove_of_others(key_name(settings.home))


def export_person(settings: Settings, user: str, out: Path) -> PersonArchive:
    """Write all that is held about a user as one archive.

    Raises:
        NotFound: Nothing is.
        DataError: The archive cannot be written there.
    """
    with open_registry(settings) as registry, open_graph(settings) as graph:
        return person_archive.write(graph, registry, settings.home, user, out)


@contextmanager
def _everything(settings: Settings) -> Iterator[tuple[GraphClient, Registry]]:
    """Open the stores and keep nights, loads and publishes out meanwhile."""
    with (
        nights.one_at_a_time(settings),
        one_load_at_a_time(settings),
        generations.one_at_a_time(settings),
        open_registry(settings) as registry,
        open_graph(settings) as graph,
        NightLock(graph, wait_seconds=0),
    ):
        yield graph, registry


def _barrier(settings: Settings) -> Callable[[], None]:
    def wait() -> None:
        with graph_replaced(settings):
            pass

    return wait
