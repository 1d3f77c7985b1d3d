"""Sums that were asked before and still hold: the seals of the days tell whether anything changed since.

The totals beside a page of logs are those of all its pages, and a year changes only at its end: both are asked again
and again. A filter is answered in pieces, so that the last days can change without all the others being added anew.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Case, Count, Q, Sum, Value, When

from dashboard.filters import DEFAULT_PAGE_SIZE, DEFAULT_SORT, Filter
from logsync.days import ONE_DAY
from logsync.models import RolledDay, StaleDay

Answer = TypeVar("Answer")

# What changes in a normal week: today, and the days that are read again.
RECENT = timedelta(days=7)
WORTH_SPLITTING = timedelta(days=60)
# A year of days by type takes about a megabyte.
MOST_ANSWERS = 64


@dataclass(frozen=True, slots=True)
class Piece:
    """Some days of a filter, and nothing of it that does not change sums.

    `state` stays equal as long as no sum of these days can have changed; None when that is not known. `details`: the
    conditions of conditions.details_of, made once for several questions.
    """

    wanted: Filter
    state: Hashable
    details: Q | None = field(default=None, compare=False)


def pieces_of(wanted: Filter, details: Q | None = None) -> list[Piece]:
    """One piece, or for many days two: those that may still change, and those before."""
    bare = replace(wanted, period=None, group_by=(), sort=DEFAULT_SORT, page_size=DEFAULT_PAGE_SIZE, cursor=None)
    last_old = wanted.end - RECENT
    if wanted.start is not None and last_old - wanted.start < WORTH_SPLITTING:
        parts = [bare]
    else:
        parts = [replace(bare, end=last_old), replace(bare, start=last_old + ONE_DAY)]
    return [Piece(part, state, details) for part, state in zip(parts, _states(parts), strict=True)]


def remembered(question: Hashable, piece: Piece, ask: Callable[[], Answer]) -> Answer:
    """The answer to a question about a piece: from memory while it holds. Nobody may change it."""
    if piece.state is None:
        return ask()
    key = (question, piece)
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
            kept: Answer = _answers[key]
            return kept
    answer = ask()
    with _lock:
        _answers[key] = answer
        while len(_answers) > MOST_ANSWERS:
            _answers.popitem(last=False)
    return answer


_answers: OrderedDict[Hashable, Any] = OrderedDict()
_lock = Lock()


def _states(parts: Sequence[Filter]) -> list[Hashable]:
    days = _days(parts[0]) | _days(parts[-1])
    if not parts[0].from_rollup and StaleDay.objects.filter(days).exists():
        # The logs have changed, and the seals will tell only once they are added up.
        return [None] * len(parts)
    places = Case(*(When(_days(part), then=Value(place)) for place, part in enumerate(parts)))
    seals = RolledDay.objects.filter(days).order_by("project_id").values("project_id", place=places)
    # Names are part of the answers. The count goes with the sum, because a day can also be forgotten.
    rows = list(seals.annotate(days=Count("day"), sum=Sum("seal")).values_list("place", "project__name", "days", "sum"))
    zone = settings.REPORT_TIME_ZONE.key
    return [(zone, tuple(row[1:] for row in rows if row[0] == place)) for place in range(len(parts))]


def _days(part: Filter) -> Q:
    return Q(day__lte=part.end) if part.start is None else Q(day__range=(part.start, part.end))
