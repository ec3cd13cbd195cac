"""A Spark cluster: the session that runs already, or one of our own on this machine or a master."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark.sql import SparkSession

from engine.data.progress_callbacks import CountProgress, no_count
from engine.errors import ConfigError, FileRefused
from engine.store.artifacts import Lock, LockedArtifact, cache_dir, fetch
from engine.store.java import java_home_of_spark
from engine.store.spark_table import SparkTable

LOCK_FILE = Path(__file__).with_name("spark.lock.json")
_STARTED_BY_SUBMIT = "PYSPARK_GATEWAY_PORT"
_OWN_SETTINGS = {
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
# Few enough that starting them costs little, and enough that none is waited for alone.
_TASKS_OF_A_CORE = 8
# More than any partition holds: each file is one of its own.
_A_TASK_PER_FILE = str(1 << 40)
_GLOB = str.maketrans({one: f"\\{one}" for one in "\\{}[]*?"})


@dataclass(frozen=True)
class SparkSettings:
    """How Spark is started, where none runs yet.

    Attributes:
        master: Where it runs; None: as ``spark-submit`` says, or on this machine.
        conf: Settings of its own, by name.
    """

    master: str | None = None
    conf: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RemoteFile:
    """A file that the cluster can read.

    Attributes:
        address: As the cluster writes it.
        inside: Its path below the folder that was asked for; empty: it is what was asked for.
        size: In bytes.
    """

    address: str
    inside: str
    size: int


class SparkCluster:
    """What a load and an export ask of Spark.

    Args:
        session: Spark's own.
    """

    def __init__(self, session: SparkSession) -> None:
        self._session = session

    def numbers(self, count: int, *, apart: bool = False) -> SparkTable:
        """Return the numbers from 0, column ``id``, in order.

        Args:
            count: How many.
            apart: Whether each is a task of its own.
        """
        most = _TASKS_OF_A_CORE * self._session.sparkContext.defaultParallelism
        tasks = count if apart else min(count, most)
        return SparkTable(self._session.range(0, count, 1, max(1, tasks)))

    def files_below(self, address: str) -> list[RemoteFile]:
        """Return the file at an address, or all files of the folder there, hidden ones too.

        Raises:
            FileRefused: The cluster finds nothing there, or cannot read it.
        """
        context: Any = self._session.sparkContext
        try:
            path = context._jvm.org.apache.hadoop.fs.Path(address)
            system = path.getFileSystem(context._jsc.hadoopConfiguration())
            root = system.makeQualified(path).toString().rstrip("/")
            found, files = system.listFiles(path, True), []
            while found.hasNext():
                one = found.next()
                name = one.getPath().toString()
                files.append(RemoteFile(name, name[len(root) + 1 :], one.getLen()))
        except Py4JJavaError as error:
            why = str(error.java_exception.getMessage())
            raise FileRefused(
                f"{address} cannot be read by the cluster: {why[:300]}",
                code="missing-file",
                hint="check the address, its scheme (s3a:// on a plain Hadoop) and the login",
            ) from error
        return files

    def parquet(self, folder: str) -> SparkTable:
        """Return the rows of a folder of Parquet."""
        return SparkTable(self._session.read.parquet(folder.translate(_GLOB)))

    def contents(self, addresses: Sequence[str]) -> SparkTable:
        """Return the files with what is in them, ``path`` and ``content``, a partition each."""
        # Of its own, so that the setting is not one of the program that lent the session.
        session = self._session.newSession()
        session.conf.set("spark.sql.files.openCostInBytes", _A_TASK_PER_FILE)
        reader = session.read.format("binaryFile").option("recursiveFileLookup", "true")
        frame = reader.load([one.translate(_GLOB) for one in addresses])
        return SparkTable(frame.select("path", "content"))


@contextmanager
def spark_cluster(
    settings: SparkSettings, fetched: CountProgress = no_count
) -> Iterator[SparkCluster]:
    """Lend the session of this process, or one of our own, with the connector of the lock.

    Under ``spark-submit`` and in a notebook it is the cluster that decides master, Java, libraries
    and when the session ends.

    Args:
        settings: How it is started.
        fetched: Follows the download of the connector.

    Raises:
        ConfigError: There is no Java that Spark runs on, or the session cannot be started.
        LocalServerError: The connector cannot be fetched.
    """
    if (active := SparkSession.getActiveSession()) is not None:
        yield SparkCluster(active)
        return
    builder: Any = SparkSession.builder
    builder = builder.appName("engine")
    submitted = _STARTED_BY_SUBMIT in os.environ
    own = {} if submitted else {**_OWN_SETTINGS, "spark.jars": _connector(fetched)}
    for name, value in {**own, **settings.conf}.items():
        builder = builder.config(name, value)
    if not submitted:
        master = settings.master or "local[*]"
        builder = builder.master(master)
        # A session that no spark-submit starts reads this, and not spark.pyspark.python. On this
        # machine python3 is another one where no environment is active; others have not our path.
        python = sys.executable if master.startswith("local") else "python3"
        os.environ.setdefault("PYSPARK_PYTHON", settings.conf.get("spark.pyspark.python", python))
        os.environ["JAVA_HOME"] = str(java_home_of_spark())
    try:
        session = builder.getOrCreate()
    except Exception as error:  # Spark's, Py4J's or the operating system's
        raise ConfigError(
            f"Spark does not start: {str(error).partition(chr(10))[0]}",
            hint="its own lines above say why; --master local[2] runs it on this machine",
        ) from error
    try:
        yield SparkCluster(session)
    finally:
        if not submitted:
            session.stop()


def _connector(fetched: CountProgress) -> str:
    locked = json.loads(LOCK_FILE.read_text(encoding="utf-8"))
    artifacts = tuple(LockedArtifact(**one) for one in locked)
    return ",".join(str(path) for path in fetch(Lock("", "", artifacts), cache_dir(), fetched))
