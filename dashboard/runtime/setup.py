"""Prepares an installation before its processes start. Idempotent."""

import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError
from kombu.exceptions import OperationalError as BrokerError

from dashboard.celery import app
from logsync.database import POOLED, outage_message
from logsync.projects import SettingsMissingError, ensure_project_from_environment, missing_variables
from logsync.redaction import redact

BROKER_TIMEOUT_SECONDS = 5


def require_credentials() -> None:
    """Raises CommandError with the name of each missing variable."""
    if missing := missing_variables():
        raise CommandError(f"{SettingsMissingError(missing)} Set it in the environment or in .env (see .env.example).")


def require_broker() -> None:
    """Raises CommandError if the Redis of REDIS_URL does not answer. Does nothing without REDIS_URL."""
    if not settings.REDIS_URL:
        return
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_TIMEOUT_SECONDS)
    except (BrokerError, OSError, ValueError) as error:
        why = redact(str(error)).strip().splitlines()[0]
        raise CommandError(f"The Redis of REDIS_URL cannot be used: {why}") from None


def set_up() -> str | None:
    """Migrate the database; create the environment's project and the first user, if missing.

    The password of a new user, or None if there is one already. Raises CommandError without a database.
    """
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except DatabaseError as error:
        why = str(error).strip().splitlines()[0]
        if (message := outage_message(error)).endswith(f"{POOLED}."):
            raise CommandError(message) from None
        raise CommandError(f"The database of DATABASE_URL cannot be used: {why}") from None
    if not missing_variables():
        ensure_project_from_environment()
    return ensure_first_user()


def sign_in_help(password: str | None, *, shown_again: bool = False) -> str:
    if password is None:
        return "Sign in with an existing user; ./tollbook changepassword NAME sets another password."
    change_it = f"./tollbook changepassword {NAME} sets another"
    warning = "" if shown_again else f"\nThe password is shown only now; {change_it}."
    return f"User:     {NAME}\nPassword: {password}{warning}"


NAME = "admin"


def ensure_first_user() -> str | None:
    """The password of the new user `admin`, or None if there is a superuser already. Raises CommandError."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    if users.filter(username=NAME).exists():
        raise CommandError(f"There is no superuser, and the user {NAME} is not one. Run: ./tollbook createsuperuser")
    password = secrets.token_urlsafe(12)
    users.create_superuser(NAME, password=password)
    return password


def remembered_password(path: Path, new_password: str | None) -> str | None:
    """For the demo only: store a new password in a private file, or read it back if it is still valid."""
    if new_password:
        path.touch(mode=0o600)
        path.write_text(new_password)
        return new_password
    password = path.read_text() if path.exists() else ""
    user = get_user_model().objects.filter(username=NAME).first()
    return password if user and user.check_password(password) else None
