"""Which days belong to "all time". One log dated 1970 or 2999 must not add the thousands of days in between."""

from datetime import date, timedelta

from django.db.models import Min

from logsync.days import days_between
from logsync.models import DailyCharge, PullUnit

# Days with logs follow each other when no more than this lies between them.
MAX_GAP = timedelta(days=366)
# Where nothing tells which days were asked for, as when a database has logs alone.
MAX_GAP_OF_LOGS_ALONE = timedelta(days=3653)


def days_of(start: date | None, last: date) -> list[date]:
    """Every day from start to last. Without a start, all time: every day since `first_day`, and before it those with
    logs, each on its own."""
    if start is not None:
        return list(days_between(start, last))
    first, far = _first_and_far(last)
    return [*far, *days_between(first, last)]


def first_day(last: date) -> date:
    """The first day up to the last one that was asked for, or an earlier one that is connected to it by days with logs
    at most MAX_GAP apart."""
    return _first_and_far(last)[0]


def _first_and_far(last: date) -> tuple[date, list[date]]:
    """`first_day`, and the days with totals before it."""
    asked_for = PullUnit.objects.filter(day__lte=last).aggregate(day=Min("day"))["day"]
    totals = DailyCharge.objects.filter(day__lt=asked_for) if asked_for else DailyCharge.objects.filter(day__lte=last)
    days = list(totals.order_by("day").values_list("day", flat=True).distinct())
    first: date = asked_for or (days[-1] if days else last)
    max_gap = MAX_GAP if asked_for else MAX_GAP_OF_LOGS_ALONE
    while days and first - days[-1] <= max_gap:
        first = days.pop()
    return first, days
