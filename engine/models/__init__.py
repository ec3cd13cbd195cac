"""Models: one module each, and two tables of them, which plug-ins add to. No database.

``MODELS`` are trained step by step; its table is imported when it is asked for, so that what needs
no PyTorch does without.
"""

from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.errors import UnknownModel
from engine.models.plain_entries import OWN_PLAIN
from engine.models.registry_entries import ModelDescription, ModelEntry, PlainMethod
from engine.optional_dependencies import require
from engine.plugins import ExtensibleTable

if TYPE_CHECKING:
    MODELS: ExtensibleTable[ModelEntry]

__all__ = ["MODELS", "PLAIN", "ModelDescription", "ModelEntry", "PlainMethod", "plain", "trainable"]


def __getattr__(name: str) -> Any:
    if name == "MODELS":
        return _trained()
    raise AttributeError(f"module 'engine.models' has no attribute {name!r}")


@cache
def _trained() -> ExtensibleTable[ModelEntry]:
    from engine.models.trained_entries import OWN_MODELS  # noqa: PLC0415 PyTorch

    def belongs(value: Any) -> bool:
        return isinstance(value, ModelEntry)

    return ExtensibleTable("engine.models", OWN_MODELS, belongs, lambda: OWN_PLAIN, _is_model)


def _trained_names() -> Collection[str]:
    """Return the names of the engine's own trained models; asked where there are plug-ins."""
    try:
        from engine.models.trained_entries import OWN_MODELS  # noqa: PLC0415 PyTorch
    except ImportError:
        return ()
    return OWN_MODELS


def _is_model(value: Any) -> bool:
    return isinstance(value, ModelEntry | PlainMethod)


PLAIN: ExtensibleTable[PlainMethod] = ExtensibleTable(
    "engine.models",
    OWN_PLAIN,
    lambda value: isinstance(value, PlainMethod),
    _trained_names,
    _is_model,
)


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
    return models[name] if name in models else PLAIN[name]


def require_library(name: str) -> None:
    """Refuse a model that is made by a library which is not installed.

    Raises:
        MissingExtra: It is not; the hint says how it is installed.
    """
    if name in PLAIN and (extra := PLAIN[name].extra):
        require(extra, f"the model {name}")


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
