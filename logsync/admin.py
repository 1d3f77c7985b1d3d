"""Projects are added and changed here; runs, days and quarantined rows can be looked through."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from logsync.models import ChargeChange, Feed, Project, PullUnit, QuarantinedRow, SyncRun
from logsync.projects import ensure_feeds, forget_pauses, problems_of
from logsync.spaces import space_url
from logsync.visible import shortened, visible

if TYPE_CHECKING:
    ProjectModelForm = forms.ModelForm[Project]
    ProjectModelAdmin = admin.ModelAdmin[Project]
    FeedTabularInline = admin.TabularInline[Feed, Project]
    AnyModelAdmin = admin.ModelAdmin[Any]
else:  # Django's own classes take no parameters
    ProjectModelForm = forms.ModelForm
    ProjectModelAdmin = AnyModelAdmin = admin.ModelAdmin
    FeedTabularInline = admin.TabularInline


class ProjectForm(ProjectModelForm):
    """The stored token never comes near the form: it is replaced, or left as it is."""

    space_url = forms.CharField(
        label="Space", max_length=255, help_text="example, example.signalwire.com, or https://example.signalwire.com"
    )
    new_token = forms.CharField(
        label="API token",
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Stored encrypted and never shown again. Left empty, the present one stays.",
    )

    class Meta:
        model = Project
        fields = ["name", "space_url", "signalwire_id", "is_active", "pulls_voice", "pulls_video"]

    def clean_space_url(self) -> str:
        try:
            return space_url(self.cleaned_data["space_url"].strip())
        except ValueError as error:
            raise ValidationError(f"This cannot be used: {error}") from None

    def clean_signalwire_id(self) -> str:
        return str(self.cleaned_data["signalwire_id"]).strip()

    def clean_new_token(self) -> str:
        token = str(self.cleaned_data["new_token"])
        if not token and self.instance.pk is None:
            raise ValidationError("A new project needs its API token.")
        return token


class FeedInline(FeedTabularInline):
    """How far each list of the project was read, and what is in its way."""

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
    fields = ["name", "space_url", "signalwire_id", "new_token", "is_active", "pulls_voice", "pulls_video"]
    list_display = ["name", "space_url", "signalwire_id", "is_active", "pulls_voice", "pulls_video"]
    inlines = [FeedInline]
    actions = ["test_connection", "try_again"]

    def get_readonly_fields(self, _request: HttpRequest, obj: Project | None = None) -> list[str]:
        # Logs do not say whose they are: under another Project ID they would mix.
        return ["signalwire_id"] if obj else []

    def save_model(self, request: HttpRequest, obj: Project, form: Any, change: Any) -> None:
        if token := form.cleaned_data["new_token"]:
            obj.api_token = token
        super().save_model(request, obj, form, change)
        ensure_feeds(obj)
        forget_pauses(obj)

    @admin.action(description="Test the connection to SignalWire")
    def test_connection(self, request: HttpRequest, projects: QuerySet[Project]) -> None:
        for project in projects:
            for medium, problem in problems_of(project).items():
                if problem:
                    messages.error(request, f"{project}, {medium} logs: {problem}")
                else:
                    messages.success(request, f"{project}, {medium} logs: they can be read.")

    @admin.action(description="Try again at once what failed")
    def try_again(self, request: HttpRequest, projects: QuerySet[Project]) -> None:
        for project in projects:
            forget_pauses(project)
        messages.success(request, "The next pass, within five minutes, asks SignalWire again.")


def shown(text: str, most: int = 200) -> str:
    """A text of others: nothing in it acts, and it keeps to itself."""
    return format_html("<bdi>{}</bdi>", shortened(visible(text), most))


class LookedThrough(AnyModelAdmin):
    """A list that nobody writes by hand."""

    @admin.display(description="log id", ordering="log_id")
    def log_id_shown(self, row: ChargeChange | QuarantinedRow) -> str:
        return shown(row.log_id)

    @admin.display(description="reason", ordering="reason")
    def reason_shown(self, row: QuarantinedRow) -> str:
        return shown(row.reason, 2000)

    @admin.display(description="as received")
    def raw_shown(self, row: QuarantinedRow) -> str:
        return shown(row.raw, 20_000)

    def has_add_permission(self, *_: Any, **__: Any) -> bool:
        return False

    def has_change_permission(self, *_: Any, **__: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any, **__: Any) -> bool:
        return False


@admin.register(SyncRun)
class SyncRunAdmin(LookedThrough):
    list_display = ["started_at", "kind", "feed", "state", "units", "units_done", "units_failed", "rows", "error"]
    list_filter = ["kind", "state"]
    list_select_related = ["feed__project"]


@admin.register(PullUnit)
class PullUnitAdmin(LookedThrough):
    list_display = ["day", "feed", "state", "read_at", "rows", "failures", "next_try_at", "error"]
    list_filter = ["state", "feed__medium", "feed__project"]
    list_select_related = ["feed__project"]
    date_hierarchy = "day"
    ordering = ["-day"]


@admin.register(QuarantinedRow)
class QuarantinedRowAdmin(LookedThrough):
    list_display = ["last_seen_at", "feed", "log_id_shown", "reason_shown"]
    readonly_fields = ["log_id_shown", "reason_shown", "raw_shown"]
    fields = ["feed", *readonly_fields, "first_seen_at", "last_seen_at"]
    list_select_related = ["feed__project"]
    search_fields = ["log_id", "reason"]


@admin.register(ChargeChange)
class ChargeChangeAdmin(LookedThrough):
    list_display = ["changed_at", "project", "medium", "log_id_shown", "old_charge", "new_charge", "was_final"]
    readonly_fields = ["log_id_shown"]
    fields = [
        *["project", "medium", "log_id_shown", "log_created_at"],
        *["old_charge", "new_charge", "was_final", "changed_at"],
    ]
    list_filter = ["was_final", "medium", "project"]
    search_fields = ["log_id"]
