"""Command lines. Imports anything in `dashboard` and `logsync`."""
