"""What a GPU gives: the tests that need one, five models on it and on its CPU, the paper's table.

python -m benchmarks.on_gpu [--data FOLDER] [--seconds 600]
python -m benchmarks.on_gpu --plan                       # say what would be done, and why not
python -m benchmarks.on_gpu --device cpu --seconds 300   # the same without a GPU, to try the script

Needs Python 3.11, numpy, pyarrow, scipy and torch; no network, database or installed engine: it is
run at the root of a checkout. FOLDER holds gowalla/ and lastfm/ (by default ../shared/data or
shared/data); without them completejourney's households, which the package brings, stand in, and the
paper's table is left out. Without a usable GPU it prints the plan and ends with 0.

Every job is a process of its own with a limit in seconds; what it had finished by then counts, and
what it had not is named. Printed is the Markdown for docs/models.md and docs/results.md, then a
line of JSON. Fewer epochs than were asked for: the limit came first. Memory: on a GPU the most that
torch held there, on a CPU the most of the whole process.
"""

import argparse
import importlib.util
import itertools
import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MODELS = ("lightgcn", "ngcf", "twhin", "pinsage", "sasrec")
SECONDS = dict(tests=60, lightgcn=50, ngcf=50, twhin=30, pinsage=30, sasrec=35, table=150)
"""Seconds of a job, of 600 in all; a model has one job on the GPU and one on the CPU."""
EPOCHS = {"lightgcn": 10, "ngcf": 4, "twhin": 12, "pinsage": 3, "sasrec": 3}
LAYERS = (3, 2, 1, 4)
# What the held-out blocks of the training part spoke for: docs/results.md, "The paper's table".
POPULARITY = {1: 0.5, 2: 0.35, 3: 0.5, 4: 0.35}
# The table of scores against shared negatives is that of the softmax over pairs; the losses of
# TwHIN's triples and of PinSage have none.
PRECISIONS = {"lightgcn": ("float32", "bfloat16"), "ngcf": ("float32", "bfloat16")}
_FOR_TRAINING, _ASKED = 0.6, 3_000
Row = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One process.

    Attributes:
        name: A key of ``SECONDS``.
        device: ``cuda`` or ``cpu``.
        seconds: Its limit.
    """

    name: str
    device: str
    seconds: float


def plan(device: str, seconds: float, data: Path | None) -> tuple[list[Job], list[str]]:
    """Return the jobs, in order, and a line for everything that is left out."""
    left_out = []
    names = [("tests", device)]
    names += [(model, where) for model in MODELS for where in dict.fromkeys((device, "cpu"))]
    if _folder(data, "gowalla") is None:
        left_out.append("no gowalla/: LightGCN and NGCF on completejourney, no paper's table")
    else:
        names.append(("table", device))
    if _folder(data, "lastfm") is None:
        left_out.append("no lastfm/: TwHIN on completejourney, with its facts as features only")
    whole = sum(SECONDS[name] for name, _ in names)
    jobs = [Job(name, at, round(seconds * SECONDS[name] / whole)) for name, at in names]
    return jobs, left_out


def _folder(data: Path | None, name: str) -> Path | None:
    return data / name if data is not None and (data / name).is_dir() else None


def gpu() -> tuple[str | None, str]:
    """Return the GPU's name, or None and why there is none to use."""
    for name in ("numpy", "scipy", "torch", "pyarrow"):
        if importlib.util.find_spec(name) is None:
            return None, f"{name} is not installed"
    import torch

    from engine.training import device

    if device.device_named("auto") == "cpu":
        return None, "torch finds no GPU, or has no code for it"
    return torch.cuda.get_device_name(), ""


