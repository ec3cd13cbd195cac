"""The experiments that run, as a service holds them in memory."""

import logging
from collections.abc import Sequence

from engine.ab_tests.assignment import assigned
from engine.data.experiment_definition import DEFAULT_LAYER, Experiment, Variant
from engine.errors import EngineError
from engine.serving.ticker import Ticker
from engine.store.registry import Registry

_REFRESH_SECONDS = 0.5
_LOG = logging.getLogger(__name__)


class ExperimentCache:
    """The registry's running experiments, at most a second old.

    No request waits for the registry; while it cannot be read, what was read last holds.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._running: Sequence[Experiment] = ()
        self.refresh()
        self._ticker = Ticker("engine-experiments", _REFRESH_SECONDS, self.refresh)

    def refresh(self) -> None:
        """Read them again."""
        try:
            self._running = self._registry.experiments.running()
        except EngineError as error:
            _LOG.warning("the experiments could not be read: %s", error.message)

    @property
    def runs(self) -> bool:
        """Whether any runs whose users ask for lists here."""
        return any(one.layer == DEFAULT_LAYER for one in self._running)

    def assigned(self, user: str) -> tuple[Experiment, Variant] | None:
        """Return the experiment that a user is in and the variant; None: in none."""
        return assigned(self._running, DEFAULT_LAYER, user)

    def close(self) -> None:
        """Stop reading them."""
        self._ticker.close()
