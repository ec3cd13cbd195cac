"""Work on a registry while faults strike, in processes that are forked from one without SQLite.

Run as ``python registry_faults.py FOLDER MODE NEIGHBOURS``: for n = 1, 2, ... a process works
on the registry and meets the fault at its n-th write, until one gets through untouched. Neighbours
are processes that write to the same file all the time. After each, the file is whole, every row
whose writing was acknowledged is there, and no load, run or night is left "running".
"""

import json
import os
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from sqlite_faults import Faults

from engine.data.api_key import ApiKey
from engine.errors import EngineError
from engine.store import registry_snapshot
from engine.store.registry import Registry
from engine.store.registry_schema import registry_engine
from engine.upkeep import registry_checks

_PAGE = 4096
# Of a disk that is full, and of a registry that is being made, not every place is tried.
_PAGES_MORE, _WRITES_MORE = 16, 8
_LOOK_EVERY = 10  # what is lost or damaged stays so
_WRITE, _STOP = b"w", b"s"
_KILLED = ("kill", "torn")


class Child:
    """A forked process and what it acknowledged, as ``kind name`` lines."""

    def __init__(self, work: Callable[[Callable[[str], None], int], None]) -> None:
        read, write = os.pipe()
        hold, self._release = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(read)
            os.close(self._release)
            code = 1
            try:
                work(lambda line: _write(write, line), hold)
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        os.close(write)
        os.close(hold)
        self._lines = os.fdopen(read, encoding="utf-8")

    def tell(self, byte: bytes) -> None:
        """Send it a byte."""
        os.write(self._release, byte)

    def next_line(self) -> str:
        """Wait for its next acknowledgement."""
        return self._lines.readline().rstrip("\n")

    def end(self) -> tuple[int, list[str]]:
        """Wait for its end, and return its status and what it acknowledged."""
        os.close(self._release)
        lines = self._lines.read().splitlines()
        self._lines.close()
        return os.waitpid(self.pid, 0)[1], lines


def _write(descriptor: int, line: str) -> None:
    os.write(descriptor, f"{line}\n".encode())


def work(url: str, name: str, mode: str, at: int) -> Callable[[Callable[[str], None], int], None]:
    """Return one life of an engine process: each step is acknowledged when it is committed."""

    def run(acknowledge: Callable[[str], None], _hold: int) -> None:
        faults = Faults()

        def step(kind: str, act: Callable[[], object]) -> object:
            try:
                found = act()
            except EngineError:
                if mode in _KILLED:
                    raise
                return None
            acknowledge(f"{kind} {name}")
            return found

        faults.arm(mode, at)
        try:
            with registry_engine(url) as engine:
                _steps(Registry(engine), name, step)
                struck = faults.calls >= at
        except EngineError:
            struck = True
        if mode in _KILLED:
            acknowledge("untouched")
            return
        if mode == "full":
            struck = True
        faults.arm("none", 0)
        with registry_engine(url) as engine:  # the disk is well again
            step("ingest", lambda: Registry(engine).start_ingest(name, "", "events"))
        if not struck:
            acknowledge("untouched")

    return run


def _steps(
    registry: Registry, name: str, step: Callable[[str, Callable[[], object]], object]
) -> None:
    load = step("ingest", lambda: registry.start_ingest(name, "", "events"))
    if isinstance(load, int):
        end = (load, 1, 0, 1, "finished", {"enum": 1}, 2)
        step("ingest-end", lambda: registry.finish_ingest(*end))
    run = step("run", lambda: registry.start_run(name, {"x": 1}, None, 1, ""))
    if isinstance(run, int):
        step("run-end", lambda: registry.finish_run(run, "finished", {"ndcg": 0.5}, 1.0, None))
    number = step("number", registry.next_generation_number)
    if isinstance(number, int) and step("generation", lambda: _generation(registry, number, name)):
        step("serving", lambda: registry.mark_generation(number, "serving"))
    key = ApiKey(id=name, name=name, digest="", scopes=("read",), created_at=datetime.now(UTC))
    if step("key", lambda: registry.keys.add(key) or True):
        step("revoked", lambda: registry.keys.revoke(name))
    night = step("night", lambda: registry.nights.begin(name).id)
    if isinstance(night, int):
        step("night-step", lambda: registry.nights.record_step(night, "load", {}, 1.0))
        step("night-end", lambda: registry.nights.finish(night, "finished", "kept"))


def _generation(registry: Registry, number: int, name: str) -> bool:
    registry.add_generation(number, None, name, 8, {})
    return True


