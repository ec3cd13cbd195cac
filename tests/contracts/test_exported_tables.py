"""Whatever a tool writes: no traceback, every row accounted for, every refusal with a remedy."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from engine.data import attributes, facts
from engine.data.predictions import read_predictions
from engine.data.reading import columns
from engine.data.reading.read_options import ReadOptions
from engine.data.reading.table_reader import read_blocks
from engine.errors import EngineError
from engine.loading.event_file import read_events
from engine.loading.load_events import validated_blocks
from engine.loading.quarantine import Quarantine
from tests.contracts.exported_tables import Export, exports

fuzz = settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def on(export: Export, read: Callable[[Path], None]) -> None:
    """Read a file; it may be refused, but only with a reason and a remedy."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / export.name
        path.write_bytes(export.data)
        refused = None
        try:
            read(path)
        except EngineError as refusal:
            refused = refusal
        assert refused is None or (refused.message and refused.hint)


def read_all_events(path: Path, options: ReadOptions) -> None:
    rows = 0
    with Quarantine(path.parent, 1, path) as quarantine:
        for block, contract, events, bad, _ in validated_blocks(path, options):
            assert len(events) + len(bad) == block.read
            rows += block.read
            quarantine.add(bad, block)
            assert all(one.reason for one in bad)
            assert events["user"].null_count() == events["item"].null_count() == 0
            assert set(contract.columns.values()) <= set(block.header)
    assert quarantine.counts.total() <= rows
    if quarantine.counts:
        # What was quarantined and nobody mended is quarantined again, row by row.
        again = [len(one.bad) for one in validated_blocks(quarantine.path, options)]
        assert sum(again) == quarantine.counts.total()


@fuzz
@given(exports())
def test_events(export: Export) -> None:
    on(export, partial(read_all_events, options=ReadOptions()))
    mapped = ReadOptions(mapping={"timestamp": "Zeit"}, skip=("price",))
    on(export, partial(read_all_events, options=mapped))


@fuzz
@given(exports())
def test_events_without_a_database(export: Export) -> None:
    on(export, lambda path: read_events(path, ReadOptions()).remarks(path.name) and None)


@fuzz
@given(exports())
def test_items(export: Export) -> None:
    def read(path: Path) -> None:
        for block in read_blocks(path):
            fields = {"item_id": columns.EVENT_FIELDS["item_id"]}
            id_column = columns.assign(block.header, fields, ("item_id",), {}).get("item_id", "")
            found = columns.attributes(block.header, id_column, {})
            good, bad = attributes.validate(block, id_column, found.targets)
            assert len(good) + len(bad) == block.read

    on(export, read)


@fuzz
@given(exports())
def test_facts(export: Export) -> None:
    def read(path: Path) -> None:
        names = {"head": "user_id", "tail": "item_id"}
        for block in read_blocks(path, ReadOptions(mapping=names)):
            required = ("head", "tail")
            assigned = columns.assign(block.header, columns.FACT_FIELDS, required, names)
            defaults = {"head_type": "Item", "tail_type": "Thing", "relation": "R"}
            good, bad = facts.validate(block, assigned, defaults)
            assert len(good) + len(bad) == block.read

    on(export, read)


@fuzz
@given(exports())
def test_predictions(export: Export) -> None:
    options = ReadOptions(mapping={"score": "rating"})
    on(export, lambda path: read_predictions(path, options).rows.height and None)
