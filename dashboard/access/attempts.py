"""Counts attempts to sign in, in the tables of django-axes, which all processes share; see limits.py for the limits."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F, Max, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from dashboard.access.client_address import client_address
from dashboard.access.known_devices import SIGNED_IN, known_device
from dashboard.access.limits import ACCOUNT, ADDRESS, SOURCE, Limit
from logsync.days import iso_utc

logger = logging.getLogger(__name__)

Credentials = dict[str, Any] | None
Attempts = QuerySet[Any]


@dataclass(frozen=True)
class Source:
    """Who tries to sign in. `device` is empty unless it is a known device of the account.

    `account` never holds what was typed for an account that does not exist: it may be a mistyped password.
    """

    account: str
    address: str | None
    device: str

    @property
    def key(self) -> dict[str, str | None]:
        return {"username": self.account, "ip_address": self.address, "user_agent": self.device}

    @property
    def own_attempts(self) -> Attempts:
        of_device = {"username": self.account, "user_agent": self.device}  # wherever it is
        attempts: Attempts = AccessAttempt.objects.filter(**(of_device if self.device else self.key))
        return attempts

    def limits(self) -> list[tuple[Limit, Attempts]]:
        if self.device:
            return [(SOURCE, self.own_attempts)]
        strangers = AccessAttempt.objects.filter(user_agent="")
        return [
            (SOURCE, self.own_attempts),
            (ACCOUNT, strangers.filter(username=self.account)),
            (ADDRESS, strangers.filter(ip_address=self.address)),
        ]


class SignInAttempts(AxesDatabaseHandler):  # type: ignore[misc]
    """The handler that django-axes calls (AXES_HANDLER)."""

    def is_allowed(self, request: HttpRequest, credentials: Credentials = None) -> bool:
        """Whether the password may be checked. Counts the attempt before that, so that parallel attempts cannot
        pass the limit together; a success forgets it again.
        """
        self.clean_expired_user_attempts(request, credentials)
        source, now = source_of(request, credentials), timezone.now()
        return not _block(source, now) and _count(source, now)

    def user_login_failed(
        self, _sender: object, credentials: Credentials, request: HttpRequest | None = None, **_kwargs: object
    ) -> None:
        if request is None:  # a command or a task: nobody to block
            return
        source = source_of(request, credentials)
        if block := _block(source, timezone.now()):
            _log(source, *block, was_refused=request.axes_locked_out)  # type: ignore[attr-defined]
            # The middleware of django-axes then answers with AXES_LOCKOUT_CALLABLE.
            request.axes_locked_out = True  # type: ignore[attr-defined]
            request.axes_credentials = credentials  # type: ignore[attr-defined]

    def user_logged_in(self, sender: object, request: HttpRequest, user: AbstractBaseUser, **kwargs: object) -> None:
        super().user_logged_in(sender, request, user, **kwargs)
        request.META[SIGNED_IN] = user.pk
        Session.objects.filter(expire_date__lt=timezone.now()).delete()

    def filter_user_attempts(self, request: HttpRequest, credentials: Credentials = None) -> list[Attempts]:
        """What a success forgets: never the failures of others, or an attacker could clear theirs by signing in."""
        return [source_of(request, credentials).own_attempts]


def blocked_until(request: HttpRequest, credentials: Credentials) -> datetime | None:
    block = _block(source_of(request, credentials), timezone.now())
    return block[1] if block else None


def forget_failures(request: HttpRequest, user: AbstractBaseUser) -> None:
    """For a password that was confirmed without a new sign-in."""
    source_of(request, {"username": user.get_username()}).own_attempts.delete()


def source_of(request: HttpRequest, credentials: Credentials) -> Source:
    name = str((credentials or {}).get(get_user_model().USERNAME_FIELD) or "")
    user = get_user_model().objects.filter(**{get_user_model().USERNAME_FIELD: name}).first()
    if user is None:  # counted as any other, so that nobody can tell which accounts exist
        unknown = salted_hmac("unknown account", name, algorithm="sha256").hexdigest()[:16]
        return Source(f"unknown account {unknown}", client_address(request), "")
    return Source(name, client_address(request), known_device(request, user.pk) or "")


def _log(source: Source, limit: Limit, until: datetime, *, was_refused: bool) -> None:
    logger.log(
        logging.INFO if was_refused else logging.WARNING,
        "Sign-in %s until %s, limit of %s: account %r, address %s, %s device",
        "refused" if was_refused else "blocked",
        iso_utc(until.replace(microsecond=0)),
        limit.subject,
        source.account,
        source.address or "unknown",
        "known" if source.device else "unknown",
    )


def _block(source: Source, now: datetime) -> tuple[Limit, datetime] | None:
    """The block that ends last, if any."""
    blocks = [
        (limit, until)
        for limit, attempts in source.limits()
        if (until := limit.blocked_until(*_counted(attempts.filter(attempt_time__gt=now - limit.memory))))
        and until > now
    ]
    return max(blocks, key=lambda block: block[1], default=None)


def _counted(attempts: Attempts) -> tuple[int, datetime | None]:
    found = attempts.order_by().aggregate(failures=Sum("failures_since_start"), last_at=Max("attempt_time"))
    return found["failures"] or 0, found["last_at"]


def _count(source: Source, now: datetime) -> bool:
    """False if parallel attempts have reached the limit in the meantime."""
    with transaction.atomic():
        attempt, _ = AccessAttempt.objects.select_for_update().get_or_create(
            **source.key, defaults={"failures_since_start": 0, "attempt_time": now}
        )
        until = SOURCE.blocked_until(attempt.failures_since_start, attempt.attempt_time)
        if until and until > now:
            return False
        AccessAttempt.objects.filter(pk=attempt.pk).update(
            failures_since_start=F("failures_since_start") + 1, attempt_time=now
        )
    return True
