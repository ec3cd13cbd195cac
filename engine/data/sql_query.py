"""A query to a database whose rows are loaded as those of a file are."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SqlQuery:
    """What to ask which database.

    Attributes:
        address: As SQLAlchemy writes it: ``postgresql://user@host/database``,
            ``sqlite:///shop.sqlite``. It may hold a password, so it is never shown.
        text: The query, sent as it is.
        watermark: Column by which the next run asks for newer rows only; None: all rows each time.
    """

    address: str = field(repr=False)
    text: str
    watermark: str | None = None


def is_address(source: object) -> bool:
    """Tell whether a source is the address of a server, and no path."""
    return isinstance(source, str) and "://" in source
