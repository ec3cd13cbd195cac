"""Run ``engine`` at another time than now.

    python -m benchmarks.simulated_clock 2017-11-21T18:00:00+00:00 retrain --json

Time goes on from there as fast as ever. It is that of this process: Neo4j keeps its own, by which
nothing of a list, an event or a night is dated.
"""

import sys
from datetime import datetime

import time_machine

from engine.cli import main

if __name__ == "__main__":
    moment = datetime.fromisoformat(sys.argv.pop(1))
    with time_machine.travel(moment, tick=True):
        main()
