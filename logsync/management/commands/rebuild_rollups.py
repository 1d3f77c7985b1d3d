from typing import Any

from django.core.management.base import BaseCommand

from logsync.database import require_tables
from logsync.rollups import rebuild_all


class Command(BaseCommand):
    help = "Makes all daily totals anew from the logs. Safe at any time; pages show days as they are done."

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        days = rebuild_all()
        self.stdout.write(f"Made the totals of {days:,} days anew.")
