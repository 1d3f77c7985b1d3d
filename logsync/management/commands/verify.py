import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from logsync.checks import TAG
from logsync.database import require_tables
from logsync.management import arguments
from logsync.management.console import ProgressPrinter, cell, console_to, print_table, print_text
from logsync.models import Project
from logsync.money import plain
from logsync.rollups.compare import Difference
from logsync.verification.remote import RemoteDifference
from logsync.verification.verify import Findings, as_json, compare, known_days, repair

MAX_ROWS_SHOWN = 200


class Command(BaseCommand):
    help = (
        "Compares the daily totals with the logs, the columnar copy with the totals, and with --remote the logs with"
        " SignalWire, row by row. Exit status 0 only if nothing differs."
    )

    requires_system_checks = (TAG,)  # not those of the website

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", metavar="DATE", help="the first report day (the first with data)")
        parser.add_argument("--until", metavar="DATE", help="the last report day (the last with data)")
        parser.add_argument("--remote", action="store_true", help="also compare the logs with SignalWire")
        parser.add_argument("--repair", action="store_true", help="rebuild differing totals, read differing logs again")
        parser.add_argument("--json", action="store_true", help="print JSON, for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        require_tables()
        since, until = report_days(options["since"], options["until"])
        feeds = arguments.feeds_of([], None) if options["remote"] else []
        compare_all = partial(
            compare, feeds, since, until, remote=options["remote"], every_day=options["since"] is not None
        )
        findings = compare_all()
        if options["repair"] and not findings.fine:
            repair(feeds, findings, ProgressPrinter(Console(stderr=True)))
            findings = compare_all()
        if options["json"]:
            self.stdout.write(json.dumps(as_json(findings), indent=2))
        else:
            show(console_to(self.stdout), findings, remote=options["remote"])
        if findings.errors:
            raise CommandError("Not everything could be compared. See the errors above.")
        if not findings.fine:
            can_repair = findings.repairable and not options["repair"]
            raise CommandError("There are differences." + (" Try again with --repair." if can_repair else ""))


def report_days(since: str | None, until: str | None) -> tuple[date, date]:
    first_known, last_known = known_days()
    first = arguments.date_of("--since", since) or first_known
    last = arguments.date_of("--until", until) or last_known
    if first > last:
        since_words = f"--since {first}" if since else f"The first day with data, {first},"
        until_words = f"--until {last}" if until else f"the last day with data, {last}"
        raise arguments.usage_error(f"{since_words} is after {until_words}.")
    return first, last


def show(console: Console, findings: Findings, *, remote: bool) -> None:
    console.print(f"{findings.since} to {findings.until}, both included.", highlight=False)
    if findings.totals:
        print_table(console, table_of_totals(findings.totals))
    console.print(f"Totals that differ from their logs: {len(findings.totals):,}", highlight=False)
    for file in findings.copy:
        print_text(console, f"{file.name}: {file.problem}")
    console.print(f"Files of the columnar copy that are wrong: {len(findings.copy):,}", highlight=False)
    if not remote:
        return
    if findings.remote:
        print_table(console, table_of_rows(findings.remote[:MAX_ROWS_SHOWN]))
    for feed, days in (findings.beyond or {}).items():
        print_text(console, f"{feed}: SignalWire no longer keeps logs created up to {max(days)}; not compared.")
    for feed, error in (findings.errors or {}).items():
        print_text(console, f"{feed}: {error}")
    kinds = Counter(row.kind for row in findings.remote)
    counted = ", ".join(f"{kinds[kind]:,} {kind}" for kind in ("missing", "extra", "different"))
    console.print(f"Logs that differ from SignalWire: {len(findings.remote):,} ({counted})", highlight=False)
    if set_aside := sum(1 for row in findings.remote if row.reason):
        console.print(
            f"Of these, {set_aside:,} cannot be read and {'is' if set_aside == 1 else 'are'} set aside: see /sync/."
            " Reading again does not change that.",
            highlight=False,
        )
    console.print(f"SignalWire's charges minus the stored ones: {plain(findings.charge)}", highlight=False)


def table_of_totals(totals: Sequence[Difference]) -> Table:
    table = Table("day", "project", "group", "logs", "charge", "total logs", "total charge", box=None)
    names = dict(Project.objects.values_list("pk", "name"))
    for total in totals[:MAX_ROWS_SHOWN]:
        group = " ".join(word or "-" for word in total.group)
        figures = (total.logs, plain(total.charge), total.total_logs, plain(total.total_charge))
        table.add_row(*map(cell, (total.day, names[total.project_id], group, *figures)))
    return table


def table_of_rows(rows: Sequence[RemoteDifference]) -> Table:
    table = Table("what", "project", "medium", "id", "created", "stored", "SignalWire", "set aside", box=None)
    for row in rows:
        charges = ("-" if charge is None else plain(charge) for charge in (row.stored_charge, row.remote_charge))
        created = row.created_at.strftime("%Y-%m-%d %H:%M:%S") if row.created_at else "-"
        where = (row.feed.project.name, row.feed.medium, row.log_id or "-")
        table.add_row(*map(cell, (row.kind, *where, created, *charges, row.reason or "")))
    return table
