"""The family as the page shows it: a row for each leg, with its link, its share and words about what is special."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboard.calls.detail.results import Family, FamilyMember, ParentSearch
from dashboard.filters import query_string
from dashboard.pages import formats
from dashboard.pages.context_bar import logs_url
from dashboard.pages.log_urls import log_url
from dashboard.results import LogRow

MAX_INDENT = 12


@dataclass(frozen=True, slots=True)
class Leg:
    """A row of the family tree; the template loops over `indent`.

    `project` is its project if that is not the opened log's; `also_in` are the others that have a log with its id.
    `below` links to the logs that name it as their parent.
    """

    member: FamilyMember
    indent: range
    href: str
    below: str
    share: str
    hidden_share: str
    project: str
    also_in: str


def family_page(family: Family, opened: LogRow, now: datetime) -> dict[str, Any]:
    """The context of calls/family.html, and of the links to the parent."""
    members = family.members
    parents = {member.row.parent_id for member in members if member.row}
    legs = [
        _leg(member, family.charge, opened, has_legs=member.id in parents or bool(member.hidden)) for member in members
    ]
    charges = [charge for member in members for charge in (member.charge, member.branch_charge)]
    return {
        "family": family,
        "legs": legs,
        "leg_decimals": formats.decimals([family.charge, *charges]),
        "parent": next((leg for leg in legs if leg.member.is_parent), None),
        "search": search_words(family.search, now) if family.search else "",
        "has_family": family.logs > 1 or any(member.missing or member.in_cycle for member in members),
    }


def search_words(search: ParentSearch, now: datetime) -> str:
    """What is done about a missing parent: "SignalWire is asked again in 2 days"."""
    if search.next_read_at is not None:
        when = formats.next_try(search.next_read_at, now)
        return f"SignalWire is asked {'again' if search.failures else 'for it'} {when}"
    if search.failures:
        return "SignalWire does not know it; Tollbook no longer asks"
    if search.not_read:
        return f"Tollbook does not ask for it: reading is switched off for the {search.not_read}"
    return "Tollbook does not have it"


def _leg(member: FamilyMember, total: Decimal, opened: LogRow, *, has_legs: bool) -> Leg:
    row = member.row
    below = [("parent", query_string.encode_value("parent", member.id)), ("period", "all")]
    return Leg(
        member=member,
        indent=range(min(member.depth, MAX_INDENT)),
        href=_href(row, member.same_id) if row else "",
        below=logs_url(query_string.encode(below)),
        share=formats.share(member.charge, total) if member.charge is not None else "",
        hidden_share=formats.share(member.hidden.charge, total) if member.hidden else "",
        project=row.project if row and row.project != opened.project else "",
        also_in=_others(row, member.same_id) if row and has_legs else "",
    )


def _href(row: LogRow, same_id: Sequence[LogRow]) -> str:
    is_ambiguous = any(other.medium == row.medium for other in same_id)
    return log_url(row.medium, row.id, row.project if is_ambiguous else None)


def _others(row: LogRow, same_id: Sequence[LogRow]) -> str:
    """The projects, or the media of the same project, that have another log with this id."""
    names = [f"{other.medium} logs" if other.project == row.project else other.project for other in same_id]
    return ", ".join(sorted(set(names)))
