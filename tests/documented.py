"""What the documents name: the settings of `.env.example`, which a test holds equal to those that the code reads."""

import re
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
# The simulated space is this machine's own: nothing is won by asking it slowly.
GENEROUS = {"PULL_REQUESTS_PER_SECOND": "1000", "PULL_REQUESTS_IN_FLIGHT": "100"}


def documented_variables() -> set[str]:
    """The names of all settings, each standing in `.env.example` as NAME= or, with its default, as # NAME=."""
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]*)=", (BASE_DIR / ".env.example").read_text(), re.MULTILINE))
