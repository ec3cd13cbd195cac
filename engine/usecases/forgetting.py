"""Forget users and items, take a tombstone back, and hand out what is held about a person."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from engine.config import Settings
from engine.connections.forgotten import key_name, usable_key
from engine.connections.home import home_errors, home_lock
from engine.connections.session import open_graph, open_registry
from engine.data.progress_callbacks import StageProgress, no_stage
from engine.data.tombstone import ForgettableKind
from engine.errors import Busy
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

LOAD_WAIT_SECONDS = 3_600.0
__all__ = [
    "LOAD_WAIT_SECONDS",
    "ForgetCertificate",
    "ForgetRequest",
    "PersonArchive",
    "drop_unknown",
    "export_person",
    "forget",
    "ids_of_file",
    "lift",
    "undisturbed",
]


def forget(
    settings: Settings,
    request: ForgetRequest,
    report: StageProgress = no_stage,
    *,
    wait_seconds: float = LOAD_WAIT_SECONDS,
) -> ForgetCertificate:
    """Forget users or items and say what was removed where; the same call carries on a cut off one.

    Args:
        settings: Which graph, which home.
        request: Whom to forget.
        report: Called with a stage, how much of it is done, and how much there is.
        wait_seconds: How long to wait for a load that is at work.

    Raises:
        NotFound: There is nothing of one of them anywhere, and nobody forgot it before.
        Busy: A night or a publish is at work: what it holds in memory would be written again.
        ConfigError: The key of the tombstones that there are is not in this home.
    """
    with undisturbed(settings, wait_seconds) as (graph, registry):
        barrier = partial(_barrier, settings, wait_seconds)
        one = Removal(graph, registry, settings.home, barrier, report)
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
def undisturbed(
    settings: Settings, wait_seconds: float = LOAD_WAIT_SECONDS
) -> Iterator[tuple[GraphClient, Registry]]:
    """Open the stores and keep nights, loads and publishes out meanwhile.

    Raises:
        Busy: One of them is at work, or another removal is.
    """
    busy = Busy("another removal is at work in this home", hint="wait for it")
    with (
        home_lock(settings, "forget.lock", busy, wait_seconds=wait_seconds),
        nights.one_at_a_time(settings),
        one_load_at_a_time(settings, wait_seconds=wait_seconds),
        generations.one_at_a_time(settings),
        open_registry(settings) as registry,
        open_graph(settings) as graph,
        NightLock(graph, wait_seconds=0),
    ):
        yield graph, registry


def _barrier(settings: Settings, wait_seconds: float) -> None:
    with graph_replaced(settings, wait_seconds):
        pass
