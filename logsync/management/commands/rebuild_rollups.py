from typing import Any

from django.core.management.base import BaseCommand

from logsync.checks import TAG
from logsync.database import require_tables
from logsync.rollups import rebuild_all


class Command(BaseCommand):
    help = "Makes all daily totals anew from the logs. Safe at any time; pages show days as they are done."

    requires_system_checks = (TAG,)  # not what only the website needs

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        days = rebuild_all()
        self.stdout.write(f"Made the totals of {days:,} days anew.")
