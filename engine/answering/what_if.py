"""What users would have done with another generation's lists, from lists that were explored.

Each of these is asked again of the other generation, for the same user and with the same options,
as if nothing had happened since; where both have the same item at a position, what came of it
counts, by the propensity with which it stood there (``engine.ab_tests.off_policy``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from engine.ab_tests.off_policy import OffPolicyEstimate, ShownItems, doubly_robust, ips, snips
from engine.ab_tests.reward_model import PlacedItems, expected_rewards
from engine.answering.experiment_variants import parse_variant
from engine.answering.outcomes import OutcomeRequest
from engine.answering.sources import Sources, recommend
from engine.answering.variant_lists import asked_of
from engine.data.arrays import Int64Array
from engine.data.experiment_definition import Variant
from engine.data.tabular import Tabular
from engine.errors import NotFound, UsageError
from engine.graph import explored_lists, outcome_sums, stored_generations
from engine.graph.explored_lists import ExploredList
from engine.graph.lists.question import Question
from engine.graph.stored_generations import StoredGeneration
from engine.store.graph_client import GraphClient
from engine.store.pinned_client import PinnedClient

MOST_LISTS = 2_000
_ASKED = (
    *("k", "explore", "exclude_seen", "seen_days", "seen_events", "filters", "facts"),
    *("allow", "block", "candidates"),
)
"""Options that can be asked again from what is remembered of them."""


@dataclass(frozen=True)
class WhatIfRequest:
    """Which lists are judged, by what, and in place of which.

    Attributes:
        target: ``generation:13``, ``generation:13:mmr=0.7``, ``serving``, ``serving:damping=0.3``.
        event: The kind of event that is a conversion; None: the only one that names a list.
        days: Lists of the last so many days.
        within_days: What is done so long after a list counts for it.
    """

    target: str
    event: str | None = None
    days: float = 28.0
    within_days: float = 7.0

    @property
    def variant(self) -> Variant:
        """What the lists are compared with.

        Raises:
            UsageError: It is none whose lists can be asked again.
        """
        found = parse_variant("what-if", self.target, 100.0)
        beside = {"blend", "explore", "fallback", "not_shown_within", "rerank"} & set(found.options)
        if found.kind not in ("generation", "serving") or beside:
            what = f"the option {min(beside)}" if beside else found.kind
            raise UsageError(
                f"what-if must name a generation and options of its own list, not {what}",
                hint="engine outcomes --what-if generation:13, or serving:mmr=0.7",
            )
        return found

    @property
    def time(self) -> OutcomeRequest:
        """When the lists were answered, and what counts for them."""
        events = () if self.event is None else (self.event,)
        return OutcomeRequest(events=events, days=self.days, within_days=self.within_days)


@dataclass(frozen=True)
class WhatIfReport(Tabular):
    """What the target would have converted, per shown item.

    Attributes:
        generation: The one that was asked.
        event: What is a conversion.
        lists, users, shown: What was shown: lists, their users, their items that count.
        skipped: Lists that cannot be asked again: named with other lists, pinned, and the like.
        agreed: Share of these items that the target shows at the same position.
        logged: What was shown.
        estimates: Of the target, by estimator.
    """

    target: str
    generation: int
    event: str
    lists: int
    users: int
    shown: int
    skipped: int
    agreed: float
    logged: OffPolicyEstimate
    estimates: Mapping[str, OffPolicyEstimate]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for what was shown, and for each estimate of what would have been."""
        rows = {"as it was": self.logged} | {f"would be, {n}": e for n, e in self.estimates.items()}
        return [{"conversions per item": name, **asdict(one)} for name, one in rows.items()]

    def remarks_for_reader(self) -> list[str]:
        """Say what the estimates rest on."""
        skipped = f" {self.skipped} lists with other options are left out." if self.skipped else ""
        return [
            f"{self.lists} explored lists of {self.users} users, {self.shown} items; generation "
            f"{self.generation} shows {self.agreed:.0%} of them at the same position.{skipped}",
            "Assumed: an item converts by itself, its user and its position, whatever stands "
            "around it; the catalogue, dislikes and other people are as they are today. What the "
            "user did after a list is not known to the list that is asked in its place.",
        ]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def what_if(graph: GraphClient, request: WhatIfRequest, list_days: float) -> WhatIfReport:
    """Estimate what another generation's lists would have converted.

    The newest 2,000 explored lists count, of those that were answered after the newest event that
    the generation learned from: what followed them taught it nothing.

    Raises:
        NotFound: There is no such generation, or no such list.
        UsageError: The target cannot be asked, or the kind of event must be named.
        TooLittleOverlap: What was shown says too little about the target.
    """
    variant, time = request.variant, request.time.lists(list_days)
    one = _generation(graph, variant)
    learned_until = one.settings.get("newest_at") or 0
    time = replace(time, since=max(time.since, learned_until + 1))
    event = request.event or _only_kind(outcome_sums.kinds(graph, time))
    lists = explored_lists.newest(graph, time, event, MOST_LISTS)
    pairs = [(each, question) for each in lists if (question := _question(each)) is not None]
    if not pairs:
        raise NotFound(
            f"no explored list is remembered from after what generation {one.number} learned from",
            hint="ask for lists with explore=0.1, and set remember_lists = true in engine.toml",
        )
    client = PinnedClient(graph, one.number)
    targets = [_target(client, each, question, variant) for each, question in pairs]
    return _report(request.target, one.number, event, [each for each, _ in pairs], targets,
                   len(lists) - len(pairs))  # fmt: skip


