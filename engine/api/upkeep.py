"""Look after the engine: what is wrong and what mends it, and what can go."""

from typing import TYPE_CHECKING

from engine.api.engine_session import EngineSession

if TYPE_CHECKING:
    from engine.usecases.upkeep import CheckReport, TidyReport


class Upkeep(EngineSession):
    """The part of ``Engine`` that looks for faults and makes room."""

    def check(self) -> "CheckReport":
        """Look at graph, registry and home, and say for each fault what mends it.

        Nothing is changed, started or migrated; it can be asked while a load or a night is at
        work, while no server answers, and of a home that cannot be written.

        >>> found = e.check()
        >>> found.faults, found.exit_code
        ((), 0)
        """
        from engine.usecases.upkeep import check

        return check(self.settings)

    def tidy(self, *, dry_run: bool = False) -> "TidyReport":
        """Remove what killed work left and what is past its limit; the limits are settings.

        What serves, its twin, and what a night at work needs stay. Done again, it removes what
        can go since.

        >>> e.tidy(dry_run=True).to_dicts()
        []

        Args:
            dry_run: Only say what would go.

        Raises:
            ConfigError: Something of the home cannot be removed.
        """
        from engine.usecases.upkeep import tidy

        with self._reporting() as progress:
            return tidy(self.settings, dry_run=dry_run, report=progress.update)
