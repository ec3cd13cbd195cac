"""One shop of the simulator: the engine's own commands and service, driven through days and nights.

Each process of the engine lives at the time of the simulation (``simulated_clock``), a real minute
as a simulated one: of a day that is its night, and what follows the opening. Then the service is
started, new items are described and old ones hidden, all over HTTP. Everybody who visits is given a
list; what they looked at is reported, and what they bought of it is sent with the list and the
position. What households bought anyway waits as a file for the night.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import polars as pl

from benchmarks import shop_service
from benchmarks.shop_world import ShopWorld, date_of
from engine.config import Settings
from engine.connections.database import local_server
from engine.data.list_id import list_time
from engine.nights.retrain_request import BROKEN_INPUT, EXIT_CODES

POSITIONS = 10
_LOADED, _NIGHT, _OPENS = "00:00", "03:15", "18:00"
_POSTED = 500
_LOOK_SECONDS = 0.2
_PATIENCE_SECONDS = "60"
_ENVIRONMENT = {
    "ENGINE_LOG_LEVEL": "ERROR",
    "ENGINE_REMEMBER_LISTS": "true",
    "ENGINE_SERVE_SECONDS": _PATIENCE_SECONDS,
    # A trial of some hundred users ends within the month.
    "ENGINE_ONLINE_GATE_SHARE": "50",
    "ENGINE_ONLINE_GATE_USERS": "50",
    "ENGINE_ONLINE_GATE_MARGIN": "0.1",
    "ENGINE_ONLINE_GATE_DAYS": "7",
}
"""Of every process of the engine, whatever the loop."""


@dataclass(frozen=True)
class Loop:
    """What a shop does with what it showed; the default is the nightly loop alone.

    Attributes:
        asked: Beside the defaults of a list: ``not_shown_within``, ``explore``.
        night: Options of ``engine retrain``.
    """

    asked: Mapping[str, str] = field(default_factory=dict)
    night: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ShopRecord:
    """What happened in a shop.

    Attributes:
        shown: A row for each item of each list: ``day, user, position, item, source, looked_at,
            bought, expected``, the last the probability of the one before.
        nights: A row for each night between two days: how it ended, and what serves.
        outcomes: What ``GET /v1/outcomes`` said of all lists at the end.
    """

    loop: Loop
    shown: pl.DataFrame
    nights: list[dict[str, Any]]
    outcomes: dict[str, Any]


@dataclass(frozen=True)
class SimulatedShop:
    """A shop that is open on the days of a world."""

    world: ShopWorld
    loop: Loop
    settings: Settings

    @property
    def waiting(self) -> Path:
        """Where files wait for the night."""
        return self.settings.home / "waiting"

    def run(self) -> ShopRecord:
        """Load the history, publish a first generation, and live through the days and nights."""
        self.waiting.mkdir(parents=True)
        nights, shown, outcomes = [], [], {}
        try:
            self._begin()
            for day in range(self.world.request.days):
                if day:
                    nights.append(self._night(day))
                with self._serving(_OPENS, day) as http:
                    self._await_exploration(http)
                    shown += self._day(http, day)
                    outcomes = _get(http, "/v1/outcomes", {"days": str(day + 1)})
                loop = "closed" if self.loop.night else "nightly"
                print(f"{date_of(day)} {loop} {nights[-1:]}", file=sys.stderr, flush=True)
        finally:
            local_server(self.settings).stop()
        return ShopRecord(self.loop, pl.DataFrame(shown), nights, outcomes)

    def _begin(self) -> None:
        """Load what was there, and let a first model serve, which no gate has judged."""
        events = self.settings.home / "events.parquet"
        self.world.history().write_parquet(events)
        self._engine(_LOADED, 0, "ingest", str(events))
        with self._serving(_LOADED, 0) as http:
            self._describe(http, self.world.descriptions(self.world.comes < 0))
        self._engine(_NIGHT, 0, "train", "--json")
        self._engine(_NIGHT, 0, "publish", "--json")

    def _night(self, day: int) -> dict[str, Any]:
        """Deliver what was bought anyway on the day before this one, and retrain."""
        bought = self.world.bought_anyway(day - 1)
        if len(bought):
            bought.write_parquet(self.waiting / f"events-{date_of(day - 1)}.parquet")
        told = self._engine(
            _NIGHT,
            day,
            *("retrain", "--from", str(self.waiting), "--json", *self.loop.night),
            allowed=(*EXIT_CODES.values(), BROKEN_INPUT),
        )
        summary = json.loads(told)
        return {name: summary[name] for name in ("outcome", "generation", "causes", "seconds")}

    def _day(self, http: httpx.Client, day: int) -> list[dict[str, Any]]:
        """Let items come and go, show everybody who visits a list; return what was shown."""
        world = self.world
        self._describe(http, world.descriptions(world.comes == day))
        gone = world.descriptions(world.goes == day)
        self._describe(http, [{"id": one["id"], "hidden": True} for one in gone])
        visits = [self._visit(http, day, user) for user in world.visits[day].nonzero()[0]]
        for list_id, items in visits:
            seen = [one["item"] for one in items if one["looked_at"]]
            _post(http, "/v1/impressions", {"list_id": list_id, "items": seen})
        for part in _parts([one for visit in visits for one in _purchases(*visit)]):
            _post(http, "/v1/events", {"events": part})
        return [one for _, items in visits for one in items]

    def _await_exploration(self, http: httpx.Client) -> None:
        """Ask for nobody's list until the service, which has just begun, knows what to explore."""
        asked = {"k": "1", **self.loop.asked}
        while "Nothing is explored" in (
            _get(http, "/v1/users/nobody/recommendations", asked)["note"] or ""
        ):
            time.sleep(_LOOK_SECONDS)

    def _visit(self, http: httpx.Client, day: int, user: int) -> tuple[str, list[dict[str, Any]]]:
        """Ask for a list and show it to the user; return its id and what became of each item."""
        id_ = self.world.users[user]
        asked = {"k": str(POSITIONS), **self.loop.asked}
        told = _get(http, f"/v1/users/{id_}/recommendations", asked)
        assert not told["degraded"], told
        seen = self.world.visit(day, user, [one["id"] for one in told["items"]])
        return told["list_id"], [
            {
                "day": day,
                "user": id_,
                "position": one["position"],
                "item": one["id"],
                "source": one["source"],
                "looked_at": place < seen.looked_at,
                "bought": bool(seen.bought[place]),
                "expected": float(seen.expected[place]),
            }
            for place, one in enumerate(told["items"])
        ]

    def _describe(self, http: httpx.Client, documents: Sequence[dict[str, Any]]) -> None:
        for part in _parts(documents):
            _post(http, "/v1/items", {"items": part})

    @contextlib.contextmanager
    def _serving(self, hour: str, day: int) -> Iterator[httpx.Client]:
        clock = _at(hour, day)
        with shop_service.serving(self.settings, engine=clock, more=_ENVIRONMENT) as served:
            headers = {"Authorization": f"Bearer {served.key}"}
            with httpx.Client(
                base_url=served.url, headers=headers, timeout=float(_PATIENCE_SECONDS)
            ) as http:
                yield http

    def _engine(self, hour: str, day: int, *arguments: str, allowed: Sequence[int] = (0,)) -> str:
        """Run a command of the engine on a day, and return what it prints."""
        command = [sys.executable, *_at(hour, day), "--home", str(self.settings.home), *arguments]
        environment = os.environ | _ENVIRONMENT
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=False, env=environment
        )
        if done.returncode not in allowed:
            raise subprocess.CalledProcessError(done.returncode, command)
        return done.stdout


def _at(hour: str, day: int) -> tuple[str, ...]:
    return "-m", "benchmarks.simulated_clock", f"{date_of(day)}T{hour}+00:00"


def _purchases(list_id: str, items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events of what was bought of a list, one second after the other."""
    shown_at = list_time(list_id) or 0
    return [
        {
            "user_id": one["user"],
            "item_id": one["item"],
            "event": "purchase",
            "timestamp": shown_at + 1_000 * one["position"],
            "list_id": list_id,
            "list_position": one["position"],
        }
        for one in items
        if one["bought"]
    ]


def _parts(rows: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    for start in range(0, len(rows), _POSTED):
        yield rows[start : start + _POSTED]


def _get(http: httpx.Client, path: str, params: Mapping[str, str]) -> dict[str, Any]:
    return _told(http.get(path, params=dict(params)))


def _post(http: httpx.Client, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    return _told(http.post(path, json=dict(body)))


def _told(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_error:
        raise RuntimeError(f"{answer.request.method} {answer.request.url}: {answer.text}")
    found: dict[str, Any] = answer.json()
    return found
