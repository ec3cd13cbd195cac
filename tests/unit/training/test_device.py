"""Where torch computes: no model cares, and a GPU that is not there is refused."""

from pathlib import Path

import pytest
import torch

from engine.errors import ModelError, UsageError
from engine.training import device

from .device_agreement import ON_A_GPU, SETTINGS, agree
from .elsewhere import elsewhere

A_GPU = pytest.mark.skipif(
    device.device_named("auto") != "cuda", reason="torch can use no GPU here"
)


@pytest.mark.parametrize(("name", "words"), SETTINGS)
def test_a_model_learns_the_same_on_another_device(name: str, words: str, tmp_path: Path) -> None:
    agree(name, words, tmp_path, "meta")


@A_GPU
@pytest.mark.parametrize(("name", "words"), ON_A_GPU)
def test_a_model_learns_the_same_on_a_gpu(name: str, words: str, tmp_path: Path) -> None:
    agree(name, words, tmp_path, "cuda")


@A_GPU
def test_a_gpu_is_taken_and_says_when_its_memory_is_full() -> None:
    assert device.device_named("auto") == device.device_named("cuda") == "cuda"
    with pytest.raises(ModelError, match="too little memory"), device.default_device("auto"):
        torch.empty(1 << 50)


def test_the_stand_in_refuses_what_a_gpu_would() -> None:
    with elsewhere():
        there = torch.ones(3)
        with pytest.raises(RuntimeError, match="two devices"):
            there + torch.ones(3, device="cpu")
        with pytest.raises(RuntimeError, match="numpy"):
            there.numpy()


@pytest.mark.skipif(device.device_named("auto") == "cuda", reason="there is a GPU")
def test_without_a_gpu_the_cpu_is_taken_and_asking_for_one_is_refused() -> None:
    assert device.device_named("auto") == "cpu"
    with pytest.raises(UsageError, match="no GPU"), device.default_device("cuda"):
        pass
    with device.default_device("cpu"):
        assert torch.ones(1).device.type == "cpu"
