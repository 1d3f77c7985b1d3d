"""Reads who descends from whom. A parent_id names a log of any project and medium, its own before all others.

So every log has at most one parent, whichever log is opened. A parent that is not stored belongs to no project: all
logs that name its id are its children. Each read is one query, and ends where parents form a cycle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from logsync.money import NANO_DIGITS
from logsync.statuses import ANSWERED_STATUSES


class LogKey(NamedTuple):
    """The primary key of a log. A parent that is not stored has the project 0 and no medium."""

    project_id: int
    medium: str
    id: str

    @property
    def is_stored(self) -> bool:
        return bool(self.project_id)


# Where two projects share a parent's id, the order decides: the own project, the own medium, the oldest project.
_PARENT_OF = """(
    SELECT project_id, medium FROM (
        SELECT project_id, medium, project_id <> {0}.project_id AS is_foreign, medium <> {0}.medium AS is_other
        FROM logsync_log WHERE id = {0}.parent_id
    ) candidates ORDER BY is_foreign, is_other, project_id, medium LIMIT 1
)"""
_UP = f"""
    WITH RECURSIVE up (project_id, medium, id, parent_id, charge, child_project_id, child_medium, child_id) AS (
        SELECT project_id, medium, id, parent_id, charge, CAST(0 AS bigint), CAST('' AS text), SUBSTR(id, 1, 0)
        FROM logsync_log WHERE project_id = %s AND medium = %s AND id = %s
        UNION
        SELECT log.project_id, log.medium, log.id, log.parent_id, log.charge, up.project_id,
            CAST(up.medium AS text), up.id
        FROM up JOIN logsync_log log ON log.id = up.parent_id
        WHERE (log.project_id, log.medium) = {_PARENT_OF.format("up")}
    )
    SELECT * FROM up
"""  # noqa: S608
_ROOT_ITSELF = "project_id = %s AND medium = %s AND id = %s"
_CHILDREN_OF_MISSING = "parent_id = %s"
# No log has two parents, so only the root of a cycle could come twice.
_DOWN = f"""
    WITH RECURSIVE down (
        project_id, medium, id, parent_project_id, parent_medium, parent_id, charge, created_at, status, seconds
    ) AS (
        SELECT project_id, medium, id, CAST(0 AS bigint), CAST('' AS text), parent_id,
            charge, created_at, status, seconds
        FROM logsync_log WHERE {{start}}
        UNION ALL
        SELECT log.project_id, log.medium, log.id, down.project_id, CAST(down.medium AS text), log.parent_id,
            log.charge, log.created_at, log.status, log.seconds
        FROM down JOIN logsync_log log ON log.parent_id = down.id
        WHERE (down.project_id, down.medium) = {_PARENT_OF.format("log")}
            AND NOT (log.project_id = %s AND log.medium = %s AND log.id = %s)
    )
"""  # noqa: S608
# Dollars and what is below a dollar are summed apart, so that no sum outgrows 64 bits.
_BRANCHES = """
    SELECT sums.project_id, sums.medium, sums.id, down.parent_project_id, down.parent_medium, down.parent_id,
        down.charge, sums.legs, sums.dollars, sums.nano
    FROM (
        SELECT parent_project_id AS project_id, parent_medium AS medium, parent_id AS id,
            COUNT(*) AS legs, SUM(charge / 1000000000) AS dollars, SUM(charge %% 1000000000) AS nano
        FROM down GROUP BY parent_project_id, parent_medium, parent_id
    ) sums LEFT JOIN down ON down.project_id = sums.project_id AND down.medium = sums.medium AND down.id = sums.id
