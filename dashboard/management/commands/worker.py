import os
from argparse import ArgumentParser
from contextlib import nullcontext
from typing import Any

import httpx
from django.core.management.base import BaseCommand

from dashboard.celery import app
from dashboard.runtime.scheduler import running_scheduler
from logsync.management.arguments import usage_error, workers_of

# A pull mostly waits for SignalWire.
THREADS = 8


class Command(BaseCommand):
    help = (
        "Runs a Celery worker, which reads from SignalWire what the schedule or a page requests. Its threads share"
        " one process, so it needs little memory; processes are faster where there are CPUs to spare."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--threads", type=int, default=THREADS, help=f"units read in parallel ({THREADS})")
        parser.add_argument(
            "--concurrency", type=int, help="read with this many processes instead of threads; about 60 MB each"
        )
        parser.add_argument("--beat", action="store_true", help="also run the scheduler, as a thread")

    def handle(self, *args: Any, threads: int, concurrency: int | None, beat: bool, **options: Any) -> None:
        if concurrency is None:
            pool = ["--pool", "threads", "--concurrency", str(workers_of(threads, "--threads"))]
        else:
            pool = ["--pool", "prefork", "--concurrency", str(workers_of(concurrency, "--concurrency"))]
        if beat and concurrency is not None:
            # The processes are forked, and a lock that a thread holds at that moment would stay locked in them.
            raise usage_error("--beat needs threads: with --concurrency, run ./tollbook beat as well.")
        os.environ.setdefault("CELERY_SKIP_CHECKS", "1")  # they load the whole website, which checks itself
        httpx.Client().close()  # loads HTTP and TLS once, before any child forks
        with running_scheduler() if beat else nullcontext():
            app.worker_main(["worker", *pool, "--without-gossip", "--without-mingle", "--without-heartbeat"])
