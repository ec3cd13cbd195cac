"""Another generation is put into service at the page, with a key that may and a reason."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.config import Settings
from engine.usecases.generations import list_pointer_moves


@pytest.fixture(scope="module")
def keyless(
    settings: Any, publish_model: Any, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Two generations, of which the second serves, and a home without any key."""
    folder = tmp_path_factory.mktemp("second")
    publish_model(settings, folder, 4)
    home = Path(shutil.copytree(settings.home, folder / "home"))
    copied: Settings = settings.model_copy(update={"home": home})
    return copied


@pytest.fixture(scope="module")
def two(settings: Any, serving: Any, keyless: Settings) -> Iterator[Any]:
    """A service over both, with keys."""
    assert keyless.home != settings.home
    with serving(settings) as one:
        yield one


def _fill_in(page: Any, why: str, key: str = "") -> None:
    for id_, text in (("why-move", why), ("admin-key", key)):
        if text:
            page.one(f"#{id_}").clear()
            page.one(f"#{id_}").send_keys(text)
    page.click("dialog [type=submit]")


def test_promote_and_roll_back_with_a_reason(page_of: Any, two: Any) -> None:
    page = page_of(two, two.keys["read"], place="operator")
    page.until(lambda: page.texts("#generations td:first-child") == ["2", "1"])
    # The tab's key may only read: the dialog says what is needed, and the service's no is shown.
    page.click("#generations tr:nth-child(1) button")
    assert "--scope admin" in page.one("dialog").text
    _fill_in(page, "complaints", two.keys["read"])
    page.until(lambda: page.shown("dialog [role=alert]"))
    assert "the key lacks the scope admin" in page.one("dialog [role=alert]").text
    assert all(" 403 " in text for text in page.said())
    _fill_in(page, "complaints", two.keys["admin"])
    page.until(lambda: page.texts("#in-service") == ["generation 1 in service"])
    assert page.texts("#said") == ["Generation 1 is in service."]
    page.until(lambda: page.texts("#generations .badge.strong") == ["serving"])
    # The key is remembered, in memory alone.
    page.until(lambda: page.texts("#generations tr:nth-child(1) button") == ["Promote"])
    page.click("#generations tr:nth-child(1) button")
    _fill_in(page, "mended")
    page.until(lambda: page.texts("#in-service") == ["generation 2 in service"])
    assert page.all("dialog") == []
    stored = "return JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])"
    assert two.keys["admin"] not in page.browser.execute_script(stored)
    newest, before, *_ = list_pointer_moves(two.settings)
    assert [(one.kind, one.why) for one in (newest, before)] == [
        ("promote", "mended"),
        ("rollback", "complaints"),
    ]
    assert newest.who.startswith("admin (key ")


def test_nothing_moves_without_a_reason_or_when_it_is_called_off(page_of: Any, two: Any) -> None:
    moves = len(list_pointer_moves(two.settings))
    page = page_of(two, two.keys["read"], place="operator")
    page.click("#generations tr:nth-child(2) button")
    page.one("#admin-key").send_keys(two.keys["admin"])
    page.click("dialog [type=submit]")
    assert page.browser.execute_script(
        "return document.querySelector('#why-move:invalid') !== null"
    )
    page.click("dialog [type=button]")
    page.until(lambda: not page.all("dialog"))
    with page.window(390):
        assert page.shown("#generations tr:nth-child(2) button")
        assert page.width() <= 390
        table = "const one = document.querySelector('#generations table');"
        assert (
            page.browser.execute_script(f"{table} return one.getBoundingClientRect().right") < 390
        )
    assert len(list_pointer_moves(two.settings)) == moves


def test_where_no_key_was_made_none_is_asked_for(
    page_of: Any, keyless: Settings, serving: Any
) -> None:
    with serving(keyless, with_keys=False) as one, page_of(one, place="operator") as page:
        page.click("#generations tr:nth-child(1) button")
        assert page.all("#admin-key") == []
        _fill_in(page, "complaints")
        page.until(lambda: page.texts("#in-service") == ["generation 1 in service"])
    assert list_pointer_moves(keyless)[0].why == "complaints"
