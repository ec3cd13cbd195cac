"""A recommendation engine whose memory is a Neo4j graph.

``engine.connect()`` begins; ``docs/python.md`` shows the rest. Nothing heavy is imported before it
is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.version import __version__

if TYPE_CHECKING:
    from engine.api import (
        Engine,
        JudgingOptions,
        ListOptions,
        NightOptions,
        ReadOptions,
        Settings,
        SqlQuery,
        TrainedRun,
        compare,
        connect,
        evaluate,
    )

__all__ = [
    "Engine",
    "JudgingOptions",
    "ListOptions",
    "NightOptions",
    "ReadOptions",
    "Settings",
    "SqlQuery",
    "TrainedRun",
    "__version__",
    "compare",
    "connect",
    "errors",
    "evaluate",
]


def __getattr__(name: str) -> Any:
    if name == "errors":
        return import_module("engine.errors")
    if name in __all__:
        return getattr(import_module("engine.api"), name)
    raise AttributeError(f"module 'engine' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
