"""A real headless Chromium that reaches this machine only, and the page in it."""

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any, Self

import pytest
from selenium import webdriver
from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    StaleElementReferenceException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

SECONDS = 60.0
_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # there is none for root, which a container's tests often are
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1600,1200",
    # No name leads anywhere, no address but this machine's: the page must work all the same.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
# What is drawn anew, or moves, between the search and the use of an element is looked at again.
_DRAWN_ANEW = (
    StaleElementReferenceException,
    ElementClickInterceptedException,
    ElementNotInteractableException,
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="session")
def _browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no Chromium: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options, webdriver.ChromeService(driver)) as browser:
        yield browser


def _all_begin(ids: list[str | None], start: str) -> bool:
    return all(one is not None and one.startswith(start) for one in ids)


class Page:
    """The page of one service in a browser."""

    def __init__(self, browser: webdriver.Chrome, url: str) -> None:
        self.browser, self.url = browser, url
        # Numbers that the browser gives to requests, of those asked and of those at an end.
        self._asked: dict[str, str] = {}
        self._ended: set[str] = set()

    def __enter__(self) -> Self:
        """Begin a block at whose end the page is left."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the page: what it asks again and again must not find that its service ended."""
        self.browser.get("about:blank")

    def begin(self, key: str | None, place: str) -> None:
        """Load the page in a tab that holds a key, as the page keeps it, or none."""
        kept = "" if key is None else f"sessionStorage.setItem('engine-key', {json.dumps(key)});"
        source = f"if (location.protocol === 'http:') {{ sessionStorage.clear(); {kept} }}"
        # Before the page's own scripts, and once.
        script = self.browser.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": source}
        )
        self.open(place)
        self.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)

    def open(self, place: str = "") -> None:
        """Load the page anew at ``#place``."""
        self.browser.get("about:blank")
        self.browser.get(f"{self.url}/{place and '#' + place}")

    def give_key(self, key: str) -> None:
        """Type a key into the form, which is asked for."""
        field = self.until(lambda: self.shown("#key"))
        field.send_keys(key, Keys.ENTER)

    def all(self, selector: str) -> list[WebElement]:
        """Return what a CSS selector finds."""
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        """Return the first element of a selector, once there is one."""
        return self.until(lambda: self.all(selector))[0]

    def click(self, selector: str) -> None:
        """Click on the first element of a selector, once there is one that stays for it."""
        self.until(lambda: [one.click() for one in self.all(selector)[:1]])

    def shown(self, selector: str) -> WebElement | None:
        """Return the element of a selector where it is visible."""
        return next((one for one in self.all(selector) if one.is_displayed()), None)

    def ids(self, place: str) -> list[str | None]:
        """Return the ids of the items that a place lists; one call, so that nothing changes."""
        found: list[str | None] = self.browser.execute_script(
            "return [...document.querySelectorAll(arguments[0] + ' [data-id]')]"
            ".map(row => row.dataset.id)",
            place,
        )
        return found

    def pick(self, user: str) -> None:
        """Type an id, and take the person from the list."""
        field = self.one("#who")
        field.click()
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(user)
        # All people are offered first. In the answer to what is typed the rows stand elsewhere, and
        # a click on its way would meet another person.
        self.until(lambda: user in (ids := self.ids("#who-list")) and _all_begin(ids, user))
        self.click(f"#who-list [data-id='{user}']")
        self.until(lambda: self.texts("#history .who bdi") == [user])
        self.until(lambda: self.ids("#list"))

    def texts(self, selector: str) -> list[str]:
        """Return the texts of all elements of a selector; one call."""
        found: list[str] = self.browser.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map(one => one.textContent)",
            selector,
        )
        return found

    def nameless(self) -> list[str]:
        """Return what has no name for who hears the page."""
        found: list[str] = self.browser.execute_script(
            "return [...document.querySelectorAll("
            "'input, select, button, summary, [role=img], [role=region]')]"
            ".filter(one => !(one.labels?.length || one.textContent.trim()"
            " || one.getAttribute('aria-label'))).map(one => one.outerHTML)"
        )
        return found

    @contextlib.contextmanager
    def window(self, width: int) -> Iterator[None]:
        """Make the window as wide as a small device's."""
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": True}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        try:
            yield
        finally:
            self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def width(self) -> int:
        """Return how wide what is shown is."""
        found: int = self.browser.execute_script("return document.documentElement.scrollWidth")
        return found

    def until(self, condition: Callable[[], Any]) -> Any:
        """Wait for a condition and return what it was."""
        return WebDriverWait(self.browser, SECONDS, 0.05, _DRAWN_ANEW).until(lambda _: condition())

    def set(self, id_: str, value: str) -> None:
        """Give a field a value as a hand does: by the keyboard, or by moving a slider."""
        self.browser.execute_script(
            "const field = document.getElementById(arguments[0]); field.value = arguments[1];"
            "field.dispatchEvent(new Event('input', {bubbles: true}));"
            "field.dispatchEvent(new Event('change', {bubbles: true}));",
            id_,
            value,
        )

    def said(self) -> list[str]:
        """Return what the console holds since the last call."""
        return [entry["message"] for entry in self.browser.get_log("browser")]

    def asked_for(self) -> list[str]:
        """Return every address that was asked for since the last call."""
        self._log()
        found, self._asked = [*self._asked.values()], {}
        return found

    @contextlib.contextmanager
    def held(self, *patterns: str) -> Iterator[None]:
        """Keep back the answers from addresses until the block ends."""
        stages = [{"urlPattern": one, "requestStage": "Response"} for one in patterns]
        self.browser.execute_cdp_cmd("Fetch.enable", {"patterns": stages})
        try:
            yield
        finally:
            self.browser.execute_cdp_cmd("Fetch.disable", {})

    def wait_for_question(self, part: str) -> None:
        """Wait until an address with this part was asked for."""
        self.until(lambda: self._numbers_of(part))

    def wait_for_end(self, part: str) -> None:
        """Wait until every question with this part was answered, or cut off."""
        self.until(lambda: self._numbers_of(part) <= self._ended)

    def _numbers_of(self, part: str) -> frozenset[str]:
        self._log()
        return frozenset(number for number, url in self._asked.items() if part in url)

    def _log(self) -> None:
        for one in self.browser.get_log("performance"):
            event = json.loads(one["message"])["message"]
            told = event["params"]
            if event["method"] == "Network.requestWillBeSent":
                self._asked[told["requestId"]] = told["request"]["url"]
            elif event["method"] in ("Network.loadingFinished", "Network.loadingFailed"):
                self._ended.add(told["requestId"])


@pytest.fixture
def page_of(_browser: webdriver.Chrome) -> Iterator[Callable[..., Page]]:
    """Open the page of a service, with a key or asked for one.

    At the end the console must be empty, and nothing else asked for.
    """
    opened: list[Page] = []

    def page_of(service: Any, key: str | None = None, place: str = "") -> Page:
        page = Page(_browser, service.url)
        opened.append(page)
        page.said()
        page.asked_for()
        page.begin(key, place)
        return page

    yield page_of
    for page in opened:
        assert page.said() == []
        for url in page.asked_for():
            assert url.startswith((page.url + "/", "about:", "chrome:")), url


@pytest.fixture
def page(page_of: Callable[..., Page], running: Any) -> Page:
    """The page of the shop, with a key that may read."""
    made = page_of(running, running.keys["read"])
    made.until(lambda: "in service" in made.texts("#in-service")[0])
    made.until(lambda: len(made.all("#by option")) > 1)
    return made
