"""Keeps the copy up to date: files for the days that are over, as few as possible.

`pull` and `rebuild_rollups` call `update_copy`; workers and pages begin it. One process of a host writes at a time.
"""

import fcntl
import logging
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from threading import Thread

from django.conf import settings
from django.db.models import Q, Sum

from logsync import database
from logsync.columnar import engine
from logsync.columnar.csv_rows import csv_lines
from logsync.columnar.disk import UNFINISHED, check_digest, delete, unfinished
from logsync.columnar.engine import CopyError
from logsync.columnar.files import CopyFile, all_files, current_days
from logsync.columnar.numbers import MANIFEST, read_numbers
from logsync.columnar.parquet import merge_files, write_lines
from logsync.days import ONE_DAY, day_bounds, day_of
from logsync.models import DailyCharge
from logsync.rollups.versions import State, Versions, days_over, state_of

logger = logging.getLogger(__name__)
# A day that changes again and again is written at most once in this time.
REWRITE_AFTER_S = 600
# Files of the running month become one when there are this many; those of other months when there are two.
MERGE_AT = 8
# How soon pages and workers look again whether something is missing.
BEGIN_AFTER_S = 45
# Bounds the size of temporary files.
MAX_LOGS_AT_ONCE = 500_000
# After so many months that could not be written, it is the disk.
MAX_FAILURES = 3
# Time for questions that other processes began with a file that is not needed any more.
DELETE_AFTER_S = 60
UNWRITABLE = "The copy of the days that are over cannot be written: %s. Pages answer from the database."

Month = tuple[int, str]


def update_copy(*, at_once: bool = False, wait: bool = False) -> int:
    """Write the days that are over and have no file in their version, and return how many were written.

    `at_once`: also days that were written just now, in another version. `wait` for another process that is writing;
    else leave it all to that one. Nothing fails for want of the copy: what goes wrong is logged.
    """
    try:
        with _only_writer(wait=wait) as is_ours:
            return _update(at_once=at_once) if is_ours else 0
    except (CopyError, OSError) as error:
        logger.error(UNWRITABLE, error)  # noqa: TRY400 - the message needs no traceback
        return 0


def begin_update() -> None:
    """Update the copy of this host in a process of its own, unless one looked a moment ago or nothing is missing.

    A process that wrote files would keep the engine's memory; and no page waits for a file.
    """
    if not settings.COPY_IN_BACKGROUND or _age_s(_lock_file()) < BEGIN_AFTER_S:
        return
    with suppress(OSError, CopyError):
        engine.make_folder()
        _lock_file().touch()
        if _missing(days_over(state_of()), at_once=False):
            command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "update_copy", "--with-parent"]
            child = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=settings.BASE_DIR)  # noqa: S603
            Thread(target=child.wait, daemon=True).start()  # or it would stay in the list of processes


def _lock_file() -> Path:
    return engine.folder() / "lock"


@contextmanager
def _only_writer(*, wait: bool) -> Iterator[bool]:
    engine.make_folder()
    with _lock_file().open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _update(*, at_once: bool) -> int:
    state = state_of()
    if not state.versions:  # while the totals are of another timezone, the files of others stay
        return 0
    _delete_unneeded(state)
    over = days_over(state)
    written, failures = 0, list[CopyError]()
    for (project_id, _), days in _by_month(_missing(over, at_once=at_once)).items():
        try:
            written += _write_days(project_id, days)
        except CopyError as error:  # the logs of one month must not keep others from being written
            failures.append(error)
            if len(failures) == MAX_FAILURES:
                break
    for failure in failures:
        logger.error(UNWRITABLE, failure)
    _merge(over, _month(day_of(database.now(), settings.REPORT_TIME_ZONE)))
    return written


