"""Settings of plain methods, chosen on the newest fifth of what they learn from.

As the blend's are: by ndcg@20 of lists with and without seen items. Where events have no times, or
fewer than 50 users could be asked, the method's own defaults stand.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from engine.data import splits
from engine.data.arrays import Float32Array, Int64Array
from engine.data.interactions import Interactions
from engine.data.model_options import configure
from engine.data.splits import Split
from engine.errors import DataError
from engine.evaluation import ranking
from engine.evaluation.ranking import RankingTask
from engine.evaluation.sample_size import FEWEST_USERS
from engine.evaluation.trend import best_half_life
from engine.models import plain
from engine.models.user_knn import UserKnn, UserKnnConfig

HALF_LIVES_DAYS = (0.0, 60.0, 120.0, 240.0)
OWN_SHARES = (0.5, 0.6, 0.7, 0.8, 0.9)
_NEWEST_SHARE = 0.2
_MOST_USERS = 200


def settings_of(name: str, train: Interactions, given: Mapping[str, str]) -> Any:
    """Return the config of a plain method: what is given, and the rest chosen on ``train``.

    Args:
        name: Of the method.
        train: All it may learn from.
        given: Texts of settings that are not to be chosen.

    Raises:
        UnknownModel: There is no such method.
        UsageError: A setting is unknown or its value is not allowed.
    """
    config: Any = configure(plain(name).config, given)
    parts = _parts(train) if name in ("recent-popular", "user-knn") else None
    if parts is None:
        return config
    if name == "user-knn":
        return _of_user_knn(config, parts, given)
    if "half_life_days" in given:
        return config
    days = best_half_life(parts.earlier, parts.later)
    return replace(config, half_life_days=days or float("inf"))


def _parts(train: Interactions) -> Split | None:
    """Return what is known and what is to be predicted, or None where nothing can be chosen."""
    if not len(train) or not (train.at > 0).all():
        return None
    try:
        parts = splits.split(train, "time", np.random.default_rng(0), _NEWEST_SHARE)
    except DataError:
        return None
    asked = ranking.task(parts.earlier, parts.later, include_seen=True).users
    return parts if len(asked) >= FEWEST_USERS else None


def _of_user_knn(config: UserKnnConfig, parts: Split, given: Mapping[str, str]) -> UserKnnConfig:
    tasks = [_fewer(one) for one in ranking.both_kinds(parts.earlier, parts.later).values()]
    days = [config.half_life_days] if "half_life_days" in given else HALF_LIVES_DAYS
    shares = [config.own_share] if "own_share" in given else OWN_SHARES
    tried = [
        (value, replace(config, half_life_days=half_life, own_share=share))
        for half_life in days
        for share, value in _values(
            UserKnn(parts.earlier, replace(config, half_life_days=half_life)), tasks, shares
        )
    ]
    return max(tried, key=lambda one: one[0])[1]


def _values(
    method: UserKnn, tasks: list[RankingTask], shares: tuple[float, ...] | list[float]
) -> list[tuple[float, float]]:
    """Return each share of own frequencies with the mean ndcg@20 of the tasks."""
    users = np.unique(np.concatenate([one.users for one in tasks]))
    own, others = method.frequencies[users], method.of_others(users)
    others.sort_indices()  # once: sums of sorted rows are sorted, and each share's would be anew

    def value(share: float) -> float:
        both = sparse.csr_array(own * share + others * (1.0 - share)).astype(np.float32)

        def score(rows: Int64Array) -> Float32Array:
            found: Float32Array = both[np.searchsorted(users, rows)].toarray()
            return found

        found = [ranking.evaluate(one, score, (20,)).means["ndcg@20"] for one in tasks]
        return sum(found) / len(found)

    return [(share, value(share)) for share in shares]


def _fewer(question: RankingTask) -> RankingTask:
    step = -(-len(question.users) // _MOST_USERS) or 1
    return replace(question, users=question.users[::step])
