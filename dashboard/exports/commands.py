"""The base of the commands `charges` and `logs`: they take a query string and print the rows of the pages."""

import os
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.text import Text

from dashboard import queries
from dashboard.exports.about import About
from dashboard.exports.console import table_lines
from dashboard.exports.tables import Cell, Table, csv_chunks
from dashboard.filters.labels import unknown
from dashboard.filters.parser import Filter
from dashboard.filters.values import FilterError
from dashboard.queries.planner import explaining
from dashboard.results import Freshness
from logsync.database import require_tables
from logsync.days import iso_utc
from logsync.management.console import console_to

BAD_QUERY = 2
FORMATS = ("table", "json", "csv")


class QueryCommand(BaseCommand, ABC):
    """A command that takes a query string. An invalid one ends it with one line and exit status 2."""

    example: ClassVar[str]

    def add_arguments(self, parser: ArgumentParser) -> None:
        help_text = f'the query string of a page, for example "{self.example}"'
        parser.add_argument("query", nargs="?", default="", metavar="QUERY", help=help_text)
        parser.add_argument("--format", choices=FORMATS, default="table", help="table (the default), json or csv")
        parser.add_argument("--explain", action="store_true", help="also say what answered: rollup, copy or database")

    def handle(self, *_args: Any, query: str, **options: Any) -> None:
        require_tables()
        now = timezone.now()
        try:
            with explaining() as notes:
                self.report(self.parse(query, now), options["format"], now)
            self.stdout.flush()
            if options["explain"]:
                self.stderr.write("\n".join(notes))
        except FilterError as error:
            raise CommandError(str(error), returncode=BAD_QUERY) from None
        except BrokenPipeError:
            # The reader, such as `head`, has closed the pipe. Python flushes at exit, so discard what is left.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    @staticmethod
    def parse(query: str, now: datetime) -> Filter:
        return queries.read_filter(query, now)

    @abstractmethod
    def report(self, log_filter: Filter, kind: str, now: datetime) -> None:
        """Write the result of the filter in the format `kind`, one of FORMATS."""

    def write(self, chunks: Iterable[str]) -> None:
        for chunk in chunks:
            self.stdout.write(chunk, ending="")

    def write_csv(self, about: About, table: Table) -> None:
        self.write(csv_chunks(about.for_csv(table)))

    def show(self, table: Table, totals: Sequence[Cell] = (), *lines: str) -> None:
        """Print a table for people, with an optional row of totals and lines of text below it."""
        console = console_to(self.stdout)
        width = console.width if self.stdout.isatty() else None
        for line in (*table_lines(table, totals, width), "", *lines):
            console.print(Text(line), soft_wrap=True)


def period_and_freshness(log_filter: Filter, freshness: Freshness) -> str:
    """ "2026-10-22 to 2026-11-20 · data until 2026-11-20T10:42:00Z · 29 of 30 days complete, 1 running", and a line for
    each condition that nothing has ever met."""
    until = f"data until {iso_utc(freshness.data_until)}" if freshness.data_until else "no data yet"
    days = f"{log_filter.start} to {log_filter.end}" if log_filter.start else "all days"
    parts = (days, until, freshness.words, freshness.set_aside.words, freshness.words_after_today)
    notices = [unknown(*condition) for condition in freshness.unknown]
    return "\n".join([" · ".join(filter(None, parts)), *notices])
