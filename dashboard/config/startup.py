"""Starts every process. An unusable setting ends it with one line instead of a traceback."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error

from logsync.database import outage_message
from logsync.exceptions import TollbookError


def load_settings() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    try:
        settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    except ImproperlyConfigured as error:
        sys.exit(f"Tollbook cannot start. {error}")
    except OSError as error:
        sys.exit(f"Tollbook cannot start. VAR_DIR: {error.filename} cannot be created ({error.strerror}).")


def run_command(arguments: list[str]) -> None:
    """Like Django, but a database outage or an error of Tollbook ends the command with one line, not a traceback."""
    try:
        execute_from_command_line(arguments)
    except TollbookError as error:
        sys.exit(str(error))
    except Error as error:
        if not (message := outage_message(error)):
            raise
        sys.exit(f"{message} Run the same command again to continue.")
