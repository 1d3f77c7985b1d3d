"""Saved views: any filter of the overview or the logs under a name, and the short link that opens it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from dashboard import figures, periods
from dashboard.filters import FilterError, parse_filter
from dashboard.forms import SavedViewForm
from dashboard.models import UNDO_WITHIN, SavedView, new_slug


@require_GET
def saved_views(request: HttpRequest) -> HttpResponse:
    found = SavedView.objects.for_person(request.user).select_related("owner")
    own = [_described(view) for view in found if view.owner_id == request.user.pk]
    shared = [_described(view) for view in found if view.owner_id != request.user.pk]
    deleted = SavedView.objects.owned_by(request.user).undoable(timezone.now()).order_by("-deleted_at")
    page = {"own": own, "shared": shared, "deleted": deleted, "undo_days": UNDO_WITHIN.days}
    return render(request, "saved_views/list.html", page)


@require_GET
def open_view(request: HttpRequest, slug: str) -> HttpResponse:
    """The link to send: leads to exactly that page and filter. Views that one may not see are not there."""
    return redirect(_visible(request, slug).address)


@require_http_methods(["GET", "POST"])
def new_saved_view(request: HttpRequest) -> HttpResponse:
    form = SavedViewForm(
        request.POST if request.method == "POST" else None,
        initial={"path": request.GET.get("path", "/"), "query": request.GET.get("query", "")},
    )
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data | {"owner_id": request.user.pk, "slug": new_slug(form.cleaned_data["name"])}
        view = SavedView.objects.create(**fields)
        return _opened(view)
    return render(request, "saved_views/form.html", _form_page(form))


@require_http_methods(["GET", "POST"])
def change_saved_view(request: HttpRequest, slug: str) -> HttpResponse:
    view = _own(request, slug)
    form = SavedViewForm(request.POST if request.method == "POST" else None, instance=view)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect("saved_views")
    return render(request, "saved_views/form.html", _form_page(form) | {"view": view})


@require_http_methods(["GET", "POST"])
def delete_saved_view(request: HttpRequest, slug: str) -> HttpResponse:
    """Asks once; can be undone for a week. Views whose week is over are removed for good on the way."""
    view = _own(request, slug)
    if request.method == "GET":
        return render(request, "saved_views/delete.html", {"view": view, "undo_days": UNDO_WITHIN.days})
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


def _visible(request: HttpRequest, slug: str) -> SavedView:
    return get_object_or_404(SavedView.objects.for_person(request.user), slug=slug)


def _own(request: HttpRequest, slug: str) -> SavedView:
    return get_object_or_404(SavedView.objects.for_person(request.user).owned_by(request.user), slug=slug)


def _opened(view: SavedView) -> HttpResponse:
    return redirect(f"{reverse('saved_views')}#{view.slug}")


def _described(view: SavedView) -> dict[str, Any]:
    return {"view": view, "conditions": _conditions(view.query)}


def _form_page(form: SavedViewForm) -> dict[str, Any]:
    path, query = str(form["path"].value()), str(form["query"].value() or "")
    # A page that is none of ours is not offered as a link back either.
    back = f"{path}?{query}" if path in SavedView.Path.values else reverse("overview")
    return {"form": form, "conditions": _conditions(query), "back": back}


def _conditions(query: str) -> str:
    """The filter in words. One that could be read when it was saved, and no longer can, says so."""
    try:
        asked = parse_filter(query, timezone.now())
    except FilterError as error:
        return f"cannot be read: {error}"
    period = periods.PERIODS[asked.period] if asked.period else figures.span(asked.start, asked.end)
    return ", ".join([period, *(chip.label for chip in asked.chips())])
