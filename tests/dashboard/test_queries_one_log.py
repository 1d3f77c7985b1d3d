"""One log with everything around it, however its parents are linked."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dashboard import queries
from dashboard.queries import AmbiguousLogError
from dashboard.queries.family import MOST_MEMBERS
from dashboard.results import ChargeLineRow
from logsync.models import PullUnit
from logsync.parse import parse_log
from logsync.upsert import store_page
from tests.dashboard.stored import NOON, make_feed, page, record, store

pytestmark = pytest.mark.django_db


def family(log_id):
    return queries.log_detail("voice", log_id).family


def tree(log_id):
    """Each member as a line, indented by its depth."""
    marks = (("missing", " missing"), ("in_cycle", " circle"), ("is_current", " *"))
    return [
        "  " * member.depth + member.id + "".join(mark for name, mark in marks if getattr(member, name))
        for member in family(log_id).members
    ]


def leg(id_, parent_id=None, minutes=0, charge="0.01"):
    return record(
        id_, parent_id=parent_id, created_at=NOON + timedelta(minutes=minutes), charge=charge and Decimal(charge)
    )


class TestDetail:
    def test_everything_that_is_known(self):
        raw = """{"id": "a", "created_at": "2026-11-20T12:00:00Z", "url": "https://example.com/a", "charge": 0.0100,
            "charge_details": [{"description": "Tax", "charge": 4e-7}, {"charge": null}], "brand_new": 1.50}"""
        store(parse_log(raw.encode()))
        found = queries.log_detail("voice", "a")
        assert found.row.project == "Main"
        assert (found.url, found.locked, found.raw) == ("https://example.com/a", None, raw)
        assert list(found.lines) == [ChargeLineRow("Tax", Decimal("4E-7")), ChargeLineRow(None, None)]
        assert found.not_itemised == Decimal("0.0099996")
        assert (found.first_seen_at, found.last_read_at) == (NOON, NOON)
        assert found.changes == []

    def test_an_unknown_charge_has_nothing_that_is_not_itemised(self):
        store(record("a", charge=None), record("b", charge=Decimal("0.05"), itemised=None))
        assert queries.log_detail("voice", "a").not_itemised is None
        assert queries.log_detail("voice", "b").not_itemised == Decimal("0.05")

    def test_last_read_is_when_its_day_was_read_if_that_was_later(self):
        store(record("a"))
        unit = PullUnit.objects.create(feed=make_feed(), day=date(2026, 11, 20), read_at=NOON + timedelta(hours=5))
        assert queries.log_detail("voice", "a").last_read_at == unit.read_at

    def test_changes_of_its_charge_are_told_in_order(self):
        store(record("a", charge=Decimal("0.01"), status="in-progress"))
        for hour, charge in ((1, Decimal("0.02")), (2, Decimal("0.03"))):
            store_page(make_feed(), page(record("a", charge=charge), read_at=NOON + timedelta(hours=hour)))
        changes = queries.log_detail("voice", "a").changes
        assert [(one.old_charge, one.new_charge, one.was_final) for one in changes] == [
            (Decimal("0.01"), Decimal("0.02"), False),
            (Decimal("0.02"), Decimal("0.03"), True),
        ]

    def test_a_log_that_is_not_there_is_none(self):
        store(record("a"))
        assert queries.log_detail("voice", "b") is None
        assert queries.log_detail("video", "a") is None
        assert queries.log_detail("voice", "a", "Other") is None

    def test_an_id_of_two_projects_needs_the_project(self):
        store(record("a"), project="Main")
        store(record("a", charge=Decimal(5)), project="Other")
        with pytest.raises(AmbiguousLogError) as caught:
            queries.log_detail("voice", "a")
        assert caught.value.projects == ["Main", "Other"]
        assert queries.log_detail("voice", "a", "Other").row.charge == 5


class TestFamily:
    def test_a_log_alone_is_its_own_family(self):
        store(leg("a"), leg("b"))
        assert tree("a") == ["a *"]
        assert (family("a").logs, family("a").charge) == (1, Decimal("0.01"))

    def test_the_tree_is_the_same_from_every_member(self):
        store(
            leg("root", charge="0.1"),
            leg("second", "root", 2, charge="0.02"),
            leg("first", "root", 1, charge=None),
            leg("below", "first", 3, charge="0.003"),
            leg("stranger", charge="9"),
        )
        assert tree("below") == ["root", "  first", "    below *", "  second"]
        for log_id in ("root", "first", "second", "below"):
            found = family(log_id)
            assert (found.logs, found.charge) == (4, Decimal("0.123"))
            assert {member.id: member.branch_charge for member in found.members} == {
                "root": Decimal("0.123"),
                "first": Decimal("0.003"),
                "below": Decimal("0.003"),
                "second": Decimal("0.02"),
            }

    def test_a_missing_parent_is_shown_with_all_who_name_it(self):
        store(leg("a", "lost"), leg("b", "lost", 1), leg("c", "b", 2))
        assert tree("c") == ["lost missing", "  a", "  b", "    c *"]
        assert (family("c").logs, family("c").charge) == (3, Decimal("0.03"))

    def test_a_circle_is_shown_once_as_such(self):
        store(leg("a", "c"), leg("b", "a"), leg("c", "b"), leg("tail", "b"))
        assert tree("c") == ["a circle", "  b circle", "    c circle *", "    tail"]
        assert tree("tail") == ["a circle", "  b circle", "    c circle", "    tail *"]
        assert (family("a").logs, family("a").charge) == (4, Decimal("0.04"))

    def test_a_log_can_name_itself(self):
        store(leg("a", "a"), leg("b", "a"))
        assert tree("b") == ["a circle", "  b *"]
        assert tree("a") == ["a circle *", "  b"]

    def test_families_stay_within_project_and_medium(self):
        store(leg("a"))
        store(leg("a"), leg("b", "a"), project="Other")
        store(leg("c", "a"), medium="video")
        assert queries.log_detail("voice", "a", "Main").family.logs == 1
        assert queries.log_detail("voice", "a", "Other").family.logs == 2
        assert [member.missing for member in queries.log_detail("video", "c").family.members] == [True, False]

    def test_a_huge_family_is_cut_off_but_its_cost_is_whole(self):
        legs = [leg(f"leg-{n:04}", "root", n) for n in range(MOST_MEMBERS + 20)]
        store(leg("root"), *legs, leg("last", legs[-1].id, 2000))
        found = family("last")
        assert found.cut_off
        assert len(found.members) == MOST_MEMBERS
        assert {"root", legs[-1].id, "last"} <= {member.id for member in found.members}
        assert (found.logs, found.charge) == (MOST_MEMBERS + 22, Decimal("5.22"))

    def test_a_chain_of_any_length_ends(self):
        store(*(leg(f"leg-{n:04}", f"leg-{n - 1:04}" if n else None, n) for n in range(MOST_MEMBERS + 50)))
        found = family(f"leg-{MOST_MEMBERS + 49:04}")
        assert found.cut_off
        assert len(found.members) == MOST_MEMBERS
        assert found.members[-1].is_current

    def test_the_number_of_queries_does_not_grow(self, django_assert_max_num_queries):
        for depth in (1, 60):
            store(*(leg(f"{depth}-{n}", f"{depth}-{n - 1}" if n else "lost", n) for n in range(depth)))
            with django_assert_max_num_queries(8):
                queries.log_detail("voice", f"{depth}-{depth - 1}")
