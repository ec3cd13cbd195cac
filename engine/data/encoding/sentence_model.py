"""Sentence models that a user has on disk: texts as vectors that somebody else has trained.

Nothing of it is shipped or fetched. ``sentence-transformers`` is asked where it is installed.
"""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engine.data.arrays import Float32Array
from engine.errors import DataError, UsageError

LIBRARY = "sentence_transformers"


class SentenceModel(Protocol):
    """What makes vectors of texts, as ``SentenceTransformer.encode`` does."""

    def encode(self, sentences: list[str]) -> Any:
        """Return ``(len(sentences), d)`` numbers, as an array or a tensor on the CPU."""


def open_sentence_model(folder: str) -> SentenceModel:
    """Return the model in a folder, read by ``sentence-transformers``; nothing is fetched.

    Raises:
        UsageError: There is no such folder, or the library is not installed.
    """
    if not Path(folder).is_dir():
        raise UsageError(
            f"sentence_model {folder}: there is no such folder",
            hint="give the folder of a model that sentence-transformers has saved",
        )
    try:
        library = import_module(LIBRARY)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"sentence_model {folder}: sentence-transformers is not installed",
            hint="pip install sentence-transformers, or leave sentence_model out",
        ) from error
    model: SentenceModel = library.SentenceTransformer(folder, local_files_only=True)
    return model


def sentence_vectors(model: SentenceModel, texts: Sequence[str | None]) -> Float32Array:
    """Return ``(len(texts), d) float32`` of what a model says of texts, zeros where there is none.

    Raises:
        DataError: The model returned another number of rows, or numbers that are not finite.
    """
    there = [at for at, text in enumerate(texts) if text]
    asked = [text for text in texts if text]
    # One at least, so that the width is known.
    made = np.asarray(model.encode(asked or [""]), dtype=np.float32)
    if made.ndim != 2 or len(made) != max(len(asked), 1) or not np.isfinite(made).all():
        raise DataError(
            f"the sentence model made an array of the shape {made.shape} of {len(asked)} texts, "
            "or numbers that are not finite",
            hint="its encode must return one row of finite numbers for each text",
        )
    found = np.zeros((len(texts), made.shape[1]), dtype=np.float32)
    found[there] = made[: len(there)]
    return found
