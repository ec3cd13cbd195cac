"""Files of arrays and plain values, as safetensors: none holds code, and none needs PyTorch.

The arrays are tensors of the file; what is left of the tree, ids, settings and texts, is JSON in
one more of them, as the header of such a file has a limit. The header holds a sum of all of it, as
the format has none of its own.
"""

import json
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from engine import private_files
from engine.data.arrays import AnyArray
from engine.errors import CheckpointInvalid

_PLAIN = "json"
_SUM = "blake2b"
CHANGED = "its content is not what was written"
_ARRAY, _TRANSPOSED = "$array", "$transposed"
"""A dictionary with one of these keys alone stands for the array of that name."""


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write dictionaries and lists, with arrays and plain values at their ends, in one move.

    Keys are texts, and a tuple is read as a list.

    Raises:
        TypeError: A value is none of these.
    """
    arrays: dict[str, AnyArray] = {}
    plain = json.dumps(_without_arrays(dict(content), "", arrays), ensure_ascii=False)
    arrays[_PLAIN] = np.frombuffer(plain.encode("utf-8", "surrogatepass"), dtype=np.uint8)
    with private_files.replacing(path) as file:
        # Of several entries the library writes now this one first and now that.
        file.write(save(arrays, {_SUM: _sum(arrays)}))


def read(path: Path) -> dict[str, Any]:
    """Read what ``write`` wrote.

    Raises:
        CheckpointInvalid: The file is missing or damaged.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            kept = (file.metadata() or {}).get(_SUM)
        if kept != _sum(arrays):
            raise damaged(path, CHANGED)
        text = arrays.pop(_PLAIN).tobytes().decode("utf-8", "surrogatepass")
        content: dict[str, Any] = _with_arrays(json.loads(text), arrays)
    except FileNotFoundError as error:
        raise missing(path) from error
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise damaged(path, type(error).__name__) from error
    return content


def _sum(arrays: Mapping[str, AnyArray]) -> str:
    """Return a hash of arrays and their names."""
    digest = blake2b(digest_size=16)
    for name in sorted(arrays):
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(arrays[name]).data)
    return digest.hexdigest()


def _without_arrays(value: Any, name: str, arrays: dict[str, AnyArray]) -> Any:
    """Return the tree with names for arrays, which are put aside."""
    if isinstance(value, np.ndarray):
        # What lies in memory by columns is read so again: products of it have the same last bits.
        by_columns = value.flags.f_contiguous and not value.flags.c_contiguous
        # The library writes what lies in memory, as if it lay by rows.
        arrays[name] = np.require(value.T if by_columns else value, requirements="C")
        return {_TRANSPOSED if by_columns else _ARRAY: name}
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError(f"{name} has keys that are no texts")
        return {key: _without_arrays(one, f"{name}/{key}", arrays) for key, one in value.items()}
    if isinstance(value, list | tuple):
        if all(isinstance(one, str) for one in value):
            return value  # ids: many
        return [_without_arrays(one, f"{name}/{n}", arrays) for n, one in enumerate(value)]
    return value


def _with_arrays(value: Any, arrays: Mapping[str, AnyArray]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_ARRAY}:
            return arrays[value[_ARRAY]]
        if value.keys() == {_TRANSPOSED}:
            return arrays[value[_TRANSPOSED]].T
        return {key: _with_arrays(one, arrays) for key, one in value.items()}
    if isinstance(value, list) and not all(isinstance(one, str) for one in value):
        return [_with_arrays(one, arrays) for one in value]
    return value


def missing(path: Path) -> CheckpointInvalid:
    """Return the error for a file that is not there."""
    return CheckpointInvalid(
        f"there is no checkpoint {path}", hint="engine runs shows which there are"
    )


def damaged(path: Path, why: str) -> CheckpointInvalid:
    """Return the error for a file that cannot be used."""
    return CheckpointInvalid(
        f"the checkpoint {path} cannot be read: {why}", hint="train again with: engine train"
    )
