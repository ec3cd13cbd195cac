"""The registry under faults, in the manner of SQLite's own tests: no committed row is ever lost.

What strikes and what is checked stands in ``registry_faults.py``.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.resources import migrations_dir
from engine.store.registry import Registry
from engine.store.registry_schema import registry_engine

DRIVER = Path(__file__).with_name("registry_faults.py")


@pytest.mark.parametrize(
    ("mode", "neighbours", "place"),
    [
        ("kill", 2, "used"),  # three processes, one of which dies at every write
        ("torn", 0, "used"),
        ("kill", 0, "fresh"),  # while the tables are made
        ("once", 0, "used"),
        ("always", 1, "used"),
        ("full", 1, "used"),
    ],
)
def test_a_fault_at_any_write_loses_nothing(
    tmp_path: Path, mode: str, neighbours: int, place: str
) -> None:
    done = subprocess.run(
        [sys.executable, str(DRIVER), str(tmp_path), mode, str(neighbours), place],
        capture_output=True,
        text=True,
        check=False,
        cwd=migrations_dir().parent,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["struck"] > 4


_OTHER = """
import sys
from engine.store.registry import Registry
from engine.store.registry_schema import registry_engine
with registry_engine(sys.argv[1]) as engine:
    for number in range(20):
        Registry(engine).start_ingest(f"{sys.argv[2]}-{number}", "", "events")
"""


def test_a_second_opening_in_the_process_takes_no_row_of_another_one(home: Path) -> None:
    """A night that publishes, a service that promotes: the registry is opened twice in a process.

    Had the second opening dropped the locks of the first, the next process to end would delete the
    write-ahead log of this one.
    """
    url = f"sqlite:///{home / 'registry.sqlite'}"

    def another(name: str) -> None:
        command = [sys.executable, "-c", _OTHER, url, name]
        subprocess.run(command, check=True, cwd=migrations_dir().parent)

    with registry_engine(url) as outer:
        registry = Registry(outer)
        registry.start_ingest("before", "", "events")
        with registry_engine(url) as inner:
            Registry(inner).start_ingest("inner", "", "events")
        another("first")
        for number in range(20):
            registry.start_ingest(f"after-{number}", "", "events")
        another("second")
        registry.start_ingest("end", "", "events")
        seen = {one.source for one in registry.ingests(1_000)}
    with registry_engine(url) as later:
        kept = {one.source for one in Registry(later).ingests(1_000)}
    expected = {f"{name}-{n}" for name in ("first", "second", "after") for n in range(20)}
    assert seen == kept == expected | {"before", "inner", "end"}
