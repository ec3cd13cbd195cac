"""Ctrl-C during a load: nobody waits for a transaction that the server holds up."""

from concurrent.futures import wait
from pathlib import Path

import neo4j
import polars as pl
import pytest

from engine.data.reading.read_options import ReadOptions
from engine.loading.event_writer import EventWriter
from engine.loading.load_events import validated_blocks
from engine.store.graph_client import GraphClient


def _events(path: Path, *items: str) -> pl.DataFrame:
    path.write_text("user_id,item_id\n" + "".join(f"u1,{item}\n" for item in items))
    return pl.concat([block.events for block in validated_blocks(path, ReadOptions())])


def test_ctrl_c_does_not_wait_for_a_transaction(
    graph: GraphClient, bare_driver: neo4j.Driver, tmp_path: Path
) -> None:
    path = tmp_path / "events.csv"
    with EventWriter(graph, 1) as writer:
        assert writer.write(_events(path, "i1")).result().new == 1
    with bare_driver.session() as session, session.begin_transaction() as held_up:
        held_up.run("MATCH (u:User {id: 'u1'}) SET u.locked = true").consume()

        def load() -> None:
            with EventWriter(graph, 2) as writer:
                pending.append(writer.write(_events(path, "i2")))
                raise KeyboardInterrupt

        pending: list[object] = []
        with pytest.raises(KeyboardInterrupt):
            load()
        # Here while the lock is still held: a writer that waited would wait for us.
        parts = pending[0].parts  # type: ignore[attr-defined]
        assert not all(part.done() for part in parts)
        held_up.rollback()
        wait(parts)
