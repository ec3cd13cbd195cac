"""Lists that are interleaved while a service runs: drafted, paged, remembered, counted by hand."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from engine.answering.interleaved_lists import interleaved
from engine.api import Engine
from engine.errors import UsageError

from ..terminal import invoked

_USERS = [f"u{n}" for n in range(12)]


@pytest.fixture
def shop(settings: Any, serving: Any, tmp_path: Any) -> Iterator[Any]:
    with serving(settings.model_copy(update={"home": tmp_path, "remember_lists": True})) as one:
        yield one


def _team(item: dict[str, Any]) -> str:
    return str(item["source"]).partition(":")[0]


@pytest.mark.usefixtures("on_server")
def test_every_user_gets_both_lists_as_one_and_whose_items_are_chosen_is_counted(
    shop: Any, library: Engine, until: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    e = library
    monkeypatch.setenv("ENGINE_HOME", str(shop.settings.home))
    e.set_list("front", by="popular")
    e.start_experiment("mix", {"own": "serving", "all": "list:front"}, interleave=True)
    assert {e.assigned_variant(user)[1].name for user in _USERS} == {"interleaved"}  # type: ignore[index]
    with shop.client("read") as client:

        def asked(user: str, cursor: str | None = None) -> Any:
            """Return the graph's answer; one from memory has no variant."""
            answers: list[Any] = []
            params = {"k": 4} | ({} if cursor is None else {"cursor": cursor})

            def answered() -> bool:
                path = f"/v1/users/{user}/recommendations"
                answers.append(client.get(path, params=params).json())
                return "variant" in answers[-1]

            until(answered)
            return answers[-1]

        first = {user: asked(user) for user in _USERS}
        second = {user: asked(user, first[user]["cursor"]) for user in _USERS}
        stranger = asked("a stranger")
        e.remove_list("front")
        until(lambda: asked("u0")["variant"]["failed"])
        failed = asked("u1")
    shown = {"experiment": "mix", "variant": "interleaved", "failed": False}
    for user in _USERS:
        assert first[user]["variant"] == second[user]["variant"] == shown
        items = first[user]["items"] + second[user]["items"]
        assert [one["position"] for one in items] == list(range(1, 9))
        assert len({one["id"] for one in items}) == 8
        for page in (first[user], second[user]):
            assert Counter(map(_team, page["items"])) == {"own": 2, "all": 2}
    assert failed["variant"]["failed"]
    assert not any(":" in one["source"] for one in failed["items"])

    # The id alone throws the coins: the same two lists make the same draft again.
    for user in _USERS[:3]:
        own, everybody = e.recommend(user, k=4), e.recommend(user, k=4, by="popular")
        drafted = interleaved(
            replace(own, list_id=first[user]["list_id"]), everybody, ("own", "all")
        )
        assert [(one.id, one.source) for one in drafted.items] == [
            (one["id"], one["source"]) for one in first[user]["items"]
        ]
    _choose_and_report(shop, e, first, second, stranger)


def _choose_and_report(
    shop: Any, e: Engine, first: dict[str, Any], second: dict[str, Any], stranger: Any
) -> None:
    """Choose items of one team or the other, some twice, and count them by hand."""
    chosen: dict[str, Counter[str]] = {}
    events = []
    for n, user in enumerate(_USERS[:10]):
        team = "own" if n < 7 else "all"
        for answer in (first[user], second[user]) if n % 2 else (first[user],):
            one = next(item for item in answer["items"] if _team(item) == team)
            chosen.setdefault(user, Counter())[team] += 1
            events += [_purchase(user, answer, one) for _ in range(2)]
    for one in first["u10"]["items"]:  # two of each team
        events.append(_purchase("u10", first["u10"], one))
        chosen.setdefault("u10", Counter())[_team(one)] += 1
    events.append(_purchase("u11", first["u1"], first["u1"]["items"][0]))  # of somebody else
    for n, event in enumerate(events):
        event["event_id"] = f"chosen{n}"
    with shop.client("write") as writer:
        told = writer.post(
            "/v1/impressions",
            json={"list_id": stranger["list_id"], "items": [stranger["items"][0]["id"]]},
        )
        assert told.status_code == 200, told.text
        done = writer.post("/v1/events", json={"events": events}).json()
        assert done["accepted"] == len(events), done
    assert shop.service.answered.waiting == 0

    report = json.loads(invoked("experiment", "report", "mix", "--json").stdout)
    totals = sum(chosen.values(), Counter[str]())
    assert [(one["name"], one["chosen"], one["users"]) for one in report["teams"]] == [
        ("own", totals["own"], 7),
        ("all", totals["all"], 3),
    ]
    found = report["preference"]
    assert (found["for_a"], found["for_b"], found["ties"]) == (7, 3, 1)
    assert found["preference"] == pytest.approx(3.5 / 11)
    assert found["p"] == pytest.approx(0.34375)  # two sides of a coin: 3 of 10 or fewer
    assert report["users"] == len(_USERS)
    said = " ".join(report["remarks"])
    assert "could not be interleaved: the control made them" in said
    assert "1 lists of people who are not in the graph are left out." in said
    with shop.client("read") as reader:
        over_http = reader.get("/v1/experiments/mix/report").json()
        (listed,) = reader.get("/v1/experiments").json()["experiments"]
    assert {name: over_http[name] for name in ("teams", "preference", "users")} == {
        name: report[name] for name in ("teams", "preference", "users")
    }
    assert listed["interleaved"]
    printed = invoked("experiment", "report", "mix").stdout
    assert "31.8% of those who chose prefer all" in printed
    assert "Look 3: interval and p are those of one look" in printed
    with pytest.raises(UsageError, match="the experiment mix is interleaved"):
        e.experiment_report("mix", "credits.csv")
    assert e.stop_experiment("mix", winner="all").remark.startswith("The list front won")


def _purchase(user: str, answer: Any, item: Any) -> dict[str, Any]:
    return {
        "user_id": user,
        "item_id": item["id"],
        "event": "purchase",
        "list_id": answer["list_id"],
        "list_position": item["position"],
    }
