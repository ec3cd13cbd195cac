"""The parts of the registry, each a class of its own on the same tables."""

from sqlalchemy import Engine

from engine.store.experiment_registry import ExperimentRegistry
from engine.store.key_registry import KeyRegistry
from engine.store.night_registry import NightRegistry
from engine.store.registry_copy import RegistryCopy
from engine.store.removal_records import RemovalRecords
from engine.store.tombstone_registry import TombstoneRegistry


class RegistryParts:
    """Leads to the parts.

    Args:
        engine: As ``registry_schema.open_registry_engine`` returns it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def nights(self) -> NightRegistry:
        """Nights of retraining, and moves of the serving pointer."""
        return NightRegistry(self._engine)

    @property
    def keys(self) -> KeyRegistry:
        """API keys of the service."""
        return KeyRegistry(self._engine)

    @property
    def experiments(self) -> ExperimentRegistry:
        """Experiments on users."""
        return ExperimentRegistry(self._engine)

    @property
    def tombstones(self) -> TombstoneRegistry:
        """Which users and items are forgotten."""
        return TombstoneRegistry(self._engine)

    @property
    def removals(self) -> RemovalRecords:
        """Corrections of what it holds of ids that are forgotten."""
        return RemovalRecords(self._engine)

    @property
    def copy(self) -> RegistryCopy:
        """All of it as plain values."""
        return RegistryCopy(self._engine)
