import numpy as np
import torch

from engine.models.tensors import array, tensor


def test_numbers_of_the_cpu_are_shared_and_not_copied() -> None:
    values = np.arange(4, dtype=np.float32)
    inside = tensor(values)
    inside[0] = 9.0
    assert values[0] == 9.0
    array(inside)[1] = 8.0
    assert values[1] == 8.0


def test_what_learns_leaves_without_its_gradient() -> None:
    learned = torch.ones(2, requires_grad=True) * 3
    assert array(learned).tolist() == [3.0, 3.0]


def test_a_tensor_is_made_where_torch_computes() -> None:
    torch.set_default_device("meta")
    try:
        assert tensor(np.zeros(3)).device.type == "meta"
    finally:
        torch.set_default_device("cpu")