"""
# The dearest, then those that were answered or failed, then the others; each by time.
_CHOICE = """
    SELECT project_id, medium, id, parent_project_id, parent_medium, parent_id, charge
    FROM (
        SELECT down.*, ROW_NUMBER() OVER (ORDER BY COALESCE(charge, 0) DESC, created_at, id) AS place FROM down
    ) legs
    ORDER BY CASE
        WHEN place <= %s THEN 0
        WHEN status IN ({answered}) AND COALESCE(seconds, 1) > 0 THEN 1
        WHEN status = 'failed' THEN 2
        ELSE 3
    END, created_at, id, project_id, medium
    LIMIT %s
"""
DEAREST = 20
NANO_PER_DOLLAR = 10**NANO_DIGITS


@dataclass(frozen=True, slots=True)
class Ancestry:
    """The path from a log up to its root, the log first. `cycle`: those at its end that lead back to themselves.

    `nano` is the log's own charge in nano-dollars; 0 if it has none.
    """

    path: tuple[LogKey, ...]
    root: LogKey
    cycle: frozenset[LogKey]
    nano: int


@dataclass(frozen=True, slots=True)
class Leg:
    """`nano` is its own charge in nano-dollars; 0 if it has none."""

    key: LogKey
    parent: LogKey
    nano: int


@dataclass(frozen=True, slots=True)
class Branch(Leg):
    """A log with children: their number and the sum of their own charges."""

    children: int
    children_nano: int


def ancestry_of(key: LogKey) -> Ancestry:
    parents: dict[LogKey, LogKey] = {}
    named: dict[LogKey, str] = {}
    charges: dict[LogKey, int] = {}
    for project_id, medium, id_, parent_id, charge, *child in _fetch(_UP, key):
        above = LogKey(project_id, medium, id_)
        parents[LogKey(*child)], named[above], charges[above] = above, parent_id or "", charge or 0
    path = _path(key, parents)
    if back := parents.get(path[-1]):
        cycle = frozenset(path[path.index(back) :])
        return Ancestry(path, min(cycle, key=lambda member: member[::-1]), cycle, charges.get(key, 0))
    missing = named.get(path[-1])
    return Ancestry(path, LogKey(0, "", missing) if missing else path[-1], frozenset(), charges.get(key, 0))


def _path(key: LogKey, parents: Mapping[LogKey, LogKey]) -> tuple[LogKey, ...]:
    """The log and its ancestors, until there is none or one comes again."""
    path: dict[LogKey, None] = {}
    at: LogKey | None = key
    while at is not None and at not in path:
        path[at] = None
        at = parents.get(at)
    return tuple(path)


def branches_below(root: LogKey) -> dict[LogKey, Branch]:
    """The root and every log below it that has children."""
    rows = _fetch(_down(root) + _BRANCHES, _start(root))
    branches = [
        Branch(
            LogKey(*row[:3]), _key(row[3:6]), row[6] or 0, row[7], int(row[8] or 0) * NANO_PER_DOLLAR + int(row[9] or 0)
        )
        for row in rows
        if tuple(row[:3]) == root or row[0]
    ]
    return {branch.key: branch for branch in branches}


def chosen_below(root: LogKey, limit: int) -> list[Leg]:
    """The first legs to show of a root and all logs below it."""
    answered = sorted(ANSWERED_STATUSES)
    choice = _CHOICE.format(answered=", ".join(["%s"] * len(answered)))
    rows = _fetch(_down(root) + choice, [*_start(root), DEAREST, *answered, limit])
    return [Leg(LogKey(*row[:3]), _key(row[3:6]), row[6] or 0) for row in rows]


def _down(root: LogKey) -> str:
    return _DOWN.format(start=_ROOT_ITSELF if root.is_stored else _CHILDREN_OF_MISSING)


def _start(root: LogKey) -> list[str | int]:
    return [*(root if root.is_stored else [root.id]), *root]


def _key(row: Sequence[Any]) -> LogKey:
    """The key in the columns of a parent, which are null for a parent that is not stored."""
    return LogKey(row[0] or 0, row[1] or "", row[2] or "")


def _fetch(sql: str, parameters: Sequence[str | int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        return list(cursor.fetchall())
