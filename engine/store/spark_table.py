"""A table on a Spark cluster: rows that functions of Python are applied to, where they lie."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException, PythonException

from engine.errors import StoreError
from engine.store.graph_client import Neo4jTarget

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row

CONNECTOR = "org.neo4j:neo4j-connector-apache-spark_2.13:5.3.10_for_spark_3"
"""The Neo4j Connector for Apache Spark, as ``spark-submit --packages`` names it."""
_FORMAT = "org.neo4j.spark.DataSource"
# Two writers that want each other's items: one of them is undone, and tries again.
_RETRIES = 20
_SHOWN_CHARACTERS = 500

OnBatches = Callable[[Iterable[Any]], Iterable[Any]]
"""Batches of Arrow to batches, of one partition; importable on every executor."""


class SparkTable:
    """Rows on a cluster; nothing is computed before it is asked for.

    Args:
        frame: Spark's own.
    """

    def __init__(self, frame: "DataFrame") -> None:
        self._frame = frame

    def mapped(self, work: OnBatches, schema: str) -> "SparkTable":
        """Return what ``work`` makes of the rows of each partition.

        Args:
            work: As ``OnBatches``.
            schema: Columns of the result, as Spark writes them: ``user string, at bigint``.
        """
        return SparkTable(self._frame.mapInArrow(work, schema))

    def where(self, condition: str) -> "SparkTable":
        """Return the rows of which a condition of Spark SQL is true."""
        return SparkTable(self._frame.where(condition))

    def sorted_by(self, *columns: str) -> "SparkTable":
        """Return the rows in order, all of them."""
        return SparkTable(self._frame.sort(*columns))

    def together_by(self, column: str, order: tuple[str, ...]) -> "SparkTable":
        """Return the rows with those of one value of a column in one partition, in order there."""
        return SparkTable(self._frame.repartition(column).sortWithinPartitions(*order))

    def shared_by(self, column: str, partitions: int) -> "SparkTable":
        """Return the rows in some partitions, those of one value of a column in one of them."""
        return SparkTable(self._frame.repartition(partitions, column))

    @contextmanager
    def kept(self) -> Iterator["SparkTable"]:
        """Keep the rows on the executors, in memory or on disk, once they are computed."""
        frame = self._frame.persist()
        try:
            yield SparkTable(frame)
        finally:
            frame.unpersist()

    def rows(self) -> Iterator["Row"]:
        """Yield the rows, a partition at a time.

        Raises:
            StoreError: The job failed.
        """
        with _job():
            yield from self._frame.toLocalIterator()

    def count(self) -> int:
        """Return how many rows there are.

        Raises:
            StoreError: The job failed.
        """
        with _job():
            return self._frame.count()

    def write_parquet(self, folder: str) -> None:
        """Write a folder of Parquet, whose last file is Spark's mark that it is whole.

        Raises:
            StoreError: The job failed, or the folder is there.
        """
        with _job():
            self._frame.write.mode("error").parquet(folder)

    def write_by_query(self, target: Neo4jTarget, text: str, batch_rows: int) -> None:
        """Write the rows into a graph by the connector.

        Args:
            target: Which graph.
            text: Of a statement with the parameter ``events``: rows of one transaction.
            batch_rows: How many these are at most.

        Raises:
            StoreError: The job failed; what was committed stays.
        """
        options = {
            "url": target.uri,
            "database": target.database,
            "authentication.type": "basic" if target.password else "none",
            "authentication.basic.username": target.user,
            "authentication.basic.password": target.password,
            "batch.size": str(batch_rows),
            "transaction.retries": str(_RETRIES),
            "query": text,
        }
        with _job():
            self._frame.write.format(_FORMAT).mode("append").options(**options).save()


@contextmanager
def _job() -> Iterator[None]:
    try:
        yield
    except (PySparkException, Py4JJavaError) as error:
        message = _message(error)
        if "DATA_SOURCE_NOT_FOUND" in message:
            raise StoreError(
                "the cluster has not the Neo4j Connector for Apache Spark",
                hint=f"spark-submit --packages {CONNECTOR}, or add it to the cluster's libraries",
            ) from error
        if "PATH_ALREADY_EXISTS" in message:
            raise StoreError(
                message[:_SHOWN_CHARACTERS],
                hint="name a folder that is not there yet, or remove what an export that was cut "
                "off left: it has no _SUCCESS",
            ) from error
        raise StoreError(
            f"the Spark job failed: {message[:_SHOWN_CHARACTERS]}",
            hint="read why in the log of its executors; then run the same command again: what is "
            "in the graph is recognised",
        ) from error


def _message(error: PySparkException | Py4JJavaError) -> str:
    """Return what failed in one line: of an error in a task's Python the error itself."""
    if isinstance(error, Py4JJavaError):
        lines = str(error.java_exception.getMessage()).splitlines()
        return lines[0] if lines else "unknown"
    lines = [line for line in str(error).partition("JVM stacktrace")[0].splitlines() if line]
    return lines[-1 if isinstance(error, PythonException) else 0].strip() if lines else "unknown"
