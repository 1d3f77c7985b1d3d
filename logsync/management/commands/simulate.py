from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand

from logsync.simulator.command import add_arguments, run


class Command(BaseCommand):
    help = "Serves a simulated SignalWire space on loopback: for the demo, the tests and the benchmarks."
    requires_system_checks = ()  # it needs no database, nor anything else of the site

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        run(Namespace(**options))
