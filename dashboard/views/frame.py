"""What the frame of every page leads to: signing in, the jump box, and how the pages look to one person."""

import re

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

from dashboard import links, queries, reading
from dashboard.addresses import log_address
from dashboard.filters import FilterError, parse_filter
from dashboard.frame import rows_address

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
    try:
        text = reading.storable(request.GET.get("q", "").strip())
    except ValueError as error:
        raise FilterError("q", str(error)) from None
    if not text:
        return redirect("logs")
    by_id = queries.logs_with_id(text)
    if len(by_id) == 1:
        return redirect(log_address(*by_id[0]))
    if by_id:
        return redirect(rows_address(_query("id", text)))
    is_room = not _NUMBER.fullmatch(text) and queries.has_logs(parse_filter(_query("room", text), timezone.now()))
    return redirect(rows_address(_query("room" if is_room else "number", text)))


def _query(name: str, text: str) -> str:
    return links.joined([("period", "all"), (name, links.written(name, text))])


def _page_before(request: HttpRequest) -> str:
    """Where the form stood, when that is one of our pages."""
    before = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(before, {request.get_host()}, require_https=request.is_secure()):
        return before
    return reverse("overview")
