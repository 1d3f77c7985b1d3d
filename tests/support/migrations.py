"""Moves the tables of logsync between migrations. Tests that do so ask for the fixture `all_migrations_again`."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrate(*names):
    """Migrate logsync to these migrations, to the last of all without any; returns the apps of that state."""
    executor = MigrationExecutor(connection)
    executor.loader.build_graph()
    targets = [("logsync", name) for name in names] or executor.loader.graph.leaf_nodes("logsync")
    return executor.migrate(targets).apps
