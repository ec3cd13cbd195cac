"""Sentence models: one that a user has, by the library's own ``encode``; errors that name it."""

import sys
from pathlib import Path

import numpy as np
import pytest

from engine.data.encoding.sentence_model import (
    LIBRARY,
    open_sentence_model,
    sentence_vectors,
)
from engine.errors import DataError, UsageError


class Lengths:
    """A stand-in for ``SentenceTransformer``: the length of a text, and how many words it has."""

    def encode(self, sentences: list[str]) -> np.ndarray:
        return np.array([[len(one), one.count(" ") + 1] for one in sentences], dtype=np.float64)


def test_texts_become_rows_and_missing_ones_zeros() -> None:
    found = sentence_vectors(Lengths(), ["a b", None, "", "abc d e"])
    assert found.dtype == np.float32
    assert found.tolist() == [[3, 2], [0, 0], [0, 0], [7, 3]]
    assert sentence_vectors(Lengths(), [None]).shape == (1, 2), "the width is known all the same"


def test_what_is_no_row_for_each_text_is_refused() -> None:
    class Wrong:
        def encode(self, sentences: list[str]) -> list[float]:
            return [float("nan") for _ in sentences]

    with pytest.raises(DataError, match="made an array of the shape"):
        sentence_vectors(Wrong(), ["a"])


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such folder"):
        open_sentence_model(str(tmp_path / "none"))


def test_the_library_is_asked_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.setitem(sys.modules, LIBRARY, None)  # what an import of it then finds: nothing
    with pytest.raises(UsageError, match="sentence-transformers is not installed") as refused:
        open_sentence_model(str(tmp_path / "model"))
    assert "pip install" in (refused.value.hint or "")
    # The public interface of the library: SentenceTransformer(folder, local_files_only=True).
    (tmp_path / f"{LIBRARY}.py").write_text(
        "class SentenceTransformer:\n"
        "    def __init__(self, folder, *, local_files_only):\n"
        "        assert local_files_only\n"
        "        self.folder = folder\n"
        "    def encode(self, sentences):\n"
        "        return [[float(len(one))] for one in sentences]\n"
    )
    monkeypatch.delitem(sys.modules, LIBRARY)
    monkeypatch.syspath_prepend(str(tmp_path))
    model = open_sentence_model(str(tmp_path / "model"))
    assert sentence_vectors(model, ["abc"]).tolist() == [[3.0]]
