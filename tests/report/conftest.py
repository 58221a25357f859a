"""One report for all tests of reports."""

from __future__ import annotations

import os

import pytest

import gantheory as gt
from tests.report.browsing import CHROMIUM, DRIVER
from tests.report.study_for_report import ManyThings


@pytest.fixture(scope="session")
def many_things(tmp_path_factory):
    """The study, its results, and the path of its page in its output folder."""
    study, folder = ManyThings(), tmp_path_factory.mktemp("report")
    results = gt.run(study, output=folder, progress=False)
    return study, results, gt.write_report(study, results, folder / "report.html")


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    os.environ["SE_OFFLINE"] = "true"
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    folder = tmp_path_factory.mktemp("browser")
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--disable-background-networking", "--no-first-run", f"--user-data-dir={folder / 'profile'}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.add_experimental_option("prefs", {"download.default_directory": str(folder)})
    driver = Chrome(options=options, service=ChromeService(executable_path=str(DRIVER)))
    driver.downloads = folder
    yield driver
    driver.quit()
