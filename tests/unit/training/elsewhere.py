"""A device that is not the CPU, on a machine that has no other.

Its tensors say ``meta`` and keep their numbers in a tensor of the CPU, where every operation is
carried out. As on a GPU, an operation on tensors of both devices is an error, unless one is a
single number, and so is turning a tensor into an array.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map

NAME = "meta"


class _Elsewhere(torch.Tensor):
    held: torch.Tensor

    @staticmethod
    def __new__(cls, held: torch.Tensor) -> "_Elsewhere":
        strides = held.stride() if held.layout is torch.strided else None
        made: _Elsewhere = torch.Tensor._make_wrapper_subclass(
            cls, held.size(), strides, dtype=held.dtype, device=NAME
        )
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(
        cls, function: Any, _types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return _carry_out(function, args, kwargs or {})


class _Mode(TorchDispatchMode):
    def __torch_dispatch__(
        self, function: Any, _types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return _carry_out(function, args, kwargs or {})


@contextmanager
def elsewhere() -> Iterator[None]:
    """Make tensors on that device."""
    with torch.device(NAME), _Mode():
        yield


def _carry_out(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    given = [one for one in tree_flatten((args, kwargs))[0] if isinstance(one, torch.Tensor)]
    there = [one for one in given if isinstance(one, _Elsewhere)]
    moved = function in (torch.ops.aten.copy_.default, torch.ops.aten._to_copy.default)
    here = [one for one in given if not isinstance(one, _Elsewhere) and one.dim()]
    if there and here and not moved:
        raise RuntimeError(f"{function}: tensors on two devices, {NAME} and cpu")
    asked = kwargs.get("device")
    to_there = bool(there) if asked is None else torch.device(asked).type == NAME
    if asked is not None:
        kwargs = kwargs | {"device": torch.device("cpu")}
    held_args, held_kwargs = tree_map(_held, (args, kwargs))
    found = function(*held_args, **held_kwargs)
    if function._schema.name.endswith("_") and not function._schema.name.endswith("__"):
        return args[0]  # changed in place
    return tree_map(_there, found) if to_there else found


def _there(value: Any) -> Any:
    return _Elsewhere(value) if isinstance(value, torch.Tensor) else value


def _held(value: Any) -> Any:
    return value.held if isinstance(value, _Elsewhere) else value
