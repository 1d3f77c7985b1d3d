"""The scheduler, Celery beat, as a thread of a worker: a process of its own would take as much memory again."""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from celery.beat import Service

from dashboard.celery import app

# The longest sleep, and so how long a stop can take.
MAX_SLEEP_SECONDS = 1
STOP_SECONDS = 3 * MAX_SLEEP_SECONDS
log = logging.getLogger(__name__)


@contextmanager
def running_scheduler() -> Iterator[None]:
    """Run the scheduler for as long as the block runs.

    If the scheduler fails, this process gets SIGTERM, so that whatever supervises it starts both again: a worker alone
    would run on without any work.
    """
    service = Service(app, max_interval=MAX_SLEEP_SECONDS)
    thread = Thread(target=_run, args=[service], name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        service.stop()
        thread.join(STOP_SECONDS)


def _run(service: Service) -> None:
    try:
        service.start()
    except Exception:
        log.exception("The scheduler failed.")
        os.kill(os.getpid(), signal.SIGTERM)
