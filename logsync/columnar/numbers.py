"""The distinct phone numbers of the copy, with their search keys, in files of their own.

A number is searched for once among all distinct ones, and not in each log: logs hold codes. A code is a hash of the
value, and the searches of logs with a value whose code another one has are left to the database.
"""

import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import Any

from logsync.columnar import engine
from logsync.columnar.disk import FORMAT, StoredFile, check_digest, publish, publish_text, unfinished
from logsync.models import SEARCH_KEY_LENGTH

MANIFEST = f"{FORMAT}-numbers.json"
# As many files become one.
MERGE_AT = 8
# Searches that are kept: each has the codes that it found, in the engine's memory.
MAX_FOUND = 8

# The field of a search key, a lookup of the ORM, and its operand.
Test = tuple[str, str, str]
TESTS = {"contains": "contains({}, ?)", "startswith": "starts_with({}, ?)", "exact": "{} = ?"}
_KEYS = "SELECT code, coalesce(key, value) AS key, kind, coalesce(text, value) AS text FROM read_parquet(?)"


def code_of(column: str) -> str:
    """As SQL. Null and '' have none."""
    return f"md5_number_lower(left(nullif({column}, ''), {SEARCH_KEY_LENGTH}))"


@dataclass(frozen=True, slots=True)
class Numbers:
    """`step` grows with each addition in one `lineage`. Files of logs say which step they need."""

    lineage: str
    step: int
    files: tuple[StoredFile, ...] = ()

    @property
    def paths(self) -> list[str]:
        return [str(file.path) for file in self.files]

    def check(self) -> None:
        """Raises CopyError if a file is not as it was written."""
        for file in self.files:
            check_digest(file)


NO_NUMBERS = Numbers("", 0)


def read_numbers() -> Numbers:
    """NO_NUMBERS if there are none yet, or their manifest cannot be read: all files are made anew then."""
    try:
        content = json.loads((engine.folder() / MANIFEST).read_bytes())
        files = tuple(StoredFile(**file) for file in content.pop("files"))
        return Numbers(**content, files=files)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return NO_NUMBERS


def add_numbers(cursor: Any, table: str) -> tuple[Numbers, bool]:
    """Add the new numbers of a table of logs. Returns all, and whether each number of the table has its own code and
    keys, so that it can be searched for."""
    known = read_numbers()
    known = known if known.lineage else Numbers(token_hex(8), 0)
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE numbers AS {_distinct(table)}")
    cursor.execute("CREATE OR REPLACE TEMP TABLE known (code UBIGINT, value VARCHAR)")
    if known.files:
        query = "SELECT code, value FROM read_parquet(?) WHERE code IN (SELECT code FROM numbers)"
        cursor.execute(f"INSERT INTO known {query}", [known.paths])
    [(unclear,)] = cursor.execute(_UNCLEAR).fetchall()
    [(new,)] = cursor.execute(f"SELECT count(*) {_NEW}").fetchall()
    return (_added(cursor, known) if new or not known.step else known), not unclear


_NEW = "FROM numbers WHERE code NOT IN (SELECT code FROM known)"
_UNCLEAR = """
    SELECT count(*) FROM numbers LEFT JOIN known USING (code)
    WHERE values_of_code > 1 OR key IS NULL OR known.value <> numbers.value
"""


def _distinct(table: str) -> str:
    sides = " UNION ALL ".join(
        f"SELECT {code_of(column)} AS code, left({column}, {SEARCH_KEY_LENGTH}) AS value, {column}_key AS key,"
        f" {column}_kind AS kind, {column}_text AS text FROM {table}"
        for column in ("from_number", "to_number")
    )
    return (
        "SELECT code, any_value(value) AS value, any_value(key) AS key, any_value(kind) AS kind,"
        f" any_value(text) AS text, count(DISTINCT value) AS values_of_code FROM ({sides})"
        " WHERE code IS NOT NULL GROUP BY code"
    )


def _added(cursor: Any, known: Numbers) -> Numbers:
    with unfinished("parquet") as path:
        query = f"SELECT code, value, nullif(key, value) AS key, kind, nullif(text, value) AS text {_NEW}"
        cursor.execute(f"COPY ({query}) TO {engine.quoted(path)} (FORMAT parquet, COMPRESSION zstd)")
        file = publish(path, f"{FORMAT}-numbers-{token_hex(8)}.parquet")
    return _publish(_merged(cursor, replace(known, step=known.step + 1, files=(*known.files, file))))


def _merged(cursor: Any, numbers: Numbers) -> Numbers:
    if len(numbers.files) < MERGE_AT:
        return numbers
    with unfinished("parquet") as path:
        options = "FORMAT parquet, COMPRESSION zstd"
        cursor.execute(f"COPY (SELECT * FROM read_parquet(?)) TO {engine.quoted(path)} ({options})", [numbers.paths])
        return replace(numbers, files=(publish(path, f"{FORMAT}-numbers-{token_hex(8)}.parquet"),))


def _publish(numbers: Numbers) -> Numbers:
    content = {"lineage": numbers.lineage, "step": numbers.step, "files": [asdict(file) for file in numbers.files]}
    publish_text(json.dumps(content), MANIFEST)
    return numbers


_found: OrderedDict[tuple[Numbers, frozenset[Test], Path], str] = OrderedDict()
_lock = Lock()


def table_of_found(numbers: Numbers, tests: Sequence[Test]) -> str:
    """The name of a table with the codes of the numbers for which any test holds. Raises CopyError."""
    key = (numbers, frozenset(tests), engine.folder())
    with _lock:
        if key in _found:
            _found.move_to_end(key)
            return _found[key]
        numbers.check()
        table = f"found_{token_hex(8)}"
        holds = " OR ".join(TESTS[lookup].format(field) for field, lookup, _ in tests)
        codes = (
            f"SELECT code FROM ({_KEYS}) WHERE {holds}" if numbers.files else "SELECT 0::UBIGINT AS code WHERE false"
        )
        parameters = [numbers.paths, *(operand for _, _, operand in tests)] if numbers.files else []
        engine.run(f"CREATE TABLE {table} AS {codes}", parameters)
        _found[key] = table
        while len(_found) > MAX_FOUND:
            engine.run(f"DROP TABLE IF EXISTS {_found.popitem(last=False)[1]}")
    return table
