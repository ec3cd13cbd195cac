"""What two shops came to: differences by user, what exploring cost, what was tried."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from benchmarks.shop_world import ShopWorld, WorldRequest
from benchmarks.simulated_shop import Loop, ShopRecord
from benchmarks.simulator_report import ComparedShops

USERS, DAYS = 60, 2
REQUEST = WorldRequest(households=USERS, products=4, days=DAYS)


@pytest.fixture
def compared() -> ComparedShops:
    """Everybody asks daily for two items; in the closed loop the second is tried: a new one."""
    drawn = ShopWorld(
        REQUEST,
        tuple(f"u{n}" for n in range(USERS)),
        ("old", "other", "new", "gone"),
        pl.DataFrame(),
        (),
        np.zeros((USERS, 4)),
        comes=np.array([-1, -1, 1, -1]),
        goes=np.array([2, 2, 2, 1]),
        visits=np.ones((DAYS, USERS), dtype=np.bool_),
        _patience=np.zeros((DAYS, USERS)),
    )
    control = [
        one for n in range(USERS) for one in _lists(n, ("old", "other"), "model", (0.2, 0.2))
    ]
    closed = [one for n in range(USERS) for one in _lists(n, ("old", "new"), "explore", (0.5, 0.1))]
    return ComparedShops(drawn, _record(Loop(), control), _record(Loop({"explore": "0.1"}), closed))


def _lists(number: int, items: Any, second: str, expected: Any) -> list[dict[str, Any]]:
    return [
        {
            "day": day,
            "user": f"u{number}",
            "position": place + 1,
            "item": items[place],
            "source": second if place else "model",
            "looked_at": place == 0 or number % 2 == 0,
            "bought": place == 0 and number % 2 == 0 and day == 0,
            "expected": expected[place],
        }
        for day in range(DAYS)
        for place in range(2)
    ]


def _record(loop: Loop, shown: list[dict[str, Any]]) -> ShopRecord:
    night = {"outcome": "promoted", "generation": 2, "causes": [], "seconds": 1.0}
    outcomes = {"groups": [{"outcomes": [{"events": USERS // 2}]}]}
    return ShopRecord(loop, pl.DataFrame(shown), [night], outcomes)


def test_the_gain_is_a_paired_difference_of_users(compared: ComparedShops) -> None:
    gain = compared.gain("expected")
    assert (gain.mean, gain.low, gain.high) == pytest.approx((0.4, 0.4, 0.4))
    assert gain.users == USERS
    same = compared.gain("bought")
    assert (same.mean, same.low, same.high) == (0, 0, 0)


def test_exploration_costs_what_the_control_has_at_its_positions(compared: ComparedShops) -> None:
    found = compared.exploration()
    assert (found["positions"], found["looked_at"], found["items"]) == (120, 60, 1)
    assert found["control"]["expected"] == pytest.approx(24)
    assert found["closed"]["expected"] == pytest.approx(12)
    assert found["cost_per_user"]["mean"] == pytest.approx(0.2)


def test_all_of_it_is_told_in_numbers_and_in_text(compared: ComparedShops) -> None:
    told = compared.as_dict()
    closed, control = told["closed"], told["control"]
    assert closed["bought"] == closed["in engine outcomes"] == 30
    assert (closed["of the new"], control["of the new"]) == (1, 0)
    assert closed["hidden items listed"] == 0
    first, second = told["days"]
    assert (first["control: bought"], second["control: bought"]) == (30, 0)
    assert (first["closed: generation"], second["closed: generation"]) == (1, 2)
    text = list(compared.text())
    assert any(
        "the closed loop gains, expected per user: +0.4000 [+0.4000, +0.4000]" in one
        for one in text
    )
    assert any("120, 60 looked at, 1 items" in one for one in text)