def _missing(over: Versions, *, at_once: bool) -> list[tuple[int, date]]:
    """Days without any file, the newest first; then those of another version, the longest waiting first."""
    files = all_files()
    covered = {(file.project_id, day) for file, days in current_days(over, files).items() for day in days}
    ages = {(file.project_id, day): _age_s(file.path) for file in files for day in file.days}
    missing = [key for key in over if key not in covered]
    new = sorted((key for key in missing if key not in ages), key=lambda key: key[1], reverse=True)
    restated = sorted((key for key in missing if key in ages), key=lambda key: -ages[key])
    return new + [key for key in restated if at_once or ages[key] > REWRITE_AFTER_S]


def _age_s(path: Path) -> float:
    with suppress(OSError):
        return time.time() - path.stat().st_mtime
    return float("inf")


def _by_month(project_days: Sequence[tuple[int, date]]) -> Mapping[Month, list[date]]:
    months: defaultdict[Month, list[date]] = defaultdict(list)
    for project_id, day in project_days:
        months[project_id, _month(day)].append(day)
    return months


def _month(day: date) -> str:
    return f"{day:%Y-%m}"


def _write_days(project_id: int, days: Sequence[date]) -> int:
    """Returns how many were written: not those whose logs changed while they were read, which the next pass writes."""
    written = 0
    for stretch in _stretches(project_id, sorted(days)):
        before = _versions(project_id, stretch)
        with unfinished("csv") as lines:
            _write_lines(lines, project_id, stretch[0], stretch[-1])
            after = _versions(project_id, stretch)
            unchanged = {day: version for day, version in before.items() if after.get(day) == version}
            if unchanged:
                write_lines(project_id, unchanged, lines)
        written += len(unchanged)
    return written


def _stretches(project_id: int, days: Sequence[date]) -> list[list[date]]:
    """Days in a row, as many as have MAX_LOGS_AT_ONCE logs together, and at least one: one query reads them all."""
    totals = DailyCharge.objects.filter(project=project_id, day__in=days).order_by().values_list("day")
    logs = dict(totals.annotate(Sum("logs")))
    stretches: list[list[date]] = []
    count = 0
    for day in days:
        count += logs.get(day, 0)
        if stretches and stretches[-1][-1] + ONE_DAY == day and count <= MAX_LOGS_AT_ONCE:
            stretches[-1].append(day)
        else:
            stretches.append([day])
            count = logs.get(day, 0)
    return stretches


def _versions(project_id: int, days: Sequence[date]) -> dict[date, int]:
    state = state_of(Q(day__in=days), [project_id])
    return {day: version for (_, day), version in state.versions.items()}


def _write_lines(path: Path, project_id: int, first: date, last: date) -> None:
    start, end = day_bounds(first, settings.REPORT_TIME_ZONE)[0], day_bounds(last, settings.REPORT_TIME_ZONE)[1]
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in csv_lines(project_id, start, end):
            file.write(line + "\n")


def _merge(over: Versions, running: str) -> None:
    """One file for the days of a project's month, once there are several."""
    months: defaultdict[Month, dict[CopyFile, list[date]]] = defaultdict(dict)
    for file, days in current_days(over, all_files()).items():
        months[file.project_id, _month(days[0])][file] = days
    for (project_id, month), chosen in months.items():
        if len(chosen) >= (MERGE_AT if month == running else 2):
            merge_files(project_id, chosen, read_numbers())


def _delete_unneeded(state: State) -> None:
    """What a killed writer left, damaged files, and after a while those of other versions and those merged into one."""
    numbers = read_numbers()
    try:
        numbers.check()
    except CopyError as error:
        logger.warning("%s: all files of the copy are made anew.", error)
        delete([engine.folder() / MANIFEST])
    for file in all_files():
        try:
            check_digest(file.file)
        except CopyError as error:
            logger.warning("%s: it is made anew.", error)
            delete([file.manifest, file.path])
    needed = current_days(state.versions, all_files())
    kept = {path for file in needed for path in (file.path, file.manifest)}
    kept |= {engine.folder() / MANIFEST, *(file.path for file in numbers.files)}
    for path in sorted(engine.folder().glob("*.*"), key=lambda path: path.suffix):  # a manifest before its file
        if path.name.startswith(UNFINISHED) or (path not in kept and _age_s(path) > DELETE_AFTER_S):
            delete([path])
