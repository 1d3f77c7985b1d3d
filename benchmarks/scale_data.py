"""Any number of logs with realistic values, made by the database itself: ten million take minutes, not hours.

A number for every five logs, 200 rooms, 40 charge lines and 3 projects; a few percent of credits, unknown charges and
deleted logs; every fourth log is a leg of another.
"""

from datetime import UTC, datetime, time

from benchmarks.common import first_day  # sets Django up first

from django.db import connection  # isort: skip

from logsync.parsing.phone_numbers import NUMBER
from logsync.projects import ensure_project
from logsync.simulator import Project as Account

PROJECTS = 3
ROOMS = 200
LINES = 40
LOGS_PER_NUMBER = 5
RAW = '{"id": "0", "padding": "' + "x" * 600 + '"}'
TYPES = ("laml_call", "relay_pstn_call", "laml_call", "relay_sip_call", "laml_call", "relay_webrtc_call")
DIRECTIONS = ("inbound", "outbound-api", "inbound")
STATUSES = ("completed", "completed", "completed", "completed", "completed", "no-answer", "busy", "failed")


def fill(rows: int, days: int) -> None:
    """Store so many logs over so many days; totals and copy are left to the caller."""
    projects = [
        ensure_project(
            name=f"benchmark {number}",
            space_url=f"https://benchmark-{number}.signalwire.com",
            signalwire_id=f"benchmark-{number}",
            api_token=Account().token,
        ).pk
        for number in range(PROJECTS)
    ]
    with connection.cursor() as cursor:
        indexes = _drop_indexes(cursor)
        cursor.execute(_logs_sql(rows, days, min(projects)), {"raw": RAW})
        for sql in indexes:
            cursor.execute(sql)
        cursor.execute(_NUMBERS_SQL)
        cursor.execute(_TEXTS_SQL)
        cursor.execute("ANALYZE")


def _drop_indexes(cursor: object) -> list[str]:
    """Returns what creates them again."""
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'logsync_log' AND indexname NOT LIKE '%pkey'"
        )
    else:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'logsync_log' AND type = 'index'")
    found = [(name, sql) for name, sql in cursor.fetchall() if sql]
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [sql for _, sql in found]


def _choice(values: tuple[str, ...], number: str) -> str:
    cases = " ".join(f"WHEN {at} THEN '{value}'" for at, value in enumerate(values))
    return f"CASE ({number}) % {len(values)} {cases} END"


def _logs_sql(rows: int, days: int, first_project: int) -> str:
    """`a`, `b` and `c` are numbers that look drawn by lot, the same in each run."""
    start = int(datetime.combine(first_day(days), time(), UTC).timestamp())
    numbers = max(1, rows // LOGS_PER_NUMBER)
    step_us = days * 86_400_000_000 // rows
    instant = f"({start} + i * {step_us} / 1000000)"
    is_postgresql = connection.vendor == "postgresql"
    at = "to_timestamp({})" if is_postgresql else "datetime({}, 'unixepoch')"
    series = (
        f"SELECT i::bigint AS i FROM generate_series(0, {rows - 1}) AS i"
        if is_postgresql
        else f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {rows - 1}) SELECT i FROM n"
    )
    number = "'+1' || (2010000000 + ((({0}) % {1}) * 7919 + 104729) % 7989999999)"
    caller = number.format(f"(a % {numbers}) * (b % 1000) / 1000", numbers)
    callee = number.format(f"b % {numbers}", numbers)
    columns = {
        "id": "'log-' || (a % 1000003) || '-' || i",
        "medium": "CASE WHEN a % 20 = 0 THEN 'video' ELSE 'voice' END",
        "project_id": f"{first_project} + (c % 10) / 4",
        "log_type": f"CASE WHEN a % 20 = 0 THEN 'video_room_session' ELSE {_choice(TYPES, 'b')} END",
        "source": f"CASE WHEN a % 20 = 0 THEN NULL ELSE {_choice(('laml', 'realtime_api'), 'b')} END",
        "direction": f"CASE WHEN a % 20 = 0 THEN NULL ELSE {_choice(DIRECTIONS, 'a / 7')} END",
        "status": f"CASE WHEN a % 20 = 0 THEN 'completed' ELSE {_choice(STATUSES, 'c / 3')} END",
        "from_number": f"CASE WHEN a % 20 = 0 THEN NULL ELSE {caller} END",
        "to_number": f"CASE WHEN a % 20 = 0 THEN NULL ELSE {callee} END",
        "room_name": f"CASE WHEN a % 20 = 0 THEN 'room ' || (b % {ROOMS}) END",
        "parent_id": "CASE WHEN i % 4 = 3 THEN 'log-' || i END",
        "charge": "CASE WHEN a % 50 = 1 THEN NULL WHEN a % 97 = 2 THEN -2500000 ELSE (b % 9000) * 100000 END",
        "descriptions": f"'\n' || 'Charge line ' || (c % {LINES}) || '\n'",
        "billing_ms": "(b % 3600) * 1000",
        "seconds": "CASE WHEN a % 30 = 3 THEN NULL ELSE (b % 3600) END",
        "created_at": at.format(instant),
        "discarded_at": f"CASE WHEN a % 41 = 4 THEN {at.format(f'{instant} + 86400')} END",
        "raw": "CAST(%(raw)s AS json)" if is_postgresql else "%(raw)s",
        "fingerprint": "i",
        "read_at": at.format(f"{instant} + 90000"),
        "first_seen_at": at.format(f"{instant} + 90000"),
    }
    lots = "SELECT i, (i * 2654435761) % 1000003 AS a, (i * 40503 + 12345) % 999983 AS b, (i * 69069) % 99991 AS c"
    values = ", ".join(value.replace("%", "%%").replace("%%(raw)s", "%(raw)s") for value in columns.values())
    return (
        f"INSERT INTO logsync_log ({', '.join(columns)})"
        f" SELECT {values} FROM ({lots.replace('%', '%%')} FROM ({series}) AS n) AS logs"
    )


_NUMBERS_SQL = f"""
    INSERT INTO logsync_phonenumber (value, key, kind, text)
    SELECT value, value, '{NUMBER}', value FROM (
        SELECT from_number AS value FROM logsync_log UNION SELECT to_number FROM logsync_log
    ) AS numbers WHERE value IS NOT NULL
"""
_TEXTS_SQL = """
    INSERT INTO logsync_searchtext (kind, value, text)
    SELECT kind, value, LOWER(value) FROM (
        SELECT 'room' AS kind, room_name AS value FROM logsync_log
        UNION SELECT 'description', descriptions FROM logsync_log
    ) AS texts WHERE value IS NOT NULL
"""
