"""For load balancers and containers: whether Tollbook answers, and whether its data is fresh. Tells nothing else."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard import queries
from dashboard.exports import iso
from dashboard.readiness import problems

# The newest logs are read every few minutes.
STALE_AFTER = timedelta(hours=1)
SERVICE_UNAVAILABLE = 503


@login_not_required
@require_safe
@never_cache
def live(_request: HttpRequest) -> JsonResponse:
    """That this process answers, whatever has become of the others: without that, restart it."""
    return JsonResponse({"status": "live"})


@login_not_required
@require_safe
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """Whether to send people here. 503 names what is missing: "database", "migrations" or "broker"."""
    if missing := problems():
        return JsonResponse({"status": "not ready", "missing": missing}, status=SERVICE_UNAVAILABLE)
    return JsonResponse({"status": "ready"})


@login_not_required
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """ "ok"; "stale" when the newest logs were not read for an hour, which a restart would not mend, so still with 200;
    "unavailable" with 503 without a database."""
    try:
        feeds, until = queries.reading_state()
    except Error:
        return JsonResponse({"status": "unavailable"}, status=SERVICE_UNAVAILABLE)
    is_stale = feeds > 0 and (until is None or timezone.now() - until > STALE_AFTER)
    return JsonResponse({"status": "stale" if is_stale else "ok", "data_until": iso(until) if until else None})
