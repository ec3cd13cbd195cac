"""Candidates on trial: how a night begins one, and what becomes of it by what its users did."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import neo4j
import pytest

from engine.answering.experiment_request import ExperimentRequest
from engine.config import Settings
from engine.connections.session import open_graph, open_registry
from engine.data.list_id import new_list_id
from engine.data.online_trial import OnlineGateLimits
from engine.errors import UsageError
from engine.graph import remembered_lists, stored_generations
from engine.graph.remembered_lists import RememberedList
from engine.nights.night_steps import NightContext
from engine.nights.retrain_request import RetrainRequest
from engine.nights.trial_steps import begin_trial
from engine.publishing import generations as published_generations
from engine.usecases import experimenting, generations
from engine.usecases.online_trials import TrialDecision, decide_trials, limits_of
from engine.usecases.status import night_reports_of, read_status

from .conftest import Shop

_LIMITS = OnlineGateLimits(share=50.0, users=50, margin=0.4, days=14.0)
_TEA = ExperimentRequest("tea", {"a": "serving", "b": "holdout"})
_EACH = 200
_BUY = """
UNWIND $rows AS row MATCH (u:User {id: row.user}), (i:Item {id: 'i1'})
CREATE (u)-[:INTERACTED {key: row.key, event: row.event, at: row.at, weight: 1.0, batch: 1,
                         list: row.list, position: 1}]->(i)
