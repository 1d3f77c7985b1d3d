"""The admin: projects can be added and changed; runs, days and rows set aside are read-only."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from logsync.forms import ProjectForm
from logsync.models import ChargeChange, Feed, Project, PullUnit, QuarantinedRow, SyncRun
from logsync.projects import clear_feed_backoff, connection_problems, store_project
from logsync.text import shortened, visible

if TYPE_CHECKING:
    ProjectModelAdmin = admin.ModelAdmin[Project]
    FeedTabularInline = admin.TabularInline[Feed, Project]
    AnyModelAdmin = admin.ModelAdmin[Any]
else:  # at run time, Django's classes take no type arguments
    ProjectModelAdmin = AnyModelAdmin = admin.ModelAdmin
    FeedTabularInline = admin.TabularInline


class FeedInline(FeedTabularInline):
    """How far each list of the project has been read, and its errors."""

    model = Feed
    fields = ("medium", "read_until", "history_from", "error", "failed_since", "next_try_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, *_: Any, **__: Any) -> bool:
        return False


@admin.register(Project)
class ProjectAdmin(ProjectModelAdmin):
    form = ProjectForm
    fields = [
        *["name", "space_url", "confirmed_host", "signalwire_id", "new_token"],
        *["is_active", "pulls_voice", "pulls_video"],
    ]
    list_display = ["name", "space_url", "signalwire_id", "is_active", "pulls_voice", "pulls_video"]
    inlines = [FeedInline]
    actions = ["test_connection", "try_again"]

    def get_readonly_fields(self, _request: HttpRequest, obj: Project | None = None) -> list[str]:
        # Logs do not carry a Project ID, so those of two projects would mix.
        return ["signalwire_id"] if obj else []

    def save_model(self, _request: HttpRequest, obj: Project, _form: Any, _change: Any) -> None:
        store_project(obj)

    @admin.action(description="Test the connection to SignalWire")
    def test_connection(self, request: HttpRequest, projects: QuerySet[Project]) -> None:
        for project in projects:
            for medium, problem in connection_problems(project).items():
                if problem:
                    messages.error(request, f"{project}, {medium} logs: {problem}")
                else:
                    messages.success(request, f"{project}, {medium} logs: the connection works.")

    @admin.action(description="Retry failed reads now")
    def try_again(self, request: HttpRequest, projects: QuerySet[Project]) -> None:
        for project in projects:
            clear_feed_backoff(project)
        messages.success(request, "Failed reads will be retried by the next pass, within five minutes.")


def safe_text(text: str, max_length: int = 200) -> str:
    """Untrusted text as HTML: shortened, with invisible characters written out, and isolated from the text around."""
    return format_html("<bdi>{}</bdi>", shortened(visible(text), max_length))


class ReadOnlyAdmin(AnyModelAdmin):
    """Lists that only Tollbook itself writes."""

    @admin.display(description="log id", ordering="log_id")
    def log_id_shown(self, row: ChargeChange | QuarantinedRow) -> str:
        return safe_text(row.log_id)

    @admin.display(description="reason", ordering="reason")
    def reason_shown(self, row: QuarantinedRow) -> str:
        return safe_text(row.reason, 2000)

    @admin.display(description="as received")
    def raw_shown(self, row: QuarantinedRow) -> str:
        return safe_text(row.raw, 20_000)

    def has_add_permission(self, *_: Any, **__: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any, **__: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any, **__: Any) -> bool:
        return False


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "kind", "feed", "state", "units", "units_done", "units_failed", "rows", "error"]
    list_filter = ["kind", "state"]
    list_select_related = ["feed__project"]


@admin.register(PullUnit)
class PullUnitAdmin(ReadOnlyAdmin):
    list_display = ["day", "feed", "state", "read_at", "rows", "failures", "next_try_at", "error"]
    list_filter = ["state", "feed__medium", "feed__project"]
    list_select_related = ["feed__project"]
    date_hierarchy = "day"
    ordering = ["-day"]


@admin.register(QuarantinedRow)
class QuarantinedRowAdmin(ReadOnlyAdmin):
    list_display = ["last_seen_at", "feed", "log_id_shown", "created_at", "charge", "reason_shown"]
    readonly_fields = ["log_id_shown", "reason_shown", "raw_shown"]
    fields = ["feed", *readonly_fields, "created_at", "charge", "listed_on", "first_seen_at", "last_seen_at"]
    list_select_related = ["feed__project"]
    search_fields = ["log_id", "reason"]


@admin.register(ChargeChange)
class ChargeChangeAdmin(ReadOnlyAdmin):
    list_display = ["changed_at", "project", "medium", "log_id_shown", "old_charge", "new_charge", "was_final"]
    readonly_fields = ["log_id_shown"]
    fields = [
        *["project", "medium", "log_id_shown", "log_created_at", "old_log_created_at"],
        *["old_charge", "new_charge", "was_final", "changed_at"],
    ]
    list_filter = ["was_final", "medium", "project"]
    search_fields = ["log_id"]
