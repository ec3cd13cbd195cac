"""Why a ranker puts an item where it does, in words: what contributes most, grouped by meaning.

Pure: a row of features and what each of them adds to the score in, short sentences out. Groups that
add nothing, and those of which there is nothing to say, are left out.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from engine.data.arrays import Float32Array, Float64Array
from engine.ranking.candidate_features import FEATURES
from engine.ranking.candidates import GROUPS

MOST = 3
_DUE_FROM = 0.8
"""Of the usual time between two purchases."""
_TRENDING = 0.35
"""Of the events of a steady item a quarter is in the shorter of the two memories compared."""
_DUE = (
    "days_since_last",
    "gap",
    "spread",
    "overdue",
    "overdue_by_others",
    "baskets_since_last",
)
_AGAIN = (
    "item_share_of_repeats",
    "item_share_of_users_again",
    "item_days_between",
    "item_events_per_user",
)
_PREFIXES = {
    "own_": "habit",
    "count": "habit",
    "share_of_baskets": "habit",
    "days_since_first": "habit",
    "near_": "alike",
    "cosine": "alike",
    "people_": "people",
    "together_": "together",
    "next_": "next",
    "popular_": "popular",
    "item_": "popular",
    "user_knn": "habit",
    "user_": "user",
    **{f"group_{n}_": f"group_{n}" for n in range(1, GROUPS + 1)},
}


@dataclass(frozen=True)
class JoinedItems:
    """Names of the own items that join a user to an item, None where none does.

    Attributes:
        alike: The one most like it.
        together: The one that shares most baskets with it.
        after: The one that it follows most often.
    """

    alike: str | None = None
    together: str | None = None
    after: str | None = None


def meaning(feature: str) -> str:
    """Return what a feature is about, such as ``due`` or ``popular``."""
    if feature in _DUE:
        return "due"
    if feature in _AGAIN:
        return "again"
    return next(group for prefix, group in _PREFIXES.items() if feature.startswith(prefix))


_MEANINGS = tuple(meaning(name) for name in FEATURES)


def reasons(
    features: Float32Array,
    contributions: Float64Array,
    joined: JoinedItems,
    groups: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the strongest reasons for an item, at most ``MOST``, the strongest first.

    Args:
        features: ``(len(FEATURES),)``.
        contributions: What each adds to the score, ``(len(FEATURES),)``.
        joined: Own items to be named.
        groups: Attributes that group items, as the ranker knows them.
    """
    of = dict(zip(FEATURES, features.tolist(), strict=True))
    added: dict[str, float] = {}
    for group, part in zip(_MEANINGS, contributions.tolist(), strict=True):
        added[group] = added.get(group, 0.0) + part
    if not of["count"]:  # what counts own and others' purchases together is about others here
        added["people"] += added.pop("habit")
    found = []
    for group in sorted(added, key=lambda name: -added[name]):
        if added[group] > 0 and (words := _words(group, of, joined, groups)):
            found.append(words)
    return tuple(found[:MOST])


_Values = Mapping[str, float]


def _words(group: str, of: _Values, joined: JoinedItems, groups: Sequence[str]) -> str | None:
    if group in _WORDS:
        return _WORDS[group](of, joined)
    if group.startswith("group_"):
        number = int(group.removeprefix("group_"))
        share = of[f"{group}_share"]
        if number <= len(groups) and share >= 0.01:
            return f"{share:.0%} of recent purchases are of this {_plain(groups[number - 1])}"
    return None  # what is about the user alone speaks for no item


def _due(of: _Values, _: JoinedItems) -> str | None:
    since = of["days_since_last"]
    if math.isnan(since):
        return None
    last = f"last bought {_ago(since)}"
    gap, others = of["gap"], of["item_days_between"]
    if not math.isnan(gap):
        return f"due: {_every(gap)}, {last}" if since >= _DUE_FROM * gap else last
    if not math.isnan(others) and since >= _DUE_FROM * others:
        return f"due: others buy it {_every(others)}, {last}"
    return last


def _habit(of: _Values, _: JoinedItems) -> str | None:
    count = round(of["count"])
    if count == 0:
        return None
    times = {1: "once", 2: "twice"}.get(count, f"{count} times")
    share = of["share_of_baskets"]
    return f"bought {times}" + (f", in {share:.0%} of baskets" if share >= 0.01 else "")


def _alike(of: _Values, joined: JoinedItems) -> str | None:
    if math.isnan(of["near_score"]):
        return None
    return f"like {joined.alike}" if joined.alike else "like what was bought before"


def _together(of: _Values, joined: JoinedItems) -> str | None:
    if math.isnan(of["together_score"]):
        return None
    return f"often in one basket with {joined.together or 'what was bought last'}"


def _next(of: _Values, joined: JoinedItems) -> str | None:
    if math.isnan(of["next_score"]):
        return None
    return f"often bought after {joined.after or 'what was bought last'}"


def _people(of: _Values, _: JoinedItems) -> str | None:
    return None if math.isnan(of["people_score"]) else "similar users buy it"


def _popular(of: _Values, _: JoinedItems) -> str | None:
    if of["item_events_7_days"] >= 1.0 and of["item_trend"] >= _TRENDING:
        return "popular this week"
    return "popular" if of["item_events"] > 0 else None


def _again(of: _Values, _: JoinedItems) -> str | None:
    return "who buys it buys it again" if of["item_share_of_users_again"] > 0 else None


_WORDS: Mapping[str, Callable[[_Values, JoinedItems], str | None]] = {
    "due": _due,
    "habit": _habit,
    "alike": _alike,
    "together": _together,
    "next": _next,
    "people": _people,
    "popular": _popular,
    "again": _again,
}


def _every(days: float) -> str:
    return f"every {round(days)} days" if days >= 1.5 else "every day"


def _ago(days: float) -> str:
    whole = round(days)
    return {0: "today", 1: "1 day ago"}.get(whole, f"{whole} days ago")


def _plain(attribute: str) -> str:
    return attribute.removesuffix("_id").replace("_", " ")
