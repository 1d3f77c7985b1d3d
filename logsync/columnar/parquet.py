"""Writes a file of logs, from lines of CSV or from other files. Whoever is killed meanwhile leaves nothing to read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date
from pathlib import Path
from secrets import token_hex
from typing import Any

from django.conf import settings

from logsync.columnar import engine
from logsync.columnar.csv_rows import COLUMNS, DELETED, KEYS
from logsync.columnar.disk import FORMAT, publish, publish_text, unfinished
from logsync.columnar.files import COMBINED, CopyFile
from logsync.columnar.numbers import Numbers, add_numbers, code_of
from logsync.days import day_bounds
from logsync.models import SEARCH_KEY_LENGTH

OPTIONS = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880"
ORDER = "ORDER BY created_at, id, medium"
# A line holds all texts of a log, which SignalWire does not bound.
MAX_LINE_BYTES = 256 * 1024 * 1024
NUMBER_COLUMNS = ("from_number", "to_number")
_NUMBER_KEYS = ", ".join(f"{column}_{key}" for column in NUMBER_COLUMNS for key in KEYS[column])
_CODES = ", ".join(f"{code_of(column)} AS {column}_code" for column in NUMBER_COLUMNS)

_TYPES = ", ".join(f"'{name}': '{type_}'" for name, type_ in COLUMNS.items())
_READ_CSV = (
    "read_csv(?, header=false, delim=',', quote='\"', escape='\"', nullstr='', allow_quoted_nulls=false,"
    f" auto_detect=false, parallel=false, max_line_size={MAX_LINE_BYTES}, columns={{{_TYPES}}})"
)
_COALESCED = ", ".join(name if name == "project_id" else f"coalesce({name}, '') AS {name}" for name in COMBINED)
# Each with its length before it: no two combinations are one text.
_TEXTS = ", ".join(f"length(coalesce({name}::VARCHAR, '')), coalesce({name}::VARCHAR, '')" for name in COMBINED)
_COMBINATION = f"md5_number_lower(concat_ws(':', {_TEXTS}))"
_HAS_LONG = " OR ".join(f"length({column}) >= {SEARCH_KEY_LENGTH}" for column in KEYS)

Days = Mapping[date, int]


def write_lines(project_id: int, versions: Days, lines: Path) -> None:
    """The lines of these days in these versions. Raises CopyError and OSError, as `merge_files` does."""
    with engine.cursor(engine.WRITING_DEADLINE_S) as cursor, unfinished("parquet") as rows:
        days = f"(VALUES {', '.join(_day(*item) for item in versions.items())}) AS days (day, version, start, stop)"
        logs = f"{_READ_CSV} AS logs JOIN {days} ON created_at >= start AND created_at < stop"
        incoming = f"SELECT logs.*, {project_id}::BIGINT AS project_id, day, version FROM {logs}"
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE incoming AS {incoming}", [str(lines)])
        numbers, are_clear = add_numbers(cursor, "incoming")
        coded = f"SELECT * EXCLUDE (discarded_at, {_NUMBER_KEYS}), {_CODES}, {DELETED} AS deleted FROM incoming"
        combined = f"SELECT *, {_COMBINATION} AS combination FROM ({coded}) {ORDER}"
        cursor.execute(f"COPY ({combined}) TO {engine.quoted(rows)} ({OPTIONS})")
        [(count, has_long)] = cursor.execute(
            f"SELECT count(*), coalesce(bool_or({_HAS_LONG}), false) FROM incoming"
        ).fetchall()
        _publish(rows, project_id, versions, numbers, count=count, is_searchable=are_clear and not has_long)


def merge_files(project_id: int, chosen: Mapping[CopyFile, Sequence[date]], numbers: Numbers) -> None:
    """The days of these files in one."""
    versions = {day: file.days[day] for file, days in chosen.items() for day in days}
    with engine.cursor(engine.WRITING_DEADLINE_S) as cursor, unfinished("parquet") as rows:
        query = f"SELECT * FROM read_parquet(?) WHERE {_versions(versions)} {ORDER}"
        cursor.execute(f"COPY ({query}) TO {engine.quoted(rows)} ({OPTIONS})", [[str(file.path) for file in chosen]])
        [(count,)] = cursor.execute("SELECT count(*) FROM read_parquet(?)", [str(rows)]).fetchall()
        is_searchable = all(file.is_searchable for file in chosen)
        _publish(rows, project_id, versions, numbers, count=count, is_searchable=is_searchable)


def _day(day: date, version: int) -> str:
    bounds = day_bounds(day, settings.REPORT_TIME_ZONE)
    start, stop = (instant.astimezone(UTC).replace(tzinfo=None).isoformat(" ") for instant in bounds)
    return f"(DATE '{day}', {version}::BIGINT, TIMESTAMP '{start}', TIMESTAMP '{stop}')"


def _versions(versions: Days) -> str:
    return f"version IN ({', '.join(map(str, versions.values()))})"


def _publish(rows: Path, project_id: int, versions: Days, numbers: Numbers, **facts: Any) -> None:
    days = sorted(versions)
    span = f"{days[0]}" if len(days) == 1 else f"{days[0]}-to-{days[-1]}"
    name = f"{FORMAT}-{project_id}-{span}-{token_hex(8)}"
    combinations = engine.run(f"SELECT DISTINCT combination, {_COALESCED} FROM read_parquet(?)", [[str(rows)]])
    manifest = {
        "combinations": combinations,
        "file": asdict(publish(rows, f"{name}.parquet")),
        "project_id": project_id,
        "days": {str(day): version for day, version in versions.items()},
        "lineage": numbers.lineage,
        "step": numbers.step,
        **facts,
    }
    publish_text(json.dumps(manifest), f"{name}.json")
