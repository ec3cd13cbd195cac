"""A person at the page sees what the routes answer, and every control changes what is shown."""

from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys


def _answer(running: Any, **body: Any) -> Any:
    with running.client("read") as client:
        answer = client.post("/v1/recommendations", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _ids(found: Any) -> list[str]:
    return [one["id"] for one in found["items"]]


def test_people_are_found_by_what_is_typed(page: Any, running: Any) -> None:
    page.one("#who").send_keys("u2")
    with running.client("read") as client:
        told = client.get("/v1/users", params={"prefix": "u2", "limit": 12}).json()
    expected = [one["id"] for one in told["users"]]
    page.until(lambda: page.ids("#who-list") == expected)
    assert expected == ["u2", *(f"u2{n}" for n in range(10))]
    # The keyboard is enough.
    page.one("#who").send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
    page.until(lambda: page.texts("#history .who bdi") == ["u20"])
    assert page.browser.current_url.endswith("#person=u20")
    page.one("#who").send_keys("nobody")
    page.until(lambda: page.texts("#who-list li") == ["Nobody."])


def test_history_and_recommendations_are_those_of_the_routes(page: Any, running: Any) -> None:
    page.pick("u3")
    with running.client("read") as client:
        history = client.get("/v1/users/u3/history").json()
        lists = client.get("/v1/users/u3/recommendations").json()
    page.until(lambda: page.ids("#history") == [one["id"] for one in history["events"]])
    page.until(lambda: page.ids("#list") == _ids(lists))
    assert page.texts("#list .name") == [one["name"] for one in lists["items"]]
    assert page.texts("#list .badge") == [one["source"] for one in lists["items"]]
    assert page.texts("#list .score") == [f"{one['score']:.3f}" for one in lists["items"]]
    said = page.texts("#list .meta")[0]
    assert said.startswith("generation 1 · asked for-you, served embedding · ")
    assert said.endswith(" ms")


def test_the_history_shows_ids_and_weights(page: Any, bare: Any) -> None:
    bare(
        "MATCH (:User {id: 'u5'})-[event:INTERACTED]->(item) WITH event, item "
        "ORDER BY item.id LIMIT 2 WITH collect(event) AS events, collect(item) AS items "
        "SET (events[0]).weight = 2.5, (items[1]).name = null"
    )
    page.pick("u5")
    weighted, nameless = sorted(page.ids("#history"))[:2]
    said = page.texts(f"#history [data-id={weighted}] .from")[0]
    assert said.endswith(f" · weight 2.5 · {weighted}")
    assert page.texts(f"#history [data-id={weighted}] .name") == [f"Item {weighted[1:]}"]
    # Where there is no name the id takes its place, once; a weight of one goes without saying.
    assert page.texts(f"#history [data-id={nameless}] .name") == [nameless]
    assert nameless not in page.texts(f"#history [data-id={nameless}] .from")[0]
    assert sum("weight" in text for text in page.texts("#history .from")) == 1


def test_the_menu_has_the_lists_that_the_service_makes(page: Any, running: Any) -> None:
    with running.client("read") as client:
        offered = client.get("/v1/lists").json()["lists"]
    titles = [one["title"] for one in offered if "likes" not in one["needs"]]
    assert page.texts("#by option") == titles
    assert page.texts("#blend option") == ["nothing", *titles]
    assert page.one("#by").get_attribute("value") == "for-you"


@pytest.mark.parametrize(
    ("changes", "body"),
    [
        ({"k": "23"}, {"k": 23}),
        ({"by": "because"}, {"by": "because"}),
        ({"blend": "trending"}, {"blend": "trending"}),
        ({"damping": "0.6"}, {"damping": 0.6}),
        ({"variety": "0.5"}, {"mmr": 0.5}),
        ({"seen-days": "2"}, {"seen_days": 2}),
        ({"only": "kind=tea"}, {"filters": {"kind": ["tea"]}}),
        ({"only": "Brand=1, Brand=2, kind=coffee"},
         {"facts": {"Brand": ["1", "2"]}, "filters": {"kind": ["coffee"]}}),
        ({"at-most": "2", "trait": "Brand"}, {"at_most": {"trait": "Brand", "n": 2}}),
    ],
)  # fmt: skip
def test_a_filter_changes_the_list(
    page: Any, running: Any, changes: dict[str, str], body: dict[str, Any]
) -> None:
    plain = _ids(_answer(running, user="u3"))
    expected = _ids(_answer(running, user="u3", **body))
    assert expected != plain
    page.pick("u3")
    page.until(lambda: page.ids("#list") == plain)
    for id_, value in changes.items():
        page.set(id_, value)
    page.until(lambda: page.ids("#list") == expected)


def test_nothing_comes_from_elsewhere(page: Any) -> None:
    page.pick("u3")
    asked = page.asked_for()
    for path in ("/", "/page/main.js", "/page/style.css", "/v1/users/u3/history"):
        assert any(url.split("?")[0] == page.url + path for url in asked), (path, asked)
    assert all(url.startswith((page.url, "about:")) for url in asked)


def test_what_was_seen_may_come_back(page: Any, running: Any) -> None:
    expected = _ids(_answer(running, user="u3", exclude_seen=False))
    page.pick("u3")
    page.click("#exclude-seen")
    page.until(lambda: page.ids("#list") == expected)
    assert set(expected) & {one for one in page.ids("#history") if one}


def test_why_another_list_filled_in_is_said(page: Any, running: Any) -> None:
    told = _answer(running, user="u3", by="again", fallback=["popular"])
    assert told["note"]
    page.pick("u3")
    page.set("by", "again")
    page.click("#fill-in")
    page.until(lambda: page.texts("#list .note") == [told["note"]])
    assert page.ids("#list") == _ids(told)


def test_a_list_that_cannot_be_made_says_why(page: Any) -> None:
    page.pick("u3")
    page.set("by", "next")
    page.until(lambda: any("never built" in text for text in page.texts("#list [role=alert]")))
    said = page.said()
    assert len(said) == 1, "the browser's own line about a 409"
    assert "409" in said[0]


def test_an_item_draws_what_speaks_for_it(page: Any, running: Any) -> None:
    page.pick("u1")
    page.set("k", "50")
    page.until(lambda: "i6" in page.ids("#list"))
    page.click("#list [data-id=i6] button")
    with running.client("read") as client:
        why = client.get("/v1/users/u1/explanations/i6").json()
    page.until(lambda: page.texts("#why .sentence") == [why["sentence"]])
    nodes = {one["key"]: one for one in why["graph"]["nodes"]}
    drawn = page.browser.execute_script(
        "return [...document.querySelectorAll('#why .node')]"
        ".map(one => [one.dataset.key, one.querySelector('.label').textContent])"
    )
    assert dict(drawn) == {key: one.get("name") or one["id"] for key, one in nodes.items()}
    assert {"user:u1", "item:i6", "entity:Brand:1"} <= set(nodes)
    joins = [one for one in why["graph"]["edges"] if one["kind"] in ("alike", "together", "after")]
    assert len(page.all("#why .plate")) == len(joins)
    assert len(page.all("#why path.edge")) == len(why["graph"]["edges"]) + len(joins)
    assert page.one("#why svg").get_attribute("aria-label") == why["sentence"]
    assert page.one("#list [data-id=i6] button").get_attribute("aria-pressed") == "true"


def test_similar_items_are_those_of_the_route(page: Any, running: Any) -> None:
    page.pick("u1")
    page.until(lambda: page.ids("#list"))
    item = page.ids("#list")[0]
    page.click("#list button")
    with running.client("read") as client:
        path = f"/v1/items/{item}/similar"
        expected = {
            by: _ids(client.get(path, params={"k": 8, "by": by}).json())
            for by in ("embedding", "attributes")
        }
    page.until(lambda: page.ids("#similar") == expected["embedding"])
    page.set("similar-by", "attributes")
    page.until(lambda: page.ids("#similar") == expected["attributes"])
    # And on: an item of that list is explained in its turn.
    page.click("#similar button")
    page.until(lambda: page.all(f"#why .node[data-key='item:{expected['attributes'][0]}'].item"))


def test_a_person_has_an_address(page: Any) -> None:
    page.open("person=u7")
    page.until(lambda: page.texts("#history .who bdi") == ["u7"])
    page.browser.execute_script("location.hash = '#person=u8'")
    page.until(lambda: page.texts("#history .who bdi") == ["u8"])
    page.browser.back()
    page.until(lambda: page.texts("#history .who bdi") == ["u7"])
    page.open("person=%E0%A4%A")
    page.until(lambda: "Pick a person" in page.texts("#history")[0])


def test_a_key_is_asked_for_and_stays_in_the_tab(page_of: Any, running: Any) -> None:
    page = page_of(running)
    page.give_key("engine_000000000000_" + "A" * 43)
    page.until(lambda: "not accepted" in page.texts("#key-said")[0])
    page.give_key(running.keys["read"])
    page.until(lambda: "generation 1" in page.texts("#in-service")[0])
    assert page.shown("#key-form") is None
    stored = (
        "return [JSON.stringify(sessionStorage), JSON.stringify(localStorage), document.cookie]"
    )
    session, local, cookie = page.browser.execute_script(stored)
    assert running.keys["read"] in session
    assert (local, cookie) == ("{}", "")
    assert running.keys["read"] not in page.browser.current_url
    page.click("#forget-key")
    page.until(lambda: page.shown("#key-form"))
    assert page.browser.execute_script(stored)[0] == "{}"
    # The browser's own lines about the answers 401, and nothing else.
    assert all(" 401 " in text for text in page.said())


def test_what_is_explored_is_marked(
    page_of: Any, settings: Any, serving: Any, tmp_path: Any, bare: Any
) -> None:
    more = {"home": tmp_path, "remember_lists": True}
    with (
        serving(settings.model_copy(update=more)) as shop,
        page_of(shop, shop.keys["read"]) as page,
    ):
        shop.service.exploration.look()
        page.pick("u3")
        page.set("explore", "1")
        explored = [False] + [True] * 9
        page.until(lambda: [text == "explored" for text in page.texts("#list .badge")] == explored)
        page.set("explore", "0")
        page.until(lambda: "explored" not in page.texts("#list .badge"))
        page.until(lambda: shop.service.answered.waiting == 0)
    bare("MATCH (l:List) DETACH DELETE l")
