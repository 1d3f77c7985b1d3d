"""The start of every process: what cannot be used ends it with one line, not with a traceback."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def load_settings() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    try:
        settings.VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    except ImproperlyConfigured as error:
        sys.exit(f"Tollbook cannot start. {error}")
    except OSError as error:
        sys.exit(f"Tollbook cannot start. VAR_DIR: {error.filename} cannot be made ({error.strerror}).")
