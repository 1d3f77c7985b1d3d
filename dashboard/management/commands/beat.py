import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.celery import app

# The scheduler writes its file every three minutes.
MAX_AGE_SECONDS = 600


class Command(BaseCommand):
    help = "Runs Celery beat, which sends the tasks of the schedule. One is enough; two do no harm."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only check whether the scheduler here is running")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        if check:
            check_schedule_file(Path(app.conf.beat_schedule_filename))
        else:
            app.start(["beat", "--pidfile", ""])


def check_schedule_file(schedule: Path) -> None:
    """Raises CommandError if the scheduler's file is too old. Its suffix depends on the platform."""
    written_at = max((path.stat().st_mtime for path in schedule.parent.glob(f"{schedule.name}*")), default=0)
    if time.time() - written_at > MAX_AGE_SECONDS:
        raise CommandError("The scheduler is not running.")
