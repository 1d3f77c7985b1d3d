"""Names of projects, present and former, and the state of their rate limits and feeds."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import QueryDict

from dashboard.filters.changes import ChangeFilter, parse_change_filter
from dashboard.filters.parser import Filter, parse_charges_filter, parse_filter
from dashboard.results import Freshness, Totals
from logsync.models import DailyCharge, Feed, FormerProjectName, Project
from logsync.projects import rate_limiter_for
from logsync.rate_limit.limiter import LimiterStatus


def project_names() -> list[str]:
    return list(Project.objects.order_by("name").values_list("name", flat=True))


def project_names_by_id() -> dict[int, str]:
    """Cheaper than a join for each row."""
    return dict(Project.objects.order_by().values_list("pk", "name"))


def in_projects(names: Iterable[str | None], column: str = "project") -> Q:
    """The condition that the column is one of the projects that have or had one of these names."""
    return Q(**{f"{column}__in": _named(names).values("pk")})


def ids_of_projects(names: Iterable[str | None]) -> list[int]:
    return list(_named(names).values_list("pk", flat=True))


def _named(names: Iterable[str | None]) -> QuerySet[Project]:
    return Project.objects.named(name for name in names if name is not None).order_by()


def present_names() -> dict[str, str]:
    """Former name -> present name, without former names that a project has now."""
    names = FormerProjectName.objects.exclude(name__in=Project.objects.values("name"))
    return dict(names.values_list("name", "project__name"))


def read_filter(query: QueryDict | str, now: datetime) -> Filter:
    """The filter of a query string with the present names of projects, so that pages, links and counts have no other.

    Raises FilterError, which names the parameter.
    """
    return _with_present_names(parse_filter(query, now))


def read_charges_filter(query: QueryDict | str, now: datetime) -> Filter:
    """The same for totals by groups, which have sorts of their own."""
    return _with_present_names(parse_charges_filter(query, now))


def read_change_filter(query: QueryDict, now: datetime) -> ChangeFilter:
    """The same for changed charges."""
    change_filter = parse_change_filter(query, now)
    return replace(change_filter, logs=_with_present_names(change_filter.logs))


def _with_present_names(log_filter: Filter) -> Filter:
    return log_filter.with_projects_renamed(present_names()) if log_filter.project else log_filter


def nothing_to_show(totals: Totals, state: Freshness) -> bool:
    """Whether a page is empty because no log of any project is here yet, and for no other reason."""
    if totals.logs or state.data_until or state.unknown or state.set_aside.rows:
        return False
    return not (DailyCharge.objects.exists() or Feed.objects.filter(read_until__isnull=False).exists())


def rate_limit_status() -> dict[str, LimiterStatus]:
    """The rate limiter of each active project, shared by all workers."""
    projects = Project.objects.filter(is_active=True).values_list("name", "space_url", "signalwire_id")
    return {name: rate_limiter_for(space_url, signalwire_id).status() for name, space_url, signalwire_id in projects}


def feed_errors() -> dict[str, str]:
    """Active feed, such as "voice logs of demo", to the error that keeps it from being read."""
    feeds = Feed.objects.active().exclude(error="").select_related("project")
    return {str(feed): feed.error for feed in feeds}
