"""An answer that comes when nobody waits for it any more changes nothing that is shown."""

from typing import Any

from selenium.webdriver.common.keys import Keys


def test_people_are_not_offered_once_the_field_is_left(page: Any) -> None:
    with page.held("*/v1/users?*"):
        page.one("#who").send_keys("u2")
        page.wait_for_question("/v1/users?prefix=u2")
        page.one("#who").send_keys(Keys.TAB)
    page.wait_for_end("/v1/users?prefix=u2")
    assert page.shown("#who-list") is None
    assert page.one("#who").get_attribute("aria-expanded") == "false"


def test_the_newest_question_of_a_panel_is_the_one_answered(page: Any, running: Any) -> None:
    page.pick("u1")
    first, second = page.ids("#list")[:2]
    with page.held(f"*/explanations/{first}", f"*/v1/items/{first}/similar*"):
        page.click(f"#list [data-id={first}] button")
        page.wait_for_question(f"/explanations/{first}")
        page.click(f"#list [data-id={second}] button")
        with running.client("read") as client:
            why = client.get(f"/v1/users/u1/explanations/{second}").json()["sentence"]
        page.until(lambda: page.texts("#why .sentence") == [why])
    page.wait_for_end(f"/explanations/{first}")
    assert page.texts("#why .sentence") == [why]


def test_another_person_leaves_the_reasons_of_the_first_unsaid(page: Any) -> None:
    page.pick("u1")
    item = page.ids("#list")[0]
    with page.held("*/v1/users/u1/explanations/*"):
        page.click("#list button")
        page.wait_for_question(f"/v1/users/u1/explanations/{item}")
        page.pick("u2")
    page.wait_for_end(f"/v1/users/u1/explanations/{item}")
    assert page.texts("#why") == ["Choose an item to see what speaks for it."]
