from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import httpx
import pytest

from logsync.simulator import Clock, Space, serving

Ask = Callable[[Space], httpx.Client]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Serves a space on loopback, and returns a client authenticated as its first project."""
    with ExitStack() as stack:

        def start(space: Space) -> httpx.Client:
            url = stack.enter_context(serving(space))
            return stack.enter_context(httpx.Client(base_url=url, auth=space.credentials, timeout=10))

        yield start


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still at noon on a Tuesday."""
    return Clock(datetime(2026, 3, 10, 12, tzinfo=UTC))
