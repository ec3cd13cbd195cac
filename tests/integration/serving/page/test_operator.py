"""Whoever runs the engine sees generations, nights, the gate, freshness and quarantine."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from engine.answering.experiment_request import ExperimentRequest
from engine.connections.session import open_graph, open_registry
from engine.data.list_id import first_list_id
from engine.graph import remembered_lists
from engine.graph.remembered_lists import RememberedList
from engine.usecases import experimenting

_DAY_MS = 86_400_000
_ITEMS = ("i0", "i2", "i4")


def _remember(service: Any) -> None:
    """Two experiments, of which ``mug`` lost users, lists of three days, and what came of them."""
    variants = {"a": "serving", "b": "serving:mmr=0.7"}
    for name, days in (("tea", None), ("mug", 14)):
        request = ExperimentRequest(name, variants, traffic=50.0, days=days)
        experimenting.start(service.settings, request)
    now = int(1_000 * time.time())
    shown = [(f"u{n}", now, f"tea/{'ab'[n % 2]}") for n in range(120)]
    shown += [(f"u{n}", now, f"mug/{'ab'[n % 20 == 0]}") for n in range(100)]
    shown += [(f"u{n}", now - (1 + n % 2) * _DAY_MS, None) for n in range(40)]
    lists = [
        RememberedList(
            first_list_id(at + n), at, user, "for-you", None, 1, "{}", _ITEMS, _ITEMS, variant
        )
        for n, (user, at, variant) in enumerate(shown)
    ]
    with open_graph(service.settings) as graph:
        remembered_lists.write(graph, lists)
    events = [
        {"user_id": one.user, "item_id": _ITEMS[n % 3], "event": event,
         "event_id": f"{event} {n}", "list_id": one.id, "list_position": n % 3 + 1,
         "timestamp": str(one.at)}
        for n, one in enumerate(lists)
        for event in ["purchase"] * (n % 7 < 3) + ["click"] * (n % 5 < 2)
    ]  # fmt: skip
    with service.client() as client:
        assert client.post("/v1/events", json={"events": events}).json()["accepted"] == len(events)


@pytest.fixture(scope="module")
def at_work(nights: Any, serving: Any) -> Iterator[Any]:
    with open_registry(nights.settings) as registry:
        load = registry.start_ingest("bad.csv", "0" * 64, "events")
        registry.finish_ingest(load, 0, 0, 1_205, "done", {"enum": 5, "too-long": 1_200}, 1_205)
    settings = nights.settings.model_copy(update={"remember_lists": True})
    with serving(settings, with_keys=False) as one:
        _remember(one)
        yield one


@pytest.fixture
def page(page_of: Any, at_work: Any) -> Any:
    page = page_of(at_work, place="operator")
    # All of it, so that nothing moves under the pointer.
    for place in ("#status .card", "#generations tbody", "#nights .night", "#experiments tbody"):
        page.until(lambda place=place: page.all(place))
    return page


def test_generations_and_nights_are_those_of_the_routes(page: Any, at_work: Any) -> None:
    with at_work.client() as client:
        generations = client.get("/v1/generations").json()["generations"]
        nights = client.get("/v1/nights").json()["nights"]
    page.until(lambda: page.all("#generations tbody tr"))
    assert page.texts("#generations tbody td:first-child") == [
        str(one["number"]) for one in generations
    ]
    assert page.texts("#generations tbody .badge") == [one["state"] for one in generations]
    assert page.texts("#nights .number") == [f"Night {one['number']}" for one in nights]
    for one, summary in zip(nights, page.texts("#nights summary"), strict=True):
        assert one["outcome"] in summary
        assert ("held back" in summary) == any("held" in file for file in one["files"])


def test_a_night_opens_to_its_gate_and_its_files(page: Any, at_work: Any) -> None:
    with at_work.client() as client:
        _, second, first = client.get("/v1/nights").json()["nights"]
    page.click("[data-night='1'] summary")
    rules = first["rules"]["lightgcn"]
    page.until(lambda: page.shown("[data-night='1'] table"))
    gate = "[data-night='1'] [aria-label='Gate: lightgcn']"
    assert page.texts(f"{gate} tbody td:nth-child(2)") == [rule["name"] for rule in rules]
    assert page.texts(f"{gate} tbody td:first-child") == [
        "kept" if rule["passed"] else "broken" for rule in rules
    ]
    assert page.texts("[data-night='2'] .cause") == second["causes"]
    assert page.texts("[data-night='2'] [aria-label^=Files] td:nth-child(2)") == ["header"]


def test_the_chart_has_a_point_for_everything_measured(page: Any, at_work: Any) -> None:
    with at_work.client() as client:
        nights = client.get("/v1/nights").json()["nights"]
    points = {
        f"{'in service before' if each['role'] == 'in-service' else each['name']}, "
        f"night {one['number']}: {each['quality']:.4f}"
        for one in nights
        for each in one["measured"]
    }
    page.until(lambda: page.all("#quality svg"))
    assert set(page.texts("#quality .series circle title")) == points
    assert {text.split(",")[0] for text in points} == set(page.texts("#quality .legend bdi"))


def test_freshness_and_quarantine_are_shown(page: Any, at_work: Any) -> None:
    with at_work.client() as client:
        told = client.get("/v1/status").json()
    page.until(lambda: page.all("#status .card"))
    cards = dict(zip(page.texts("#status dt"), page.texts("#status dd"), strict=True))
    assert cards["Events"] == f"{told['events']:,}"
    assert cards["In service"] == f"generation {told['generation']}"
    assert "ago" in cards["Newest event"]
    assert cards["In quarantine"] == "1,205 rows"
    rows = zip(
        page.texts("#status td:first-child"), page.texts("#status td:last-child"), strict=True
    )
    assert list(rows) == [("too-long", "1,200"), ("enum", "5")]


def test_what_came_of_lists_is_drawn_and_told_by_day_and_by_position(
    page: Any, at_work: Any
) -> None:
    with at_work.client() as client:
        told = [client.get("/v1/outcomes", params={"by": by}).json() for by in ("day", "position")]
    rates = {
        (each["event"], group["group"]): each["per_list"]
        for one in told
        for group in one["groups"]
        for each in group["outcomes"]
    }
    assert [len(one["groups"]) for one in told] == [3, 3]
    figures = {
        f"{event} per list, {group}: {rate['ratio']:.4f} ({rate['low']:.4f} to {rate['high']:.4f})"
        for (event, group), rate in rates.items()
    }
    page.until(lambda: page.all("#outcomes svg"))
    assert set(page.texts("#outcomes .series circle title")) == figures
    assert len(page.all("#outcomes .chart > svg .series line")) == len(figures)
    # The same for who does not see curves, by the keyboard.
    page.one("#outcomes .figures summary").send_keys(Keys.ENTER)
    page.until(lambda: page.shown("#outcomes [aria-label='Events per list by day'] table"))
    by_day = "#outcomes [aria-label='Events per list by day'] td"
    rows = [group["group"] for group in told[0]["groups"]]
    assert page.texts(f"{by_day}:first-child") == rows
    assert page.texts(f"{by_day}:last-child") == [
        text.split(": ")[1]
        for day in rows
        for text in figures
        if f"purchase per list, {day}" in text
    ]


def test_experiments_are_told_by_variant_and_an_uneven_split_is_an_alarm(
    page: Any, at_work: Any
) -> None:
    def looks() -> dict[str, int]:
        listed = client.get("/v1/experiments").json()["experiments"]
        return {one["name"]: one["looks"] for one in listed}

    def rates(name: str) -> list[str]:
        texts: list[str] = page.texts(f"[data-experiment={name}] tbody td:nth-child(4)")
        return texts

    with at_work.client() as client, page.window(390):
        page.until(lambda: rates("tea"))
        asked = {"event": "purchase"}
        tea = client.get("/v1/experiments/tea/report", params=asked).json()["variants"]
        assert page.texts("[data-experiment=tea] td:first-child") == [
            "aserving",
            "bserving:mmr=0.7",
        ]
        assert page.texts("[data-experiment=tea] td:nth-child(3)") == ["60", "60"]
        assert rates("tea") == [f"{one['rate']:.4f}" for one in tea]
        low, high = (100 * tea[1]["against"][f"relative_{end}"] for end in ("low", "high"))
        between = f"\N{MINUS SIGN}{-low:.1f} % to +{high:.1f} %"
        assert page.texts("[data-experiment=tea] td:nth-child(6)") == [
            "\N{EN DASH}",
            between,
        ]
        assert page.all("#experiments [role=alert]") == []
        # A look before the end of a fixed time is taken by whoever opens it.
        assert looks()["mug"] == 0
        page.one("[data-experiment=mug] summary").send_keys(Keys.ENTER)
        page.until(lambda: rates("mug"))
        assert looks()["mug"] == 1
        (alarm,) = page.texts("#experiments [role=alert]")
        assert alarm.startswith("SAMPLE RATIO MISMATCH: 95 / 5 users")
        assert page.width() <= 390
        assert page.nameless() == []
        # Of several kinds of event, another one is chosen.
        assert page.texts("label[for=conversion]") == ["A conversion is"]
        page.one("#conversion").send_keys("click")
        tea = client.get("/v1/experiments/tea/report", params={"event": "click"}).json()["variants"]
        page.until(lambda: rates("tea") == [f"{one['rate']:.4f}" for one in tea])


def test_no_key_is_asked_for_while_there_is_none(page: Any) -> None:
    assert page.shown("#key-form") is None
    assert page.shown("#forget-key") is None
    # The only generation there is: nothing to promote, nothing to go back to.
    assert page.all("#generations button") == []
    page.click("#to-person")
    page.until(lambda: page.shown("#person-view"))
    assert page.shown("#operator-view") is None
    assert page.one("#to-person").get_attribute("aria-current") == "page"
