"""Work run by Celery or in the foreground, each piece under its lease. Imports `pulling` and lower layers."""
