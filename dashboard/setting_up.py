"""What an installation needs before its processes start. Doing it again changes nothing."""

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from kombu.exceptions import OperationalError as BrokerError

from dashboard.celery import app
from dashboard.first_user import NAME, ensure_first_user
from logsync.projects import SettingsMissingError, ensure_project_from_environment, missing_variables
from logsync.redaction import redact

BROKER_SECONDS = 5


def require_credentials() -> None:
    """CommandError names each variable that is missing."""
    if missing := missing_variables():
        raise CommandError(f"{SettingsMissingError(missing)} Set it in the environment or in .env (see .env.example).")


def require_broker() -> None:
    """CommandError when the Redis of REDIS_URL does not answer. Without one there is nothing to reach."""
    if not settings.REDIS_URL:
        return
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=BROKER_SECONDS)
    except (BrokerError, OSError, ValueError) as error:
        why = redact(str(error)).strip().splitlines()[0]
        raise CommandError(f"The Redis of REDIS_URL cannot be used: {why}") from None


def set_up() -> str | None:
    """Bring the database up to date, and make the environment's project and the first user.

    The password of a user made just now; None when there is one already. CommandError when there is no database.
    """
    try:
        call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:
        why = str(error).strip().splitlines()[0]
        raise CommandError(f"The database of DATABASE_URL cannot be used: {why}") from None
    if not missing_variables():
        ensure_project_from_environment()
    return ensure_first_user()


def how_to_sign_in(password: str | None, *, shown_again: bool = False) -> str:
    another = f"./tollbook changepassword {NAME} sets another"
    if password is None:
        return f"User:     {NAME}, with the password that you have; {another}."
    once = "" if shown_again else f"\nThe password is shown only now; {another}."
    return f"User:     {NAME}\nPassword: {password}{once}"
