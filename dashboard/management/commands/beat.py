import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.celery import app

# The scheduler notes what it has sent every three minutes.
SECONDS_BETWEEN_NOTES = 600


class Command(BaseCommand):
    help = "Runs Celery beat: it sends the tasks of the schedule. One is enough; two do no harm."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say whether the one that runs here is at work")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if check:
            check_notes(Path(app.conf.beat_schedule_filename))
        else:
            app.start(["beat", "--pidfile", ""])


def check_notes(schedule: Path) -> None:
    """CommandError when the scheduler's file, whose ending depends on the platform, is too old."""
    noted_at = max((path.stat().st_mtime for path in schedule.parent.glob(f"{schedule.name}*")), default=0)
    if time.time() - noted_at > SECONDS_BETWEEN_NOTES:
        raise CommandError("The scheduler is not at work.")
