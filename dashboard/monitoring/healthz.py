"""Health checks for load balancers and containers. They need no sign-in, so they reveal nothing else."""

import os
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard import queries
from logsync.database import migrations_wait
from logsync.days import iso_utc

# The schedule reads the newest logs every five minutes.
STALE_AFTER = timedelta(hours=1)
SERVICE_UNAVAILABLE = 503


@login_not_required
@require_safe
@never_cache
def live(_request: HttpRequest) -> JsonResponse:
    """Liveness: this process answers. If it does not, restart it."""
    return JsonResponse({"status": "live"})


@login_not_required
@require_safe
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """Readiness. A 503 names what is missing: "database", "migrations" or "broker"."""
    if missing := readiness_problems():
        return JsonResponse({"status": "not ready", "missing": missing}, status=SERVICE_UNAVAILABLE)
    return JsonResponse({"status": "ready"})


@login_not_required
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """ "ok" or "stale" with 200, "unavailable" with 503.

    "stale": no newest logs were read for an hour. A restart does not fix that, hence 200.
    """
    try:
        feeds, data_until = queries.reading_state()
    except Error:
        return JsonResponse({"status": "unavailable"}, status=SERVICE_UNAVAILABLE)
    is_stale = feeds > 0 and (data_until is None or timezone.now() - data_until > STALE_AFTER)
    return JsonResponse(
        {"status": "stale" if is_stale else "ok", "data_until": iso_utc(data_until) if data_until else None}
    )


def readiness_problems() -> list[str]:
    """Which of "database", "migrations" and "broker" are not ready."""
    try:
        is_missing = {"migrations": migrations_wait(), "broker": not _has_broker()}
    except Error:
        return ["database"]
    return [name for name in is_missing if is_missing[name]]


def _has_broker() -> bool:
    if not settings.REDIS_URL:
        return os.access(Path(settings.VAR_DIR), os.W_OK)
    from logsync.rate_limit.redis_store import is_reachable  # noqa: PLC0415 - 6 MB, for those who use it

    return is_reachable(settings.REDIS_URL)
