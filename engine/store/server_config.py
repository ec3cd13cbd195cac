"""The configuration of the engine's own Neo4j: memory, limits, loopback."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_GIB = 1 << 30
_MIB = 1 << 20
# What a container may use: control groups 2 and 1. Without a limit they say "max" or a huge number.
_CONTAINER_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)

# Modules Neo4j reaches into; without them it does not start on Java 17 and newer.
_OPENED = (
    "java.base/java.nio",
    "java.base/java.io",
    "java.base/sun.nio.ch",
    "java.base/java.lang",
    "java.base/java.util.concurrent",
)
JVM_FLAGS = (
    # On two cores it loads a quarter faster than G1; a heap this small is collected in no time.
    "-XX:+UseParallelGC",
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+DisableExplicitGC",
    "-Djdk.nio.maxCachedBufferSize=1024",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
    "--enable-native-access=ALL-UNNAMED",
    *(f"--add-opens={module}=ALL-UNNAMED" for module in _OPENED),
)


@dataclass(frozen=True)
class Memory:
    """Bytes for the Java heap, the page cache, and one transaction."""

    heap: int
    page_cache: int
    transaction: int

    @property
    def all_transactions(self) -> int:
        """Bytes of heap for all transactions together; the rest is the server's own."""
        return self.heap * 7 // 10


def memory_of_machine(total: int | None = None) -> Memory:
    """Share the machine: a quarter for the heap, an eighth for the page cache, both bounded."""
    total = _available_memory() if total is None else total
    heap = min(max(total // 4, _GIB // 2), 4 * _GIB)
    page_cache = min(max(total // 8, _GIB // 4), 2 * _GIB)
    return Memory(heap=heap, page_cache=page_cache, transaction=heap // 2)


def neo4j_conf(port: int, memory: Memory) -> str:
    """Return the text of neo4j.conf: loopback only, authentication on, every limit set.

    Folders lie under the home that the command line gives.
    """
    settings = {
        # Without it LOAD CSV reads any file of the machine.
        "server.directories.import": "import",
        "server.default_listen_address": "127.0.0.1",
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": f"127.0.0.1:{port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "server.memory.pagecache.size": f"{memory.page_cache // _MIB}m",
        "dbms.security.auth_enabled": "true",
        "dbms.security.procedures.allowlist": "gds.*,apoc.*",
        # Its functions that turn ids into nodes reach below Cypher.
        "dbms.security.procedures.unrestricted": "gds.*",
        "dbms.security.allow_csv_import_from_file_urls": "true",
        "dbms.usage_report.enabled": "false",
        "db.transaction.timeout": "30m",
        # How often it looks for transactions that are over their time; the default is 2 s, more
        # than a service gives a query.
        "db.transaction.monitor.check.interval": "250ms",
        "db.lock.acquisition.timeout": "60s",
        "db.memory.transaction.max": f"{memory.transaction // _MIB}m",
        "dbms.memory.transaction.total.max": f"{memory.all_transactions // _MIB}m",
        "db.tx_log.preallocate": "false",
        "db.tx_log.rotation.retention_policy": "1 hours 512M",
        # Logs are removed at a checkpoint only, by default one in 15 minutes: while rankers learned
        # from 1.4 million events these wrote 9 GB.
        "db.checkpoint.interval.time": "1m",
        "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _available_memory() -> int:
    """Return the machine's memory, or the container's where that is less."""
    total: int = psutil.virtual_memory().total
    for file in _CONTAINER_LIMITS:
        with suppress(OSError, ValueError):
            total = min(total, int(file.read_text(encoding="ascii")))
    return total
