"""Saved views: a filter of the overview or the logs under a name, with a short link that opens it."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import MAX_URL_REDIRECT_LENGTH
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard import queries
from dashboard.filters import periods
from dashboard.filters.parser import parse_filter
from dashboard.filters.values import FilterError
from dashboard.models.saved_views import MAX_QUERY, UNDO_WITHIN, SavedView, new_slug
from dashboard.pages import formats
from dashboard.sharing.forms import SavedViewForm

URI_TOO_LONG = 414


@require_GET
def saved_views(request: HttpRequest) -> HttpResponse:
    views = SavedView.objects.for_person(request.user).select_related("owner")
    names = queries.present_names()
    own = [_with_conditions(view, names) for view in views if view.owner_id == request.user.pk]
    shared = [_with_conditions(view, names) for view in views if view.owner_id != request.user.pk]
    deleted = SavedView.objects.owned_by(request.user).undoable(timezone.now()).order_by("-deleted_at")
    page = {"own": own, "shared": shared, "deleted": deleted, "undo_days": UNDO_WITHIN.days}
    return render(request, "sharing/saved_views/list.html", page)


@require_GET
def open_view(request: HttpRequest, slug: str) -> HttpResponse:
    """Redirects to the page and filter of a view; 404 if the person may not see it.

    The form refuses filters over MAX_QUERY; older views may be too long even for Django's redirects.
    """
    view = get_object_or_404(SavedView.objects.for_person(request.user), slug=slug)
    if len(view.address) > MAX_URL_REDIRECT_LENGTH:
        page = {"view": view, "length": len(view.query), "most": MAX_QUERY, "is_own": view.owner_id == request.user.pk}
        return render(request, "sharing/saved_views/too_long.html", page, status=URI_TOO_LONG)
    return redirect(view.address)


@require_http_methods(["GET", "POST"])
def new_saved_view(request: HttpRequest) -> HttpResponse:
    form = SavedViewForm(
        request.POST if request.method == "POST" else None,
        initial={"path": request.GET.get("path", "/"), "query": request.GET.get("query", "")},
    )
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data | {"owner_id": request.user.pk, "slug": new_slug(form.cleaned_data["name"])}
        view = SavedView.objects.create(**fields)
        return redirect(f"{reverse('saved_views')}#{view.slug}")
    return render(request, "sharing/saved_views/form.html", _form_page(form))


@require_http_methods(["GET", "POST"])
def change_saved_view(request: HttpRequest, slug: str) -> HttpResponse:
    view = _own(request, slug)
    form = SavedViewForm(request.POST if request.method == "POST" else None, instance=view)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("saved_views")
    return render(request, "sharing/saved_views/form.html", _form_page(form) | {"view": view})


@require_http_methods(["GET", "POST"])
def delete_saved_view(request: HttpRequest, slug: str) -> HttpResponse:
    """GET asks for confirmation. A deleted view can be restored for UNDO_WITHIN; each POST purges older ones."""
    view = _own(request, slug)
    if request.method == "GET":
        return render(request, "sharing/saved_views/delete.html", {"view": view, "undo_days": UNDO_WITHIN.days})
    now = timezone.now()
    SavedView.objects.filter(deleted_at__lt=now - UNDO_WITHIN).delete()
    SavedView.objects.filter(pk=view.pk).update(deleted_at=now)
    return redirect("saved_views")


@require_POST
def restore_saved_view(request: HttpRequest, slug: str) -> HttpResponse:
    deleted = SavedView.objects.owned_by(request.user).undoable(timezone.now())
    view = get_object_or_404(deleted, slug=slug)
    SavedView.objects.filter(pk=view.pk).update(deleted_at=None)
    return redirect("saved_views")


def _own(request: HttpRequest, slug: str) -> SavedView:
    return get_object_or_404(SavedView.objects.for_person(request.user).owned_by(request.user), slug=slug)


def _with_conditions(view: SavedView, names: Mapping[str, str]) -> dict[str, Any]:
    return {"view": view, "conditions": _conditions(view.query, names)}


def _form_page(form: SavedViewForm) -> dict[str, Any]:
    path, query = str(form["path"].value()), str(form["query"].value() or "")
    # Never link back to a path that is not one of these pages.
    back = f"{path}?{query}" if path in SavedView.Path.values else reverse("overview")
    return {"form": form, "conditions": _conditions(query, queries.present_names()), "back": back}


def _conditions(query: str, names: Mapping[str, str]) -> str:
    """The filter in words, or why it is no longer valid. `names`: former names of projects and the present ones."""
    try:
        wanted = parse_filter(query, timezone.now()).with_projects_renamed(names)
    except FilterError as error:
        return f"cannot be read: {error}"
    period = periods.PERIODS[wanted.period] if wanted.period else formats.span(wanted.start, wanted.end)
    return ", ".join([period, *(chip.label for chip in wanted.chips())])
