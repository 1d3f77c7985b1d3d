"""The files of the copy, each with a manifest beside it that says what it holds. The manifest is written last.

A file holds one or more days of one project, each in the version that its totals have (RolledDay.seal). Versions are
random, so a restored backup of the database never meets a file of the same version with other logs.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from logsync.columnar import engine
from logsync.columnar.engine import CopyError

# Part of every name. A change of the columns, or of how search keys are made, needs another one.
FORMAT = "v1"
# Days of a project -> version.
Versions = Mapping[tuple[int, date], int]


@dataclass(frozen=True, slots=True)
class CopyFile:
    """`days` maps each day to its version. `has_long`: some value is longer than the search keys know."""

    path: Path
    project_id: int
    days: Mapping[date, int]
    rows: int
    size: int
    digest: str
    has_long: bool

    @property
    def manifest(self) -> Path:
        return self.path.with_suffix(".json")

    def __hash__(self) -> int:
        return hash(self.path)


@dataclass(frozen=True, slots=True)
class Source:
    """What answers for some days: all of the `whole` files, and of each of the `mixed` ones the days named."""

    whole: tuple[CopyFile, ...] = ()
    mixed: Mapping[CopyFile, Sequence[date]] = field(default_factory=dict)

    @property
    def files(self) -> tuple[CopyFile, ...]:
        return (*self.whole, *self.mixed)

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    def as_sql(self) -> tuple[str, list[list[str]]]:
        """A query of all its rows, and the parameters of it. Raises CopyError if a file is not as it was written."""
        for file in self.files:
            check_digest(file)
        parts = [_ALL_ROWS] if self.whole else []
        for file, days in self.mixed.items():
            parts.append(f"{_ALL_ROWS} WHERE version IN ({', '.join(str(file.days[day]) for day in days)})")
        paths = [[str(file.path) for file in self.whole]] if self.whole else []
        return " UNION ALL ".join(parts), paths + [[str(file.path)] for file in self.mixed]


_ALL_ROWS = "SELECT * FROM read_parquet(?)"


def all_files() -> tuple[CopyFile, ...]:
    """Those with a manifest of this format."""
    try:
        changed_at = engine.folder().stat().st_mtime_ns
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise CopyError(str(error)) from None
    key = (engine.folder(), changed_at)
    if _listed.get("key") != key:
        _listed.update(key=key, files=_read_manifests(_listed.get("files", ())))
    files: tuple[CopyFile, ...] = _listed["files"]
    return files


_listed: dict[str, Any] = {}


def _read_manifests(known: Iterable[CopyFile]) -> tuple[CopyFile, ...]:
    by_manifest = {file.manifest: file for file in known}
    try:
        paths = list(engine.folder().glob(f"{FORMAT}-*.json"))
    except OSError as error:
        raise CopyError(str(error)) from None
    files = [by_manifest.get(path) or read_manifest(path) for path in paths]
    return tuple(file for file in files if file)


def read_manifest(path: Path) -> CopyFile | None:
    """None if it is gone, or is no manifest: its file is not used then, and made anew."""
    try:
        content = json.loads(path.read_bytes())
        days = {date.fromisoformat(day): int(version) for day, version in content.pop("days").items()}
        return CopyFile(path=path.with_suffix(".parquet"), days=days, **content)
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
    return Source(tuple(whole), mixed)


# Path -> the size and time of the file whose digest this process has compared.
_checked: dict[Path, tuple[int, int]] = {}


def check_digest(file: CopyFile) -> None:
    """Reads a file once per process and again when it changed: a damaged one could crash the engine.

    Raises CopyError if it is not as it was written.
    """
    try:
        status = file.path.stat()
        state = (status.st_size, status.st_mtime_ns)
        if _checked.get(file.path) == state:
            return
        if status.st_size != file.size or digest_of(file.path) != file.digest:
            raise CopyError(f"{file.path.name} is damaged")
    except OSError as error:
        raise CopyError(f"{file.path.name}: {error.strerror}") from None
    _checked[file.path] = state


def digest_of(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
