"""Writes one file of the copy with its manifest. Whoever is killed meanwhile leaves nothing but an unfinished file."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from secrets import token_hex

from logsync.columnar import engine
from logsync.columnar.csv_rows import COLUMNS, KEYS
from logsync.columnar.files import FORMAT, digest_of
from logsync.models import SEARCH_KEY_LENGTH

UNFINISHED = "unfinished-"
ROW_GROUP = 122_880
# A line holds all texts of a log, which SignalWire does not bound.
MAX_LINE_BYTES = 256 * 1024 * 1024
# Before the columns of a log.
DAY_COLUMNS = {"project_id": "BIGINT", "day": "DATE", "version": "BIGINT"}

_TYPES = ", ".join(f"'{name}': '{type_}'" for name, type_ in (DAY_COLUMNS | COLUMNS).items())
FROM_CSV = (
    "read_csv(?, header=false, delim=',', quote='\"', escape='\"', nullstr='', allow_quoted_nulls=false,"
    f" auto_detect=false, parallel=false, max_line_size={MAX_LINE_BYTES}, columns={{{_TYPES}}})"
)
FROM_FILES = "read_parquet(?)"
_IS_LONG = " OR ".join(f"length({column}) >= {SEARCH_KEY_LENGTH}" for column in KEYS)
_SUMMARY = f"SELECT count(*), coalesce(bool_or({_IS_LONG}), false) FROM read_parquet(?)"  # noqa: S608


def write_file(project_id: int, versions: Mapping[date, int], rows: str, sources: str | Sequence[str]) -> None:
    """The rows of these days in these versions, from FROM_CSV or FROM_FILES of `sources`. Raises CopyError, OSError."""
    days = sorted(versions)
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]}-to-{days[-1]}"
    path = engine.folder() / f"{FORMAT}-{project_id}-{span}-{token_hex(8)}.parquet"
    wanted = ", ".join(map(str, versions.values()))
    query = f"SELECT * FROM {rows} WHERE version IN ({wanted}) ORDER BY created_at, id, medium"  # noqa: S608
    with unfinished("parquet") as parquet, unfinished("json") as manifest:
        options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP}"
        engine.run(f"COPY ({query}) TO '{parquet}' ({options})", [sources])
        manifest.write_text(json.dumps(_described(parquet, project_id, versions)))
        for written in (parquet, manifest):
            _to_disk(written)
        parquet.rename(path)
        manifest.rename(path.with_suffix(".json"))


def _described(parquet: Path, project_id: int, versions: Mapping[date, int]) -> dict[str, object]:
    [(rows, has_long)] = engine.run(_SUMMARY, [[str(parquet)]])
    return {
        "project_id": project_id,
        "days": {str(day): version for day, version in versions.items()},
        "rows": rows,
        "size": parquet.stat().st_size,
        "digest": digest_of(parquet),
        "has_long": has_long,
    }


@contextmanager
def unfinished(suffix: str) -> Iterator[Path]:
    """A path that nobody reads, deleted at the end unless it was renamed."""
    path = engine.folder() / f"{UNFINISHED}{token_hex(8)}.{suffix}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    with path.open("rb") as opened:
        os.fsync(opened.fileno())


def delete(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
