"""The admin of saved views: those that are shared can be handed over, made private or deleted.

Private views belong to their owners alone, who find them on the website.
"""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from dashboard.models.saved_views import SavedView

if TYPE_CHECKING:
    SavedViewModelAdmin = admin.ModelAdmin[SavedView]
else:  # at runtime, Django's class is not generic
    SavedViewModelAdmin = admin.ModelAdmin


@admin.register(SavedView)
class SavedViewAdmin(SavedViewModelAdmin):
    list_display = ["name", "owner", "path", "changed_at"]
    list_filter = ["path"]
    search_fields = ["name", "slug", "query"]
    readonly_fields = ["name", "path", "query", "slug", "created_at", "changed_at"]
    fields = ["name", "owner", "is_shared", *readonly_fields[1:]]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SavedView]:
        return super().get_queryset(request).filter(is_shared=True, deleted_at=None)

    def has_add_permission(self, *_: Any, **__: Any) -> bool:
        return False
