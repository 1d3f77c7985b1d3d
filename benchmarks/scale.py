"""What no rollup holds, at any size: the page of logs with each filter and sort, pairs and triples of them, over 30, 90
and 365 days, the first time and again, as multiples of the same page over an empty database."""

import sys
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from random import Random
from statistics import median

from benchmarks.common import LAST_DAY, Report, first_day, seconds  # sets Django up first

from django.core.management import call_command  # isort: skip
from django.db import connection  # isort: skip
from django.test import Client  # isort: skip

from benchmarks.pages import signed_in
from benchmarks.scale_data import fill
from dashboard.filters.parser import SORTS
from logsync.columnar import engine
from logsync.columnar.writer import update_copy
from logsync.models import Log
from logsync.rollups.rebuild import rebuild_all

DAYS = 365
SPANS = (30, 90, 365)
PAIRS, TRIPLES = 40, 20
FILTERS = (
    *("number=12345", "number=123", "from=4567", "to=%2B12018", "number=%2B12010104729", "from=withheld"),
    *("room=room+17", "description=line+7", "min_charge=0.85", "max_charge=0", "min_duration=3500", "max_duration=60"),
    *("type=laml_call", "direction=inbound", "status=failed", "source=laml", "medium=video", "project=benchmark+1"),
    *("deleted=only", "deleted=exclude"),
)
# By number of logs: how many times the empty page the first and the next answer may take, at most.
BOUNDS = {1_000_000: {"p95": 8, "worst": 15, "again": 3}, 10_000_000: {"p95": 30, "worst": 60, "again": 4}}


def main(rows: int) -> bool:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    client = signed_in()
    empty = {days: _best(client, address("", days)) for days in SPANS}
    prepared = prepare(rows)
    report = Report(f"Pages of logs, {Log.objects.count():,} logs, {connection.vendor}, times the empty page")
    for name, figure in prepared.items():
        report.note(name, figure)
    client.get(address("min_charge=0.9", DAYS))  # loads the engine, and compares the files with their digests
    bounds = BOUNDS[min(BOUNDS, key=lambda size: abs(size - rows))]
    every: list[tuple[float, float, str]] = []
    for kind, questions in shapes().items():
        found = [measured(client, query, days, empty[days]) for query in questions for days in SPANS]
        every += found
        _print(report, kind, found)
    _print(report, "all shapes", every)
    firsts = sorted(first for first, _, _ in every)
    report.line("first time, p95", "", percentile(firsts, 95), maximum=bounds["p95"])
    report.line("first time, worst", max(every)[2], firsts[-1], maximum=bounds["worst"])
    report.line("again, p95", "", percentile(sorted(again for _, again, _ in every), 95), maximum=bounds["again"])
    return report.passed


def prepare(rows: int) -> dict[str, str]:
    """Fill the database; how long each step took."""
    filled = seconds(lambda: fill(rows, DAYS))
    rebuilt = seconds(rebuild_all)
    copied = seconds(lambda: update_copy(at_once=True))
    size = sum(path.stat().st_size for path in engine.folder().glob("*.parquet")) / 2**20
    return {
        "rows stored": f"{filled:.0f} s",
        "totals rebuilt": f"{rebuilt:.1f} s",
        "copied": f"{copied:.1f} s, {size:.0f} MB",
    }


def shapes() -> dict[str, Sequence[str]]:
    random = Random(11)
    sorts = [f"sort={sort}" for sort in SORTS]
    parts = [*FILTERS, *sorts]
    return {
        "a filter": FILTERS,
        "a sort": sorts,
        "pairs": list(_combined(random, parts, 2, PAIRS)),
        "triples": list(_combined(random, parts, 3, TRIPLES)),
    }


def _combined(random: Random, parts: Sequence[str], size: int, count: int) -> Iterator[str]:
    """Of different parameters: a combination that contradicts itself would find nothing at once."""
    while count:
        chosen = random.sample(parts, size)
        names = {part.partition("=")[0].removeprefix("min_").removeprefix("max_") for part in chosen}
        if len(names) == size:
            yield "&".join(chosen)
            count -= 1


def address(query: str, days: int) -> str:
    return f"/logs/?start={first_day(days)}&end={LAST_DAY}&{query}"


def measured(client: Client, query: str, days: int, empty: float) -> tuple[float, float, str]:
    """How many times the empty page it takes the first time, and again; and what was asked."""
    first, again = (_milliseconds(client, address(query, days)) for _ in range(2))
    return first / empty, again / empty, f"{query}, {days} days"


def _best(client: Client, of: str) -> float:
    return min(_milliseconds(client, of) for _ in range(15))


def _milliseconds(client: Client, of: str) -> float:
    def get() -> None:
        assert client.get(of).status_code == HTTPStatus.OK, of

    return seconds(get) * 1000


def percentile(ordered: Sequence[float], of_hundred: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * of_hundred // 100)]


def _print(report: Report, kind: str, found: Sequence[tuple[float, float, str]]) -> None:
    firsts, agains = sorted(first for first, _, _ in found), sorted(again for _, again, _ in found)
    worst = max(found)
    report.note(
        f"{kind}: {len(found)}",
        f"first p50 {median(firsts):.1f}, p95 {percentile(firsts, 95):.1f}, worst {worst[0]:.1f}",
    )
    report.note("", f"again p50 {median(agains):.1f}, p95 {percentile(agains, 95):.1f}; worst: {worst[2]}")


if __name__ == "__main__":
    sys.exit(0 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000) else 1)
