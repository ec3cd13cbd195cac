"""What one transaction runs into is not everybody's: the breaker stays closed."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import neo4j

from engine.errors import TransientFailure
from engine.graph import census
from engine.serving.live_graph import LiveGraph
from engine.store.graph_client import ClientLimits, GraphClient, Neo4jTarget, Transaction

from .conftest import settings_for

_ATTEMPTS = 20
_LOCK = "MATCH (u:User {id: $id}) SET u.x = 1"
_BLOCKED = "SHOW TRANSACTIONS YIELD status WHERE status STARTS WITH 'Blocked' RETURN count(*) AS n"


def _lock(tx: Transaction, user: str) -> None:
    tx.run("ingest/set_attributes", {"label": "User"}, rows=[{"id": user, "attributes": {"x": 2}}])


def _run_into_a_deadlock(
    live: LiveGraph, driver: neo4j.Driver, until: Callable[..., None]
) -> BaseException | None:
    """Let two transactions want each other's node; return what became of ours."""
    with (
        ThreadPoolExecutor(1) as pool,
        driver.session() as session,
        driver.session() as looking,
        session.begin_transaction() as other,
    ):
        other.run(_LOCK, id="b").consume()
        waiting: list[Future[object]] = []

        def work(tx: Transaction) -> None:
            _lock(tx, "a")
            waiting.append(pool.submit(lambda: other.run(_LOCK, id="a").consume()))
            until(lambda: waiting[0].done() or looking.run(_BLOCKED).single(strict=True)["n"] > 0)
            _lock(tx, "b")

        try:
            live.ask(lambda graph: graph.transact(work))
        except TransientFailure as error:
            waiting[0].result()
            return error
        assert waiting[0].exception() is not None  # the server chose the other one
        return None


def test_a_deadlock_fails_its_own_transaction_and_nobody_elses(
    graph: GraphClient,
    neo4j_target: Neo4jTarget,
    bare_driver: neo4j.Driver,
    until: Callable[..., None],
    tmp_path: Path,
) -> None:
    with bare_driver.session() as session:
        session.run("CREATE (:User {id: 'a'}), (:User {id: 'b'})").consume()
    warmed: list[Any] = []
    # No second try: the first deadlock is the caller's.
    limits = ClientLimits(retry=0.0)
    live = LiveGraph(settings_for(neo4j_target, tmp_path), limits, warmed.append)
    try:
        failures = (_run_into_a_deadlock(live, bare_driver, until) for _ in range(_ATTEMPTS))
        error = next(one for one in failures if one is not None)
        assert "Deadlock" in str(error)
        assert not live.away
        assert live.ask(census.count).users == 2
        assert len(warmed) == 1  # nobody had to connect again
    finally:
        live.close()
