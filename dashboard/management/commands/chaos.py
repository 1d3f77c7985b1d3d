from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import count
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.chaos.fault_rules import ALL_KINDS
from dashboard.chaos.temporary_database import TemporaryDatabaseError, temporary_database
from dashboard.chaos.trial import Verdict, run_trial
from logsync.text import counted


class Command(BaseCommand):
    help = (
        "Proves that no fault loses a log or leaves a wrong total: pulls from a simulated space under random faults"
        " while its rows change. Uses a temporary database on the engine of DATABASE_URL; your data is never touched."
        " The exit status is 0 only if every promise was kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=0, metavar="N", help="the first seed (0)")
        parser.add_argument("--seeds", type=int, metavar="N", help="how many seeds (1)")
        parser.add_argument("--duration", type=float, metavar="SECONDS", help="start new seeds for this long")
        parser.add_argument(
            "--workers", type=int, metavar="N", help="days read in parallel (by default, each seed has its own)"
        )
        parser.add_argument("--fault", action="append", choices=ALL_KINDS, help="only this kind of fault; repeatable")

    def handle(self, *args: Any, **options: Any) -> None:
        verdicts: list[Verdict] = []
        try:
            with temporary_database():
                for seed in _seeds(options["seed"], options["seeds"], options["duration"]):
                    verdicts.append(run_trial(seed, options["fault"] or ALL_KINDS, options["workers"]))
                    self._report(verdicts[-1])
        except TemporaryDatabaseError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(_summary(verdicts))
        if failed := [verdict for verdict in verdicts if verdict.violations]:
            raise CommandError(f"{counted(len(failed), 'seed')} broke a promise.")

    def _report(self, verdict: Verdict) -> None:
        for violation in verdict.violations:
            self.stdout.write(f"seed {verdict.seed}: {violation}")
        if verdict.violations:
            self.stdout.write(f"again: {verdict.command}")


def _seeds(first: int, limit: int | None, duration_s: float | None) -> Iterator[int]:
    if duration_s is None:
        yield from range(first, first + (limit or 1))
        return
    deadline = monotonic() + duration_s
    for seed in count(first):
        if monotonic() > deadline or (limit is not None and seed >= first + limit):
            return
        yield seed


def _summary(verdicts: list[Verdict]) -> str:
    injected, changes, compared = (
        sum(getattr(verdict, name) for verdict in verdicts) for name in ("injected", "changes", "compared")
    )
    differing = sum(len(verdict.violations) for verdict in verdicts)
    return (
        f"{counted(len(verdicts), 'seed')}, {counted(injected, 'fault')}, {counted(changes, 'row')} changed meanwhile,"
        f" {counted(compared, 'row')} compared, {counted(differing, 'difference')}."
    )
