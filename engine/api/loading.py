"""Load events, items, users and facts, from files and from frames."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from engine.api.engine_session import EngineSession
from engine.api.frames import Source, files_of
from engine.data.sql_query import SqlQuery, is_address
from engine.data.tabular import Records
from engine.data.topic_address import parse_topic
from engine.errors import UsageError
from engine.optional_dependencies import require

if TYPE_CHECKING:
    from engine.usecases.ingesting import FileReport, ReadOptions


class Loading(EngineSession):
    """The part of ``Engine`` that brings data in."""

    def ingest(
        self,
        events: Source | None = None,
        *,
        items: Source | None = None,
        users: Source | None = None,
        facts: Source | None = None,
        links: Source | None = None,
        from_folder: str | Path | None = None,
        reading: "ReadOptions | None" = None,
        head_type: str | None = None,
        tail_type: str | None = None,
        relation: str | None = None,
        max_bad: float = 1.0,
        bulk: bool | None = None,
        batch_rows: int = 20_000,
    ) -> "Records[FileReport]":
        """Load events, items, users and facts; each alone too. Loading again adds nothing.

        Every row is accepted, a duplicate, or quarantined with its reason; all are looked at before
        the first one is written.

        >>> report = e.ingest(events_df)[0]
        >>> report.accepted + report.duplicate + report.quarantined == report.read
        True

        Args:
            events: A path (CSV, TSV, JSON lines, Parquet, a folder of part files), a frame of
                polars, pandas or Arrow, or an ``engine.SqlQuery``. Columns go by name: user_id,
                item_id, timestamp, ...
            items: The items with their attributes.
            users: The users with theirs.
            facts: head, head_type, relation, tail, tail_type.
            links: Which entity of the facts is which item.
            from_folder: Events in a folder of part files that grows: parts that were loaded from it
                and have not changed are passed over.
            reading: How the files are read; None: as they say themselves.
            head_type: Type of the heads of facts without one; None: ``Item``.
            tail_type: Type of the tails of facts without one; None: ``Thing``.
            relation: Relation of facts without one.
            max_bad: Stop above this share of bad rows, 0 to 1; nothing is written then.
            bulk: Load events by Neo4j's offline importer; None: where it is quicker.
            batch_rows: Events per transaction.

        Returns:
            What became of the rows of each file.

        Raises:
            FileRefused: A file cannot be used; nothing of any is written.
            TooManyBadRows: More than ``max_bad`` of a file's rows are bad.
            NothingAccepted: No row of a file could be taken.
            UsageError: No file is given, or one cannot be read so.
            ConfigError: The address of a query is malformed, or its driver is not installed.
            StoreError: The database of a query is away or refuses it.
            Busy: Another load of this home does not end.
        """
        from engine.usecases.ingesting import IngestRequest, ReadOptions, ingest

        sources = {"events": events, "items": items, "users": users, "facts": facts}
        if all(source is None for source in (*sources.values(), from_folder)):
            raise UsageError(
                "no file is named", hint="engine ingest events.csv, or --items, --facts"
            )
        queries = {kind: one for kind, one in sources.items() if isinstance(one, SqlQuery)}
        files = {kind: one for kind, one in sources.items() if kind not in queries}
        with files_of({**files, "links": links}) as paths:
            request = IngestRequest(
                **paths,
                queries=queries,
                from_folder=None if from_folder is None else Path(from_folder),
                reading=reading or ReadOptions(),
                head_type=head_type,
                tail_type=tail_type,
                relation=relation,
                max_bad=max_bad,
                batch_rows=batch_rows,
                bulk=bulk,
            )
            # A wrong file is refused before a database is started, so none is opened here.
            with self._reporting() as progress:
                return Records(
                    ingest(self.settings, request, partial(progress.update, unit="rows"))
                )

    def follow(
        self,
        file: str | Path | None = None,
        pipe: BinaryIO | None = None,
        *,
        reading: "ReadOptions | None" = None,
        batch_rows: int = 20_000,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> "FileReport":
        """Load JSON lines as they are appended to a file or come through a pipe, until it ends.

        >>> e.follow("kafka://broker:9092/purchases")  # doctest: +SKIP

        Args:
            file: What to follow, or the address of a topic of Kafka, of which each message is a
                line; None: ``pipe``.
            pipe: Where lines come from without a file.
            reading: How lines are read.
            batch_rows: Most events per transaction.
            should_stop: Asked between batches.

        Raises:
            FileRefused: There is no such file.
            NotFound: There is no such topic.
            Unreachable: No broker answers.
            UsageError: An address is none of a topic.
            MissingExtra: The client of Kafka is not installed.
        """
        from engine.usecases.ingesting import IngestRequest, ReadOptions, follow

        topic = parse_topic(str(file)) if is_address(file) else None
        if topic is not None:
            require("kafka", "engine ingest --follow kafka://")
        request = IngestRequest(
            events=None if file is None or topic is not None else Path(file),
            reading=reading or ReadOptions(),
            batch_rows=batch_rows,
        )
        self._hold_graph()
        with self._reporting() as progress:
            return follow(
                self.settings,
                request,
                topic or pipe,
                report=lambda now: progress.update("following", now.read, unit="rows"),
                should_stop=should_stop,
            )
