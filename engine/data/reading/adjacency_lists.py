"""Adjacency lists: the files that LightGCN's and NGCF's authors publish their splits as.

A line is a user and the items of that user, separated by blanks.
"""

import gzip
from pathlib import Path

import numpy as np

from engine.data.arrays import Int64Array
from engine.data.interactions import Interactions
from engine.data.splits import Split
from engine.data.vocabulary import Vocabulary
from engine.errors import DataError

Pairs = tuple[Int64Array, Int64Array]


def read_split(folder: Path) -> Split:
    """Read ``train.txt`` and ``test.txt`` of a folder, either of them perhaps gzipped.

    Ids are the numbers in the files; users and items that stand in neither file have a row too.

    Raises:
        DataError: A file is missing, empty, or a line holds something else than whole numbers.
    """
    train, test = (_pairs(_file(folder, name)) for name in ("train", "test"))
    users, items = (_numbered(max(train[end].max(), test[end].max())) for end in (0, 1))
    return Split(_interactions(train, users, items), _interactions(test, users, items))


def _numbered(last: np.int64) -> Vocabulary:
    return Vocabulary([str(row) for row in range(int(last) + 1)])


def _file(folder: Path, name: str) -> Path:
    for path in (folder / f"{name}.txt", folder / f"{name}.txt.gz"):
        if path.exists():
            return path
    raise DataError(
        f"{folder} holds no {name}.txt and no {name}.txt.gz",
        hint="give the folder that holds the split: adjacency lists, a user and its items per line",
    )


def _pairs(path: Path) -> Pairs:
    users: list[Int64Array] = []
    items: list[Int64Array] = []
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        for number, line in enumerate(file, start=1):
            try:
                row = np.array(line.split(), dtype=np.int64)
            except ValueError as error:
                raise DataError(
                    f"line {number} of {path.name} holds something else than whole numbers",
                    hint="a line is a user and the items of that user, separated by blanks",
                ) from error
            if len(row) and row.min() < 0:
                raise DataError(f"line {number} of {path.name} holds a negative number")
            users.append(np.repeat(row[:1], max(len(row) - 1, 0)))
            items.append(row[1:])
    pairs = (np.concatenate(users), np.concatenate(items)) if users else None
    if pairs is None or not len(pairs[0]):
        raise DataError(f"{path.name} holds no pair of a user and an item")
    return pairs


def _interactions(pairs: Pairs, users: Vocabulary, items: Vocabulary) -> Interactions:
    order = np.lexsort((pairs[1], pairs[0]))
    return Interactions.of(users, items, pairs[0][order], pairs[1][order])
