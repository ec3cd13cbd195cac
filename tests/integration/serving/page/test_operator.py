"""Whoever runs the engine sees generations, nights, the gate, freshness and quarantine."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.connections.session import open_registry


@pytest.fixture(scope="module")
def at_work(nights: Any, serving: Any) -> Iterator[Any]:
    with open_registry(nights.settings) as registry:
        load = registry.start_ingest("bad.csv", "0" * 64, "events")
        registry.finish_ingest(load, 0, 0, 1_205, "done", {"enum": 5, "too-long": 1_200}, 1_205)
    with serving(nights.settings, with_keys=False) as one:
        yield one


@pytest.fixture
def page(page_of: Any, at_work: Any) -> Any:
    page = page_of(at_work, place="operator")
    page.until(lambda: page.all("#nights .night"))
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


def test_no_key_is_asked_for_while_there_is_none(page: Any) -> None:
    assert page.shown("#key-form") is None
    assert page.shown("#forget-key") is None
    # The only generation there is: nothing to promote, nothing to go back to.
    assert page.all("#generations button") == []
    page.click("#to-person")
    page.until(lambda: page.shown("#person-view"))
    assert page.shown("#operator-view") is None
    assert page.one("#to-person").get_attribute("aria-current") == "page"
