from pathlib import Path

import pytest

from engine.config import Settings
from engine.errors import UsageError
from engine.loading import bulk_load
from engine.loading.load import IngestRequest

MANY = 1_000_000


def _elsewhere(home: Path) -> Settings:
    return Settings(home=home, neo4j_uri="bolt://127.0.0.1:9")


def test_bulk_is_refused_on_a_server_that_is_not_the_engine_s_own(home: Path) -> None:
    asked = IngestRequest(events=Path("events.csv"), bulk=True)
    with pytest.raises(UsageError, match="only the engine's own Neo4j"):
        bulk_load.check(_elsewhere(home), asked)
    bulk_load.check(Settings(home=home), asked)
    bulk_load.check(_elsewhere(home), IngestRequest(items=Path("items.csv"), bulk=True))


def test_many_events_for_a_graph_that_is_not_made_yet_are_imported(home: Path) -> None:
    settings = Settings(home=home)
    assert bulk_load.wanted(settings, IngestRequest(), MANY)
    assert bulk_load.wanted(settings, IngestRequest(bulk=True), 1)


@pytest.mark.parametrize(("bulk", "rows"), [(False, MANY), (None, 299_999), (None, 0), (True, 0)])
def test_few_events_or_a_refusal_are_written_as_usual(
    home: Path, bulk: bool | None, rows: int
) -> None:
    assert not bulk_load.wanted(Settings(home=home), IngestRequest(bulk=bulk), rows)


def test_another_server_is_never_imported_into(home: Path) -> None:
    assert not bulk_load.wanted(_elsewhere(home), IngestRequest(), MANY)
