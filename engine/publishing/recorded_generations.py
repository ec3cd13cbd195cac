"""Which generation of the graph is which one of the registry.

Its number is not enough: a graph that was emptied, and another graph, begin with 1 again. The
moment of the server at which its node was created stays with it in backups and exports.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.graph import stored_generations
from engine.graph.stored_generations import StoredGeneration
from engine.store.graph_client import GraphClient
from engine.store.registry_records import GenerationRecord

_CREATED = "created_at"
# Records of earlier versions have the moment of this machine alone, just after the server's.
_APART = timedelta(hours=1)


def mark_of(graph: GraphClient, number: int) -> dict[str, Any]:
    """Return what a new record holds by which its generation is known again."""
    known = {one.number: one for one in stored_generations.generations(graph)}
    return {_CREATED: known[number].settings[_CREATED]}


def records_of(
    stored: Iterable[StoredGeneration], records: Iterable[GenerationRecord]
) -> dict[int, GenerationRecord]:
    """Return the records of those generations, by number, that the registry has recorded."""
    by_number = {record.number: record for record in records}
    return {
        one.number: record
        for one in stored
        if (record := by_number.get(one.number)) and _is_of(one, record)
    }


def _is_of(one: StoredGeneration, record: GenerationRecord) -> bool:
    """Tell whether a record is that of the generation of its number."""
    created = one.settings.get(_CREATED, 0)
    if _CREATED in record.settings:
        return bool(record.settings[_CREATED] == created)
    if one.settings.get("run", record.run_id) != record.run_id:
        return False
    apart = datetime.fromtimestamp(created / 1_000, UTC) - record.created_at
    return one.settings.get("model", record.model) == record.model and abs(apart) <= _APART
