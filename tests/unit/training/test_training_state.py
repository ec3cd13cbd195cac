import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import CheckpointInvalid
from engine.training import training_state


def test_tensors_and_plain_values_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "run" / "state.pt"
    content = {
        "weights": {"w": torch.arange(3.0)},
        "parts": [torch.ones(2)],
        "step": 4,
        "none": None,
    }
    training_state.write(path, content)
    found = training_state.read(path)
    assert torch.equal(found["weights"]["w"], torch.arange(3.0))
    assert (found["step"], found["none"]) == (4, None)
    assert [file.name for file in path.parent.iterdir()] == ["state.pt"]
    arrays = training_state.read_arrays(path)
    np.testing.assert_array_equal(arrays["weights"]["w"], np.arange(3, dtype=np.float32))
    np.testing.assert_array_equal(arrays["parts"][0], np.ones(2))


def test_a_state_is_kept_though_the_same_training_elsewhere_ends_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "unfinished" / "search.pt"
    ended: list[Path] = []
    save = torch.save

    def save_while_the_other_ends(*arguments: Any) -> None:
        save(*arguments)
        if not ended:
            ended.append(path.parent)
            shutil.rmtree(path.parent)

    monkeypatch.setattr("torch.save", save_while_the_other_ends)
    training_state.write(path, {"step": 4})
    assert ended
    assert training_state.read(path) == {"step": 4}
    assert [file.name for file in path.parent.iterdir()] == ["search.pt"]


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    path = tmp_path / "state.pt"
    torch.save({"format": 1, "users": Path("x")}, path)
    with pytest.raises(CheckpointInvalid, match="cannot be read"):
        training_state.read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointInvalid, match="there is no checkpoint"):
        training_state.read(tmp_path / "none.pt")
