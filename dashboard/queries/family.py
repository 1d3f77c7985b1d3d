"""The tree of parent_id that a log belongs to. That is a plain text: the parent may be missing, the chain a circle.

Members are logs of one project and medium. The database walks up to the root and down from it, in a query each.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from dashboard.queries.logs import COLUMNS, log_row
from dashboard.queries.names import names_by_id
from dashboard.results import Family, FamilyMember, LogRow
from logsync.models import Log
from logsync.money import from_nano

# More members are not shown, and more steps up not taken.
MOST_MEMBERS = 500
ZERO = Decimal(0)

_UP = """
    WITH RECURSIVE up (id, parent_id, step) AS (
        SELECT id, parent_id, 1 FROM logsync_log WHERE project_id = %s AND medium = %s AND id = %s
        UNION ALL
        SELECT log.id, log.parent_id, up.step + 1 FROM up JOIN logsync_log log ON log.id = up.parent_id
        WHERE log.project_id = %s AND log.medium = %s AND up.step < %s
    )
    SELECT id, parent_id FROM up ORDER BY step
"""
# UNION rather than UNION ALL: what is met again in a circle is not followed again. The root itself may be missing.
_DOWN = """
    WITH RECURSIVE down (id) AS (
        SELECT CAST(%s AS text)
        UNION
        SELECT log.id FROM down JOIN logsync_log log ON log.parent_id = down.id
        WHERE log.project_id = %s AND log.medium = %s
    )
"""
_MEMBERS = "SELECT id FROM down LIMIT %s"
_TOTALS = """
    SELECT COUNT(*), CAST(SUM(charge) AS bigint) FROM logsync_log
    WHERE project_id = %s AND medium = %s AND id IN (SELECT id FROM down)
"""


@dataclass(frozen=True, slots=True)
class _Line:
    """The way from a log up to its root. `circle`: the ids that lead back to themselves, at the top of it."""

    ids: tuple[str, ...]
    root: str
    circle: frozenset[str]
    is_cut: bool


def family_of(project_id: int, row: LogRow) -> Family:
    """The family of a log that is stored. Raises nothing for a log without one: it is a family of its own."""
    line = _line(project_id, row)
    ids = _read(_DOWN + _MEMBERS, [line.root, project_id, row.medium, MOST_MEMBERS + 1])
    known = list(dict.fromkeys([*line.ids, *(id_ for (id_,) in ids)]))
    rows = _rows(project_id, row.medium, known[:MOST_MEMBERS])
    members = _members(line, rows, row)
    logs, charge = len(rows), sum((found.charge or ZERO for found in rows.values()), ZERO)
    if len(known) > MOST_MEMBERS:
        place = (project_id, row.medium)
        ((logs, nano),) = _read(_DOWN + _TOTALS, [line.root, *place, *place])
        charge = from_nano(nano or 0)
    return Family(members, charge, logs, cut_off=line.is_cut or len(known) > MOST_MEMBERS)


def _line(project_id: int, row: LogRow) -> _Line:
    place = (project_id, row.medium)
    steps: dict[str, str | None] = {}
    again = None
    for id_, parent_id in _read(_UP, [*place, row.id, *place, MOST_MEMBERS]):
        if id_ in steps:
            again = id_
            break
        steps[id_] = parent_id
    ids = tuple(steps)
    if again is not None:
        circle = frozenset(ids[ids.index(again) :])
        return _Line(ids, min(circle), circle, is_cut=False)
    is_cut = len(ids) >= MOST_MEMBERS
    return _Line(ids, ids[-1] if is_cut else steps[ids[-1]] or ids[-1], frozenset(), is_cut)


def _rows(project_id: int, medium: str, ids: Sequence[str]) -> dict[str, LogRow]:
    logs = Log.objects.filter(project_id=project_id, medium=medium, id__in=ids).order_by("created_at", "id")
    names = names_by_id()
    return {row.id: row for row in (log_row(values, names) for values in logs.values_list(*COLUMNS))}


def _members(line: _Line, rows: Mapping[str, LogRow], current: LogRow) -> list[FamilyMember]:
    """Every member after its parent, brothers and sisters by time."""
    children: defaultdict[str | None, list[str]] = defaultdict(list)
    for row in rows.values():
        if row.id != line.root:
            children[row.parent_id].append(row.id)
    depths: dict[str, int] = {}
    waiting = [(line.root, 0)]
    while waiting:
        id_, depth = waiting.pop()
        depths[id_] = depth
        waiting += [(child, depth + 1) for child in reversed(children[id_])]
    branches = _branch_charges(list(depths), rows)
    return [
        FamilyMember(
            id=id_,
            medium=current.medium,
            depth=depth,
            row=rows.get(id_),
            charge=rows[id_].charge if id_ in rows else None,
            branch_charge=branches[id_],
            missing=id_ not in rows,
            in_cycle=id_ in line.circle,
            is_current=id_ == current.id,
        )
        for id_, depth in depths.items()
    ]


def _branch_charges(ids: Sequence[str], rows: Mapping[str, LogRow]) -> dict[str, Decimal]:
    """The charge of each with all below it; `ids` names parents before their children."""
    charges = dict.fromkeys(ids, ZERO)
    for id_ in reversed(ids):
        row = rows.get(id_)
        charges[id_] += row.charge or ZERO if row else ZERO
        if row and row.parent_id in charges and id_ != ids[0]:
            charges[row.parent_id] += charges[id_]
    return charges


def _read(sql: str, parameters: Sequence[str | int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
