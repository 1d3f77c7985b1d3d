"""The first user, who can add the others."""

import secrets
from pathlib import Path

from django.contrib.auth import get_user_model

NAME = "admin"


def ensure_first_user() -> str | None:
    """The password of `admin`, made just now because there was no user who may administer; else None."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    users.create_superuser(NAME, password=password)
    return password


def remembered_password(path: Path, made_now: str | None) -> str | None:
    """For the demo alone: the password from its private file, as long as it still opens the door."""
    if made_now:
        path.touch(mode=0o600)
        path.write_text(made_now)
        return made_now
    password = path.read_text() if path.exists() else ""
    user = get_user_model().objects.filter(username=NAME).first()
    return password if user and user.check_password(password) else None
