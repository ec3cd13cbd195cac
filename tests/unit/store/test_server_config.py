"""The server is told to stay on loopback, to ask for a password and to keep within limits."""

import pytest

from engine.store.server_config import JVM_FLAGS, memory_of_machine, neo4j_conf

_MIB = 1 << 20
_GIB = 1 << 30


@pytest.mark.parametrize(
    ("total", "heap", "page_cache"),
    [
        (1 * _GIB, _GIB // 2, _GIB // 4),
        (8 * _GIB, 2 * _GIB, 1 * _GIB),
        (16 * _GIB, 4 * _GIB, 2 * _GIB),
        (1024 * _GIB, 4 * _GIB, 2 * _GIB),
    ],
)
def test_memory_is_a_bounded_share_of_the_machine(total: int, heap: int, page_cache: int) -> None:
    memory = memory_of_machine(total)
    assert (memory.heap, memory.page_cache) == (heap, page_cache)
    assert memory.transaction < memory.all_transactions < memory.heap


def test_the_memory_of_this_machine_is_read() -> None:
    assert _GIB // 2 <= memory_of_machine().heap <= 4 * _GIB


def test_the_configuration_keeps_every_promise() -> None:
    text = neo4j_conf(17687, memory_of_machine(8 * _GIB))
    told = dict(line.split("=", 1) for line in text.splitlines())
    assert told["server.default_listen_address"] == "127.0.0.1"
    assert told["server.bolt.listen_address"] == "127.0.0.1:17687"
    assert told["server.http.enabled"] == told["server.https.enabled"] == "false"
    assert told["dbms.security.auth_enabled"] == "true"
    assert told["dbms.usage_report.enabled"] == "false"
    assert told["db.transaction.timeout"] == "30m"
    assert told["db.transaction.monitor.check.interval"] == "250ms"
    assert told["server.memory.pagecache.size"] == "1024m"
    assert told["db.memory.transaction.max"] == "1024m"
    assert told["dbms.memory.transaction.total.max"] == f"{2 * _GIB * 7 // 10 // _MIB}m"


def test_the_modules_neo4j_reaches_into_are_open() -> None:
    opened = {flag for flag in JVM_FLAGS if flag.startswith("--add-opens=")}
    assert "--add-opens=java.base/java.nio=ALL-UNNAMED" in opened
