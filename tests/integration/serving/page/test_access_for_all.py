"""The page is for everybody: labels, keyboard, contrast, small windows, light and dark."""

from itertools import pairwise
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

PAIRS = [
    ("--text", "--panel"),
    ("--text", "--ground"),
    ("--text", "--hover"),
    ("--quiet", "--panel"),
    ("--quiet", "--ground"),
    ("--quiet", "--hover"),
    ("--accent", "--panel"),
    ("--accent", "--accent-soft"),
    ("--on-accent", "--accent"),
    ("--warn", "--panel"),
    ("--warn", "--warn-soft"),
]


def _luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest, page: Any) -> Any:
    features = [{"name": "prefers-color-scheme", "value": request.param}]
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    yield request.param
    page.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_text_stands_out_in_light_and_dark(page: Any, scheme: str) -> None:
    names = sorted({name for pair in PAIRS for name in pair})
    colours = page.browser.execute_script(
        "const style = getComputedStyle(document.documentElement);"
        "return Object.fromEntries(arguments[0].map(n => [n, style.getPropertyValue(n).trim()]))",
        names,
    )
    assert (_luminance(colours["--panel"]) > 0.5) == (scheme == "light")
    for text, ground in PAIRS:
        one, other = sorted((_luminance(colours[text]), _luminance(colours[ground])))
        assert (other + 0.05) / (one + 0.05) >= 4.5, (text, ground)


def test_every_control_has_a_name(page: Any) -> None:
    page.pick("u3")
    assert page.nameless() == []
    assert page.one("html").get_attribute("lang") == "en"
    levels = [int(tag[1]) for tag in page.browser.execute_script(
        "return [...document.querySelectorAll('h1, h2, h3')].map(one => one.localName)"
    )]  # fmt: skip
    assert levels[0] == 1
    assert max(after - before for before, after in pairwise(levels)) <= 1


def test_the_keyboard_is_enough(page: Any) -> None:
    """From the field where a person is picked to the reasons of an item, by Tab and Enter."""
    page.one("#who").send_keys("u3", Keys.ENTER)
    page.until(lambda: page.ids("#list"))
    for _ in range(80):
        page.browser.switch_to.active_element.send_keys(Keys.TAB)
        if page.browser.execute_script("return document.activeElement.closest('#list') !== null"):
            break
    page.browser.switch_to.active_element.send_keys(Keys.ENTER)
    page.until(lambda: page.all("#why .node.item"))
    # Who hears the page is told what came of it.
    page.until(lambda: page.texts("#said") == page.texts("#why .sentence"))
    assert page.one("#list button").get_attribute("aria-pressed") == "true"


def test_few_stops_lead_to_the_controls(page: Any) -> None:
    """Long lists are one stop each, and the first stop of all skips to the content."""
    page.open("person=u3")
    page.until(lambda: len(page.ids("#history")) > 1 and page.ids("#list"))
    page.one("body").send_keys(Keys.TAB)
    stops = []
    while "by" not in stops:
        here = page.browser.switch_to.active_element
        stops.append(
            here.get_attribute("id")
            or page.browser.execute_script(
                "return arguments[0].closest('[role=grid]').ariaLabel", here
            )
        )
        page.browser.switch_to.active_element.send_keys(Keys.TAB)
        assert len(stops) < 12, stops
    expected = ["skip", "to-person", "to-operator", "forget-key", "who", "What they did", "by"]
    assert stops == expected
    page.one("#skip").send_keys(Keys.ENTER)
    assert page.browser.switch_to.active_element.get_attribute("id") == "person-view"
    assert page.browser.current_url.endswith("#person=u3")


def test_arrow_keys_lead_through_a_list(page: Any) -> None:
    page.pick("u3")
    ids = page.ids("#list")
    page.one("#list button").send_keys(Keys.ARROW_UP)

    def here() -> str:
        found: str = page.browser.execute_script(
            "return document.activeElement.closest('[role=row]').dataset.id"
        )
        return found

    for key, expected in (
        (Keys.ARROW_DOWN, ids[1]), (Keys.ARROW_DOWN, ids[2]), (Keys.ARROW_UP, ids[1]),
        (Keys.END, ids[-1]), (Keys.ARROW_DOWN, ids[-1]), (Keys.HOME, ids[0]),
    ):  # fmt: skip
        page.browser.switch_to.active_element.send_keys(key)
        assert here() == expected
        assert len(page.all("#list button[tabindex='0']")) == 1


@pytest.mark.parametrize("width", [360, 800, 1280])
def test_a_small_window_scrolls_one_way_only(page: Any, width: int) -> None:
    with page.window(width):
        page.pick("u3")
        page.click("#list button")
        page.until(lambda: page.all("#why .node.item") and page.ids("#similar"))
        assert page.width() <= width
        page.browser.execute_script("location.hash = '#operator'")
        page.until(lambda: page.all("#generations tbody tr"))
        assert page.width() <= width


def test_on_a_phone_filters_fold_and_reasons_open_under_the_item(page: Any) -> None:
    with page.window(390):
        page.until(lambda: page.shown("#by") is None)
        page.click("#filters-fold summary")
        page.until(lambda: page.shown("#by"))
        page.click("#filters-fold summary")
        page.pick("u3")
        first, second = page.ids("#list")[:2]
        for item in (first, second):
            page.click(f"#list [data-id={item}] button")
            page.until(lambda item=item: page.shown(f"#list [data-id={item}] #why .node.item"))
            assert page.width() <= 390
        # A list that is made anew keeps them under the same item.
        page.set("k", "20")
        page.until(lambda: len(page.ids("#list")) == 20)
        assert page.shown(f"#list [data-id={second}] #why .node.item")
        page.click("#history button")
        page.until(lambda: page.shown("#history [role=row]:first-child #why .node.item"))
    # In a wide window they have a column of their own.
    page.until(lambda: page.shown("#beside > #reasons"))
    assert page.shown("#by")
