"""Baselines: the plain methods a model must beat, by name.

May import: ``engine.models`` (the plain ones), ``engine.data``.
"""

from collections.abc import Callable

from engine.data.interactions import Interactions
from engine.evaluation.ranking import Scorer
from engine.models.buy_again import BuyAgain
from engine.models.item_knn import ItemKnn
from engine.models.popular import Popular

BASELINES: dict[str, Callable[[Interactions], Scorer]] = {
    "popular": lambda train: Popular(train).score,
    "item-knn": lambda train: ItemKnn(train).score,
    "buy-again": lambda train: BuyAgain(train).score,
}
