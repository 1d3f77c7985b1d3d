from typing import TYPE_CHECKING

from django.contrib import admin

from dashboard.models import SavedView

if TYPE_CHECKING:
    SavedViewModelAdmin = admin.ModelAdmin[SavedView]
else:  # Django's own class takes no parameters
    SavedViewModelAdmin = admin.ModelAdmin


@admin.register(SavedView)
class SavedViewAdmin(SavedViewModelAdmin):
    list_display = ["name", "owner", "path", "is_shared", "changed_at", "deleted_at"]
    list_filter = ["is_shared", "path"]
    search_fields = ["name", "slug", "query"]
    readonly_fields = ["slug", "created_at", "changed_at"]
