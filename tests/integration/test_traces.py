"""What a collector is sent of commands, loads and nights: their statements, and no value of any."""

from pathlib import Path

import pytest

from ..otlp_collector import OtlpCollector
from .terminal import engine, invoked


@pytest.mark.usefixtures("graph", "on_server")
def test_commands_are_traces_of_their_statements(tmp_path: Path, collector: OtlpCollector) -> None:
    events = tmp_path / "events.csv"
    events.write_text("user_id,item_id,timestamp\nalice-7,tea-9,1700000000\nbob,tea-9,1700000001\n")
    engine("ingest", str(events))
    (command,) = collector.named("engine ingest")
    (load,) = collector.named("load events")
    assert (command.parent, load.parent, load.trace) == ("", command.id, command.trace)
    assert load.values == {"engine.load": 1, "engine.accepted": 2}
    written = {one.values["db.query.summary"] for one in collector.parts(load)}
    assert {"ingest/merge_users", "ingest/create_events"} <= written, written

    engine("recommend", "alice-7")
    (command,) = collector.named("engine recommend")
    lists = [one for one in collector.parts(command) if one.name.startswith("recommend/")]
    assert lists
    assert {one.values["db.system.name"] for one in lists} == {"neo4j"}
    assert all(one.values["db.response.returned_rows"] >= 0 for one in lists)

    # A night whose model cannot be trained on two events: its steps are there all the same.
    invoked("retrain")
    (night,) = collector.named("night")
    steps = [one.name for one in collector.parts(night)]
    assert steps[:2] == ["night load", "night look"]
    assert night.values["engine.night"] == 1

    sent = " ".join(f"{one.name} {one.values}" for one in collector.spans)
    assert "alice" not in sent
    assert "tea" not in sent
