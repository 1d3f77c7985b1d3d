"""What every page of the admin site leaves out: the base of all its ModelAdmins."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Model
from django.http import HttpRequest

from dashboard.administration.secrets import is_secret, may_look_up, without_secrets

if TYPE_CHECKING:
    AnyModelAdmin = admin.ModelAdmin[Any]
else:  # at run time, Django's class takes no type arguments
    AnyModelAdmin = admin.ModelAdmin


class GuardedAdmin(AnyModelAdmin):
    """Shows no secret field, and answers no question about one."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        # Of a lookup that is not allowed, Django says so with 400. A list cannot pass on the two values of a range.
        if lookup.endswith("__range") or not may_look_up(self.model, lookup):
            return False
        return super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        return may_look_up(self.model, to_field) and super().to_field_allowed(request, to_field)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        try:
            return super().get_changelist_instance(request)
        except (IncorrectLookupParameters, ValueError):
            if not request.GET:
                raise
            # Django would drop the whole query and list all rows without a word, or fail once it writes the SQL.
            raise BadRequest("A filter of this list cannot be read: it has a value of the wrong type.") from None

    def get_list_display(self, request: HttpRequest) -> Any:
        return without_secrets(self.model, super().get_list_display(request))

    def get_list_filter(self, request: HttpRequest) -> Any:
        return without_secrets(self.model, super().get_list_filter(request))

    def get_search_fields(self, request: HttpRequest) -> Any:
        return without_secrets(self.model, super().get_search_fields(request))

    def get_ordering(self, request: HttpRequest) -> Any:
        return without_secrets(self.model, super().get_ordering(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return without_secrets(self.model, super().get_readonly_fields(request, obj))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        # Forms that set a secret declare a field of their own for it, which never has the present one.
        return None if is_secret(db_field) else super().formfield_for_dbfield(db_field, request, **kwargs)

    def response_action(self, request: HttpRequest, queryset: Any, *location: Any) -> Any:
        for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.opts.pk.to_python(key)
            except ValidationError:
                raise BadRequest("A chosen row has no valid key. Open the list again.") from None
        return super().response_action(request, queryset, *location)


def guarded(admin_class: type[AnyModelAdmin]) -> type[AnyModelAdmin]:
    """The class with the guard in front, whoever wrote it."""
    if issubclass(admin_class, GuardedAdmin):
        return admin_class
    return type(admin_class.__name__, (GuardedAdmin, admin_class), {"__module__": admin_class.__module__})
