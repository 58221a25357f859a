"""A real browser for the tests of pages, and what they ask it."""

from __future__ import annotations

import json
import shutil

import pytest


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None or DRIVER is None,
        reason="needs chromium and chromedriver (Debian: apt-get install chromium chromium-driver)",
    ),
]


def fresh(browser, path) -> None:
    """Open a page anew, at the browser's own size, with the system's colours and empty logs."""
    browser.get_log("performance")
    browser.get_log("browser")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    browser.get(path.as_uri())
    wait(browser, "document.querySelectorAll('.plot .main-svg').length > 0")


def wait(browser, condition: str) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 30, poll_frequency=0.05).until(lambda b: b.execute_script(f"return {condition}"))


def requests(browser) -> list[str]:
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    # the browser's own start page asks for parts of itself
    return [s["request"]["url"] for s in sent if not s["documentURL"].startswith("chrome:")]
