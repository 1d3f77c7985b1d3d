"""What the commands `charges` and `logs` share: a query string in, the rows of the pages out."""

import os
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from rich.box import SIMPLE_HEAD
from rich.table import Table as Sheet
from rich.text import Text

from dashboard.exports import Cell, Table, iso
from dashboard.filters import Filter, FilterError, parse_filter
from dashboard.results import Freshness
from logsync.database import require_tables
from logsync.money import plain
from logsync.progress import console_to

BAD_QUERY = 2
FORMATS = ("table", "json", "csv")


class Report(BaseCommand, ABC):
    """A command that takes a query string. Exit status 2, and one line, for one that cannot be read."""

    example: ClassVar[str]

    def add_arguments(self, parser: ArgumentParser) -> None:
        words = f'the query string of a page, for example "{self.example}"'
        parser.add_argument("query", nargs="?", default="", metavar="QUERY", help=words)
        parser.add_argument("--format", choices=FORMATS, default="table", help="table (the default), json or csv")

    def handle(self, *_args: Any, query: str, **options: Any) -> None:
        require_tables()
        now = timezone.now()
        try:
            self.report(parse_filter(query, now), options["format"], now)
            self.stdout.flush()
        except FilterError as error:
            raise CommandError(str(error), returncode=BAD_QUERY) from None
        except BrokenPipeError:
            # The reader, `head` for one, has seen enough. Python flushes once more at its end, to nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    @abstractmethod
    def report(self, wanted: Filter, kind: str, now: datetime) -> None:
        """Write what the query asks for in this format."""

    def write(self, chunks: Iterable[str]) -> None:
        for chunk in chunks:
            self.stdout.write(chunk, ending="")

    def show(self, table: Table, totals: Sequence[Cell] = (), *lines: str) -> None:
        """A table for people, with a row of totals where there is one, and lines under it."""
        console = console_to(self.stdout)
        console.print(_sheet(table, totals), soft_wrap=not self.stdout.isatty())
        for line in lines:
            console.print(Text(line), soft_wrap=True)


def days_and_freshness(wanted: Filter, state: Freshness) -> str:
    """ "2026-10-22 to 2026-11-20 · data until 2026-11-20T10:42:00Z · 30 of 30 days complete"."""
    until = f"data until {iso(state.data_until)}" if state.data_until else "no data yet"
    days = f"{wanted.start} to {wanted.end}" if wanted.start else f"all days to {wanted.end}"
    return f"{days} · {until} · {state.complete_days:,} of {state.days:,} days complete"


def _sheet(table: Table, totals: Sequence[Cell]) -> Sheet:
    rows = [list(row) for row in table.rows]
    sheet = Sheet(box=SIMPLE_HEAD, show_footer=bool(totals))
    for at, name in enumerate(table.columns):
        is_number = any(isinstance(row[at], int | Decimal) for row in [*rows, totals] if row)
        footer = _text(totals[at]) if totals else ""
        sheet.add_column(name, footer, justify="right" if is_number else "left", no_wrap=True)
    for row in rows:
        sheet.add_row(*map(_text, row))
    return sheet


def _text(value: Cell) -> Text:
    """As it is, but for what a terminal would obey."""
    if value is None:
        return Text("–")
    text = plain(value) if isinstance(value, Decimal) else iso(value) if isinstance(value, datetime) else str(value)
    return Text("".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text))
