"""/metrics for Prometheus: with METRICS_TOKEN, or as signed-in staff."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from dashboard.monitoring.metrics import queries
from dashboard.monitoring.metrics.exposition import exposition

UNAUTHORIZED, FORBIDDEN = 401, 403


@login_not_required  # a monitor has no session
@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if refusal := _refusal(request):
        return refusal
    return HttpResponse(exposition(queries.metrics(timezone.now())), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        is_valid = bool(settings.METRICS_TOKEN) and constant_time_compare(token.strip(), settings.METRICS_TOKEN)
        return None if is_valid else HttpResponse("The token is wrong.\n", "text/plain", FORBIDDEN)
    if not request.user.is_authenticated:
        headers = {"WWW-Authenticate": "Bearer"}
        return HttpResponse("Sign in as staff, or send METRICS_TOKEN.\n", "text/plain", UNAUTHORIZED, headers=headers)
    return None if request.user.is_staff else HttpResponse("Only for staff.\n", "text/plain", FORBIDDEN)
