"""Load and export with Spark."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from engine.api.engine_session import EngineSession
from engine.optional_dependencies import needs

if TYPE_CHECKING:
    from engine.usecases.ingesting import FileReport, ReadOptions
    from engine.usecases.spark_jobs import SparkExport


class SparkCalls(EngineSession):
    """The part of ``Engine`` that works through a Spark cluster."""

    @needs("spark", "engine spark load")
    def spark_load(
        self,
        events: str | Path,
        *,
        reading: "ReadOptions | None" = None,
        max_bad: float = 1.0,
        writers: int = 4,
        batch_rows: int = 10_000,
        master: str | None = None,
        conf: Mapping[str, str] | None = None,
    ) -> "FileReport":
        """Load events by one Spark job, by the rules of ``ingest``; again, it adds nothing.

        In a program or a notebook that has a Spark session, that one is used.

        >>> e.spark_load("s3a://shop/events/")  # doctest: +SKIP

        Args:
            events: A path that every executor sees, or an address that the cluster can read: a
                file, or a folder of part files.
            reading: How the files are read; None: as they say themselves.
            max_bad: Stop above this share of bad rows, 0 to 1; nothing is written then.
            writers: How many tasks write into Neo4j at a time.
            batch_rows: Events per transaction.
            master: Where Spark runs; None: as ``spark-submit`` says, or on this machine.
            conf: Settings of Spark's own, by name.

        Raises:
            FileRefused: A part cannot be used; nothing is written.
            TooManyBadRows: More than ``max_bad`` of the rows are bad; nothing is written.
            NothingAccepted: No row could be taken.
            MissingExtra: Spark is not installed.
            ConfigError: There is no Java that Spark runs on, or it does not start.
            StoreError: The job failed; the same call again adds what is missing.
            Busy: Another load of this home does not end.
        """
        from engine.usecases.ingesting import ReadOptions
        from engine.usecases.spark_jobs import SparkLoadRequest, SparkSettings, load_with_spark

        request = SparkLoadRequest(
            str(events), reading or ReadOptions(), max_bad, writers, batch_rows
        )
        with self._reporting() as progress:
            return load_with_spark(
                self.settings,
                request,
                SparkSettings(master, conf or {}),
                partial(progress.update, unit="rows"),
            )

    @needs("spark", "engine spark export")
    def spark_export(
        self,
        folder: str | Path,
        *,
        files: int | None = None,
        master: str | None = None,
        conf: Mapping[str, str] | None = None,
    ) -> "SparkExport":
        """Write every event into a new folder of Parquet, which ``ingest`` reads.

        Args:
            folder: A path that every executor sees, or an address that the cluster can write.
            files: How many; None: one for each million events.
            master: Where Spark runs; None: as ``spark-submit`` says, or on this machine.
            conf: Settings of Spark's own, by name.

        Raises:
            MissingExtra: Spark is not installed.
            ConfigError: There is no Java that Spark runs on, or it does not start.
            StoreError: The folder is there, or the job failed.
        """
        from engine.usecases.spark_jobs import SparkSettings, export_with_spark

        self._hold_graph()
        with self._reporting() as progress:
            return export_with_spark(
                self.settings,
                str(folder),
                files,
                SparkSettings(master, conf or {}),
                partial(progress.update, unit="events"),
            )

    @needs("spark", "engine spark load --print")
    def spark_job(self, *arguments: str, name: str = "engine_job.py") -> str:
        """Return the program that ``spark-submit`` takes to run a command on a cluster.

        Args:
            arguments: Of ``engine``, such as ``spark``, ``load``, ``--events``, ``s3a://…``.
            name: Of the file that it is written to.
        """
        from engine.usecases.spark_jobs import job_file

        return job_file(arguments, name)
