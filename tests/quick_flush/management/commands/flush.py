"""Replaces Django's `flush`, which runs after each test that commits.

TRUNCATE recreates every table and index of PostgreSQL, and Django then recreates content types and permissions: a fifth
of a second per test. This deletes rows instead and keeps what `migrate` stored.
"""

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.db import connections, transaction

STAY = {model._meta.db_table for model in (ContentType, Permission)}


class Command(flush.Command):
    def handle(self, **options):
        connection = connections[options["database"]]
        present = connection.introspection.django_table_names(only_existing=True, include_views=False)
        tables = [connection.ops.quote_name(table) for table in sorted({*present} - STAY)]
        # SQLite checks foreign keys when the transaction ends.
        with transaction.atomic(options["database"]), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Like TRUNCATE: wait for other writers, and do not check each foreign key.
                cursor.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
                cursor.execute("SET LOCAL session_replication_role = replica")
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")
