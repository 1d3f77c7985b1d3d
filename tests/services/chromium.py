"""The system's Chromium, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserType, sync_playwright

from tests.services.missing import ServiceMissingError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/snap/bin/chromium")
HOW_TO_GET_IT = "Chromium is missing: install it (Debian, as root: apt-get install chromium)."
# No background network traffic; /dev/shm is small in containers.
ARGUMENTS = [
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def program() -> str:
    found = [path for name in NAMES if (path := shutil.which(name))]
    found += [place for place in PLACES if Path(place).is_file()]
    if not found:
        raise ServiceMissingError(HOW_TO_GET_IT)
    return found[0]


# Playwright turns it off; people have it.
BACK_FORWARD_CACHE_OFF = "--disable-back-forward-cache"


@contextmanager
def running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, launched(playwright.chromium) as browser:
        yield browser


@contextmanager
def launched(chromium: BrowserType, *, back_forward_cache: bool = False) -> Iterator[Browser]:
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    browser = chromium.launch(
        executable_path=program(),
        args=[*ARGUMENTS, *sandbox],
        ignore_default_args=[BACK_FORWARD_CACHE_OFF] if back_forward_cache else None,
    )
    yield browser
    browser.close()
