"""SignalWire clients that do not really sleep, and what they read."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from logsync.exceptions import SignalWireError
from logsync.parsing.parser import parse_page
from logsync.signalwire.client import Credentials, SignalWireClient

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@contextmanager
def asking(space, url, **options):
    """A client of the space's first project, and the list of seconds it would have slept."""
    waits = []
    options = {"sleep": waits.append} | options
    yield SignalWireClient(Credentials(url, *space.credentials), **options), waits


def ids(client, medium="voice", **options):
    return [record.id for page in client.iter_pages(medium, **options) for record in parse_page(page).records]


def refusal(space, url, kind=SignalWireError, words=None, **options):
    """The error that reading the voice logs raises; its message matches `words`."""
    with asking(space, url, **options) as (client, _), pytest.raises(kind, match=words) as raised:
        ids(client)
    return raised.value
