"""A generation is known again by the moment of its node; the number alone is anybody's."""

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.graph.stored_generations import StoredGeneration
from engine.publishing.recorded_generations import records_of
from engine.store.registry_records import GenerationRecord

_AT = 1_800_000_000_000


def _record(number: int, at: int = _AT, **settings: Any) -> GenerationRecord:
    moment = datetime.fromtimestamp(at / 1_000, UTC)
    return GenerationRecord(number, 1, "als", 8, settings, "serving", "", moment, moment)


def _stored(number: int, at: int = _AT, **settings: Any) -> StoredGeneration:
    return StoredGeneration(number, "published", True, {"created_at": at} | settings)


def test_its_moment_tells_a_generation_from_that_of_another_home() -> None:
    stored = [_stored(1, model="als", run=1), _stored(2, _AT + 1, model="als", run=1), _stored(3)]
    records = [_record(number, created_at=_AT) for number in (1, 2)]
    assert records_of(stored, records) == {1: records[0]}


def test_a_clock_that_is_wrong_does_not_matter() -> None:
    record = _record(1, _AT + 86_400_000, created_at=_AT)
    assert records_of([_stored(1)], [record]) == {1: record}


@pytest.mark.parametrize(
    ("seconds", "settings", "known"),
    [
        (-2, {"model": "als", "run": 1}, True),
        (-2, {"model": "als"}, True),
        (-2, {"model": "bpr-mf", "run": 1}, False),
        (-2, {"model": "als", "run": 2}, False),
        (-7_200, {"model": "als", "run": 1}, False),
        (7_200, {"model": "als", "run": 1}, False),
    ],
)
def test_a_record_of_an_earlier_version_has_model_run_and_hour(
    seconds: int, settings: dict[str, Any], known: bool
) -> None:
    stored = _stored(1, _AT + 1_000 * seconds, **settings)
    assert bool(records_of([stored], [_record(1)])) == known