def tested(job: Job) -> Iterator[Row]:
    """Run the tests that need a GPU, with pytest or, where there is none, without."""
    if importlib.util.find_spec("pytest") is None:
        yield from _agreements(job)
        return
    options = ["-o", "addopts=", "-p", "no:cacheprovider", "-q", "-rs", "-k", "gpu"]
    options += ["--import-mode=importlib", "tests/unit/training/test_device.py"]
    command = [sys.executable, "-m", "pytest", *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    counted = re.findall(r"(\d+) (passed|failed|skipped|errors?)", done.stdout)
    outcome = ", ".join(f"{count} {what}" for count, what in counted)
    yield {"by": "pytest", "outcome": outcome, "output": done.stdout[-3000:]}


def _agreements(job: Job) -> Iterator[Row]:
    from tests.unit.training.device_agreement import ON_A_GPU, agree

    for name, words in ON_A_GPU:
        try:
            with tempfile.TemporaryDirectory() as folder:
                agree(name, words, Path(folder), job.device)
            outcome = "agrees with the CPU"
        except AssertionError as error:
            outcome = " ".join(str(error).split())[:200]
        yield {"by": f"{name} {words}".strip(), "outcome": outcome}


def material(name: str, data: Path | None) -> tuple[str, Any, Any]:
    """Return what a model is trained and judged on: its name, material and split."""
    from benchmarks import offline, twhin_relations
    from engine.data import splits
    from engine.data.reading.adjacency_lists import read_split
    from engine.data.training_data import TrainingData
    from engine.training import seed

    if name in ("lightgcn", "ngcf", "table") and (folder := _folder(data, "gowalla")):
        parts = read_split(folder)
        return "gowalla", TrainingData(parts.earlier), parts
    if name == "twhin" and (folder := _folder(data, "lastfm")):
        found = twhin_relations.lastfm(folder, 0)
        return "lastfm", found.material, found.parts
    whole = offline.completejourney(packaged=True)
    parts = splits.split(whole.events, "time", seed.generator(0, "split"), 0.2)
    return "completejourney", whole.of(parts.earlier), parts


def settings(name: str) -> dict[str, str]:
    """Return the settings of a model: those of the benchmark that its figures stand in."""
    from benchmarks import twhin_relations
    from engine.experiments import paper_table

    own = {"twhin": twhin_relations.SETTINGS} | paper_table.SETTINGS
    if name == "table":
        return {"recency": "0"} | own["lightgcn"]
    return {"recency": "0"} | own.get(name, {}) | {"epochs": str(EPOCHS[name])}


def model_of(job: Job) -> str:
    """Return the model that a job trains."""
    return "lightgcn" if job.name == "table" else job.name


def trained(job: Job, given: dict[str, str], known: Any, limit: float) -> tuple[Row, Any]:
    """Train until done or ``limit`` seconds have passed; return what it took and the vectors."""
    import torch

    from engine.experiments.training_request import TrainingRequest
    from engine.models import MODELS as ENTRIES
    from engine.training import device, seed
    from engine.training.batch_factories import SOURCES
    from engine.training.trainer import TrainingHooks, train

    own, config = TrainingRequest(model_of(job), given).configs_for(known.events)
    entry, on_gpu, moments = ENTRIES[model_of(job)], job.device == "cuda", [time.monotonic()]
    with device.default_device(job.device):  # type: ignore[arg-type]
        if on_gpu:
            torch.cuda.reset_peak_memory_stats()
        encoder = entry.build(known, own, seed.generator(0, "start"))
        batches = SOURCES[entry.batches](known, own, config, 0)
        built = time.monotonic()
        hooks = TrainingHooks(
            report=lambda _now: moments.append(time.monotonic()),
            should_stop=lambda: len(moments) > 2 and time.monotonic() - built > limit,
        )
        train(encoder, batches, config, hooks)
        vectors = encoder.encode()
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        memory = torch.cuda.max_memory_allocated() / 2**20 if on_gpu else resident
    steps = len(moments) - 1
    each = (moments[-1] - moments[1]) / max(1, steps - 1)  # the first also loads the GPU's code
    return {
        "seconds_of_first_vectors": round(built - moments[0], 2),
        "seconds_per_epoch": round(each * batches.steps, 3),
        "seconds": round(moments[-1] - moments[0], 2),
        "epochs": round(steps / batches.steps, 2),
        "epochs_asked": config.epochs,
        "MiB": round(memory),
    }, vectors


def variants(job: Job) -> list[Row]:
    """Return the settings that a job's model is trained with, one after the other."""
    if job.name == "table":
        both = itertools.product(PRECISIONS["lightgcn"], map(str, LAYERS))
        return [{"precision": precision, "layers": layers} for precision, layers in both]
    return [{"precision": precision} for precision in PRECISIONS.get(job.name, ("float32",))]


def compared(job: Job, data: Path | None) -> Iterator[Row]:
    """Train a model in each of its variants and judge it; the table's as it is served."""
    from engine.evaluation import blend, published_figures, ranking

    began = time.monotonic()
    name, known, parts = material(job.name, data)
    question = ranking.task(parts.earlier, parts.later, include_seen=False)
    if job.name != "table":
        question = replace(question, users=question.users[:: -(-len(question.users) // _ASKED)])
    for number, own in enumerate(wanted := variants(job)):
        left = began + job.seconds - time.monotonic()
        limit = _FOR_TRAINING * left / (len(wanted) - number)
        row, vectors = trained(job, settings(job.name) | own, known, limit)
        score, about = vectors.score, {"model": model_of(job), "data": name, "device": job.device}
        if job.name == "table":
            layers = int(own["layers"])
            score = blend.scorer(score, parts.earlier, blend.Blend(POPULARITY[layers]))
            figures = published_figures.recognise(parts).figures
            about["published"] = figures.get((about["model"], layers))
        means = ranking.evaluate(question, score, (20,)).means
        yield about | own | row | {key: round(means[key], 4) for key in ("recall@20", "ndcg@20")}


def work(job: Job, data: Path | None) -> None:
    """Do one job, a line of JSON per result."""
    for row in tested(job) if job.name == "tests" else compared(job, data):
        print(json.dumps(row), flush=True)


def collected(job: Job, data: Path | None) -> tuple[list[Row], str]:
    """Run a job in a process of its own; return its results and what went wrong, if anything."""
    command = [sys.executable, "-m", "benchmarks.on_gpu", "--job", json.dumps(asdict(job))]
    command += ["--data", str(data)] if data else []
    own = {"cwd": ROOT, "text": True, "start_new_session": True}  # pytest below it ends with it
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **own)
    try:
        out, errors = started.communicate(timeout=job.seconds)
        problem = errors.strip().rpartition("\n")[2] if started.returncode else ""
    except subprocess.TimeoutExpired:
        os.killpg(started.pid, signal.SIGKILL)
        out, _ = started.communicate()
        problem = f"not finished in {job.seconds:.0f} s"
    whole = [line for line in out.splitlines(keepends=True) if line.endswith("}\n")]
    rows = [json.loads(line) for line in whole if line.startswith("{")]
    return rows, f"{job.name} on {job.device}: {problem}" if problem else ""


def markdown(rows: Sequence[Row]) -> str:
    """Return a table of everything in the rows but long texts."""
    columns = [name for name in dict.fromkeys(itertools.chain(*rows)) if name != "output"]
    lines = [columns, ["---"] * len(columns)]
    lines += [[str(row.get(column, "")) for column in columns] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(words: Sequence[str] | None = None) -> None:
    """Print what was found, or what would be done."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--plan", action="store_true")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    near = (ROOT.parent / "shared/data", ROOT / "shared/data")
    data = given.data.resolve() if given.data else next(filter(Path.is_dir, near), None)
    if given.job:
        work(Job(**json.loads(given.job)), data)
        return
    name, why = gpu()
    jobs, left_out = plan(given.device, given.seconds, data)
    if given.plan or (given.device == "cuda" and name is None):
        print(f"GPU: {name or f'none ({why})'}; {'the plan' if name else 'what it would do'}:")
        print(markdown([asdict(job) for job in jobs]))
        print("\n".join(f"left out: {line}" for line in left_out))
        return
    began, found = time.monotonic(), {"tests": [], "models": [], "table": []}
    for at, job in enumerate(jobs):
        left = began + given.seconds - time.monotonic()
        spare = left - sum(one.seconds for one in jobs[at:])
        rows, problem = collected(replace(job, seconds=job.seconds + max(0.0, spare)), data)
        found[job.name if job.name in found else "models"] += rows
        left_out += [problem] if problem else []
        print(f"  {job.name} on {job.device}: {len(rows)} results", file=sys.stderr, flush=True)
    device = f"{name or 'no GPU'}; {os.cpu_count()} cores"
    print(f"{device}; {time.monotonic() - began:.0f} s\n\n### Tests\n{markdown(found['tests'])}")
    print(f"\n### Models\n{markdown(found['models'])}\n")
    print(f"### The paper's table\n{markdown(found['table'])}\n")
    print("\n".join(f"left out: {line}" for line in left_out))
    print(json.dumps({"device": device, "left_out": left_out} | found))


if __name__ == "__main__":
    main()
