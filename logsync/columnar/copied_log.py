"""The rows of the copy as a model: querysets that ask the logs can ask the copy, too."""

from collections.abc import Sequence
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.models import QuerySet
from django.db.models.expressions import Expression

from logsync.columnar.backend import CopyConnection
from logsync.columnar.files import Source
from logsync.fields import MoneyField
from logsync.models.logs import LogQuerySet


class CopiedLog(models.Model):
    """A log as the copy has it: the columns of `Log` that are filtered, sorted or grouped, its report day, and the
    search keys of its numbers and texts, as those of PhoneNumber and SearchText."""

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
    discarded_at = models.DateTimeField(null=True)
    from_number_key = models.TextField(null=True)
    from_number_kind = models.TextField(null=True)
    from_number_text = models.TextField(null=True)
    to_number_key = models.TextField(null=True)
    to_number_kind = models.TextField(null=True)
    to_number_text = models.TextField(null=True)
    room_name_text = models.TextField(null=True)
    descriptions_text = models.TextField(null=True)

    objects = LogQuerySet.as_manager()

    class Meta:
        app_label = "logsync"
        apps = Apps()  # a registry of its own: it has no table, and no migration
        managed = False
        db_table = "logs"

    def __str__(self) -> str:
        return self.id


def are_copies(logs: "QuerySet[Any, Any]") -> bool:
    return issubclass(logs.model, CopiedLog)


class Holds(Expression):
    """A test of a search key: `contains` and `starts_with` of DuckDB are several times as fast as its LIKE."""

    output_field = models.BooleanField()
    conditional = True
    FUNCTIONS = {"contains": "contains({}, %s)", "startswith": "starts_with({}, %s)", "exact": "{} = %s"}

    def __init__(self, column: str, lookup: str, operand: str) -> None:
        super().__init__()
        self.column: Any = models.F(column)
        self.lookup, self.operand = lookup, operand

    def get_source_expressions(self) -> list[Any]:
        return [self.column]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        (self.column,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG002
        column, parameters = compiler.compile(self.column)
        return self.FUNCTIONS[self.lookup].format(column), (*parameters, self.operand)


def rows_of(logs: "QuerySet[Any, Any]", source: Source) -> list[tuple[Any, ...]]:
    """The rows of a queryset of CopiedLog, in the order of its `values()`. Raises CopyError."""
    compiler = logs.query.get_compiler(connection=CopyConnection(source))
    return list(compiler.results_iter(tuple_expected=True))
