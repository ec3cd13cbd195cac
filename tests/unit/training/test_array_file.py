import json
import struct
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from engine.errors import CheckpointInvalid
from engine.training import array_file


def _tree(rng: np.random.Generator) -> dict[str, object]:
    return {
        "vectors": rng.normal(size=(4, 3)).astype(np.float32),
        # What lies by columns must not be written as if it lay by rows.
        "turned": rng.normal(size=(3, 4)).T,
        "steps": np.asfortranarray(np.arange(6, dtype=np.int64).reshape(2, 3))[:, ::2],
        "none": np.empty((0, 7), dtype=np.float32),
        "ids": ["a", "ζ", "\udc80", 'a "quoted" one'],
        "settings": {"layers": 3, "half_life": float("inf"), "loss": None, "deep": {"x": [1, 2]}},
        "parts": [np.arange(3), np.arange(2, dtype=np.int32)],
        "encoders": {"items": {"words": {"weights": np.ones(2)}, "names": []}},
    }


def _same(found: object, meant: object) -> bool:
    if isinstance(meant, np.ndarray):
        assert isinstance(found, np.ndarray)
        layout = found.flags.f_contiguous == meant.flags.f_contiguous or found.size < 2
        return layout and found.dtype == meant.dtype and np.array_equal(found, meant)
    if isinstance(meant, dict):
        assert isinstance(found, dict)
        return found.keys() == meant.keys() and all(_same(found[k], meant[k]) for k in meant)
    if isinstance(meant, list):
        assert isinstance(found, list)
        return len(found) == len(meant) and all(map(_same, found, meant))
    return found == meant


def test_a_tree_is_read_as_it_was_written(tmp_path: Path, rng: np.random.Generator) -> None:
    path = tmp_path / "run" / "model.safetensors"
    array_file.write(path, _tree(rng))
    assert not _same(array_file.read(path), _tree(np.random.default_rng(0))), "the test can fail"
    again = _tree(rng)
    array_file.write(path, again)
    assert _same(array_file.read(path), again)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o077 == 0
    before = path.read_bytes()
    array_file.write(path, again)
    assert path.read_bytes() == before, "equal trees, equal bytes"


def test_it_is_a_safetensors_file_that_others_can_read(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    path, tree = tmp_path / "model.safetensors", _tree(rng)
    array_file.write(path, tree)
    (length,) = struct.unpack("<Q", path.read_bytes()[:8])
    header = json.loads(path.read_bytes()[8 : 8 + length])
    assert len(header["__metadata__"]["blake2b"]) == 32
    assert header["/vectors"]["shape"] == [4, 3]
    found = load_file(path)
    np.testing.assert_array_equal(found["/turned"].T, np.asarray(tree["turned"]))
    np.testing.assert_array_equal(found["/encoders/items/words/weights"], np.ones(2))


def test_what_would_be_read_otherwise_is_not_written(tmp_path: Path) -> None:
    for value in ({1: "a"}, {"x": {2: np.ones(1)}}, Path("x")):
        with pytest.raises(TypeError):
            array_file.write(tmp_path / "model.safetensors", {"value": value})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.95])
def test_a_torn_file_is_refused(tmp_path: Path, share: float, rng: np.random.Generator) -> None:
    path = tmp_path / "model.safetensors"
    array_file.write(path, _tree(rng))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(CheckpointInvalid, match="cannot be read"):
        array_file.read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointInvalid, match="there is no checkpoint"):
        array_file.read(tmp_path / "none.safetensors")


def test_what_was_changed_on_the_disk_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    array_file.write(path, {"ids": ["alice"], "numbers": np.arange(4, dtype=np.float32)})
    content = path.read_bytes()
    for before, after in ((b"alice", b"bobby"), (np.float32(3).tobytes(), np.float32(4).tobytes())):
        assert before in content
        path.write_bytes(content.replace(before, after, 1))
        with pytest.raises(CheckpointInvalid, match=array_file.CHANGED):
            array_file.read(path)
