import os
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from dashboard.ports import require_port

# Each thread may hold a connection to the database.
THREADS = 8


class Command(BaseCommand):
    help = "Runs the web server, having collected the static files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 listens to other machines too")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes")

    def handle(self, *args: Any, host: str, port: int, workers: int, **options: Any) -> None:
        require_port(host, port)
        call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(f"Tollbook listens on http://{host}:{port}")
        server = Granian(
            "dashboard.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=THREADS,
            websockets=False,
            log_level=LogLevels.warning,
        )
        server.serve()
