"""The page that adds a project: its space and credentials, and a test of them before they are stored."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from dashboard.celery import send_task
from logsync.forms import NewProjectForm
from logsync.models import Project
from logsync.projects import connection_problems, store_project

FIRST_READS = ("dispatch_newest", "dispatch_today", "dispatch_history")


@dataclass(frozen=True, slots=True)
class Connection:
    """The test of one medium. `problem` says what to do; '' when the logs can be read."""

    medium: str
    problem: str


@sensitive_post_parameters("new_token")
@require_http_methods(["GET", "POST"])
def add_project(request: HttpRequest) -> HttpResponse:
    """POST with `test` only tries the credentials.

    No page holds the token. With htmx, the form stays in the browser, and only messages are replaced.
    """
    if not (request.user.is_staff and request.user.has_perm("logsync.add_project")):
        raise PermissionDenied
    form = NewProjectForm(request.POST if request.method == "POST" else None)
    connections: list[Connection] = []
    if request.method == "POST" and form.is_valid():
        project = form.save(commit=False)
        if "test" in request.POST:
            connections = [Connection(*tested) for tested in connection_problems(project).items()]
        elif _is_stored(form, project):
            _begin_to_read(request, project)
            return HttpResponseClientRedirect(reverse("sync")) if _is_htmx(request) else redirect("sync")
    page = {"form": form, "connections": connections, "is_test": "test" in request.POST}
    return render(request, "monitoring/add_project.html", page)


def _is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _is_stored(form: NewProjectForm, project: Project) -> bool:
    """False, with an error in the form, if somebody else added the project or took its name meanwhile."""
    try:
        store_project(project)
    except IntegrityError:
        form.add_error(None, "A project with this name or Project ID was added just now. Look at Sync.")
        return False
    return True


def _begin_to_read(request: HttpRequest, project: Project) -> None:
    if all(send_task(task) for task in FIRST_READS):
        days = settings.PULL_DAYS_BACK
        messages.success(request, f"{project} was added. Its logs of the last {days} days are read now, newest first.")
    else:
        messages.warning(
            request, f"{project} was added. The task queue is unavailable, so reading has not begun. Is Redis running?"
        )
