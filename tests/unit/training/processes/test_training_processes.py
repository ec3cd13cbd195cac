"""Two processes train what one trains: the same steps, the same vectors, the same states."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.data.interactions import Interactions
from engine.data.knowledge import Knowledge
from engine.data.negative_feedback import NegativeFeedback
from engine.data.training_data import TrainingData
from engine.data.vocabulary import Vocabulary
from engine.errors import CheckpointInvalid, ModelError, UsageError
from engine.models import MODELS
from engine.models.encoder import Embeddings, Encoder
from engine.models.vector_tables import WHOLE_SPARSE
from engine.training import seed
from engine.training.batch_factories import SOURCES
from engine.training.processes import worker
from engine.training.processes.job_files import TrainingJob
from engine.training.processes.training_processes import (
    TrainingProcesses,
    check_processes,
    go_on_alone,
    processes_for,
)
from engine.training.trainer import Progress, TrainingHooks, TrainingOutcome, train
from engine.training.training_config import TrainingConfig

USERS, ITEMS, BRANDS = 41, 30, 5
THREE_STEPS = TrainingConfig(
    batch_size=110, epochs=1, negative_count=16, recency=0.0, learning_rate=0.01, shuffle="pairs"
)


def material() -> TrainingData:
    generator = np.random.default_rng(2)
    user = np.repeat(np.arange(USERS), 8)
    item = 2 * generator.integers(0, ITEMS // 2, len(user)) + user % 2
    events = Interactions.of(
        Vocabulary([f"u{n}" for n in range(USERS)]),
        Vocabulary([f"i{n}" for n in range(ITEMS)]),
        user,
        item,
        at=np.arange(1, len(user) + 1),
    )
    head = np.arange(ITEMS) + USERS
    tail = USERS + ITEMS + np.arange(ITEMS) % BRANDS
    entities = Vocabulary([f"Brand:{n}" for n in range(BRANDS)])
    facts = Knowledge.of((USERS, ITEMS), entities, ("BY",), (head, 0 * head, tail))
    who = np.arange(0, USERS, 3)
    dislikes = NegativeFeedback.of(who, who * 7 % ITEMS, 0.5, 0)
    return TrainingData(events, facts, unwanted=dislikes)


MATERIAL = material()


def begun(name: str, **settings: object) -> tuple[Encoder, TrainingJob]:
    config = MODELS[name].config(dimension=8, **settings)
    encoder = MODELS[name].build(MATERIAL, config, seed.generator(3, "start"))
    return encoder, TrainingJob(name, config, THREE_STEPS, 3)


def alone(name: str, encoder: Encoder, job: TrainingJob) -> Encoder:
    batches = SOURCES[MODELS[name].batches](MATERIAL, job.model_config, job.config, job.seed)
    assert batches.steps == 3
    train(encoder, batches, job.config, TrainingHooks())
    return encoder


@pytest.fixture(scope="module")
def two() -> Iterator[TrainingProcesses]:
    with TrainingProcesses(2) as processes:
        yield processes


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("bpr-mf", {}),
        ("lightgcn", {"alphas": "learned"}),
        ("item-lightgcn", {}),
        ("twhin", {}),
        ("transe", {"relations": "events"}),
        ("sasrec", {"dropout": 0.0, "length": 5}),
    ],
)
def test_two_processes_learn_the_vectors_of_one(
    two: TrainingProcesses, tmp_path: Path, name: str, settings: dict[str, object]
) -> None:
    encoder, job = begun(name, **settings)
    first = encoder.encode()
    two.train(encoder, job, MATERIAL, tmp_path / "files", TrainingHooks())
    found, expected = encoder.encode(), alone(name, *begun(name, **settings)).encode()
    np.testing.assert_allclose(found.users, expected.users, atol=1e-5)
    np.testing.assert_allclose(found.items, expected.items, atol=1e-5)
    assert np.abs(found.items - first.items).max() > 1e-3


def test_two_processes_move_the_rows_of_a_batch_alone_as_one_does(
    two: TrainingProcesses, tmp_path: Path
) -> None:
    name, sparse = "bpr-mf", replace(THREE_STEPS, optimiser="sparse-adam")
    encoder, job = begun(name)
    job = replace(job, config=sparse)
    two.train(encoder, job, MATERIAL, tmp_path / "files", TrainingHooks())
    found, entry = encoder.encode(), MODELS[name]
    assert entry.sharded is not None
    start = seed.generator(3, "start")
    one = alone(name, entry.sharded(MATERIAL, job.model_config, start, WHOLE_SPARSE), job).encode()
    np.testing.assert_allclose(found.users, one.users, atol=1e-5)
    np.testing.assert_allclose(found.items, one.items, atol=1e-5)
    dense = alone(name, *begun(name)).encode()
    assert np.abs(found.users - dense.users).max() > 1e-3


LONGER = replace(THREE_STEPS, epochs=4)


def first_score(found: Embeddings) -> float:
    return float(found.users[0] @ found.items[0])


def run(
    processes: TrainingProcesses | None, hooks: TrainingHooks, files: Path
) -> tuple[Embeddings, TrainingOutcome]:
    encoder, job = begun("lightgcn", l2=0.001)
    config = LONGER
    if processes is None:
        if hooks.save_to is not None:
            go_on_alone(hooks.save_to)
        batches = SOURCES["pairs"](MATERIAL, job.model_config, config, job.seed)
        outcome = train(encoder, batches, config, hooks)
    else:
        outcome = processes.train(encoder, replace(job, config=config), MATERIAL, files, hooks)
    return encoder.encode(), outcome


def test_a_stopped_training_goes_on_in_any_number_of_processes(
    two: TrainingProcesses, tmp_path: Path
) -> None:
    whole, outcome = run(None, TrainingHooks(validate=first_score), tmp_path)
    for number, (before, after) in enumerate(((two, None), (None, two), (two, two))):
        seen: list[Progress] = []
        hooks = TrainingHooks(
            validate=first_score,
            report=seen.append,
            should_stop=lambda seen=seen: len(seen) >= 5,  # type: ignore[misc]
            save_to=tmp_path / f"{number}.pt",
            fingerprint="mine",
        )
        _, part = run(before, hooks, tmp_path / "files")
        assert not part.finished
        seen.clear()
        going_on = replace(hooks, should_stop=lambda: False)
        found, rest = run(after, going_on, tmp_path / "files")
        assert seen[0].step >= 6
        assert seen[-1].step == 12
        assert rest.history == pytest.approx(outcome.history, abs=1e-5)
        np.testing.assert_allclose(found.users, whole.users, atol=1e-5)
        assert not (tmp_path / "files").exists()


def test_processes_that_have_not_begun_end_at_once_and_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = tmp_path / "temporary"
    room.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(room))
    with TrainingProcesses(2) as processes:
        seen: list[psutil.Process] = []

        def stop() -> bool:
            seen.extend(psutil.Process(one) for one in processes.ids)
            return True

        hooks = TrainingHooks(should_stop=stop, save_to=tmp_path / "state.pt")
        _, outcome = run(processes, hooks, tmp_path / "files")
        assert not outcome.finished
        assert len(seen) == 2
        assert not any(one.is_running() for one in seen)
    assert list(tmp_path.rglob("*")) == [room]


def test_a_state_of_other_settings_is_refused_and_the_processes_end(
    two: TrainingProcesses, tmp_path: Path
) -> None:
    hooks = TrainingHooks(save_to=tmp_path / "state.pt", fingerprint="one")
    run(two, hooks, tmp_path / "files")
    running = [psutil.Process(one) for one in two.ids]
    with pytest.raises(CheckpointInvalid, match="belongs to other data, settings or seed") as error:
        run(two, replace(hooks, fingerprint="two"), tmp_path / "files")
    assert "--resume" in error.value.hint
    assert len(running) == 2
    assert not any(one.is_running() for one in running)
    with pytest.raises(CheckpointInvalid, match="belongs to other data, settings or seed"):
        run(None, replace(hooks, fingerprint="two"), tmp_path / "files")


def test_a_process_that_is_killed_ends_the_training_and_the_others(
    two: TrainingProcesses, tmp_path: Path
) -> None:
    running: list[psutil.Process] = []

    def kill_the_second(_: Progress) -> None:
        if not running:
            running.extend(psutil.Process(one) for one in two.ids)
            running[1].kill()

    with pytest.raises(ModelError, match="process 2 of 2 ended with signal 9") as error:
        run(two, TrainingHooks(report=kill_the_second), tmp_path / "files")
    assert "--resume" in error.value.hint
    assert len(running) == 2
    assert not any(one.is_running() for one in running)


def test_a_process_may_hold_no_user_and_no_item(two: TrainingProcesses, tmp_path: Path) -> None:
    one = np.zeros(1, dtype=np.int64)
    ids = Vocabulary(["u"]), Vocabulary(["i"])
    material = TrainingData(Interactions.of(*ids, one, one, at=one + 1))
    config = MODELS["lightgcn"].config(dimension=8)
    encoder = MODELS["lightgcn"].build(material, config, seed.generator(3, "start"))
    job = TrainingJob("lightgcn", config, THREE_STEPS, 3)
    assert two.train(encoder, job, material, tmp_path / "files", TrainingHooks()).finished
    assert np.isfinite(encoder.encode().items).all()


def test_a_process_whose_starter_ends_does_not_wait_for_the_others(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", worker.__name__, str(tmp_path / "meeting")],
        env={**os.environ, "RANK": "0", "WORLD_SIZE": "2"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


def test_what_is_trained_in_one_process_alone_is_refused_in_two() -> None:
    check_processes(1, "gat", "cpu")
    check_processes(2, "lightgcn", "cpu")
    with pytest.raises(UsageError, match="gat is trained in one process, not in 2") as error:
        check_processes(2, "gat", "cpu")
    assert "lightgcn, item-lightgcn, bpr-mf, sasrec, transe, twhin" in error.value.hint
    with processes_for(1) as none:
        assert none is None


def test_what_a_library_prints_is_no_news() -> None:
    program = (
        "import os; from engine.training.processes.worker import only_news; news = only_news(); "
        "os.write(1, b'of C\\n'); print('of Python'); print('news', file=news, flush=True)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("news\n", "of C\nof Python\n")
