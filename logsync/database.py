"""Whether the database has the tables of this version."""

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor


def require_tables() -> None:
    """Make the tables in a database that is still empty. Raises CommandError when it is not of this version."""
    try:
        is_empty = not connection.introspection.table_names()
    except DatabaseError as error:
        raise CommandError(f"The database cannot be used: {str(error).strip()}") from None
    if is_empty:
        call_command("migrate", interactive=False, verbosity=0)
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not of this version of Tollbook. Run: ./tollbook migrate")
