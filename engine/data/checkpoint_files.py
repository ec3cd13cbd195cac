"""Names of the files of a run, which are known without what reads them.

Of a run ``ENGINE_HOME/checkpoints/<run>`` holds the model; beside it the twin, and the ranker where
the run has one.
"""

from pathlib import Path

FOLDER = "checkpoints"
UNFINISHED = "unfinished"
"""In that folder: the states that interrupted trainings go on from."""
MODEL = "model.safetensors"
MODELS = (MODEL, "model.pt")
"""The model's file, as this version writes it and as older ones did."""
FIRST_VECTORS = "warm.pt"
"""Beside a model's checkpoint: first vectors that a later night starts from."""
RANKER = "ranker.txt"
"""Beside a model's checkpoint: what ranks its candidates, where anything does."""


def twin_of(checkpoint: Path) -> Path:
    """Return the file beside a model's: the same model as it was judged, before the final training.

    It has not seen the test part, so that a later night can judge the model by it. Older versions
    wrote both with another suffix.
    """
    return checkpoint.with_name(f"twin{checkpoint.suffix}")
