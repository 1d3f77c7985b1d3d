"""The settings named in `.env.example`; tests/test_documented_settings.py checks them against the code."""

import re
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
# The simulated space is local, so tests need no rate limit.
GENEROUS = {"PULL_REQUESTS_PER_SECOND": "1000", "PULL_REQUESTS_IN_FLIGHT": "100"}


def documented_variables() -> set[str]:
    """All names in `.env.example`, written as NAME= or, with the default, as # NAME=."""
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", (BASE_DIR / ".env.example").read_text(), re.MULTILINE))
