"""A month of a shop whose truth is known, served twice: what closing the loop gains, and costs.

    python -m benchmarks.shop_simulator --json month.json              # 300 households, 28 days
    python -m benchmarks.shop_simulator --days 3 --households 120      # to try it

Both shops meet the same users with the same tastes on the same days (``shop_world``), each on a
Neo4j of its own, in a temporary home, both at once. The first retrains every night on what
was bought, and that is all. The second also uses what it showed: what was looked at and left rests,
a share of the positions tries items of which little is known, and what was shown trains and judges
the nights' models; each of these can be turned off. Needs ``pip install '.[benchmarks]'``.
"""

import argparse
import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path

from benchmarks import completejourney
from benchmarks.shop_world import ShopWorld, WorldRequest, world
from benchmarks.simulated_shop import Loop, ShopRecord, SimulatedShop
from benchmarks.simulator_report import ComparedShops
from engine.config import Settings


def main() -> None:
    """Run both shops and say what came of them."""
    given = _arguments()
    request = WorldRequest(**{one.name: getattr(given, one.name) for one in fields(WorldRequest)})
    drawn, began = world(completejourney.read(), request), time.monotonic()
    with ThreadPoolExecutor() as both:
        closed, control = both.map(lambda loop: _lived(drawn, loop), (_loop(given), Loop()))
    found = ComparedShops(drawn, control, closed)
    for line in found.text():
        print(line)
    print(f"{time.monotonic() - began:.0f} s in all")
    if given.json:
        given.json.write_text(json.dumps(found.as_dict(), indent=2))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for one in fields(WorldRequest):
        parser.add_argument(f"--{one.name}", type=type(one.default), default=one.default)
    parser.add_argument("--rotation", default="3d", metavar="DURATION|off")
    parser.add_argument("--explore", type=float, default=0.1, metavar="SHARE", help="0: off")
    parser.add_argument("--online-gate", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--shown-negatives", type=float, default=0.3, help="0: off")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args()


def _loop(given: argparse.Namespace) -> Loop:
    asked, night = {}, []
    if given.rotation != "off":
        asked["not_shown_within"] = given.rotation
    if given.explore:
        asked["explore"] = str(given.explore)
    if given.online_gate:
        night.append("--online-gate")
    if given.shown_negatives:
        night += ["--set", f"shown_negatives={given.shown_negatives}"]
    return Loop(asked, tuple(night))


def _lived(drawn: ShopWorld, loop: Loop) -> ShopRecord:
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        if settings.neo4j_uri is not None:
            sys.exit("each shop has a Neo4j of its own: unset ENGINE_NEO4J_URI")
        return SimulatedShop(drawn, loop, settings).run()


if __name__ == "__main__":
    main()
