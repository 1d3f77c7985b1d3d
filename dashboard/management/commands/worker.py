from argparse import ArgumentParser
from typing import Any

import httpx
from django.core.management.base import BaseCommand

from dashboard.celery import app

# Most of the time of a pull is spent waiting for SignalWire.
CONCURRENCY = 8


class Command(BaseCommand):
    help = "Runs a Celery worker: it reads from SignalWire what the schedule or a page asks for."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--concurrency", type=int, default=CONCURRENCY, help="units read side by side")

    def handle(self, *args: Any, concurrency: int, **options: Any) -> None:
        httpx.Client().close()  # loads what HTTP takes: once, and not in each child after its fork
        arguments = ["--concurrency", str(concurrency)]
        app.worker_main(["worker", *arguments, "--without-gossip", "--without-mingle", "--without-heartbeat"])
