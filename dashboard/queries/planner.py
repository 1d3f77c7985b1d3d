"""Who answers a question about logs: the copy for the days that it holds, and the database for all others.

Totals that the rollup can answer never come here. The versions of days are read before anything is counted: a file of
that version holds what the database held then, so the answer is never older than the question.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Q, QuerySet

from dashboard.filters.parser import EXACT_IDS, LOG_LISTS, SEARCHES, Filter
from dashboard.queries.conditions import in_days, matching_copies
from dashboard.queries.projects import ids_of_projects
from logsync.columnar.copied_log import CopyReader
from logsync.columnar.engine import CopyError
from logsync.columnar.files import CopyFile, Source, all_files, current_days, source_of
from logsync.columnar.writer import begin_update
from logsync.days import ONE_DAY, day_bounds
from logsync.models.logs import LogQuerySet
from logsync.rollups.versions import State, state_of

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
# Gets the logs to ask, or their copy, and what runs a query of them.
Fetch = Callable[["QuerySet[Any, Any]"], list[tuple[Any, ...]]]
Question = Callable[[LogQuerySet, Fetch], Answer]
# How often copy and database are asked anew, because a day changed between the two.
MAX_ATTEMPTS = 3
# More stretches of days than these, left to the database, would make it slower than all days.
MAX_STRETCHES = 60
# Days of projects that have totals and no file: today, and yesterday until its file is written.
USUALLY_LEFT = 20
# The database reads so many in the time in which the copy answers.
MAX_LOGS_TO_READ = 20_000
_notes: ContextVar[list[str] | None] = ContextVar("notes", default=None)


@contextmanager
def explaining() -> Iterator[list[str]]:
    """Within the block, the list says what answered, and why."""
    notes: list[str] = []
    token = _notes.set(notes)
    try:
        yield notes
    finally:
        _notes.reset(token)


def explain(words: str) -> None:
    notes = _notes.get()
    if notes is not None and words not in notes:
        notes.append(words)


@dataclass(frozen=True, slots=True)
class Parts:
    """`source` answers for its days, and the database for the logs of `rest`, if any. That holds for this `state`."""

    source: Source
    rest: Q | None
    state: State


@dataclass(frozen=True, slots=True)
class Plan:
    """Without parts, the database answers for all days."""

    log_filter: Filter
    leaving_out: Sequence[str]
    parts: Parts | None
    reason: str

    def ask(self, question: Question[Answer], logs: Callable[[], LogQuerySet]) -> list[Answer]:
        """The answers of copy and database, each for its days. `logs` gives those of the database, of all days."""
        plan = self
        for _ in range(MAX_ATTEMPTS):
            if plan.parts is None:
                explain(plan.reason)
                break
            try:
                answers = plan._ask_parts(plan.parts, question, logs)
            except CopyError as error:
                logger.warning("The copy cannot answer (%s), so the database does.", error)
                explain(f"database: {error}")
                break
            if answers is not None:
                explain(plan.reason)
                return answers
            plan = plan_of(self.log_filter, self.leaving_out)
        return [question(logs(), list)]

    def _ask_parts(
        self, parts: Parts, question: Question[Answer], logs: Callable[[], LogQuerySet]
    ) -> list[Answer] | None:
        """None if a day changed meanwhile: a log that moved from one part to the other would count twice, or not."""
        copied = question(matching_copies(self.log_filter, self.leaving_out), CopyReader(parts.source))
        if parts.rest is None:
            return [copied]
        stored = question(logs().filter(parts.rest), list)
        return [copied, stored] if _state_of(self.log_filter, self.leaving_out) == parts.state else None


def plan_of(log_filter: Filter, leaving_out: Sequence[str] = ()) -> Plan:
    """The conditions of the parameters left out are not applied."""
    try:
        parts, reason = _parts_of(log_filter, leaving_out)
    except _UseDatabaseError as error:
        parts, reason = None, f"database: {error}"
    return Plan(log_filter, leaving_out, parts, reason)


def plan_of_page(log_filter: Filter, matches: int) -> Plan:
    """As `plan_of`, for the rows of a page, of which so many match in all.

    By time, the database finds a page at once where enough of its logs match.
    """
    plan = plan_of(log_filter)
    is_by_time = log_filter.sort.removeprefix("-") == "created_at"
    if plan.parts and log_filter.from_rollup and is_by_time:
        logs_to_read = plan.parts.source.rows * log_filter.page_size // max(matches, 1)
        if logs_to_read <= MAX_LOGS_TO_READ:
            return replace(plan, parts=None, reason="database: its index of times finds enough logs")
    if plan.parts and log_filter.sort == "created_at":
        # The files after those that have enough of the first logs by time are not read.
        return replace(plan, parts=replace(plan.parts, source=plan.parts.source.oldest_first()))
    return plan


class _UseDatabaseError(Exception):
    """The message says why the copy is not asked."""


def _parts_of(log_filter: Filter, leaving_out: Sequence[str]) -> tuple[Parts, str]:
    if any(getattr(log_filter, name) for name in EXACT_IDS):
        raise _UseDatabaseError("it has an index of ids")
    files = _files_of(log_filter)
    if sum(file.count for file in files) < max(1, settings.COPY_MIN_LOGS):  # without asking the database anything
        begin_update()
        raise _UseDatabaseError("the copy has few logs of these days")
    state = _state_of(log_filter, leaving_out)
    chosen = current_days(state.versions, files)
    left = state.stale | (state.versions.keys() - {(file.project_id, day) for file in chosen for day in chosen[file]})
    if len(left) > len(state.stale) + USUALLY_LEFT:
        begin_update()
    source, stretches = source_of(chosen, log_filter.start, log_filter.last), _stretches(left)
    if source.rows < max(1, settings.COPY_MIN_LOGS) or len(stretches) > MAX_STRETCHES:
        raise _UseDatabaseError(f"the copy has {source.rows:,} logs of these days, and lacks {len(left):,} days")
    days_left = f", database: {len(left)} days of projects" if left else ""
    parts = Parts(source, reduce(or_, stretches) if stretches else None, state)
    return parts, f"copy: {len(source.files)} files{days_left}"


def _state_of(log_filter: Filter, leaving_out: Sequence[str]) -> State:
    projects = ids_of_projects(log_filter.project) if log_filter.project and "project" not in leaving_out else None
    return state_of(in_days(log_filter), projects)


def _files_of(log_filter: Filter) -> list[CopyFile]:
    """Those with any of its days, and without texts that cannot be searched there."""
    searches = any(getattr(log_filter, LOG_LISTS[name]) for name in SEARCHES)
    start, end = log_filter.start or date.min, log_filter.last
    try:
        files = [file for file in all_files() if max(file.days) >= start and min(file.days) <= end]
    except CopyError as error:
        raise _UseDatabaseError(str(error)) from None
    return [file for file in files if file.is_searchable or not searches]


def _stretches(project_days: Iterable[tuple[int, date]]) -> list[Q]:
    """Conditions that together hold for the logs of these days: one for each stretch of days of the same projects."""
    projects_of: defaultdict[date, set[int]] = defaultdict(set)
    for project_id, day in project_days:
        projects_of[day].add(project_id)
    stretches: list[tuple[date, date, set[int]]] = []
    for day in sorted(projects_of):
        if stretches and stretches[-1][1] + ONE_DAY == day and stretches[-1][2] == projects_of[day]:
            stretches[-1] = (stretches[-1][0], day, projects_of[day])
        else:
            stretches.append((day, day, projects_of[day]))
    return [_within(first, last) & Q(project_id__in=sorted(projects)) for first, last, projects in stretches]


def _within(first: date, last: date) -> Q:
    zone = settings.REPORT_TIME_ZONE
    return Q(created_at__gte=day_bounds(first, zone)[0], created_at__lt=day_bounds(last, zone)[1])
