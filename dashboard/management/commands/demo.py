import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from dashboard.ports import free_port
from logsync.simulator import Project
from logsync.simulator.command import DEFAULT_PORT

# What the demo takes from no environment and no .env, so that it never meets a real installation.
OF_ITS_OWN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "SITE_URL")

# A year of logs, read as fast as this machine can.
OF_A_SIMULATION = {
    "PULL_DAYS_BACK": "365",
    "PULL_REQUESTS_PER_SECOND": "1000",
    "PULL_REQUESTS_IN_FLIGHT": "100",
}


class Command(BaseCommand):
    help = "Shows Tollbook with a simulated SignalWire space: a year of logs, and calls going on now."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="of the website (8000, or any free one)")

    def handle(self, *args: Any, port: int | None, **options: Any) -> None:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "up", "--simulate"]
        command += [] if port is None else ["--port", str(port)]
        # In place of this process, which has settings of another installation.
        os.execve(sys.executable, command, os.environ | demo_environment())  # noqa: S606


def demo_environment() -> dict[str, str]:
    project = Project()
    credentials = {
        "SIGNALWIRE_SPACE": f"http://127.0.0.1:{free_port('127.0.0.1', DEFAULT_PORT)}",
        "SIGNALWIRE_PROJECT_ID": project.id,
        "SIGNALWIRE_API_TOKEN": project.token,
    }
    chosen = dict.fromkeys(OF_ITS_OWN, "") | credentials | OF_A_SIMULATION
    # A file named by X_FILE would come before X.
    no_files = {f"{name}_FILE": "" for name in (*chosen, "VAR_DIR")}
    return chosen | no_files | {"VAR_DIR": str(settings.VAR_DIR / "demo")}
