"""Django's compiler for DuckDB: it turns a queryset into a statement over the files of the copy."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.client import BaseDatabaseClient
from django.db.backends.base.creation import BaseDatabaseCreation
from django.db.backends.base.features import BaseDatabaseFeatures
from django.db.backends.base.introspection import BaseDatabaseIntrospection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import Expression

from logsync.columnar import engine
from logsync.columnar.files import Source


class Operations(BaseDatabaseOperations):
    def quote_name(self, name: str) -> str:
        return name if name.startswith('"') else f'"{name}"'

    def no_limit_value(self) -> None:
        return None

    def adapt_datetimefield_value(self, value: datetime | None) -> Any:
        """The files hold UTC without a timezone."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def date_trunc_sql(self, lookup_type: str, sql: str, params: Any, tzname: str | None = None) -> Any:  # noqa: ARG002
        return f"CAST(DATE_TRUNC(%s, {sql}) AS DATE)", (lookup_type, *params)

    def get_db_converters(self, expression: Expression) -> list[Any]:
        if expression.output_field.get_internal_type() == "DateTimeField":
            return [_aware]
        return super().get_db_converters(expression)


def _aware(value: datetime | None, _expression: Any, _connection: Any) -> datetime | None:
    return value.replace(tzinfo=UTC) if value else None


# Files never change, so an answer of theirs stays right. Long ones are not kept.
MAX_ANSWERS = 64
MAX_ROWS = 1_100
_answers: OrderedDict[tuple[str, str], list[tuple[Any, ...]]] = OrderedDict()
_lock = Lock()


def _answer(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    key = (sql, repr(parameters))
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
            return _answers[key]
    rows = engine.run(sql, parameters)
    if len(rows) <= MAX_ROWS:
        with _lock:
            _answers[key] = rows
            while len(_answers) > MAX_ANSWERS:
                _answers.popitem(last=False)
    return rows


class CopyConnection(BaseDatabaseWrapper):
    """Reads these files as the table "logs"."""

    vendor = "duckdb"
    display_name = "DuckDB"
    client_class = BaseDatabaseClient
    creation_class = BaseDatabaseCreation
    features_class = BaseDatabaseFeatures
    introspection_class = BaseDatabaseIntrospection
    ops_class = Operations
    operators = {
        "exact": "= %s",
        "gt": "> %s",
        "gte": ">= %s",
        "lt": "< %s",
        "lte": "<= %s",
        "contains": r"LIKE %s ESCAPE '\'",
    }

    def __init__(self, source: Source) -> None:
        super().__init__({"TIME_ZONE": None}, alias="columnar")
        self.source = source

    def cursor(self) -> Any:
        return Cursor(self.source)


class Cursor:
    """As far as Django's compiler needs one. It holds all rows: questions are sums and pages, never all logs."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, sql: str, parameters: Sequence[Any]) -> None:
        logs, files = self._source.as_sql()
        marked = sql % (("?",) * len(parameters)) if parameters else sql % ()
        self._rows = _answer(f"WITH logs AS NOT MATERIALIZED ({logs}) {marked}", [*files, *parameters])

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    def close(self) -> None:
        self._rows = []