def neighbour(url: str, name: str) -> Callable[[Callable[[str], None], int], None]:
    """Return the work of a process that has the registry open: a load for every byte it is sent."""

    def run(acknowledge: Callable[[str], None], hold: int) -> None:
        with registry_engine(url) as engine:
            registry = Registry(engine)
            for number in count():
                if os.read(hold, 1) != _WRITE:
                    return
                source = f"{name}-{number}"
                load = registry.start_ingest(source, "", "events")
                registry.finish_ingest(load, 1, 0, 0, "finished", {}, 1)
                acknowledge(f"ingest-end {source}")

    return run


def check(url: str, acknowledged: list[str]) -> Callable[[Callable[[str], None], int], None]:
    """Return the look of a later process at what the others left."""

    def run(_acknowledge: Callable[[str], None], _hold: int) -> None:
        # What engine check says, before anybody who writes has put anything right.
        seen = registry_checks.registry_schema_state(registry_snapshot.read(url))
        assert not [one for one in seen if one.state == "fault"]
        with registry_engine(url) as engine:
            registry = Registry(engine)
            lasting = _lasting(registry)
            lost = sorted(set(acknowledged) - lasting)
            assert not lost, f"acknowledged and lost: {lost}"
            with sqlite3.connect(url.removeprefix("sqlite:///")) as raw:
                assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
            raw.close()
            assert [one.state for one in registry.generations()].count("serving") <= 1

    return run


def _lasting(registry: Registry) -> set[str]:
    """Return all that the registry holds, as it would have been acknowledged."""
    everything = 1_000_000
    found: set[str] = set()
    for load in registry.ingests(everything):
        assert load.status != "running", load
        found.add(f"ingest {load.source}")
        if load.status == "finished":
            found.add(f"ingest-end {load.source}")
            assert load.rows_read == load.accepted + load.duplicate + load.quarantined, load
    for run in registry.runs(everything):
        assert run.status != "running", run
        found.add(f"run {run.model}")
        if run.status == "finished":
            found.add(f"run-end {run.model}")
            assert run.metrics == {"ndcg": 0.5}, run
    for one in registry.generations():
        found |= {f"generation {one.model}", f"number {one.model}"}
        if one.state in ("serving", "retired"):
            found.add(f"serving {one.model}")
    keys = registry.keys.all()
    found |= {f"key {key.name}" for key in keys}
    found |= {f"revoked {key.name}" for key in keys if key.revoked_at}
    for night in registry.nights.nights(everything):
        assert night.status != "running", night
        found.add(f"night {night.asked}")
        found |= {f"night-step {night.asked}" for _ in night.steps}
        if night.status == "finished":
            found.add(f"night-end {night.asked}")
    return found


def _expect(url: str, acknowledged: list[str], what: str) -> None:
    status, _ = Child(check(url, acknowledged)).end()
    assert status == 0, f"see above: {what} (status {status})"


def main(folder: Path, mode: str, neighbours: int, fresh: bool) -> dict[str, int]:
    """Let the fault strike at every write; return how often it did and how many rows stayed."""
    acknowledged: list[str] = []
    url = f"sqlite:///{folder / 'registry.sqlite'}"
    beside = [Child(neighbour(url, f"beside-{index}")) for index in range(neighbours)]
    if not fresh:
        _expect(url, [], "an empty registry")
    start, more = (1, _WRITES_MORE if fresh else 1)
    if mode == "full":
        start, more = (folder / "registry.sqlite").stat().st_size - _PAGE, _PAGES_MORE * _PAGE
    struck = 0
    for index in count():
        at = start + index * more
        if fresh:
            acknowledged.clear()
            url = f"sqlite:///{folder / str(index) / 'registry.sqlite'}"
        name = f"life-{at}"
        for one in beside:  # they write while it lives and while it dies
            one.tell(_WRITE)
        status, lines = Child(work(url, name, mode, at)).end()
        acknowledged += [one.next_line() for one in beside]
        untouched = "untouched" in lines or (mode == "full" and f"night-end {name}" in lines)
        acknowledged += [line for line in lines if line not in ("untouched", f"number {name}")]
        assert os.WIFSIGNALED(status) or status == 0, f"{name} ended with {status}"
        if fresh or (not beside and index % _LOOK_EVERY == 0):
            _expect(url, acknowledged, name)
        if untouched:
            break
        struck += 1
    for one in beside:
        one.tell(_STOP)
        assert one.end() == (0, [])
    _expect(url, acknowledged, "the end")
    return {"struck": struck, "acknowledged": len(acknowledged)}


if __name__ == "__main__":
    _, folder_, mode_, neighbours_, fresh_ = sys.argv
    with tempfile.TemporaryDirectory() as elsewhere:  # what SQLAlchemy prepares once is inherited
        work(f"sqlite:///{elsewhere}/registry.sqlite", "first", "none", 1)(lambda _line: None, 0)
    print(json.dumps(main(Path(folder_), mode_, int(neighbours_), fresh_ == "fresh")))  # noqa: T201
