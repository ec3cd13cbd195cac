"""A query to a database whose rows are loaded as those of a file are."""

from dataclasses import dataclass, field

from engine.errors import UsageError

_STORES = ("abfs", "abfss", "az", "dbfs", "gcs", "gs", "hdfs", "s3", "s3a", "s3n", "webhdfs")
_OF_FILES = frozenset((*_STORES, "file", "ftp", "http", "https", "sftp"))


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


def check_is_database(address: str) -> None:
    """Refuse an address of files or of a topic, of which nothing is asked by a query.

    Raises:
        UsageError: It is one; the hint says what loads it.
    """
    scheme = address.partition("://")[0].lower()
    if scheme == "kafka":
        raise UsageError(
            "a topic of Kafka is followed, not asked by a query",
            hint="engine ingest --follow kafka://HOST:PORT/TOPIC",
        )
    if scheme in _OF_FILES:
        raise UsageError(
            f"{scheme}:// is an address of files, and only those of this machine are read",
            hint="copy them here and name the path, or let Spark read events where they are: "
            "engine spark load --events s3a://BUCKET/FOLDER/",
        )
