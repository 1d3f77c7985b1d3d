"""The family of a log: everything linked to it by parent ids, across projects and media.

Sums cover the whole family. Of a large one the page shows MAX_SHOWN legs: the log and its ancestors, then those that
lineage.chosen_below puts first, each with the legs above it if there is room.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from dashboard.calls.detail.lineage import Ancestry, Leg, LogKey, ancestry_of, branches_below, chosen_below
from dashboard.calls.detail.missing import parent_search
from dashboard.calls.detail.results import Family, FamilyMember, HiddenLegs
from dashboard.calls.detail.tree import Sums, Tree
from dashboard.queries.logs import COLUMNS, log_row
from dashboard.results import LogRow
from logsync.models import Log
from logsync.money import from_nano

MAX_SHOWN = 500
# The nearest ones. A long chain leaves room for the legs that matter.
MAX_ANCESTORS = 400


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of the shown legs by time, and all logs that have one of their ids."""

    shown: Mapping[LogKey, LogRow]
    same_id: Mapping[str, Sequence[LogRow]]


def family_of(key: LogKey, names: Mapping[int, str]) -> Family:
    """The family of a stored log. A log without relatives is a family of its own. `names` are those of projects."""
    ancestry = ancestry_of(key)
    root = ancestry.root
    choice = chosen_below(root, MAX_SHOWN)
    tree = Tree(ancestry, branches_below(root), choice)
    rows = _rows(_shown(ancestry, tree, choice), names)
    whole = tree.branch(root)
    return Family(
        members=_members(ancestry, tree, rows, _dearest(choice)),
        charge=from_nano(whole.nano),
        logs=whole.legs,
        shown=len(rows.shown),
        search=None if root.is_stored else parent_search(root.id, {each.project_id for each in rows.shown}),
    )


def _shown(ancestry: Ancestry, tree: Tree, choice: Iterable[Leg]) -> Collection[LogKey]:
    shown = dict.fromkeys(key for key in [tree.root, *ancestry.path[:MAX_ANCESTORS]] if key.is_stored)
    for leg in choice:
        room = MAX_SHOWN - len(shown)
        if room <= 0:
            break
        shown |= dict.fromkeys(tree.line_to(leg.key, shown, room))
    return shown


def _dearest(choice: Sequence[Leg]) -> LogKey | None:
    """The leg with the largest charge, if it is one alone. The choice holds the dearest of the whole family."""
    by_charge = sorted(choice, key=lambda leg: -leg.nano)
    is_one_alone = any(first.nano > max(second.nano, 0) for first, second in pairwise(by_charge[:2]))
    return by_charge[0].key if is_one_alone else None


def _rows(keys: Collection[LogKey], names: Mapping[int, str]) -> _Rows:
    logs = Log.objects.filter(id__in=[key.id for key in keys]).order_by("created_at", "id", "project_id", "medium")
    shown: dict[LogKey, LogRow] = {}
    same_id: defaultdict[str, list[LogRow]] = defaultdict(list)
    for values in logs.values_list(*COLUMNS):
        key, row = LogKey(*values[:3]), log_row(values, names)
        same_id[key.id].append(row)
        if key in keys:
            shown[key] = row
    return _Rows(shown, same_id)


def _members(ancestry: Ancestry, tree: Tree, rows: _Rows, dearest: LogKey | None) -> list[FamilyMember]:
    """Every shown member after its parent; siblings by time."""
    places = tree.places(rows.shown)
    children: defaultdict[LogKey | None, list[LogKey]] = defaultdict(list)
    for key in rows.shown:
        children[places[key].parent].append(key)
    hidden = tree.hidden(places)
    ordered: list[LogKey] = []
    stack = [tree.root]
    while stack:
        ordered.append(key := stack.pop())
        stack += reversed(children[key])
    opened, *above = [*ancestry.path, tree.root]
    return [
        FamilyMember(
            id=key.id,
            medium=key.medium,
            depth=places[key].depth,
            row=rows.shown.get(key),
            branch_charge=from_nano(tree.branch(key).nano),
            in_cycle=key in ancestry.cycle,
            is_current=key == opened,
            is_parent=key == above[0] and (key != opened or key in ancestry.cycle),
            is_dearest=key == dearest,
            between=places[key].between,
            hidden=_hidden_legs(hidden[key]),
            same_id=[row for row in rows.same_id.get(key.id, ()) if row is not rows.shown.get(key)],
        )
        for key in ordered
    ]


def _hidden_legs(sums: Sums) -> HiddenLegs | None:
    return HiddenLegs(sums.legs, from_nano(sums.nano)) if sums.legs > 0 else None
