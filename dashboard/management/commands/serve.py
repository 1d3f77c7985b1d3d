import gc
import os
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from dashboard.config.log_output import logging_of_services
from dashboard.runtime.child_process import run_in_child
from dashboard.runtime.ports import http_url, require_port
from dashboard.runtime.static_files import collect_static_files

# Each thread may hold a database connection, and more threads than this only wait for each other.
CPUS = os.cpu_count() or 1
THREADS = min(8, 2 * CPUS + 1)

APPLICATION = "dashboard.wsgi.application"
# Kill a worker that does not stop before the service manager kills everything: most wait ten seconds.
KILL_SECONDS = 8


class Command(BaseCommand):
    help = "Collects the static files and runs the web server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 accepts connections from other machines")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=min(2, CPUS), help="processes")
        parser.add_argument("--collect-only", action="store_true", help="only collect the static files")

    def handle(self, *args: Any, host: str, port: int, workers: int, collect_only: bool, **options: Any) -> None:
        if collect_only:
            collect_static_files()
            return
        require_port(host, port)
        run_in_child(collect_static_files)  # compressing takes 40 MB, which this process would keep
        self.stdout.write(f"Tollbook listens on {http_url(host, port)}")
        preload()
        server = Granian(
            APPLICATION,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=THREADS,
            websockets=False,
            respawn_failed_workers=True,
            log_level=LogLevels.warning,
            log_dictconfig=logging_of_services(),
            workers_kill_timeout=KILL_SECONDS,
        )
        server.serve(target_loader=load)


def preload() -> None:
    """Load the website before its workers fork, so that they share it. Frozen objects stay shared: the garbage
    collector of a worker does not write to them."""
    import_string(APPLICATION)
    gc.collect()
    gc.freeze()


def load(target: str) -> Any:
    """Load the application in a worker. A forked worker has the SIGTERM handler of its parent, which ignores a stop."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return import_string(target)