def _generation(graph: GraphClient, variant: Variant) -> StoredGeneration:
    for one in stored_generations.generations(graph):
        if one.number == variant.generation or (variant.generation is None and one.serving):
            return one
    wanted = "nothing" if variant.generation is None else f"no generation {variant.generation}"
    raise NotFound(f"{wanted} is in the graph", hint="engine generations")


def _only_kind(kinds: Sequence[str]) -> str:
    if len(kinds) != 1:
        named = f"several kinds name a list: {', '.join(kinds)}" if kinds else "none names a list"
        raise UsageError(
            f"what-if needs a kind of event that is a conversion; {named}",
            hint=f"engine outcomes --what-if serving --event {kinds[-1] if kinds else 'purchase'}",
        )
    return kinds[0]


def _question(one: ExploredList) -> Question | None:
    """Return what a list was asked, without exploration; None where that is not known whole."""
    options = dict(one.options)
    if set(options) - set(_ASKED) or any(isinstance(value, str) for value in options.values()):
        return None
    options.pop("explore", None)
    given: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in options.items()
    }
    return Question(**given, now=one.at)


def _target(
    client: PinnedClient, one: ExploredList, question: Question, variant: Variant
) -> tuple[str, ...]:
    """Return what the target would have shown."""
    client.until = one.at
    asked, _ = asked_of(question, variant, _no_list)
    return tuple(item.id for item in recommend(client, one.user, asked, Sources()).items)


def _no_list(name: str) -> Any:
    raise NotFound(f"there is no list named {name}")


def _report(
    target: str,
    generation: int,
    event: str,
    lists: Sequence[ExploredList],
    targets: Sequence[tuple[str, ...]],
    skipped: int,
) -> WhatIfReport:
    """Make rows of what was shown, one for each item that counts, and estimate."""
    rows = [
        (one.user, one.items[n], n, one.propensities[n], one.items[n] in one.taken,
         wanted[n] if n < len(wanted) else None)
        for one, wanted in zip(lists, targets, strict=True)
        for n in one.seen
    ]  # fmt: skip
    users, items, places, propensities, taken, wanted = zip(*rows, strict=True)
    number = _numbers(users)
    of_item = {name: at for at, name in enumerate(dict.fromkeys((*items, *wanted)))}
    place = np.array(places, dtype=np.int64)
    shown = PlacedItems(np.array([of_item[one] for one in items], dtype=np.int64), place)
    other = np.array([-1 if one is None else of_item[one] for one in wanted], dtype=np.int64)
    reward, propensity = np.array(taken, dtype=np.float64), np.array(propensities)
    same = (shown.item == other).astype(np.float64)
    judged = ShownItems(number, reward, propensity, same)
    expected = expected_rewards(number, shown, reward, PlacedItems(other, place))
    return WhatIfReport(
        target,
        generation,
        event,
        len(lists),
        len(set(users)),
        len(rows),
        skipped,
        float(np.mean(same)),
        ips(replace(judged, target=propensity)),
        {
            "ips": ips(judged),
            "snips": snips(judged),
            "doubly robust": doubly_robust(judged, *expected),
        },
    )


def _numbers(names: Sequence[str]) -> Int64Array:
    known = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([known[name] for name in names], dtype=np.int64)
