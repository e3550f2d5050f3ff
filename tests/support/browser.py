"""A person with a browser: Debian's Chromium, driven without a screen, with no request to anywhere else."""

import base64
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
    WebDriverException,
)
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from support.installation import Installation

SECONDS = 120
DESKTOP, TELEPHONE = (1280, 900), (360, 780)
_SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--force-prefers-reduced-motion",
    "--force-color-profile=srgb",
)

#: How the driver puts it when the page goes between an element's being found and its being asked: no error class of its own.
_OF_A_FORMER_PAGE = "does not belong to the document"


class Person:
    """One window of his own, and a folder for pictures of what he sees."""

    def __init__(self, driver: Chrome, installation: Installation, pictures: Path) -> None:
        self.driver, self.installation, self.pictures = driver, installation, pictures

    def open(self, path: str) -> None:
        self.driver.get(f"{self.installation.base_url}{path}")

    def sign_in(self, key: str) -> None:
        persona = self.installation.persona(key)
        self.sign_in_with(persona["email"], persona["password"])

    def sign_in_with(self, email: str, password: str) -> None:
        """Sign in in the place of whoever is signed in."""
        self.driver.delete_all_cookies()
        self.open("/connexion")
        self.fill("email", email)
        self.fill("password", password)
        self.press("Se connecter")
        self.sees("Bonjour")

    def find(self, selector: str) -> WebElement:
        """The first element that fits, once it is there."""
        return self.until(lambda driver: driver.find_element(By.CSS_SELECTOR, selector), selector)

    def fill(self, name: str, text: str) -> None:
        """Write into a field of the page's content, or choose a file."""
        field = self.find(f"main [name='{name}']")
        if field.get_attribute("type") != "file":
            field.clear()
        field.send_keys(text)

    def select(self, name: str, value: str) -> None:
        self._click(By.CSS_SELECTOR, f"main select[name='{name}'] option[value='{value}']")

    def choose(self, name: str, value: str) -> None:
        self._click(By.CSS_SELECTOR, f"main [name='{name}'][value='{value}']")

    def press(self, label: str) -> None:
        """Press a button or follow a link of the content by its words."""
        words = f"contains(normalize-space(.), {label!r})"
        self._click(By.XPATH, f"//main//button[{words}] | //main//a[{words}]")

    def unfold(self, label: str) -> None:
        """Open what is folded away in the content, by the words that stand for it."""
        self._click(By.XPATH, f"//main//details[not(@open)]/summary[contains(normalize-space(.), {label!r})]")

    def tick(self, name: str) -> int:
        """Tick every box of this name that can be seen in the content; return how many there are."""

        def boxes(driver: Chrome) -> list[WebElement]:
            found = driver.find_elements(By.CSS_SELECTOR, f"main input[type='checkbox'][name='{name}']")
            return [box for box in found if box.is_displayed()]

        shown = self.until(boxes, f"boxes {name}")
        for box in shown:
            if not box.is_selected():
                self._click_on(box)
        return len(shown)

    def menu(self) -> list[str]:
        """The words of the visitor's own menu, as a wide screen shows it."""
        return [link.text for link in self.driver.find_elements(By.CSS_SELECTOR, ".site-menus .own-menu a")]

    def follow(self, label: str) -> None:
        """Follow a link of the menu by its words; what is looked at next is the new page."""
        before = self.find("html")
        self._click(By.XPATH, f"//div[contains(@class, 'site-menus')]//a[contains(normalize-space(.), {label!r})]")
        self.until(staleness_of(before), f"the page of {label}")

    def sees(self, words: str) -> None:
        """Wait until the content holds these words."""
        self.until(lambda _: words in self.content, f"{words!r} in {self.driver.current_url}")

    def _click(self, by: str, selector: str) -> None:
        def clicked(driver: Chrome) -> bool:
            self._click_on(driver.find_element(by, selector))
            return True

        self.until(clicked, selector)

    def _click_on(self, element: WebElement) -> None:
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        element.click()

    def until(self, condition: Callable[[Chrome], Any], what: str) -> Any:
        """Wait for ``condition``; an element may go with its page between being found and being looked at."""

        def met(driver: Chrome) -> Any:
            try:
                return condition(driver)
            except (NoSuchElementException, StaleElementReferenceException):
                return False
            except WebDriverException as error:
                if _OF_A_FORMER_PAGE in (error.msg or ""):
                    return False
                raise

        try:
            return WebDriverWait(self.driver, SECONDS).until(met, what)
        except TimeoutException:
            self.picture("never-came")
            shown = self.driver.find_element(By.TAG_NAME, "body").text
            raise AssertionError(f"{what}: not within {SECONDS} s; {self.driver.current_url} shows\n{shown}") from None

    @property
    def content(self) -> str:
        return self.find("main").text

    def picture(self, name: str) -> Path:
        """Photograph the whole page."""
        width = self.driver.execute_script("return window.innerWidth")
        height = self.driver.execute_script("return document.documentElement.scrollHeight")
        before = self.driver.get_window_size()
        self.driver.set_window_size(before["width"], max(before["height"], height + 150))
        assert self.driver.execute_script("return window.innerWidth") == width
        path = self.pictures / f"{name}.png"
        self.driver.save_screenshot(str(path))
        self.driver.set_window_size(before["width"], before["height"])
        return path

    def pictures_at_both_widths(self, name: str) -> None:
        """Photograph the page as a desk and as a telephone show it; on neither anything is wider than the screen."""
        for width, height in (DESKTOP, TELEPHONE):
            metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width == TELEPHONE[0]}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            wide = self.driver.execute_script("return document.documentElement.scrollWidth")
            shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
            (self.pictures / f"{name}-{width}.png").write_bytes(base64.b64decode(shot["data"]))
            assert wide <= width, f"{self.driver.current_url} is {wide} px wide on {width} px"
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def complaints(self) -> list[str]:
        """What the browser's console holds against the pages: blocked or missing resources, errors of scripts."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


@contextmanager
def person(installation: Installation, folder: Path, size: tuple[int, int] = DESKTOP) -> Iterator[Person]:
    """Somebody in front of the portal; the running test is skipped where there is no browser."""
    binary, driver_path = shutil.which("chromium"), shutil.which("chromedriver")
    if not (binary and driver_path):
        pytest.skip("not run: no chromium with its chromedriver (Debian: apt-get install chromium chromium-driver)")
    options = ChromeOptions()
    options.binary_location = binary
    for switch in (*_SWITCHES, f"--user-data-dir={folder / 'profile'}", "--lang=fr-FR"):
        options.add_argument(switch)
    options.add_experimental_option("prefs", {"intl.accept_languages": "fr"})
    # A window is never narrower than 500 px; a telephone's width is emulated.
    if size[0] < 500:
        options.add_experimental_option(
            "mobileEmulation", {"deviceMetrics": {"width": size[0], "height": size[1], "pixelRatio": 1}}
        )
    else:
        options.add_argument(f"--window-size={size[0]},{size[1]}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    pictures = Path(os.environ.get("PUPITRE_SCREENSHOTS") or folder / "pictures")
    pictures.mkdir(parents=True, exist_ok=True)
    try:
        driver = Chrome(options=options, service=Service(driver_path))
    except WebDriverException as error:
        pytest.fail(f"the browser does not start: {error.msg}")
    try:
        yield Person(driver, installation, pictures)
    finally:
        driver.quit()
