"""Is the copy right? Compares its files with their digests and with the totals of their days."""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F

from logsync.columnar import engine
from logsync.columnar.copied_log import CopiedLog, CopyReader
from logsync.columnar.disk import check_digest, delete
from logsync.columnar.engine import CopyError
from logsync.columnar.files import CopyFile, Source, all_files, current_days
from logsync.columnar.numbers import read_numbers
from logsync.models import DailyCharge
from logsync.rollups.sums import KEY, SUMS, sums_by_key
from logsync.rollups.versions import days_over, state_of

MIN_FREE_MB = 256
MADE_ANEW = "It is made anew within minutes, or by ./tollbook rebuild_rollups."

Totals = dict[tuple[Any, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class WrongFile:
    name: str
    problem: str


@dataclass(frozen=True, slots=True)
class CopyStatus:
    """Of the days of projects that are over and have logs: how many the copy has. `problem` is for people, or ''."""

    days: int
    copied: int
    problem: str


def wrong_files(since: date, until: date) -> Iterator[WrongFile]:
    """The files with any of these days, both included, that are damaged or differ from the totals of their days."""
    state = state_of()
    for file, days in current_days(state.versions, all_files()).items():
        asked = [day for day in days if since <= day <= until]
        if asked and (problem := _problem(file, asked)):
            yield WrongFile(file.path.name, problem)


def delete_files(wrong: Sequence[WrongFile]) -> None:
    """The next update makes them anew."""
    names = {file.name for file in wrong}
    for file in all_files():
        if file.path.name in names:
            delete([file.manifest, file.path])


def _problem(file: CopyFile, days: Sequence[date]) -> str:
    try:
        copied, stored = _copied_totals(file), _stored_totals(file.project_id, days)
    except CopyError as error:
        return str(error)
    differing = [day for day in sorted(days) if copied.get(day, {}) != stored.get(day, {})]
    return f"differs from the totals of {', '.join(map(str, differing))}" if differing else ""


def _copied_totals(file: CopyFile) -> Mapping[date, Totals]:
    rows = sums_by_key(CopiedLog.objects.all(), of_day=F("day"))
    columns = ("of_day", *(f"{name}_key" for name in KEY), *(f"total_{name}" for name in SUMS))
    return _by_day(CopyReader(Source((file,)))(rows.values_list(*columns)))


def _stored_totals(project_id: int, days: Sequence[date]) -> Mapping[date, Totals]:
    totals = DailyCharge.objects.filter(project_id=project_id, day__in=days)
    return _by_day(totals.values_list("day", *KEY, *SUMS))


def _by_day(rows: Iterable[tuple[Any, ...]]) -> Mapping[date, Totals]:
    days: defaultdict[date, Totals] = defaultdict(dict)
    for day, *values in rows:
        days[day][tuple(values[: len(KEY)])] = tuple(values[len(KEY) :])
    return days


def copy_status() -> CopyStatus:
    """Changes nothing, and reads each file once per process."""
    over = days_over(state_of())
    try:
        files = current_days(over, all_files())
        read_numbers().check()
        problem = next(filter(None, map(_damage, files)), "") or _why_not_written()
    except CopyError as error:
        return CopyStatus(len(over), 0, f"{error}. {MADE_ANEW}")
    return CopyStatus(len(over), sum(map(len, files.values())), problem)


def _damage(file: CopyFile) -> str:
    try:
        check_digest(file.file)
    except CopyError as error:
        return f"{error}. {MADE_ANEW}"
    return ""


def _why_not_written() -> str:
    place = next(path for path in (engine.folder(), *engine.folder().parents) if path.exists())
    if not (place.is_dir() and os.access(place, os.W_OK)):
        return f"The folder {engine.folder().name} in VAR_DIR cannot be written: give Tollbook write access to it."
    free_mb = shutil.disk_usage(place).free // 2**20
    if free_mb < MIN_FREE_MB:
        return f"The disk of VAR_DIR has only {free_mb} MB left: free some space."
    return ""
