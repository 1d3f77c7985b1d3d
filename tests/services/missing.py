"""What a test says when a service it needs cannot be had: skipped loudly on a desk, failed in CI."""

import os
from typing import NoReturn

import pytest

from dashboard import env


class ServiceMissingError(Exception):
    """The message says how to get it."""


def give_up(error: ServiceMissingError) -> NoReturn:
    if env.flag(os.environ.get("CI") or "false"):
        pytest.fail(f"CI lacks a service. {error}", pytrace=False)
    pytest.skip(str(error))
