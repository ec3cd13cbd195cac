"""``engine benchmark``: layers are whole numbers."""

from pathlib import Path

from .refusal import refused


def test_layers_are_whole_numbers(tmp_path: Path) -> None:
    words = ("benchmark", "paper-table", "--data", str(tmp_path), "--layers", "1,two")
    assert refused(*words).message == "--layers '1,two' is not a list of whole numbers"
