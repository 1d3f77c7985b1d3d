"""Rows that could not be read: how many may belong to a filter, and their readable charges that are in no total."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from itertools import chain
from operator import itemgetter

from django.conf import settings
from django.db.models import Count, Field, Q, Sum
from django.db.models.functions import Coalesce, TruncDate

from dashboard.filters.parser import Filter
from dashboard.queries.conditions import Instants, instants_of
from dashboard.queries.projects import in_projects
from dashboard.results import SetAside
from logsync.models import QuarantinedRow
from logsync.money import from_nano

FeedKey = tuple[str, str]


def set_aside_by_feed(wanted: Filter) -> dict[FeedKey, dict[date, SetAside]]:
    """Those of the filter's days, projects, media and ids, by feed and report day: that of the row's created_at, else
    the day it was listed under, else the day it was first seen.

    Nothing else is known of such a row: it may be one of the filter's type, number and so on, so it is counted.
    """
    zone = settings.REPORT_TIME_ZONE
    created_on, seen_on = TruncDate("created_at", tzinfo=zone), TruncDate("first_seen_at", tzinfo=zone)
    feed = ("feed__project__name", "feed__medium")
    groups = QuarantinedRow.objects.filter(_condition(wanted)).values(
        *feed, day=Coalesce(created_on, "listed_on", seen_on)
    )
    # A plain Field converts nothing: the sum is whole nano-dollars.
    missing = Sum("charge", filter=~QuarantinedRow.has_older_version(), output_field=Field())
    days = groups.annotate(rows=Count("pk"), sum=missing)
    found: defaultdict[FeedKey, dict[date, SetAside]] = defaultdict(dict)
    for project, medium, day, rows, nano in days.order_by("day").values_list(*feed, "day", "rows", "sum"):
        found[project, medium][day] = SetAside(rows, from_nano(int(nano or 0)))
    return dict(found)


def by_day(feeds: Mapping[FeedKey, Mapping[date, SetAside]]) -> dict[date, SetAside]:
    """Those of all feeds, in the order of days."""
    days: defaultdict[date, SetAside] = defaultdict(SetAside)
    for day, rows in sorted(chain.from_iterable(of_feed.items() for of_feed in feeds.values()), key=itemgetter(0)):
        days[day] += rows
    return dict(days)


def with_set_aside(reasons: Mapping[date, str], aside: Mapping[date, SetAside], today: date) -> dict[date, str]:
    """The reasons why days are not complete, and what was set aside of the days up to today."""
    merged = dict(reasons)
    for day, rows in aside.items():
        if day <= today:
            merged[day] = "; ".join(filter(None, [reasons.get(day), rows.words]))
    return merged


def set_aside_with_id(log_id: str) -> list[tuple[str, str]]:
    """The medium and id of at most two rows with this log id; none for '', which stands for an unreadable id."""
    rows = QuarantinedRow.objects.filter(log_id=log_id).exclude(log_id="")
    return list(rows.order_by().values_list("feed__medium", "log_id").distinct()[:2])


def _condition(wanted: Filter) -> Q:
    within = instants_of(wanted)
    days = Q(listed_on__lte=wanted.last) if wanted.start is None else Q(listed_on__range=(wanted.start, wanted.last))
    condition = _within("created_at", within)
    condition |= Q(created_at=None) & days
    condition |= Q(created_at=None, listed_on=None) & _within("first_seen_at", within)
    if wanted.project:
        condition &= in_projects(wanted.project, "feed__project")
    if wanted.medium:
        condition &= Q(feed__medium__in=wanted.medium)
    if wanted.id:
        condition &= Q(log_id__in=[value for value in wanted.id if value])
    return condition


def _within(column: str, within: Instants) -> Q:
    condition = Q(**{f"{column}__lt": within.end})
    return condition if within.start is None else condition & Q(**{f"{column}__gte": within.start})
