"""Models: one module each, and two explicit tables of them. No database, no command line.

``MODELS`` are trained step by step; its table is imported when it is asked for, so that what needs
no PyTorch does without.
"""

from typing import TYPE_CHECKING, Any

from engine.errors import UnknownModel
from engine.models.plain_entries import PLAIN
from engine.models.registry_entries import ModelDescription, ModelEntry, PlainMethod

if TYPE_CHECKING:
    from engine.models.trained_entries import MODELS

__all__ = ["MODELS", "PLAIN", "ModelDescription", "ModelEntry", "PlainMethod", "plain", "trainable"]


def __getattr__(name: str) -> Any:
    if name == "MODELS":
        return _trained()
    raise AttributeError(f"module 'engine.models' has no attribute {name!r}")


def _trained() -> dict[str, ModelEntry]:
    from engine.models.trained_entries import MODELS  # noqa: PLC0415 PyTorch

    return MODELS


def trainable(name: str) -> ModelEntry | PlainMethod:
    """Return the model called ``name``, if it can be served: by vectors, or by edges of items.

    Raises:
        UnknownModel: There is none; the hint lists the known ones.
    """
    models = _trained()
    found = models.get(name) or PLAIN.get(name)
    able = [*models, *(name for name, about in PLAIN.items() if about.vectors or about.edges)]
    if name not in able:
        reason = "makes no vectors and no edges to be published" if found else "is not a model"
        raise UnknownModel(f"{name} {reason}", hint=f"use --model with one of {', '.join(able)}")
    return (models | PLAIN)[name]


def plain(name: str) -> PlainMethod:
    """Return the method called ``name`` that needs no steps of training.

    Raises:
        UnknownModel: There is none; the hint lists the known ones.
    """
    if name not in PLAIN:
        raise UnknownModel(
            f"there is no plain method {name}", hint=f"use one of {', '.join(PLAIN)}"
        )
    return PLAIN[name]
