"""Files of a run, by the sums that they hold; PyTorch reads them too."""

from pathlib import Path

import torch

from engine.upkeep.generation_checks import damage


def test_a_file_of_tensors_that_is_whole_gone_cut_or_changed(tmp_path: Path) -> None:
    file = tmp_path / "model.pt"
    assert damage(file) == "is missing"
    torch.save({"vectors": torch.arange(10_000.0)}, file)
    assert damage(file) is None
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    assert damage(file) == "cannot be read"
    place = content.index(torch.arange(10_000.0).numpy().tobytes()) + 4_000
    file.write_bytes(content[:place] + b"\x01" + content[place + 1 :])
    assert damage(file) == "is damaged"
