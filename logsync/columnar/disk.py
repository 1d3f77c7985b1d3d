"""Files in the folder of the copy: written whole or not at all, and read only as they were written."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from logsync.columnar.engine import CopyError, folder

# Part of every name. A change of the columns, or of how search keys are made, needs another one.
FORMAT = "v1"
UNFINISHED = "unfinished-"


@dataclass(frozen=True, slots=True)
class StoredFile:
    name: str
    size: int
    digest: str

    @property
    def path(self) -> Path:
        return folder() / self.name


@contextmanager
def unfinished(suffix: str) -> Iterator[Path]:
    """A path that nobody reads, deleted at the end unless it was published."""
    path = folder() / f"{UNFINISHED}{token_hex(8)}.{suffix}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def publish(path: Path, name: str) -> StoredFile:
    """Give a file that was written its name, once it is on the disk."""
    with path.open("rb") as opened:
        os.fsync(opened.fileno())
    stored = StoredFile(name, path.stat().st_size, digest_of(path))
    path.rename(stored.path)
    return stored


def publish_text(text: str, name: str) -> None:
    with unfinished("json") as path:
        path.write_text(text)
        publish(path, name)


def delete(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


# Path -> the size and time of the file whose digest this process has compared.
_checked: dict[Path, tuple[int, int]] = {}


def check_digest(file: StoredFile) -> None:
    """Reads a file once per process and again when it changed: a damaged one could crash the engine.

    Raises CopyError if it is not as it was written.
    """
    try:
        status = file.path.stat()
        state = (status.st_size, status.st_mtime_ns)
        if _checked.get(file.path) == state:
            return
        if status.st_size != file.size or digest_of(file.path) != file.digest:
            raise CopyError(f"{file.name} is damaged")
    except OSError as error:
        raise CopyError(f"{file.name}: {error.strerror}") from None
    _checked[file.path] = state


def digest_of(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
