"""The jump box: from a log id, a number or a room to its logs."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from dashboard import queries
from dashboard.filters import query_string, values
from dashboard.filters.parser import parse_filter
from dashboard.filters.search_terms import number_term
from dashboard.filters.values import FilterError
from dashboard.pages.context_bar import logs_url
from dashboard.pages.log_urls import log_url
from logsync.parsing.phone_numbers import digits_of

# Fewer digits may as well be the name of a room.
MIN_DIGITS = 3
ALL_DAYS = (("period", "all"),)


def jump(request: HttpRequest) -> HttpResponse:
    """Redirects from a log id to the log, and from a number or the name of a room to its logs.

    These are of the period that the page was showing; of all days where it had none.
    """
    try:
        text = values.bounded(values.storable(request.GET.get("q", "").strip()))
    except ValueError as error:
        raise FilterError("q", str(error)) from None
    if not text:
        return redirect("logs")
    by_id = queries.logs_with_id(text)
    if len(by_id) == 1:
        return redirect(log_url(*by_id[0]))
    if by_id:
        return redirect(logs_url(_query("id", text)))
    is_room = not _is_number(text) and queries.has_logs(parse_filter(_query("room", text), timezone.now()))
    return redirect(logs_url(_query("room" if is_room else "number", text, _period(request))))


def _is_number(text: str) -> bool:
    """Whether it can only be a number or an address: whole, a part of one, in double quotes, or `withheld`."""
    return number_term(text).verb != "contains" or len(digits_of(text)) >= MIN_DIGITS or "@" in text


def _period(request: HttpRequest) -> Sequence[tuple[str, str]]:
    given = [(name, request.GET[name]) for name in ("period", "start", "end") if request.GET.get(name)]
    parse_filter(query_string.encode(given), timezone.now())  # raises FilterError
    return given or ALL_DAYS


def _query(name: str, text: str, period: Sequence[tuple[str, str]] = ALL_DAYS) -> str:
    return query_string.encode([*period, (name, query_string.encode_value(name, text))])
