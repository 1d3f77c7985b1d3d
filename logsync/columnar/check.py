"""Is the copy right? Compares its files with their digests and with the totals of their days."""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import F, TextField, Value
from django.db.models.functions import Coalesce

from logsync import database
from logsync.columnar import engine
from logsync.columnar.copied_log import CopiedLog, CopyReader
from logsync.columnar.disk import check_digest, delete
from logsync.columnar.engine import CopyError
from logsync.columnar.files import CopyFile, Source, all_files, current_days
from logsync.columnar.numbers import read_numbers
from logsync.days import day_of
from logsync.models import DailyCharge
from logsync.rollups.sums import KEY, SUMS
from logsync.rollups.versions import state_of

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
    keys = {f"{name}_key": Coalesce(name, Value(""), output_field=TextField()) for name in KEY}
    rows = CopiedLog.objects.with_deleted().totals_by(of_day=F("day"), **keys)
    days: defaultdict[date, Totals] = defaultdict(dict)
    read = CopyReader(Source((file,)))
    for row in read(rows.values_list("of_day", *keys, *(f"total_{name}" for name in SUMS))):
        days[row[0]][row[1 : 1 + len(KEY)]] = row[1 + len(KEY) :]
    return days


def _stored_totals(project_id: int, days: Sequence[date]) -> Mapping[date, Totals]:
    found: defaultdict[date, Totals] = defaultdict(dict)
    totals = DailyCharge.objects.filter(project_id=project_id, day__in=days)
    for row in totals.values_list("day", *KEY, *SUMS):
        found[row[0]][row[1 : 1 + len(KEY)]] = row[1 + len(KEY) :]
    return found


def copy_status() -> CopyStatus:
    """Changes nothing, and reads each file once per process."""
    state = state_of()
    today = day_of(database.now(), settings.REPORT_TIME_ZONE)
    over = {key: version for key, version in state.versions.items() if key[1] < today}
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
