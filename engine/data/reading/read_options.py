"""How files are read: what the flags of every command that takes a file say."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

DEFAULT_EVENT = "interaction"


@dataclass(frozen=True)
class ReadOptions:
    """How files are read; the defaults go by the file itself.

    Attributes:
        format: One of ``table_reader.FORMATS``; auto goes by the suffix.
        delimiter: The character between two cells; None: it is found.
        columns: Names of the columns of a file without a header.
        columns_of: The same for the file of one kind: events, items, users, facts, links.
        mapping: Field -> column; it counts where a file has the column.
        skip: Columns that are not read; one counts where a file has it.
        kinds: Kind of event as the file writes it -> kind as it is stored.
        default_event: Kind of the events of a file that names none.
        allowed_events: The only kinds of event that are accepted; empty: all.
        stored: Whether it was in a graph: no word in it stands for nothing, and what an id may be
            was judged when it was loaded, maybe by the rules of another version.
    """

    format: str = "auto"
    delimiter: str | None = None
    columns: tuple[str, ...] = ()
    columns_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    skip: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    default_event: str = DEFAULT_EVENT
    allowed_events: tuple[str, ...] = ()
    stored: bool = field(default=False, repr=False)  # a folder that grows is named by the others

    def of(self, kind: str) -> "ReadOptions":
        """Return the options of the file of a kind, of which ``columns`` differ."""
        return replace(self, columns=self.columns_of.get(kind, self.columns))

    def beside(self, kind: str) -> "ReadOptions":
        """Return the options of a file that goes with another one: links, predictions.

        ``columns`` without a kind are those of the other file.
        """
        return replace(self, columns=self.columns_of.get(kind, ()))
