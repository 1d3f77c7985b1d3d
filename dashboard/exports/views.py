"""Downloads of what the pages show, for spreadsheets and scripts."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from typing import TypeVar

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    QueryDict,
    StreamingHttpResponse,
)
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard import queries
from dashboard.exports import tables
from dashboard.exports.about import About
from dashboard.filters.changes import ChangeFilter
from dashboard.filters.parser import Filter
from dashboard.filters.values import FilterError

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BAD_REQUEST = 400

FilterType = TypeVar("FilterType")
View = Callable[[HttpRequest], HttpResponseBase]


def _export_view(
    respond: Callable[[FilterType, datetime], HttpResponseBase], parse: Callable[[QueryDict, datetime], FilterType]
) -> View:
    """The view reports an invalid query string in one line, for scripts."""

    @require_safe
    @never_cache
    @wraps(respond)
    def view(request: HttpRequest) -> HttpResponseBase:
        now = timezone.now()
        try:
            return respond(parse(request.GET, now), now)
        except FilterError as error:
            if request.path.endswith(".json"):
                return JsonResponse({"error": error.message, "parameter": error.parameter}, status=BAD_REQUEST)
            return HttpResponse(f"{error}\n", "text/plain; charset=utf-8", BAD_REQUEST)

    return view


def _charges_json(log_filter: Filter, now: datetime) -> HttpResponseBase:
    content = tables.charges_json(log_filter, queries.charges(log_filter, now))
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})


def _charges_csv(log_filter: Filter, now: datetime) -> HttpResponseBase:
    charges = queries.charges(log_filter, now)
    return _csv(About(kind="charges", filter=log_filter, freshness=charges.freshness), tables.charges_table(charges))


def _charges_xlsx(log_filter: Filter, now: datetime) -> HttpResponseBase:
    charges = queries.charges(log_filter, now)
    return _xlsx(About(kind="charges", filter=log_filter, freshness=charges.freshness), tables.charges_table(charges))


def _logs_csv(log_filter: Filter, now: datetime) -> HttpResponseBase:
    return _csv(_about_logs(log_filter, now), tables.logs_table(queries.iter_logs(log_filter)))


def _logs_xlsx(log_filter: Filter, now: datetime) -> HttpResponseBase:
    return _xlsx(_about_logs(log_filter, now), tables.logs_table(queries.iter_logs(log_filter)))


def _changes_csv(change_filter: ChangeFilter, now: datetime) -> HttpResponseBase:
    logs = change_filter.logs
    about = About(kind="changes", filter=logs, freshness=queries.freshness(logs, now), own=change_filter.own())
    return _csv(about, tables.changes_table(queries.iter_changes(change_filter)))


charges_json = _export_view(_charges_json, queries.read_charges_filter)
charges_csv = _export_view(_charges_csv, queries.read_charges_filter)
charges_xlsx = _export_view(_charges_xlsx, queries.read_charges_filter)
logs_csv = _export_view(_logs_csv, queries.read_filter)
logs_xlsx = _export_view(_logs_xlsx, queries.read_filter)
changes_csv = _export_view(_changes_csv, queries.read_change_filter)


def _about_logs(log_filter: Filter, now: datetime) -> About:
    return About(kind="logs", filter=log_filter, freshness=queries.freshness(log_filter, now))


def _csv(about: About, table: tables.Table) -> HttpResponseBase:
    chunks = tables.csv_chunks(about.for_csv(table))
    response = StreamingHttpResponse(_with_first_chunk(chunks), content_type=CSV)
    response.headers["Content-Disposition"] = f'attachment; filename="{about.file_name("csv")}"'
    return response


def _xlsx(about: About, table: tables.Table) -> HttpResponseBase:
    from dashboard.exports.xlsx import xlsx_file  # noqa: PLC0415 - 2 MB, for those who export

    file = xlsx_file(about.for_xlsx(table), about.kind.title(), about.lines())
    return FileResponse(file, as_attachment=True, filename=about.file_name("xlsx"), content_type=XLSX)


def _with_first_chunk(chunks: Iterator[str]) -> Iterator[str]:
    """The same chunks. It makes the first one now, so that a failing query is an error page, not a truncated file."""
    first = next(chunks, "")

    def all_chunks() -> Iterator[str]:
        yield first
        yield from chunks

    return all_chunks()
