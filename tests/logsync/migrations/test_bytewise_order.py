"""Lists are ordered alike by Python, SQLite and a PostgreSQL of any locale."""

import importlib

import pytest
from django.db import connection

from dashboard.queries.keyset import COLUMNS, KEY
from logsync.models import Log

migration = importlib.import_module("logsync.migrations.0007_bytewise_order")
pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("database", ["postgresql"], indirect=True)]
COLLATIONS = "SELECT column_name, collation_name FROM information_schema.columns WHERE table_name = %s"


def collations(table):
    with connection.cursor() as cursor:
        cursor.execute(COLLATIONS, [table])
        return dict(cursor.fetchall())


def test_every_text_that_logs_are_ordered_by_is_compared_byte_by_byte(database):
    texts = {name for name in (*COLUMNS.values(), *KEY) if collation_matters(name)}
    assert texts >= {"id", "from_number", "log_type"}
    assert {collations("logsync_log")[name] for name in texts} == {"C"}


def collation_matters(name):
    """Not for times and numbers, nor for the medium: two words in the same order everywhere."""
    fields = {field.attname: field.get_internal_type() for field in Log._meta.concrete_fields}
    return fields.get(name) == "TextField"


def test_going_back_restores_the_order_of_the_locale(database):
    with connection.schema_editor() as editor:
        migration.compare_by_locale(None, editor)
    assert collations("logsync_log")["id"] is None
    with connection.schema_editor() as editor:
        migration.compare_bytes(None, editor)
    for table, columns in migration.COLUMNS.items():
        assert {collations(table)[column] for column in columns} == {"C"}
