"""Take users and items out of what a training left: their ids, their vectors, their edges.

What is left belongs together as before, so it can be published, judged by a later night, and be
started from. It was learned with what these users did all the same: only a new training is without.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.data.arrays import AnyArray, Float32Array, Int64Array
from engine.data.tombstone import ForgettableKind
from engine.data.vocabulary import Vocabulary
from engine.training import checkpoint
from engine.training.checkpoint import TrainedModel

Chosen = Callable[[ForgettableKind, Collection[str]], Collection[str]]
"""Returns those of some ids of a kind that are to be taken out."""
_BY_ITEMS_ALONE = "sasrec"
"""The model that makes users of their items, when they are asked for, by weights that are kept."""
_TABLE = "vectors"


@dataclass(frozen=True, eq=False)
class _Kept:
    """The rows of one side that stay."""

    ids: Vocabulary
    rows: Int64Array
    gone: int

    @classmethod
    def of(cls, ids: Vocabulary, kind: ForgettableKind, chosen: Chosen) -> "_Kept":
        gone = set(chosen(kind, ids.ids))
        rows = np.array([row for row, id_ in enumerate(ids.ids) if id_ not in gone], dtype=np.int64)
        return cls(Vocabulary([ids.ids[row] for row in rows]), rows, len(ids) - len(rows))


def without(trained: TrainedModel, chosen: Chosen) -> tuple[TrainedModel, int]:
    """Return a model without some users and items, and how many of its rows they had.

    Tables of weights with a row for each node are left out as a whole: nothing reads them again,
    and a model may order its nodes as it likes.

    Args:
        trained: What a training left.
        chosen: Whom to take out.
    """
    users = _Kept.of(trained.users, "user", chosen)
    items = _Kept.of(trained.items, "item", chosen)
    if not users.gone + items.gone:
        return trained, 0
    edges = trained.edges
    if edges is not None and items.gone:
        edges = edges[items.rows][:, items.rows].tocsr()
    return (
        replace(
            trained,
            users=users.ids,
            items=items.ids,
            user_vectors=_rows(trained.user_vectors, users),
            item_vectors=_rows(trained.item_vectors, items),
            edges=edges,
            weights=_without_tables(trained, users, items),
        ),
        users.gone + items.gone,
    )


def remove_from_start(path: Path, chosen: Chosen) -> int:
    """Take users and items out of the first vectors in a file; return how many rows they had.

    Raises:
        CheckpointInvalid: The file is damaged.
    """
    from engine.training import warm_start  # noqa: PLC0415 PyTorch

    starts = warm_start.load(path, "")
    if not starts:
        return 0
    one = next(iter(starts.values()))
    users, items = _Kept.of(one.users, "user", chosen), _Kept.of(one.items, "item", chosen)
    if not users.gone + items.gone:
        return 0
    rows = np.concatenate((users.rows, items.rows + len(one.users))).tolist()
    warm_start.save(
        path,
        {
            stage: replace(start, users=users.ids, items=items.ids, vectors=start.vectors[rows])
            for stage, start in starts.items()
        },
    )
    return users.gone + items.gone


def staged(path: Path) -> Path:
    """Return where a checkpoint waits to take the place of ``path``."""
    return path.with_name(f"{path.name}.forgetting")


def stage(path: Path, trained: TrainedModel) -> None:
    """Write what is to take the place of a checkpoint beside it."""
    checkpoint.save(staged(path), trained)


def _rows(table: Float32Array, kept: _Kept) -> Float32Array:
    return np.ascontiguousarray(table[kept.rows]) if kept.gone else table


def _without_tables(trained: TrainedModel, users: _Kept, items: _Kept) -> dict[str, AnyArray]:
    """Return the weights that are too small to have a row for each node of a side."""
    if trained.model == _BY_ITEMS_ALONE:
        gone = {_TABLE} if items.gone else set()
        return {name: one for name, one in trained.weights.items() if name not in gone}
    sides = ((users, len(trained.users)), (items, len(trained.items)))
    least = min(nodes for side, nodes in sides if side.gone)
    return {name: one for name, one in trained.weights.items() if max(one.shape, default=0) < least}
