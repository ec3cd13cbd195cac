"""Replay completejourney by date: thirty nights of ``engine retrain``, five of them broken.

Usage, on the engine's own Neo4j in a temporary home, or that of ENGINE_NEO4J_URI:

    python -m benchmarks.thirty_nights [--cold]
    python -m benchmarks.thirty_nights --home FOLDER    # kept; stopped, it goes on there
    python -m benchmarks.thirty_nights --begin 16    # a fresh generation the day before, and on
    python -m benchmarks.thirty_nights --households 300 --nights 10    # smaller, to try it

The whole shop: 1.3 million purchases are loaded first, by the offline importer where the server is
the engine's own; then every night one day's, some 4,000, wait as a file. On a broken night the file
is damaged; the night after, the shop delivers the day again under the same name. ``next week`` is
the truth nobody had: ndcg@20 of what serves after the night, on the seven days that follow it.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks import completejourney
from engine.config import Settings
from engine.connections.database import local_server
from engine.connections.session import open_graph, open_registry
from engine.data.splits import Split
from engine.evaluation.protocols import SingleSplit
from engine.graph import census, stored_generations
from engine.graph.known_events import KnownEvents
from engine.loading.ingest import ingest_files
from engine.loading.load import IngestRequest
from engine.nights.contenders import Contenders, RankedLists, WindowCut
from engine.nights.retrain_request import NightSummary, RetrainRequest
from engine.nights.waiting import FolderRequest
from engine.usecases.retraining import retrain

NIGHTS = 30
FIRST = date(2017, 11, 21)
AHEAD_DAYS = 7
_EPOCHS = "4"


def _truncated(day: pl.DataFrame) -> bytes:
    whole = day.write_csv().encode()
    return whole[: whole.rindex(b",", 0, 3 * len(whole) // 4)]


def _duplicates(day: pl.DataFrame) -> bytes:
    again = day.sample(round(len(day) * 2 / 3), seed=0)  # two of five rows of the file
    return pl.concat((day, again)).write_csv().encode()


def _wrong_column(day: pl.DataFrame) -> bytes:
    return day.with_columns(item_id=pl.col("basket_id")).write_csv().encode()


def _flood(day: pl.DataFrame) -> bytes:
    clicks = pl.concat([day.sample(len(day) // 2, seed=n) for n in range(4)])
    basket = pl.Series("basket_id", [f"bot-{n}" for n in range(len(clicks))])
    return pl.concat((day, clicks.with_columns(basket, user_id=pl.lit("1")))).write_csv().encode()


def _zero(day: pl.DataFrame) -> bytes:
    return day.clear().write_csv().encode()


BROKEN: dict[int, tuple[tuple[str, ...], Callable[[pl.DataFrame], bytes]]] = {
    4: (("truncated",), _truncated),
    9: (("duplicates",), _duplicates),
    # A basket in the place of its items: ids that nobody knows, in rows that are all the same.
    14: (("unknown-ids", "duplicates"), _wrong_column),
    20: (("one-user",), _flood),
    26: (("zero-events",), _zero),
}


def read(households: int | None) -> pl.DataFrame:
    """Return the purchases of all or of some households, ids as text."""
    shop = completejourney.read()
    if households is not None:
        shop = shop.of(completejourney.chosen(shop, households, completejourney.SEED))
    events = shop.events
    return events.with_columns(pl.col("user_id", "item_id", "basket_id").cast(pl.String))


@dataclass
class Replay:
    """The data by date, and what has become of it."""

    settings: Settings
    folder: Path
    request: RetrainRequest
    events: pl.DataFrame
    begin: int
    nights: int
    rows: list[dict[str, Any]] = field(default_factory=list)
    delivered: int = 0

    @property
    def _state(self) -> Path:
        return self.settings.home / "nights.json"

    def recall(self) -> None:
        """Take up what an earlier run in the same home had come to."""
        if self._state.exists():
            state = json.loads(self._state.read_text())
            self.rows, self.delivered = state["rows"], state["delivered"]

    def keep(self) -> None:
        state = {"rows": self.rows, "delivered": self.delivered}
        self._state.write_text(json.dumps(state, indent=1))

    def day(self, which: date) -> pl.DataFrame:
        return self.events.filter(pl.col("timestamp").str.starts_with(which.isoformat()))

    @property
    def next_night(self) -> int:
        return self.rows[-1]["night"] + 1 if self.rows else self.begin

    def first_load(self) -> None:
        begin = FIRST + timedelta(days=self.begin - 1)
        before = self.events.filter(pl.col("timestamp") < begin.isoformat())
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "events.csv"
            before.write_csv(path)
            ingest_files(self.settings, IngestRequest(events=path))

    def night(self, number: int) -> NightSummary:
        """Deliver the day's file, damaged on a broken night, and retrain."""
        if self.delivered < number:
            self._deliver(number)
            self.delivered = number
            self.keep()
        return retrain(self.settings, self.request)

    def _deliver(self, number: int) -> None:
        today = FIRST + timedelta(days=number - 1)
        _, damage = BROKEN.get(number, ((), lambda day: day.write_csv().encode()))
        (self.folder / f"events-{today}.csv").write_bytes(damage(self.day(today)))
        if number - 1 in BROKEN and number > self.begin:  # the shop delivers yesterday again, whole
            yesterday = today - timedelta(days=1)
            self.day(yesterday).write_csv(self.folder / f"events-{yesterday}.csv")

    def truth(self, until: date) -> float:
        """Return ndcg@20 of what serves on the days after ``until``, which nobody had."""
        last = until + timedelta(days=AHEAD_DAYS)
        known = self.events.filter(pl.col("timestamp") < (last + timedelta(days=1)).isoformat())
        all_ = completejourney.interactions(known)
        later = all_.at >= int(np.datetime64(until + timedelta(days=1), "ms").astype(np.int64))
        parts = Split(all_.select(~later), all_.select(later))
        with open_graph(self.settings) as graph, open_registry(self.settings) as registry:
            now = next(one for one in stored_generations.generations(graph) if one.serving)
            cut = WindowCut("time", SingleSplit("time", len(parts.later) / len(all_)), 0)
            lists = RankedLists(graph, registry, lambda: KnownEvents.beside(graph, all_, None))
            return Contenders(self.settings, cut, parts, lists).as_served(registry, now).mean


