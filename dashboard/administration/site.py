"""The admin site of Tollbook."""

from collections.abc import Iterable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import BadRequest
from django.db import DatabaseError, DataError, OperationalError
from django.db.models import Model
from django.http import Http404, HttpRequest

from dashboard.administration.guarded import AnyModelAdmin, guarded
from dashboard.filters.values import FilterError, bounded, storable
from logsync.database import outage_message
from logsync.text import shortened

# Passes on the whole query string of the list that one came from.
_QUERY_OF_LIST = "_changelist_filters"
_MAX_NAME = 100


class AdministrationSite(AdminSite):
    """Guards every ModelAdmin, those of other packages too, and answers what no database can compare with by 400."""

    site_header = "Tollbook administration"
    site_title = "Tollbook"

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[AnyModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        super().register(model_or_iterable, guarded(admin_class or ModelAdmin), **options)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **parts: Any) -> Any:
            _check_address(parts)
            _check_query(request)
            try:
                return _rendered(view(request, *args, **parts))
            except (DataError, OperationalError, OverflowError) as error:
                # Django's forms and lists refuse a text in place of a number, but not a number that is too large.
                if isinstance(error, DatabaseError) and outage_message(error):
                    raise
                raise BadRequest("A value of this address or form is too large or too long. Shorten it.") from error

        return super().admin_view(checked, cacheable)


def _rendered(response: Any) -> Any:
    """Rows that are read while the page is rendered may be asked for with forged values, too."""
    return response.render() if hasattr(response, "render") else response


def _check_address(parts: dict[str, Any]) -> None:
    for part in parts.values():
        try:
            bounded(storable(str(part)))
        except ValueError:
            raise Http404 from None


def _check_query(request: HttpRequest) -> None:
    """Raises FilterError for a text that the admin's lists would pass on to the database as it is."""
    for name, texts in request.GET.lists():
        for text in (name, *texts):
            try:
                storable(text)
                if name != _QUERY_OF_LIST:
                    bounded(text)
            except ValueError as error:
                raise FilterError(shortened(name, _MAX_NAME), str(error)) from None
