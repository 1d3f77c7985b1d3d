import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from dashboard.logs import logging_of_services
from dashboard.ports import require_port
from dashboard.static_files import collect_static_files

# Each thread may hold a connection to the database, and more of them than this only wait for each other.
CPUS = os.cpu_count() or 1
THREADS = min(8, 2 * CPUS + 1)


class Command(BaseCommand):
    help = "Runs the web server, having collected the static files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 listens to other machines too")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=min(2, CPUS), help="processes")
        parser.add_argument("--collect-only", action="store_true", help="collect the static files, and no more")

    def handle(self, *args: Any, host: str, port: int, workers: int, collect_only: bool, **options: Any) -> None:
        if collect_only:
            collect_static_files()
            return
        require_port(host, port)
        collect_static_files()
        self.stdout.write(f"Tollbook listens on http://{host}:{port}")
        server = Granian(
            "dashboard.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=THREADS,
            websockets=False,
            respawn_failed_workers=True,
            log_level=LogLevels.warning,
            log_dictconfig=logging_of_services(),
        )
        server.serve()
