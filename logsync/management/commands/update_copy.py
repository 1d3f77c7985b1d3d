import os
import time
from argparse import ArgumentParser
from threading import Thread
from typing import Any

from django.core.management.base import BaseCommand

from logsync.checks import TAG
from logsync.columnar.writer import update_copy
from logsync.database import require_tables
from logsync.text import counted


class Command(BaseCommand):
    help = (
        "Writes what the columnar copy of this host lacks: files of days that are over. Workers, pages and pull do it"
        " by themselves. Safe at any time."
    )

    requires_system_checks = (TAG,)  # not those of the website

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--with-parent", action="store_true", help="stop as soon as the process that started it ends"
        )

    def handle(self, *args: Any, with_parent: bool, **options: Any) -> None:
        if with_parent:
            Thread(target=end_with, args=[os.getppid()], daemon=True).start()
        require_tables()
        self.stdout.write(f"Copied {counted(update_copy(), 'day')}.")


def end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)  # at any moment: what is unfinished is deleted by the next update
