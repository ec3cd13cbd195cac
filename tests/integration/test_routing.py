"""``neo4j://``: reads go to secondaries, writes to the leader, and a read sees the write before."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from engine.graph import census
from engine.store.graph_client import GraphClient, Neo4jTarget

from .bolt_proxy import BEGIN, RUN, BoltProxy


@pytest.fixture
def members(neo4j_target: Neo4jTarget) -> Iterator[tuple[BoltProxy, BoltProxy]]:
    """A leader and a secondary, as the driver sees them: two ways to one server."""
    found = urlsplit(neo4j_target.uri)
    assert found.hostname is not None
    leader, secondary = (BoltProxy((found.hostname, found.port or 7687)) for _ in range(2))
    for one in (leader, secondary):
        one.table = {
            "WRITE": [leader.address],
            "READ": [secondary.address],
            "ROUTE": [leader.address, secondary.address],
        }
    yield leader, secondary
    leader.close()
    secondary.close()


def test_reads_go_to_a_secondary_and_see_what_was_written(
    graph: GraphClient, members: tuple[BoltProxy, BoltProxy], neo4j_target: Neo4jTarget
) -> None:
    leader, secondary = members
    assert graph.server.version  # emptied, with its schema
    with GraphClient(replace(neo4j_target, uri=f"neo4j://{leader.address}")) as client:
        census.count(client)
        assert secondary.messages(RUN)
        assert not leader.messages(RUN)

        before = list(secondary.messages(RUN))
        client.write("ingest/merge_users", ids=["ann"])
        assert leader.messages(BEGIN)
        assert leader.messages(RUN)
        assert not secondary.messages(BEGIN)
        assert secondary.messages(RUN) == before

        assert census.count(client).users == 1
        after = secondary.messages(RUN)[len(before) :]
        assert _bookmarks(after) - _bookmarks(before), "it does not wait for what was written"


def test_one_server_is_asked_without_bookmarks(
    graph: GraphClient, members: tuple[BoltProxy, BoltProxy], neo4j_target: Neo4jTarget
) -> None:
    leader, _ = members
    assert graph.server.version
    with GraphClient(replace(neo4j_target, uri=f"bolt://{leader.address}")) as client:
        client.write("ingest/merge_users", ids=["ann"])
        assert census.count(client).users == 1
        assert not _bookmarks(leader.messages(RUN))


def _bookmarks(messages: list[bytes]) -> set[bytes]:
    """Return the moments that some statements wait for."""
    return set(re.findall(rb"FB:[\w+/=-]+", b"".join(messages)))
