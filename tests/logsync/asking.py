"""What the tests of the client share: a client that never really waits, and the rows it reads."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from logsync.client import Credentials, SignalWireClient
from logsync.exceptions import SignalWireError
from logsync.parse import parse_page

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@contextmanager
def asking(space, url, **options):
    """A client of the space's first project; `client.waits` are the seconds it would have slept."""
    waits = []
    options = {"sleep": waits.append} | options
    yield SignalWireClient(Credentials(url, *space.credentials), **options), waits


def ids(client, medium="voice", **options):
    return [record.id for page in client.iter_pages(medium, **options) for record in parse_page(page).records]


def refusal(space, url, kind=SignalWireError, words=None, **options):
    """The error with which reading the voice logs ends."""
    with asking(space, url, **options) as (client, _), pytest.raises(kind, match=words) as raised:
        ids(client)
    return raised.value