"""


class _Trials:
    """Puts plain generations of a shop on trial, and writes what the users of a trial did."""

    def __init__(self, shop: Shop, driver: neo4j.Driver) -> None:
        self.shop, self.settings, self._driver = shop, shop.settings, driver

    def begin(self, limits: OnlineGateLimits = _LIMITS) -> dict[str, Any]:
        """Publish a candidate and do the last step of a night on it."""
        number = self.shop.publish_plain("recent-popular")
        with open_registry(self.settings) as registry:
            night = registry.nights.begin(f"night of {number}").id
        done = self.go_on(night, number, limits)
        if "trial" in done:
            assert self.go_on(night, number, limits) == done
        with open_registry(self.settings) as registry:
            registry.nights.finish(night, "finished", "on-trial")
        return done | {"number": number, "night": night}

    def go_on(self, night: int, number: int, limits: OnlineGateLimits = _LIMITS) -> dict[str, Any]:
        """Do the last step of a night on its candidate, as a night that was cut off does again."""
        request = RetrainRequest(online_gate=limits)
        with open_registry(self.settings) as registry, open_graph(self.settings) as graph:
            stores = (graph, registry)
            context = NightContext(self.settings, request, stores, night, lambda *_: None)
            return begin_trial(context, {"causes": ["it beats all"]}, {"generation": number})

    def act(
        self, trial: str, serving: int, candidate: int, kinds: Sequence[str] = ("buy",)
    ) -> None:
        """Show a list to 200 users of each variant, of whom so many buy its item."""
        with self._driver.session() as session:
            session.run("MATCH (l:List) DETACH DELETE l").consume()
            session.run("MATCH ()-[r:INTERACTED]->() WHERE r.list IS NOT NULL DELETE r").consume()
        lists, events = [], []
        for variant, converted in (("serving", serving), ("candidate", candidate)):
            for n in range(_EACH):
                one = RememberedList(
                    new_list_id(), self._now(), f"{variant}{n}", "for-you", None, 1, "{}",
                    ("i1", "i2"), ("popular", "popular"), f"{trial}/{variant}",
                )  # fmt: skip
                lists.append(one)
                events += [(one, kind) for kind in kinds if n < converted]
        with open_graph(self.settings) as graph:
            remembered_lists.write(graph, lists)
        rows = [
            {"user": one.user, "list": one.id, "at": one.at, "key": 7_000_000 + key, "event": kind}
            for key, (one, kind) in enumerate(events)
        ]
        with self._driver.session() as session:
            session.run(_BUY, rows=rows).consume()

    def decide(self) -> TrialDecision:
        (found,) = decide_trials(self.settings)
        return found

    def serving(self) -> int | None:
        return read_status(self.settings).serving_generation

    def numbers(self) -> set[int]:
        with open_graph(self.settings) as graph:
            return {one.number for one in stored_generations.generations(graph)}

    def kept(self) -> set[int]:
        """Return those that are noted as shown by an experiment, so that no home removes them."""
        with open_graph(self.settings) as graph:
            return {one.number for one in stored_generations.generations(graph) if one.needed_by}

    def state(self, number: int) -> str:
        rows = generations.list_generations(self.settings)
        return next(str(row["state"]) for row in rows if row["number"] == number)

    def _now(self) -> int:
        (experiment, *_) = experimenting.list_experiments(self.settings)
        return int(experiment.started_at.timestamp() * 1_000)


@pytest.fixture(scope="module")
def trials_of_file(open_shop_of_file: Callable[[int], Shop], bare_driver: neo4j.Driver) -> _Trials:
    """A shop in which a night that asked for a trial found nothing in service."""
    shop = open_shop_of_file(6)
    with bare_driver.session() as session:
        session.run(
            "UNWIND range(0, $n - 1) AS n CREATE (:User {id: 'serving' + toString(n)}) "
            "CREATE (:User {id: 'candidate' + toString(n)})",
            n=_EACH,
        ).consume()
    found = _Trials(shop, bare_driver)
    assert found.begin()["generation"] == found.serving() == 1
    return found


@pytest.fixture
def trials(trials_of_file: _Trials) -> Iterator[_Trials]:
    """The same, in which no experiment runs."""
    yield trials_of_file
    for one in experimenting.list_experiments(trials_of_file.settings):
        if one.stopped_at is None:
            experimenting.stop(trials_of_file.settings, one.name)


def test_a_candidate_that_is_not_worse_serves_and_one_that_is_worse_never_does(
    trials: _Trials, planned: list[int]
) -> None:
    before = trials.serving()
    begun = trials.begin()
    number = begun["number"]
    assert set(planned) == {number}, "before anybody gets a list of it"
    assert (begun["generation"], trials.serving()) == (None, before)
    assert read_status(trials.settings).generation_on_trial == number
    experiment = experimenting.list_experiments(trials.settings)[0]
    halves = [str(one) for one in experiment.variants]
    assert halves == ["serving=serving", f"candidate=generation:{number}"]
    with pytest.raises(UsageError, match="at most 0 % of the layer"):
        experimenting.start(trials.settings, _TEA)
    # A newer generation waits, and tidying keeps what is on trial all the same.
    newer = trials.shop.publish_plain("popular")
    with open_registry(trials.settings) as registry, open_graph(trials.settings) as graph:
        published_generations.remove_old(graph, registry, 2)
    assert {number, newer} <= trials.numbers()
    assert trials.kept() == {number}

    waits = trials.decide()
    assert (waits.state, "0 users of the candidate" in waits.why) == ("running", True)
    trials.act(begun["trial"], 180, 178)
    done = trials.decide()
    assert done.state == "promoted", done.why
    assert trials.serving() == number
    assert trials.kept() == set()
    assert decide_trials(trials.settings) == []
    # The night was cut off before it recorded what it had begun.
    again = trials.go_on(begun["night"], number)
    assert again["generation"] == number
    assert again["causes"] == [f"generation {number} is in service already."]
    (move, *_) = generations.list_pointer_moves(trials.settings)
    assert (move.kind, move.why) == ("retrain", f"{begun['trial']}: {done.why}")

    # One that is worse is rolled back at once, and is no generation any more.
    bad = trials.begin()
    trials.act(bad["trial"], 190, 20)
    worse = trials.decide()
    assert worse.state == "rolled-back", worse.why
    assert trials.serving() == number
    assert bad["number"] not in trials.numbers()
    again = trials.go_on(bad["night"], bad["number"])
    ended = f"{bad['trial']} ended while the night stood still: {worse.why}"
    assert again == {"generation": None, "causes": [ended]}
    assert trials.state(bad["number"]) == "refused"
    with open_registry(trials.settings) as registry:
        nights = night_reports_of(registry, 2)
    assert [(one.trial.state, one.trial.why) for one in nights if one.trial] == [
        ("rolled-back", worse.why),
        ("promoted", done.why),
    ]
    assert read_status(trials.settings).generation_on_trial is None


def test_a_trial_whose_generations_somebody_touched_ends(trials: _Trials) -> None:
    before = trials.serving()
    # The candidate is removed, after somebody took away the note that it is shown.
    lost = trials.begin()
    with open_graph(trials.settings) as graph:
        stored_generations.note_needed(graph, [])
        stored_generations.remove(graph, lost["number"])
    found = trials.decide()
    assert (found.state, found.why) == (
        "ended",
        f"Generation {lost['number']} is not in the graph.",
    )
    # What it is compared with serves no more.
    overtaken = trials.begin()
    other = trials.shop.publish_plain("popular")
    generations.promote(trials.settings, other)
    found = trials.decide()
    assert found.why == (
        f"Generation {before} was in service when it began, and now generation {other} is."
    )
    assert (found.state, trials.serving()) == ("ended", other)
    assert overtaken["number"] not in trials.numbers()
    # Somebody promotes the candidate, or stops the trial.
    preferred = trials.begin()
    generations.promote(trials.settings, preferred["number"])
    found = trials.decide()
    assert (found.state, found.why) == ("promoted", "Somebody put it into service.")
    stopped = trials.begin()
    experimenting.stop(trials.settings, stopped["trial"], "candidate")
    assert decide_trials(trials.settings) == []
    assert trials.serving() == stopped["number"]
    # Another experiment leaves too few users: nobody gets the candidate.
    experimenting.start(trials.settings, replace(_TEA, traffic=80.01))
    refused = trials.begin(replace(_LIMITS, share=10.0))
    (cause,) = refused["causes"]
    assert "online_gate_share must be at most 9.995, half of the users who are free" in cause
    assert cause.endswith("not 10: the others are in tea.")
    assert refused["number"] not in trials.numbers()
    narrow = trials.begin(replace(_LIMITS, share=9.0, days=0.0))
    (begun, *_) = experimenting.list_experiments(trials.settings)
    assert begun.name == narrow["trial"]
    assert begun.traffic * begun.variants[1].share == pytest.approx(900.0)
    # Its days are over, and nobody knows what counts.
    trials.act(narrow["trial"], 9, 9, kinds=("click", "buy"))
    found = trials.decide()
    assert (found.state, found.why[:31]) == ("ended", "After 0 days nothing is shown: ")
    assert narrow["number"] not in trials.numbers()


def test_what_cannot_be_counted_waits_and_two_processes_decide_once(trials: _Trials) -> None:
    begun = trials.begin()
    trials.act(begun["trial"], 190, 190, kinds=("click", "buy"))
    found = trials.decide()
    assert found.state == "running"
    assert f"several kinds name a list of {begun['trial']}: buy, click" in found.why
    assert found.why.endswith("set online_gate_event in engine.toml.")
    settings = trials.settings.model_copy(update={"online_gate_event": "buy"})
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(decide_trials, settings) for _ in range(2)]
        decided = [one for future in both for one in future.result()]
    assert [one.state for one in decided] == ["promoted"]
    moves = generations.list_pointer_moves(trials.settings)
    assert [move.to_number for move in moves].count(begun["number"]) == 1


def test_the_gate_needs_lists_that_are_remembered_for_as_long_as_a_trial(home: Path) -> None:
    settings = Settings(home=home, remember_lists=True, online_gate_share=5.0)
    assert limits_of(settings).share == 5.0
    with pytest.raises(UsageError, match="remember_lists is false"):
        limits_of(settings.model_copy(update={"remember_lists": False}))
    with pytest.raises(UsageError, match="online_gate_days must be at most list_days, 7, not 14"):
        limits_of(settings.model_copy(update={"list_days": 7.0}))
