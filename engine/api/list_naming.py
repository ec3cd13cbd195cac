"""Give names to lists with their options, and see who changed what."""

from typing import TYPE_CHECKING, Any

from engine.api.engine_session import EngineSession
from engine.data.tabular import Records

if TYPE_CHECKING:
    from engine.usecases.naming_lists import ListChange, NamedList


class ListNaming(EngineSession):
    """The part of ``Engine`` that says what the places of a shop show."""

    def named_lists(self) -> "Records[NamedList]":
        """Return every named list, by name; those of the graph win over those of engine.toml."""
        from engine.usecases.naming_lists import named_lists

        self._hold_graph()
        return Records(named_lists(self.settings))

    def set_list(self, name: str, **options: Any) -> "ListChange":
        """Give a name to a list with its options, in place of what had it; services see it at once.

        >>> e.set_list("cart", by="next", k=4, fallback=["popular"]).name
        'cart'
        >>> len(e.recommend("alice", list="cart").items) <= 4
        True

        Args:
            name: Lower-case letters, digits and hyphens.
            options: Those of ``recommend``, without the user.

        Raises:
            UsageError: The name or an option is not allowed; nothing is changed.
        """
        from engine.usecases.naming_lists import checked_options, set_list

        checked = checked_options(name, options)
        self._hold_graph()
        return set_list(self.settings, name, checked)

    def remove_list(self, name: str) -> "ListChange":
        """Take a name from the list that the graph gives it; its history stays.

        Raises:
            NotFound: The graph gives that name to none.
        """
        from engine.usecases.naming_lists import remove_list

        self._hold_graph()
        return remove_list(self.settings, name)

    def list_history(self, name: str | None = None) -> "Records[ListChange]":
        """Return who changed a named list when, and to what, newest first; None: of all.

        Raises:
            NotFound: Nothing of that name was ever changed.
        """
        from engine.usecases.naming_lists import list_changes

        self._hold_graph()
        return Records(list_changes(self.settings, name))
