"""What the frame of every page leads to: signing in, the jump box, and how the pages look to one person."""

import re
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from dashboard import links, queries
from dashboard.filters import parse_filter
from dashboard.frame import rows_address
from dashboard.results import LogRow

YEAR = 365 * 24 * 3600
# The first of each is what a new browser shows.
PREFERENCES = {"theme": ("light", "dark"), "density": ("comfortable", "compact")}
_NUMBER = re.compile(r"[+\d][\d\s().-]{2,}|.*@.*|sips?:.*", re.ASCII)


@method_decorator(login_not_required, name="dispatch")
class SignIn(LoginView):
    """Django's own; a page that htmx asks for after the session ended is loaded anew, so that it leads here whole."""

    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.headers.get("HX-Request") == "true":
            return HttpResponseClientRefresh()
        return super().dispatch(request, *args, **kwargs)


@login_not_required
def favicon(_request: HttpRequest) -> HttpResponse:
    """For pages that name no icon of their own, such as the admin's."""
    return redirect(static("img/mark.svg"))


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remembers how pages look in this browser, in a cookie that holds nothing else; then back to the page."""
    response = HttpResponseRedirect(_page_before(request))
    for name, choices in PREFERENCES.items():
        asked = request.POST.get(name)
        if asked == "toggle":
            asked = choices[request.COOKIES.get(name) != choices[1]]
        if asked in choices:
            response.set_cookie(name, asked, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


def jump(request: HttpRequest) -> HttpResponse:
    """From a log id to the log; from a number or the name of a room to its logs of all days."""
    text = request.GET.get("q", "").strip()
    if not text:
        return redirect("logs")
    now = timezone.now()
    by_id = _rows(now, id=text)
    if len(by_id) == 1:
        return redirect("log", medium=by_id[0].medium, log_id=by_id[0].id)
    if by_id:
        return redirect(rows_address(_query("id", text)))
    is_room = not _NUMBER.fullmatch(text) and _rows(now, room=text)
    return redirect(rows_address(_query("room" if is_room else "number", text)))


def _query(name: str, text: str) -> str:
    return links.joined([("period", "all"), (name, links.written(name, text))])


def _rows(now: datetime, **parameter: str) -> list[LogRow]:
    [(name, text)] = parameter.items()
    return list(queries.logs_page(parse_filter(_query(name, text), now), now).rows)


def _page_before(request: HttpRequest) -> str:
    """Where the form stood, when that is one of our pages."""
    before = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure()):
        return before
    return reverse("overview")
