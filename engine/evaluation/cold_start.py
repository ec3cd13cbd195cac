"""Cold users and cold items: the same lists, judged where little was known."""

from dataclasses import replace

import numpy as np
from scipy import sparse

from engine.data.arrays import Int64Array
from engine.data.interactions import Interactions
from engine.evaluation.ranking import RankingTask

FEW_EVENTS = 5
"""A user or an item with at most so many training events is cold."""


def cold_users(question: RankingTask, train: Interactions) -> RankingTask:
    """Return the question to the users with few training events."""
    events = np.bincount(train.user, minlength=train.n_users)
    return replace(question, users=question.users[events[question.users] <= FEW_EVENTS])


def cold_items(question: RankingTask, train: Interactions) -> RankingTask:
    """Return the question for the items with few training events: only they are relevant.

    Everything is still ranked; who has no such item to find is not asked.
    """
    few = (train.item_counts() <= FEW_EVENTS).astype(question.relevant.dtype)
    relevant = sparse.csr_array(question.relevant.multiply(few[None, :]))
    relevant.eliminate_zeros()
    relevant.sort_indices()
    asked = np.diff(relevant.indptr)[question.users] > 0
    return replace(question, users=question.users[asked], relevant=relevant)


def lists_of(question: RankingTask, lists: Int64Array, some: RankingTask) -> Int64Array:
    """Return the lists of those users of ``question`` who are asked in ``some``."""
    return lists[np.isin(question.users, some.users, assume_unique=True)]
