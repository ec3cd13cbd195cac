"""Sharded states: what a training of several processes goes on from, in any number of them.

A state is a folder of ``torch.distributed.checkpoint``; each process writes its own rows. A folder
is whole once its index is there, which is written last. The states of one process are files of
``training_state``: each kind is read where the other one would be.
"""

import json
import shutil
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.distributed.checkpoint.filesystem import FileSystemReader
from torch.distributed.checkpoint.metadata import TensorStorageMetadata
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import save
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor, Shard

from engine import private_files
from engine.models.tensors import array, tensor
from engine.training import training_state
from engine.training.array_file import damaged
from engine.training.processes.gloo_group import GlooGroup
from engine.training.processes.row_shares import RowShares

INDEX = ".metadata"
"""Of a folder that is whole."""
_PLAIN = "plain"
_STEP = "step"


@dataclass(frozen=True)
class SharedTensors:
    """What is known of a model's tensors.

    Attributes:
        trained: Names of those that the optimiser knows, in its order.
        shares: Of those that processes share out, who holds which rows.
        group: The processes.
    """

    trained: Sequence[str]
    shares: Mapping[str, RowShares]
    group: GlooGroup

    def shares_of(self, key: str) -> RowShares | None:
        """Return who holds which rows of what a state has under a key; None where all have it."""
        kind, name = key.split("/", 1)
        return None if kind == _STEP else self.shares.get(name)


def write(path: Path, content: Mapping[str, Any], tensors: SharedTensors) -> None:
    """Keep a state; each process gives its own rows."""
    group, folder = tensors.group, training_state.of_processes(path)
    before = _newest(folder)
    place = folder / f"{1 + (int(before.name) if before else 0):06d}"
    group.wait()
    if group.rank == 0:
        shutil.rmtree(place, ignore_errors=True)
        private_files.make_folder(place)
    group.wait()
    flat, plain = _flat(content, tensors.trained)
    parts = {_PLAIN: tensor(np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8).copy())}
    for key, one in flat.items():
        parts |= _parts(key, one, tensors)
    save(parts, checkpoint_id=place)
    if group.rank == 0:
        for old in folder.iterdir():
            if old != place:
                shutil.rmtree(old, ignore_errors=True)
        path.unlink(missing_ok=True)  # an older one, of one process
    group.wait()


def read(path: Path, tensors: SharedTensors) -> dict[str, Any] | None:
    """Return the rows of a state that lie here; None where no state of either kind is there.

    Raises:
        CheckpointInvalid: It is damaged.
    """
    place, rank = _newest(training_state.of_processes(path)), tensors.group.rank
    if place is None:
        return _own_rows(training_state.read(path), tensors) if path.exists() else None
    shapes = _shapes(place)
    flat: dict[str, torch.Tensor] = {}
    for key, (shape, kind) in shapes.items():
        name = key.partition("#")[0]
        shares = None if name == _PLAIN else tensors.shares_of(name)
        if shares is None:
            flat[key] = torch.zeros(shape, dtype=kind)
        elif name not in flat:
            held = sum(shares.lengths(rank))
            flat[name] = torch.zeros((held, shape[1]), dtype=kind)
    parts = {_PLAIN: flat[_PLAIN]}
    for key, one in flat.items():
        if key != _PLAIN:
            parts |= _parts(key, one, tensors)  # views: what is loaded comes to lie in ``flat``
    _load(place, parts)
    return _content(flat)


def put_together(path: Path) -> None:
    """Make the state that several processes kept, where there is one, that of one process.

    Raises:
        CheckpointInvalid: It is damaged.
    """
    folder = training_state.of_processes(path)
    if (place := _newest(folder)) is None:
        return
    parts = {key: torch.zeros(shape, dtype=kind) for key, (shape, kind) in _shapes(place).items()}
    _load(place, parts)
    flat: dict[str, torch.Tensor] = {}
    for key in sorted(parts):
        name = key.partition("#")[0]
        flat[name] = torch.cat((flat[name], parts[key])) if name in flat else parts[key]
    training_state.write(path, _content(flat))
    shutil.rmtree(folder)