def _row(replay: Replay, number: int, summary: NightSummary) -> dict[str, Any]:
    today = FIRST + timedelta(days=number - 1)
    figures = {name: one["ndcg@20"] for name, one in summary.measured.items()}
    now = next((v for name, v in figures.items() if name.startswith("generation")), None)
    return {
        "night": number,
        "events": summary.new_events,
        "candidate": figures.get(replay.request.models[0]),
        "buy-again": figures.get("buy-again"),
        "in service": now,
        "gate": summary.outcome,
        "serves": summary.generation,
        "next week": replay.truth(today),
        "seconds": round(summary.seconds),
        "cause": " ".join(summary.causes),
    }


def _print(row: dict[str, Any]) -> None:
    cells = (f"{v:.4f}" if isinstance(v, float) else str(v or "-") for v in row.values())
    print("| " + " | ".join(cells) + " |", flush=True)


def _check(replay: Replay) -> None:
    """Say what the nights must have kept."""
    by_night = {row["night"]: row for row in replay.rows}
    broken = {number: codes for number, (codes, _) in BROKEN.items() if number in by_night}
    for number, codes in broken.items():
        row, before = by_night[number], by_night.get(number - 1)
        assert any(f"({code})" in row["cause"] for code in codes), row
        assert before is None or row["serves"] == before["serves"], row
    last = FIRST + timedelta(days=replay.nights)
    expected = replay.events.filter(pl.col("timestamp") < last.isoformat())
    with open_graph(replay.settings) as graph:
        found = census.count(graph).events
        moves = stored_generations.pointer_moves(graph)
    missing = [path.name for path in replay.folder.iterdir() if path.is_file()]
    print(f"broken nights reported with their cause: {len(broken)} of {len(broken)}")
    print(f"events in the graph: {found}, in the shop's books: {len(expected)}; left: {missing}")
    print(f"moves of the pointer: {[(one.from_number, one.to_number) for one in moves[::-1]]}")
    assert found == len(expected), "something was lost or counted twice"


def _replay(settings: Settings, given: argparse.Namespace) -> None:
    folder = settings.home / "waiting"
    folder.mkdir(parents=True, exist_ok=True)
    request = RetrainRequest(
        (given.model,),
        settings={"epochs": _EPOCHS} if given.model == "lightgcn" else {},
        waiting=FolderRequest(folder),
        warm=not given.cold,
        ranker=not given.no_ranker,
    )
    replay = Replay(settings, folder, request, read(given.households), given.begin, given.nights)
    began = time.monotonic()
    replay.recall()
    if not replay.rows:
        replay.first_load()  # all duplicates where it was stopped after it
        first = retrain(settings, replace(request, waiting=None))
        print(f"first generation: {first.outcome}, {dict(first.measured)}", flush=True)
    for number in range(replay.next_night, replay.nights + 1):
        row = _row(replay, number, replay.night(number))
        if not replay.rows:
            print("| " + " | ".join(row) + " |\n|" + " --- |" * len(row))
        replay.rows.append(row)
        replay.keep()
        _print(row)
    _check(replay)
    print(f"{time.monotonic() - began:.0f} s in all")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--model", default="lightgcn")
    parser.add_argument("--no-ranker", action="store_true")
    parser.add_argument("--households", type=int)
    parser.add_argument("--begin", type=int, default=1, help="the first night replayed")
    parser.add_argument("--nights", type=int, default=NIGHTS, help="the last night replayed")
    parser.add_argument("--home", type=Path, help="kept, and gone on with")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=(given.home or Path(home)).absolute())
        try:
            _replay(settings, given)
        finally:
            if settings.neo4j_uri is None:
                local_server(settings).stop()


if __name__ == "__main__":
    main()
