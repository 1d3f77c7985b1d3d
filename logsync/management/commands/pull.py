from argparse import ArgumentParser
from collections.abc import Iterator
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Column, Table

from logsync import arguments
from logsync.checks import TAG
from logsync.database import require_tables
from logsync.foreground import Pull, Tally
from logsync.progress import console_to, told_to

INTERRUPTED = 130
STOPPED = "Stopped. The next pull goes on where this one ended."
COLUMNS = ("units", "rows", "new", "changed", "quarantined", "requests", "failed")


class Command(BaseCommand):
    help = (
        "Reads logs from SignalWire, here and now. Without --since what the schedule does: days never read, the last"
        " days again, calls that had not ended, missing parents. Exit status 0 only if everything was read."
    )

    requires_system_checks = (TAG,)  # not what only the website needs

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", metavar="DATE", help="read the days from this one on, whatever was read before")
        parser.add_argument("--until", metavar="DATE", help="the last of these days (today)")
        parser.add_argument("--medium", metavar="voice,video", help="only these logs (both)")
        parser.add_argument("--project", metavar="NAME", help="only this project (all)")
        parser.add_argument("--workers", type=int, default=4, help="days read side by side (4)")

    def handle(self, *args: Any, **options: Any) -> None:
        days = arguments.days_of(options["since"], options["until"])
        media, workers = arguments.media_of(options["medium"]), arguments.workers_of(options["workers"])
        require_tables()
        console, started = console_to(self.stdout), monotonic()
        with told_to(console) as told:
            pull = Pull(arguments.feeds_of(media, options["project"]), workers, told)
            try:
                pull.read_days(*days) if days else pull.read_what_is_due()
            except KeyboardInterrupt:
                raise CommandError(STOPPED, returncode=INTERRUPTED) from None
        self.summarize(console, pull, monotonic() - started)
        if failed := sum(tally.failed for tally in pull.tallies.values()):
            raise CommandError(f"{failed} failed. What is left is tried again by the next pull.")

    def summarize(self, console: Console, pull: Pull, seconds: float) -> None:
        table = Table(Column("", no_wrap=True), box=None, header_style="bold", pad_edge=False)
        for name in COLUMNS:
            table.add_column(name, justify="right")
        for feed in pull.feeds:
            tally = pull.tallies[feed.pk]
            counts = tally.counts
            figures = (tally.units, counts.rows, counts.new, counts.changed, counts.quarantined, counts.requests)
            table.add_row(str(feed), *(f"{figure:,}" for figure in (*figures, tally.failed)))
        console.print(table)
        for feed in pull.feeds:
            for line in explained(str(feed), pull.tallies[feed.pk]):
                console.print(line, markup=False, highlight=False, soft_wrap=True)
        console.print(f"Done in {seconds:.1f} s.", highlight=False)


def explained(feed: str, tally: Tally) -> Iterator[str]:
    """What the figures leave open, in words."""
    if tally.beyond:
        yield f"{feed}: {tally.beyond} days lie further back than SignalWire keeps logs. That is no failure."
    if tally.counts.quarantined:
        yield f"{feed}: {tally.counts.quarantined} rows could not be read and are kept aside, see /sync/."
    for error, times in tally.errors.items():
        yield f"{feed}, {times} failed: {error}"
