"""The files of the copy, each with a manifest beside it that says what it holds. The manifest is written last.

A file holds one or more days of one project, each in the version that its totals have (RolledDay.seal). Versions are
random, so a restored backup of the database never meets a file of the same version with other logs.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from logsync.columnar import engine
from logsync.columnar.disk import FORMAT, StoredFile, check_digest
from logsync.columnar.engine import CopyError
from logsync.columnar.numbers import NO_NUMBERS, Numbers, read_numbers
from logsync.rollups.versions import Versions

# The columns of which each log has one of few combinations of values, with null as ''. Logs hold its code: to group by
# one number is several times as fast as to group by six texts.
COMBINED = ("project_id", "medium", "log_type", "direction", "status", "source", "deleted")
Combination = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class CopyFile:
    """`days` maps each day to its version; `lineage` and `step` say which numbers it needs.

    It is not searchable if some text is longer than its search key, or some number has no code of its own.
    """

    file: StoredFile
    project_id: int
    days: Mapping[date, int]
    lineage: str
    step: int
    count: int
    is_searchable: bool
    combinations: Mapping[int, Combination]

    @property
    def path(self) -> Path:
        return self.file.path

    @property
    def manifest(self) -> Path:
        return self.path.with_suffix(".json")

    def __hash__(self) -> int:
        return hash(self.file)


@dataclass(frozen=True, slots=True)
class Source:
    """What answers for some days: all of the `whole` files, the newest first, and of each of the `mixed` ones the days
    named."""

    whole: tuple[CopyFile, ...] = ()
    mixed: Mapping[CopyFile, Sequence[date]] = field(default_factory=dict)
    numbers: Numbers = NO_NUMBERS

    @property
    def files(self) -> tuple[CopyFile, ...]:
        return (*self.whole, *self.mixed)

    def oldest_first(self) -> "Source":
        return replace(self, whole=self.whole[::-1])

    @property
    def rows(self) -> int:
        return sum(file.count for file in self.files)

    def since(self, rows: int) -> date | None:
        """The first of the newest days whose files hold at least so many logs; None if only all do."""
        days = set[date]()
        for file in self.whole:
            if days and rows <= 0 and max(file.days) < min(days):
                return min(days)
            days |= file.days.keys()
            rows -= file.count
        return None

    @property
    def combinations(self) -> Mapping[int, Combination]:
        """By code. Raises CopyError in the case, next to impossible, that two have the same one."""
        found: dict[int, Combination] = {}
        for file in self.files:
            for code, combination in file.combinations.items():
                if found.setdefault(code, combination) != combination:
                    raise CopyError("two combinations of values have one code")
        return found

    def as_sql(self) -> tuple[str, list[list[str]]]:
        """A query of all its rows, and the parameters of it. Raises CopyError if a file is not as it was written."""
        for file in self.files:
            check_digest(file.file)
        parts = [_ALL_ROWS] if self.whole else []
        for file, days in self.mixed.items():
            parts.append(f"{_ALL_ROWS} WHERE version IN ({', '.join(str(file.days[day]) for day in days)})")
        paths = [[str(file.path) for file in self.whole]] if self.whole else []
        return " UNION ALL ".join(parts), paths + [[str(file.path)] for file in self.mixed]


_ALL_ROWS = "SELECT * FROM read_parquet(?)"


def all_files() -> tuple[CopyFile, ...]:
    """Those with a manifest of this format, whose numbers are there."""
    return _listed()[1]


def _listed() -> tuple[Numbers, tuple[CopyFile, ...]]:
    """The folder is read again when something in it was added, renamed or deleted."""
    try:
        key = (engine.folder(), engine.folder().stat().st_mtime_ns)
        if _cache.get("key") != key:
            _cache.update(key=key, listed=_read(_cache.get("listed", (NO_NUMBERS, ()))[1]))
    except FileNotFoundError:
        return NO_NUMBERS, ()
    except OSError as error:
        raise CopyError(str(error)) from None
    listed: tuple[Numbers, tuple[CopyFile, ...]] = _cache["listed"]
    return listed


_cache: dict[str, Any] = {}


def _read(known: Iterable[CopyFile]) -> tuple[Numbers, tuple[CopyFile, ...]]:
    by_manifest = {file.manifest: file for file in known}
    files = [by_manifest.get(path) or read_manifest(path) for path in engine.folder().glob(f"{FORMAT}-[0-9]*.json")]
    numbers = read_numbers()  # after the files: these are added before any file that needs them
    return numbers, tuple(
        file for file in files if file and file.lineage == numbers.lineage and file.step <= numbers.step
    )


def read_manifest(path: Path) -> CopyFile | None:
    """None if it is gone, or is no manifest: its file is not used then, and made anew."""
    try:
        content = json.loads(path.read_bytes())
        days = {date.fromisoformat(day): int(version) for day, version in content.pop("days").items()}
        combinations = {int(code): tuple(values) for code, *values in content.pop("combinations")}
        return CopyFile(file=StoredFile(**content.pop("file")), days=days, combinations=combinations, **content)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def current_days(versions: Versions, files: Iterable[CopyFile]) -> dict[CopyFile, list[date]]:
    """Each file that is needed, with the days that it answers for. Each day is answered by one file, and by as few
    files as possible."""
    left = dict(versions)
    chosen: dict[CopyFile, list[date]] = {}
    for file in sorted(files, key=lambda file: -len(_current(file, versions))):
        if days := _current(file, left):
            chosen[file] = days
            for day in days:
                del left[file.project_id, day]
    return chosen


def _current(file: CopyFile, versions: Versions) -> list[date]:
    return [day for day, version in file.days.items() if versions.get((file.project_id, day)) == version]


def source_of(chosen: Mapping[CopyFile, Sequence[date]], start: date | None, end: date) -> Source:
    """The rows of these days. Days of a file outside of start to end do not count: the caller filters by time."""
    whole, mixed = [], {}
    for file, days in chosen.items():
        if sum((start is None or start <= day) and day <= end for day in file.days) == len(days):
            whole.append(file)
        else:
            mixed[file] = days
    whole.sort(key=lambda file: max(file.days), reverse=True)
    return Source(tuple(whole), mixed, _listed()[0])
