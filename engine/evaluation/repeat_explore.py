"""Repeat and explore: what a list finds of the items that the user had, and of those it had not.

A next basket is mostly what was bought before, so that a mean over all of it says little of what is
new. As in Li et al. 2023, "A Next Basket Recommendation Reality Check" (ACM TOIS 41(4)): metrics of
either part over the users with such an item to find, and the share of a list that is repeated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from engine.data.arrays import Float64Array, Int64Array
from engine.evaluation import cold_start
from engine.evaluation.evaluation_setup import EvaluationSetup, pooled
from engine.evaluation.ranking import RankingTask

PARTS = ("repeat", "explore")
_METRICS = {"recall": "recall", "ndcg": "ndcg", "hit": "phr"}


def parts_of(question: RankingTask, seen: sparse.csr_array) -> dict[str, RankingTask]:
    """Return the question for items that the user had, and for those it had not.

    Everything is still ranked; only the items of that part are relevant, and who has none of them
    to find is not asked.

    Args:
        question: With seen items allowed.
        seen: ``(n_users, n_items)`` pattern of what each user had.
    """
    repeated = sparse.csr_array(question.relevant.multiply(seen))
    found = {}
    for name, relevant in (("repeat", repeated), ("explore", question.relevant - repeated)):
        own = sparse.csr_array(relevant)
        own.eliminate_zeros()
        own.sort_indices()
        asked = np.diff(own.indptr)[question.users] > 0
        found[name] = replace(question, users=question.users[asked], relevant=own)
    return found


def repeated_shares(users: Int64Array, lists: Int64Array, seen: sparse.csr_array) -> Float64Array:
    """Return the share of each list that its user had, ``(n,)``; 0 of an empty one.

    Args:
        users: ``(n,)`` user rows.
        lists: ``(n, k)`` item rows, -1 in an empty place.
        seen: ``(n_users, n_items)`` pattern of what each user had.
    """
    row, column = np.nonzero(lists >= 0)
    if not len(row):
        return np.zeros(len(lists))
    had = np.asarray(seen[users[row], lists[row, column]]).ravel() > 0
    counts = np.bincount(row, minlength=len(lists))
    own = np.bincount(row, had, minlength=len(lists))
    return np.asarray(own / np.maximum(counts, 1), dtype=np.float64)


def basket_means(
    setup: EvaluationSetup,
    lists: Sequence[Int64Array],
    means: Mapping[str, float],
    *,
    seen: bool,
) -> dict[str, float]:
    """Return what is shown of baskets beside all else; nothing where no basket is asked for.

    Args:
        setup: The tasks.
        lists: For each task, ``(n_asked, k)``.
        means: Those of all that is to be found.
        seen: Whether the lists may hold what the user had: without, nothing is repeated.
    """
    if not setup.by_basket:
        return {}
    own = personal_hit_ratio(means, setup.cutoffs)
    return own | (repeat_and_explore(setup, lists) if seen else {})


def repeat_and_explore(setup: EvaluationSetup, lists: Sequence[Int64Array]) -> dict[str, float]:
    """Return the metrics of either part, all tasks together, by names such as ``repeat-phr@20``.

    Args:
        setup: Its question with seen items allowed is judged.
        lists: For each task, ``(n_asked, k)``.
    """
    questions = setup.questions[True]
    seen = [one.had for one in setup.tasks]
    split = [parts_of(*pair) for pair in zip(questions, seen, strict=True)]
    means: dict[str, float] = {}
    for part in PARTS:
        asked = [one[part] for one in split]
        own = [
            cold_start.lists_of(question, made, some)
            for question, made, some in zip(questions, lists, asked, strict=True)
        ]
        found = pooled(asked, own, setup.cutoffs).means
        means |= {
            f"{part}-{name}@{k}": found[f"{metric}@{k}"]
            for metric, name in _METRICS.items()
            for k in setup.cutoffs
        }
    for k in setup.cutoffs:
        shares = [
            repeated_shares(question.users, made[:, :k], had)
            for question, made, had in zip(questions, lists, seen, strict=True)
        ]
        means[f"repeat-share@{k}"] = float(np.concatenate(shares).mean())
    return means


def personal_hit_ratio(means: Mapping[str, float], cutoffs: Sequence[int]) -> dict[str, float]:
    """Return the share of users whose list holds an item of the basket, ``phr@k``."""
    return {f"phr@{k}": means[f"hit@{k}"] for k in cutoffs}
