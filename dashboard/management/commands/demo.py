import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from dashboard.runtime.ports import free_port
from logsync.simulator import Project
from logsync.simulator.serving.command import DEFAULT_PORT

# Cleared, so that the demo never touches a real installation.
CLEARED = ("DATABASE_URL", "DATABASE_POOLER", "REDIS_URL", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "SITE_URL")

# A year of logs, without a limit that slows the demo down.
SIMULATION = {
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
        # Replaces this process, whose settings are those of the real installation.
        os.execve(sys.executable, command, os.environ | demo_environment())  # noqa: S606


def demo_environment() -> dict[str, str]:
    project = Project()
    credentials = {
        "SIGNALWIRE_SPACE": f"http://127.0.0.1:{free_port('127.0.0.1', DEFAULT_PORT)}",
        "SIGNALWIRE_PROJECT_ID": project.id,
        "SIGNALWIRE_API_TOKEN": project.token,
    }
    variables = dict.fromkeys(CLEARED, "") | credentials | SIMULATION
    # A variable X_FILE would override X.
    no_files = {f"{name}_FILE": "" for name in (*variables, "VAR_DIR")}
    return variables | no_files | {"VAR_DIR": str(settings.VAR_DIR / "demo")}
