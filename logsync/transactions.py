"""Transactions of logsync: `with atomic():`, or `@atomic()` on a function."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import RLock

from django.db import connection, transaction

# SQLite lets one transaction write at a time, and whoever finds it at work sleeps and looks again. Threads of one
# process queue here instead, so that the next begins the moment the last one ends.
_TURN = RLock()


@contextmanager
def atomic() -> Iterator[None]:
    """All or nothing, as Django's `transaction.atomic`."""
    with _TURN if connection.vendor == "sqlite" else nullcontext(), transaction.atomic():
        yield
