"""One process: what training adds nothing to."""

from pathlib import Path

import torch

from engine.training.training_group import ONE_PROCESS


def test_one_process_takes_everything_as_it_is(tmp_path: Path) -> None:
    weight = torch.ones(2, requires_grad=True)
    (2 * weight.sum()).backward()
    ONE_PROCESS.add_gradients([weight])
    assert weight.grad is not None
    assert weight.grad.tolist() == [2, 2]
    assert ONE_PROCESS.total(torch.tensor(0.5)) == 0.5
    assert ONE_PROCESS.any(True)
    assert not ONE_PROCESS.any(False)
    path = tmp_path / "state.pt"
    assert ONE_PROCESS.read(path) is None
    ONE_PROCESS.write(path, {"step": 3})
    assert ONE_PROCESS.read(path) == {"step": 3}
