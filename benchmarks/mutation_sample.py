"""Which share of a seeded sample of mutants the tests kill, room by room.

``mutmut run`` makes the mutants in ``mutants/``; integration tests of all 6,000 would take days.
This forks a process for each mutant of the sample, with everything imported, and runs the unit
tests of its room, then, where ENGINE_TEST_SERVER names a server that stands, the integration tests
of its file. Results are added to a file, so that the same command goes on where it was stopped.

    pip install mutmut
    mutmut run "engine.loading.locks.*"     # makes the mutants of every room, tries those of one
    cd mutants && python ../benchmarks/mutation_sample.py --sample 60 --out ../mutation_sample.jsonl
"""

import argparse
import importlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOMS = ("publishing", "nights", "loading")
IMPORTED = ("torch", "polars", "neo4j", "sqlalchemy", "engine.usecases.retraining")
IGNORED = "ignore::pytest.PytestAssertRewriteWarning"  # what is imported here is not rewritten
UNIT_SECONDS, INTEGRATION_SECONDS = 240.0, 600.0
PUBLISHING = "tests/integration/publishing/test_"
NIGHTS = ("tests/integration/test_retrain.py", "tests/integration/test_night_faults.py")
LOADING = tuple(f"tests/integration/test_{name}.py" for name in ("replay", "ingest_facts"))
INTEGRATION = {
    "filter_publication": (f"{PUBLISHING}filters.py",),
    "generations": (f"{PUBLISHING}generations.py", f"{PUBLISHING}two_homes.py"),
    "index_attributes": (f"{PUBLISHING}serving_index.py",),
    "item_graphs": ("tests/integration/test_derived_graphs.py",),
    "plain_generation": (f"{PUBLISHING}without_a_model.py", f"{PUBLISHING}generations.py"),
    "publish": tuple(
        f"{PUBLISHING}{name}.py" for name in ("publish", "filters", "index_sample", "weighed_lists")
    ),
    "ranker_publication": (f"{PUBLISHING}ranked.py",),
    "user_encoders": (f"{PUBLISHING}encoded_users.py",),
    "trial_steps": (f"{PUBLISHING}online_trials.py",),
    "waiting": ("tests/integration/test_waiting.py", *NIGHTS),
    "bulk_load": ("tests/integration/test_bulk_load.py",),
    "import_files": ("tests/integration/test_bulk_load.py",),
    "catalogue_intake": ("tests/integration/serving/test_catalogue.py",),
    "dislike_intake": ("tests/integration/serving/test_feedback_routes.py",),
    "event_intake": ("tests/integration/test_event_intake.py",),
    "event_posts": ("tests/integration/test_event_intake.py",),
    "event_writer": ("tests/integration/test_event_intake.py",),
    "follow": ("tests/integration/test_follow.py",),
    "follow_topic": ("tests/integration/test_follow_topic.py",),
    "forgotten_rows": ("tests/integration/api/test_forgetting.py",),
    "load_attributes": ("tests/integration/test_ingest_attributes.py",),
    "new_parts": ("tests/integration/test_from_folder.py",),
    "query_rows": ("tests/integration/test_sql_sources.py",),
    "retracted_events": ("tests/integration/test_feedback_commands.py",),
    "spark_account": ("tests/integration/test_spark.py",),
    "spark_load": ("tests/integration/test_spark.py",),
    "spark_parts": ("tests/integration/test_spark.py",),
    "spark_source": ("tests/integration/test_spark.py",),
    "ingest": (*LOADING, "tests/integration/test_interrupted_load.py"),
    "file_load": (*LOADING, "tests/integration/test_bad_inputs.py"),
}
OF_ROOM = {"publishing": (f"{PUBLISHING}publish.py",), "nights": NIGHTS, "loading": LOADING}


def sample(size: int, seed: int) -> Iterator[str]:
    """Yield mutants by their name; rooms take turns, so that a stopped run has as many of each."""
    chosen = []
    for room in ROOMS:
        names: list[str] = []
        for meta in sorted(Path("engine", room).glob("*.meta")):
            names += sorted(json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"])
        chosen.append(random.Random(seed).sample(names, min(size, len(names))))
    for turn in range(size):
        yield from (own[turn] for own in chosen if turn < len(own))


def killed(mutant: str, tests: tuple[str, ...], seconds: float) -> bool:
    """Run tests on a mutant in a process of its own; one that takes too long is killed too."""
    began, child = time.monotonic(), os.fork()
    if child == 0:
        os.setsid()
        os.environ["MUTANT_UNDER_TEST"] = mutant
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        flags = ["-x", "-q", "-n0", "-p", "no:cacheprovider", "-W", IGNORED]
        os._exit(int(pytest.main([*flags, *tests])))
    while time.monotonic() - began < seconds:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.1)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def by_what(mutant: str, *, integration: bool) -> str:
    """Return what kills a mutant: ``unit``, ``integration`` or nothing."""
    _, room, file, _ = mutant.split(".", 3)
    if killed(mutant, (f"tests/unit/{room}",), UNIT_SECONDS):
        return "unit"
    tests = INTEGRATION.get(file, OF_ROOM[room])
    return "integration" if integration and killed(mutant, tests, INTEGRATION_SECONDS) else ""


def figures(out: Path) -> None:
    """Print of each room how many were tried and killed, with the interval of Wilson at 95 %."""
    results = dict(json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    for room in ROOMS:
        own = [what for mutant, what in results.items() if mutant.split(".")[1] == room]
        if not own:
            continue
        n, share, z = len(own), sum(map(bool, own)) / len(own), 1.96
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
        by_unit = own.count("unit")
        print(
            f"{room}: {sum(map(bool, own))} of {n} killed, {share:.0%} "
            f"({middle - half:.0%} to {middle + half:.0%}); {by_unit} by unit tests"
        )


def main() -> None:
    """Try the sample, then print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sample", type=int, default=60, help="mutants of each room")
    parser.add_argument("--seed", type=int, default=16)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    sys.path.insert(0, str(Path.cwd()))
    os.environ["PYTHONPATH"] = str(Path.cwd())  # for tests that start processes
    os.environ["MUTANT_UNDER_TEST"] = ""
    for name in IMPORTED:
        importlib.import_module(name)
    for room in ROOMS:
        assert not killed("", (f"tests/unit/{room}",), UNIT_SECONDS), f"{room} fails unmutated"
    given.out.touch()
    done = {json.loads(line)[0] for line in given.out.read_text(encoding="utf-8").splitlines()}
    integration = "://" in os.environ.get("ENGINE_TEST_SERVER", "")
    for mutant in sample(given.sample, given.seed):
        if mutant not in done:
            with given.out.open("a", encoding="utf-8") as file:
                what = by_what(mutant, integration=integration)
                file.write(json.dumps([mutant, what]) + "\n")
    figures(given.out)


if __name__ == "__main__":
    main()
