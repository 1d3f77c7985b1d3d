from typing import Any

from django.core.management.base import BaseCommand

from logsync.checks import TAG
from logsync.columnar.writer import update_copy
from logsync.database import require_tables
from logsync.rollups.rebuild import rebuild_all
from logsync.text import counted


class Command(BaseCommand):
    help = (
        "Rebuilds all daily totals from the logs, and the columnar copy. Safe at any time; pages show each day once it"
        " is rebuilt."
    )

    requires_system_checks = (TAG,)  # not those of the website

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        days = rebuild_all()
        copied = update_copy(at_once=True, wait=True)
        self.stdout.write(f"Rebuilt the totals of {counted(days, 'day')}, and copied {counted(copied, 'day')}.")