def _parts(key: str, one: torch.Tensor, tensors: SharedTensors) -> dict[str, torch.Tensor]:
    """Return a tensor as it is kept: of a table the rows of each label, placed among all."""
    shares, group = tensors.shares_of(key), tensors.group
    if shares is None:
        return {key: one}
    mesh = init_device_mesh("cpu", (group.size,))
    parts: dict[str, torch.Tensor] = {}
    for label, held in enumerate(torch.split(one.detach(), shares.lengths(group.rank))):
        shape = torch.Size((shares.counts[label], one.shape[1]))
        parts[f"{key}#{label}"] = DTensor.from_local(
            held, mesh, [Shard(0)], run_check=False, shape=shape, stride=(one.shape[1], 1)
        )
    return parts


def _flat(
    content: Mapping[str, Any], trained: Sequence[str]
) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Return the tensors of a state under the names of the model's, and what else is in it."""
    flat = {
        f"{kind}/{name}": one.detach()
        for kind in ("weights", "best")
        for name, one in content[kind].items()
    }
    optimiser = content["optimiser"]
    for number, of_one in optimiser["state"].items():
        flat |= {f"{kind}/{trained[number]}": one for kind, one in of_one.items()}
    plain = {
        "fingerprint": content["fingerprint"],
        "state": content["state"],
        "param_groups": optimiser["param_groups"],
        "trained": list(trained),
    }
    return flat, plain


def _content(flat: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    """Return the state that ``_flat`` was given."""
    plain = json.loads(array(flat[_PLAIN]).tobytes())
    trained = {name: number for number, name in enumerate(plain["trained"])}
    kinds: dict[str, dict[str, torch.Tensor]] = {"weights": {}, "best": {}}
    for key, one in flat.items():
        if key != _PLAIN:
            kind, name = key.split("/", 1)
            kinds.setdefault(kind, {})[name] = one
    moments: dict[int, dict[str, torch.Tensor]] = {}
    for kind in kinds.keys() - {"weights", "best"}:
        for name, one in kinds[kind].items():
            moments.setdefault(trained[name], {})[kind] = one
    return {
        "fingerprint": plain["fingerprint"],
        "state": plain["state"],
        "weights": kinds["weights"],
        "best": kinds["best"],
        "optimiser": {"state": moments, "param_groups": plain["param_groups"]},
    }


def _own_rows(content: Mapping[str, Any], tensors: SharedTensors) -> dict[str, Any]:
    """Return the rows that lie here of a state in one piece."""
    flat, plain = _flat(content, tensors.trained)
    rank = tensors.group.rank
    own: dict[str, torch.Tensor] = {}
    for key, one in flat.items():
        if (shares := tensors.shares_of(key)) is None:
            own[key] = one
        else:
            own[key] = torch.cat([one[rows] for rows in shares.stretches(rank)])
    own[_PLAIN] = tensor(np.frombuffer(json.dumps(plain).encode(), dtype=np.uint8).copy())
    return _content(own)


def _newest(folder: Path) -> Path | None:
    """Return the newest state that is whole."""
    return max((index.parent for index in folder.glob(f"*/{INDEX}")), default=None)


def _shapes(place: Path) -> dict[str, tuple[torch.Size, torch.dtype]]:
    try:
        index = FileSystemReader(place).read_metadata().state_dict_metadata
        return {
            key: (one.size, one.properties.dtype)
            for key, one in index.items()
            if isinstance(one, TensorStorageMetadata)
        }
    except Exception as error:  # unpickling can end in any
        raise damaged(place, type(error).__name__) from error


def _load(place: Path, parts: dict[str, torch.Tensor]) -> None:
    try:
        with warnings.catch_warnings():
            # That one process reads it alone is what is meant.
            warnings.filterwarnings("ignore", message="torch.distributed is disabled")
            load(parts, checkpoint_id=place)
    except Exception as error:
        raise damaged(place, type(error).__name__) from error
