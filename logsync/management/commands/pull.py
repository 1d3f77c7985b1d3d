from argparse import ArgumentParser
from collections.abc import Iterator
from decimal import Decimal
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Column, Table

from logsync.checks import TAG
from logsync.columnar.writer import update_copy
from logsync.database import require_tables
from logsync.jobs.foreground import FeedSummary, ForegroundPull
from logsync.management import arguments
from logsync.management.console import cell, console_to, print_table, print_text, progress_printer
from logsync.money import exact_dollars
from logsync.storage.set_aside import set_aside_since
from logsync.text import counted

INTERRUPTED_EXIT_STATUS = 130
STOPPED = "Stopped. The next pull continues where this one ended."
COLUMNS = ("units", "rows", "new", "changed", "set aside", "requests", "failed")


class Command(BaseCommand):
    help = (
        "Reads logs from SignalWire in the foreground. Without --since it reads what the schedule would: days never"
        " read, the last days again, calls that had not ended, missing parents. Exit status 0 only if nothing failed."
    )

    requires_system_checks = (TAG,)  # not those of the website

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", metavar="DATE", help="the first day to read, even if it was read before")
        parser.add_argument("--until", metavar="DATE", help="the last day to read (today)")
        parser.add_argument("--medium", metavar="voice,video", help="only these logs (both)")
        parser.add_argument("--project", metavar="NAME", help="only this project (all)")
        parser.add_argument("--workers", type=int, default=4, help="days read in parallel (4)")

    def handle(self, *args: Any, **options: Any) -> None:
        days = arguments.days_of(options["since"], options["until"])
        media, workers = arguments.media_of(options["medium"]), arguments.workers_of(options["workers"])
        require_tables()
        console, started = console_to(self.stdout), monotonic()
        with progress_printer(console) as printer:
            pull = ForegroundPull(arguments.feeds_of(media, options["project"]), workers, printer)
            try:
                pull.pull_days(*days) if days else pull.pull_due()
            except KeyboardInterrupt:
                raise CommandError(STOPPED, returncode=INTERRUPTED_EXIT_STATUS) from None
        update_copy(wait=True)
        self.summarize(console, pull, monotonic() - started)
        if failed := sum(summary.failed for summary in pull.summaries.values()):
            raise CommandError(f"{failed} failed. The next pull tries again.")

    def summarize(self, console: Console, pull: ForegroundPull, seconds: float) -> None:
        set_aside = {feed.pk: set_aside_since(feed, pull.started_at) for feed in pull.feeds}
        table = Table(Column("", no_wrap=True), box=None, header_style="bold", pad_edge=False)
        for name in COLUMNS:
            table.add_column(name, justify="right")
        for feed in pull.feeds:
            summary = pull.summaries[feed.pk]
            counts = summary.counts
            rows, _ = set_aside[feed.pk]
            figures = (summary.units, counts.rows, counts.new, counts.changed, rows, counts.requests)
            table.add_row(cell(feed), *(f"{figure:,}" for figure in (*figures, summary.failed)))
        print_table(console, table)
        for feed in pull.feeds:
            for line in explanations(str(feed), pull.summaries[feed.pk], *set_aside[feed.pk]):
                print_text(console, line)
        console.print(f"Done in {seconds:.1f} s.", highlight=False)


def explanations(feed: str, summary: FeedSummary, rows: int, charge: Decimal) -> Iterator[str]:
    """Lines that explain the figures of one feed. `rows` were set aside; `charge` is what could be read of theirs."""
    if summary.beyond:
        are = "is" if summary.beyond == 1 else "are"
        yield (
            f"{feed}: {counted(summary.beyond, 'day')} {are} further back than SignalWire keeps logs."
            " This is not a failure."
        )
    if rows:
        yield (
            f"{feed}: {counted(rows, 'row')} set aside, at least {exact_dollars(charge)} missing from the totals."
            " See /sync/ for the reasons."
        )
    for error, count in summary.errors.items():
        yield f"{feed}, {count} failed: {error}"
