"""The start of every process: what cannot be used ends it with one line, not with a traceback."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error

from logsync.database import trouble_in_words


def load_settings() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    try:
        settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    except ImproperlyConfigured as error:
        sys.exit(f"Tollbook cannot start. {error}")
    except OSError as error:
        sys.exit(f"Tollbook cannot start. VAR_DIR: {error.filename} cannot be made ({error.strerror}).")


def run_command(arguments: list[str]) -> None:
    """As Django does; a database that goes away in the middle ends the command with one line, too."""
    try:
        execute_from_command_line(arguments)
    except Error as error:
        if not (words := trouble_in_words(error)):
            raise
        sys.exit(f"{words} The same command goes on where this one ended.")
