"""Whether what is read can be kept: asked of the disk, because a full one takes no note of its trouble."""

import os
import shutil
from pathlib import Path

from django.db import connection

LEAST_FREE_MB = 64


def why_not_stored() -> str:
    """In plain words why a SQLite file takes nothing new, or soon will not; else ''. PostgreSQL tells by itself."""
    if connection.vendor != "sqlite":
        return ""
    file = Path(str(connection.settings_dict["NAME"]))
    if not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)):
        return "The database can only be read, so nothing new is stored: let Tollbook write to its file and its folder."
    free_mb = shutil.disk_usage(file.parent).free // 2**20
    if free_mb < LEAST_FREE_MB:
        return f"The disk of the database has only {free_mb} MB left: make room, or nothing new can be stored."
    return ""
