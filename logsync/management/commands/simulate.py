from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand

from logsync.simulator.serving.command import add_arguments, run


class Command(BaseCommand):
    help = "Serves a simulated SignalWire space on loopback: for the demo, the tests and the benchmarks."
    requires_system_checks = ()  # needs neither a database nor the website

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        run(Namespace(**options))
