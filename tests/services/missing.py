"""What happens when a service that a test needs is missing: the test is skipped locally and fails in CI."""

import os
from typing import NoReturn

import pytest

from dashboard.config import env


class ServiceMissingError(Exception):
    """The message says how to install it."""


def give_up(error: ServiceMissingError) -> NoReturn:
    if env.flag(os.environ.get("CI") or "false"):
        pytest.fail(f"CI lacks a service. {error}", pytrace=False)
    pytest.skip(str(error))
