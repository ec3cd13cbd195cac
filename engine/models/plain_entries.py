"""Registry entries of the methods that are finished once they are built."""

from engine.models.als import Als, AlsConfig
from engine.models.buy_again import BuyAgain, BuyAgainConfig
from engine.models.chance import Random, RandomConfig
from engine.models.chebyshev import ChebyshevConfig, ChebyshevFilter
from engine.models.ease import Ease, EaseConfig
from engine.models.item_knn import ItemKnn, ItemKnnConfig
from engine.models.personal_frequency import PersonalFrequency, PersonalFrequencyConfig
from engine.models.popular import Popular, PopularConfig, RecentPopular, RecentPopularConfig
from engine.models.registry_entries import PlainMethod
from engine.models.rp3beta import Rp3Beta, Rp3BetaConfig
from engine.models.spectral_filter import SpectralFilter, SpectralFilterConfig
from engine.models.user_knn import UserKnn, UserKnnConfig

OWN_PLAIN: dict[str, PlainMethod] = {
    "random": PlainMethod(
        config=RandomConfig,
        build=lambda train, _, generator: Random(train, generator),
        summary="A list drawn for each user",
        kind="plain",
    ),
    "popular": PlainMethod(
        config=PopularConfig,
        build=lambda train, _, __: Popular(train),
        summary="Items by their number of events",
        kind="plain",
    ),
    "recent-popular": PlainMethod(
        config=RecentPopularConfig,
        build=lambda train, config, _: RecentPopular(train, config.half_life_days),
        summary="Items by their events, old ones counting less",
        kind="plain",
        needs=("timestamps",),
    ),
    "buy-again": PlainMethod(
        config=BuyAgainConfig,
        build=lambda train, config, _: BuyAgain(train, config.half_life_days or float("inf")),
        summary="The user's own items by how often, then the most popular",
        kind="plain",
        takes=("timestamps",),
    ),
    "p-top": PlainMethod(
        config=PersonalFrequencyConfig,
        build=lambda train, _config, _: PersonalFrequency(train, popular=False),
        summary="The user's own items by how often, and nothing else",
        kind="plain",
        paper="Li et al. 2023",
    ),
    "gp-top": PlainMethod(
        config=PersonalFrequencyConfig,
        build=lambda train, _config, _: PersonalFrequency(train, popular=True),
        summary="The user's own items by how often, strictly before the most popular",
        kind="plain",
        paper="Li et al. 2023",
    ),
    "user-knn": PlainMethod(
        config=UserKnnConfig,
        build=lambda train, config, _: UserKnn(train, config),
        summary="What the user has and how often, and what the users most like them have",
        kind="plain",
        paper="Hu et al. 2020, Faggioli et al. 2020",
        takes=("timestamps",),
    ),
    "item-knn": PlainMethod(
        config=ItemKnnConfig,
        build=lambda train, config, _: ItemKnn(train, config.neighbours or None, config),
        summary="Items had by those who had the user's items, by cosine",
        kind="plain",
        paper="Sarwar et al. 2001",
        edges=True,
    ),
    "ease": PlainMethod(
        config=EaseConfig,
        build=lambda train, config, _: Ease(train, config),
        summary="The linear model of items by items, in closed form",
        kind="plain",
        paper="Steck 2019",
        edges=True,
    ),
    "als": PlainMethod(
        config=AlsConfig,
        build=Als,
        summary="Weighted least squares on what happened and what did not",
        kind="shallow",
        paper="Hu et al. 2008",
        vectors=True,
        extra="als",
    ),
    "spectral-filter": PlainMethod(
        config=SpectralFilterConfig,
        build=SpectralFilter,
        summary="A linear and a low-pass filter over the graph of items",
        kind="plain",
        paper="Shen et al. 2021",
        vectors=True,
        edges=True,
    ),
    "chebyshev": PlainMethod(
        config=ChebyshevConfig,
        build=ChebyshevFilter,
        summary="A polynomial filter over the graph of items",
        kind="plain",
        paper="Kim et al. 2025",
        edges=True,
    ),
    "rp3beta": PlainMethod(
        config=Rp3BetaConfig,
        build=lambda train, config, _: Rp3Beta(train, config),
        summary="Items that a walk of three steps reaches, popular ones held back",
        kind="plain",
        paper="Paudel et al. 2016",
        edges=True,
    ),
}
