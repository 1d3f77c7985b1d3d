from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import count
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.chaos.scratch import NoScratchDatabaseError, scratch_database
from dashboard.chaos.storm import ALL
from dashboard.chaos.trial import Verdict, endure


class Command(BaseCommand):
    help = (
        "Proves that no fault loses a log or leaves a wrong total: pulls from a simulated space under random faults"
        " while its rows change, in a temporary database on the engine of DATABASE_URL; your data is never touched."
        " Exit status 0 only if every promise held."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=0, metavar="N", help="the first seed (0)")
        parser.add_argument("--seeds", type=int, metavar="N", help="how many, one after the other (1)")
        parser.add_argument("--duration", type=float, metavar="SECONDS", help="begin seeds for so long instead")
        parser.add_argument("--workers", type=int, metavar="N", help="days read side by side (each seed has its own)")
        parser.add_argument("--fault", action="append", choices=ALL, help="only this kind of fault; repeatable")

    def handle(self, *args: Any, **options: Any) -> None:
        verdicts = []
        try:
            with scratch_database():
                for seed in _seeds(options["seed"], options["seeds"], options["duration"]):
                    verdicts.append(endure(seed, options["fault"] or ALL, options["workers"]))
                    self._tell(verdicts[-1])
        except NoScratchDatabaseError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(_summary(verdicts))
        if failed := [verdict for verdict in verdicts if verdict.broken]:
            raise CommandError(f"{len(failed)} seeds broke a promise.")

    def _tell(self, verdict: Verdict) -> None:
        for promise in verdict.broken:
            self.stdout.write(f"seed {verdict.seed}: {promise}")
        if verdict.broken:
            self.stdout.write(f"again: {verdict.again}")


def _seeds(first: int, number: int | None, duration_s: float | None) -> Iterator[int]:
    if duration_s is None:
        yield from range(first, first + (number or 1))
        return
    deadline = monotonic() + duration_s
    for seed in count(first):
        if monotonic() > deadline or (number is not None and seed >= first + number):
            return
        yield seed


def _summary(verdicts: list[Verdict]) -> str:
    struck, changes, compared = (
        sum(getattr(verdict, name) for verdict in verdicts) for name in ("struck", "changes", "compared")
    )
    differing = sum(len(verdict.broken) for verdict in verdicts)
    return (
        f"{len(verdicts):,} seeds, {struck:,} faults, {changes:,} rows changed meanwhile, {compared:,} rows compared,"
        f" {differing:,} differences."
    )
