"""The rows of the copy as a model: querysets that ask the logs can ask the copy, too."""

from collections.abc import Sequence
from typing import Any, Self

from django.apps.registry import Apps
from django.db import models
from django.db.models import QuerySet
from django.db.models.expressions import Expression

from logsync.columnar.backend import CopyConnection
from logsync.columnar.files import Source
from logsync.columnar.numbers import TESTS, Test, table_of_found
from logsync.fields import MoneyField
from logsync.models.logs import LogQuerySet


class CopiedLogQuerySet(LogQuerySet):
    def with_deleted(self) -> Self:
        """The files have it."""
        return self


class CopiedLog(models.Model):
    """A log as the copy has it: the columns of `Log` that are filtered, sorted or grouped, its report day, the codes of
    its numbers, and the search keys of its other texts, as those of SearchText."""

    id = models.TextField(primary_key=True)  # with medium and project
    medium = models.TextField()
    project_id = models.BigIntegerField()
    day = models.DateField()
    log_type = models.TextField(null=True)
    source = models.TextField(null=True)
    direction = models.TextField(null=True)
    status = models.TextField(null=True)
    from_number = models.TextField(null=True)
    to_number = models.TextField(null=True)
    room_name = models.TextField(null=True)
    parent_id = models.TextField(null=True)
    descriptions = models.TextField(null=True)
    unread_fields = models.TextField(null=True)
    charge = MoneyField(null=True)
    billing_ms = models.BigIntegerField(null=True)
    seconds = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    deleted = models.TextField()
    combination = models.BigIntegerField()
    from_number_code = models.BigIntegerField(null=True)
    to_number_code = models.BigIntegerField(null=True)
    room_name_text = models.TextField(null=True)
    descriptions_text = models.TextField(null=True)

    objects = CopiedLogQuerySet.as_manager()

    class Meta:
        app_label = "logsync"
        apps = Apps()  # a registry of its own: it has no table, and no migration
        managed = False
        db_table = "logs"

    def __str__(self) -> str:
        return self.id


class Holds(Expression):
    """A test of a column with search keys. `contains` is several times as fast as DuckDB's LIKE."""

    output_field = models.BooleanField()
    conditional = True

    def __init__(self, column: str, *tests: Test) -> None:
        super().__init__()
        self.column: Any = models.F(column)
        self.tests = tests

    def get_source_expressions(self) -> list[Any]:
        return [self.column]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        (self.column,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002 - Django's signature
        column, _ = compiler.compile(self.column)
        tests = " OR ".join(TESTS[lookup].format(column).replace("?", "%s") for _, lookup, _ in self.tests)
        return f"({tests})", tuple(operand for _, _, operand in self.tests)


class IsFoundNumber(Holds):
    """The same for a column with codes of numbers."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, _ = compiler.compile(self.column)
        return f"{column} IN (SELECT code FROM {table_of_found(connection.source.numbers, self.tests)})", ()


class CopyReader:
    """Runs querysets of CopiedLog: call it for their rows, in the order of their values. Raises CopyError."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __call__(self, logs: "QuerySet[Any, Any]") -> list[tuple[Any, ...]]:
        compiler = logs.query.get_compiler(connection=CopyConnection(self.source))
        return list(compiler.results_iter(tuple_expected=True))
