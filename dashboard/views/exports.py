"""The addresses for spreadsheets and scripts: what the pages show, as files."""

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

from dashboard import exports, queries
from dashboard.change_filter import ChangeFilter, parse_change_filter
from dashboard.filters import Filter, FilterError, parse_filter
from dashboard.spreadsheets import xlsx_file

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BAD_REQUEST = 400

Asked = TypeVar("Asked")
View = Callable[[HttpRequest], HttpResponseBase]


def export(answer: Callable[[Filter, datetime], HttpResponseBase]) -> View:
    """A view of what a filter selects."""
    return _answering(answer, parse_filter)


def _answering(
    answer: Callable[[Asked, datetime], HttpResponseBase], parse: Callable[[QueryDict, datetime], Asked]
) -> View:
    """A query string that cannot be read is said in one line: scripts read it."""

    @require_safe
    @never_cache
    @wraps(answer)
    def view(request: HttpRequest) -> HttpResponseBase:
        now = timezone.now()
        try:
            return answer(parse(request.GET, now), now)
        except FilterError as error:
            if request.path.endswith(".json"):
                return JsonResponse({"error": error.message, "parameter": error.parameter}, status=BAD_REQUEST)
            return HttpResponse(f"{error}\n", "text/plain; charset=utf-8", BAD_REQUEST)

    return view


@export
def charges_json(wanted: Filter, now: datetime) -> HttpResponseBase:
    content = exports.charges_json(wanted, queries.charges(wanted, now))
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})


@export
def charges_csv(wanted: Filter, now: datetime) -> HttpResponseBase:
    return _csv("charges", wanted, exports.charges_table(queries.charges(wanted, now)))


@export
def charges_xlsx(wanted: Filter, now: datetime) -> HttpResponseBase:
    return _xlsx("charges", wanted, exports.charges_table(queries.charges(wanted, now)))


@export
def logs_csv(wanted: Filter, _now: datetime) -> HttpResponseBase:
    return _csv("logs", wanted, exports.logs_table(queries.iter_logs(wanted)))


@export
def logs_xlsx(wanted: Filter, _now: datetime) -> HttpResponseBase:
    return _xlsx("logs", wanted, exports.logs_table(queries.iter_logs(wanted)))


def _changes_csv(asked: ChangeFilter, _now: datetime) -> HttpResponseBase:
    return _csv("changes", asked.logs, exports.changes_table(queries.iter_changes(asked)))


changes_csv = _answering(_changes_csv, parse_change_filter)


def _csv(kind: str, wanted: Filter, table: exports.Table) -> HttpResponseBase:
    answer = StreamingHttpResponse(_begun(exports.csv_chunks(table)), content_type=CSV)
    answer.headers["Content-Disposition"] = f'attachment; filename="{exports.file_name(kind, wanted, "csv")}"'
    return answer


def _xlsx(kind: str, wanted: Filter, table: exports.Table) -> HttpResponseBase:
    name = exports.file_name(kind, wanted, "xlsx")
    return FileResponse(xlsx_file(table, kind.title()), as_attachment=True, filename=name, content_type=XLSX)


def _begun(chunks: Iterator[str]) -> Iterator[str]:
    """The chunks with the first one made: a query that fails is still an error page, not a file cut off."""
    first = next(chunks, "")

    def rest() -> Iterator[str]:
        yield first
        yield from chunks

    return rest()
