"""Families in all shapes: their tree, the legs shown of a large one, and sums over all of it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from dashboard.calls.detail.family import MAX_SHOWN
from dashboard.calls.detail.lineage import DEAREST
from dashboard.calls.detail.queries import log_detail
from dashboard.calls.detail.results import ParentSearch
from logsync.models import Feed, Log, MissingParent, Project
from tests.support.stored_logs import NOON, make_feed, record, store, tombstone

pytestmark = pytest.mark.django_db


def family(log_id, project=None, medium="voice"):
    return log_detail(medium, log_id, project).family


def tree(log_id, project=None, medium="voice"):
    """Each member as a line, indented by its depth."""
    marks = (("missing", " missing"), ("in_cycle", " cycle"), ("is_current", " *"))
    return [
        "  " * member.depth + member.id + "".join(mark for name, mark in marks if getattr(member, name))
        for member in family(log_id, project, medium).members
    ]


def leg(id_, parent_id=None, minutes=0, charge="0.01", **more):
    charge = charge and Decimal(charge)
    return record(id_, parent_id=parent_id, created_at=NOON + timedelta(minutes=minutes), charge=charge, **more)


def shown(result):
    return {member.id: member for member in result.members}


def adds_up(result):
    """Every subtotal is the sum of the rows below it, and the whole family that of all rows."""
    own = sum((member.charge or 0 for member in result.members), Decimal(0))
    hidden = [member.hidden for member in result.members if member.hidden]
    assert own + sum(each.charge for each in hidden) == result.charge == result.members[0].branch_charge
    assert result.shown + sum(each.legs for each in hidden) == result.logs
    return True


def test_a_log_without_relatives_is_its_own_family():
    store(leg("a"), leg("b"))
    assert tree("a") == ["a *"]
    assert (family("a").logs, family("a").charge) == (1, Decimal("0.01"))


def test_the_tree_is_the_same_from_every_member():
    store(
        leg("root", charge="0.1"),
        leg("second", "root", 2, charge="0.02"),
        leg("first", "root", 1, charge=None),
        leg("below", "first", 3, charge="0.003"),
        leg("stranger", charge="9"),
    )
    assert tree("below") == ["root", "  first", "    below *", "  second"]
    for log_id in ("root", "first", "second", "below"):
        result = family(log_id)
        assert (result.logs, result.charge) == (4, Decimal("0.123"))
        assert {member.id: member.branch_charge for member in result.members} == {
            "root": Decimal("0.123"),
            "first": Decimal("0.003"),
            "below": Decimal("0.003"),
            "second": Decimal("0.02"),
        }


def test_a_missing_parent_is_shown_with_all_its_children():
    store(leg("a", "lost"), leg("b", "lost", 1), leg("c", "b", 2))
    assert tree("c") == ["lost missing", "  a", "  b", "    c *"]
    assert (family("c").logs, family("c").charge) == (3, Decimal("0.03"))


def test_a_cycle_is_marked_and_shown_once():
    store(leg("a", "c"), leg("b", "a"), leg("c", "b"), leg("tail", "b"))
    assert tree("c") == ["a cycle", "  b cycle", "    c cycle *", "    tail"]
    assert tree("tail") == ["a cycle", "  b cycle", "    c cycle", "    tail *"]
    assert (family("a").logs, family("a").charge) == (4, Decimal("0.04"))


def test_a_log_can_be_its_own_parent():
    store(leg("a", "a"), leg("b", "a"))
    assert tree("b") == ["a cycle", "  b *"]
    assert tree("a") == ["a cycle *", "  b"]


def test_an_empty_parent_id_is_none():
    store(leg("a", ""), leg("b", ""))
    assert tree("a") == ["a *"]


class TestAcrossProjects:
    def test_a_parent_may_be_stored_in_another_project_or_medium(self):
        store(leg("root", charge="1"))
        store(leg("leg", "root", 1, charge="0.2"), project="Other")
        store(leg("session", "leg", 2, charge="0.03"), project="Other", medium="video")
        for log_id, medium in (("root", "voice"), ("leg", "voice"), ("session", "video")):
            result = family(log_id, medium=medium)
            assert (result.logs, result.charge) == (3, Decimal("1.23"))
            assert {member.id: member.branch_charge for member in result.members} == {
                "root": Decimal("1.23"),
                "leg": Decimal("0.23"),
                "session": Decimal("0.03"),
            }
        assert tree("leg") == ["root", "  leg *", "    session"]

    def test_the_own_project_comes_before_the_own_medium_and_both_before_all_others(self):
        store(leg("x"), project="First")
        store(leg("x"), leg("child", "x"), project="Own")
        store(leg("x"), leg("child of video", "x"), medium="video", project="Own")
        store(leg("child elsewhere", "x"), project="Third")
        assert tree("x", "First") == ["x *", "  child elsewhere"]
        assert tree("child", "Own") == ["x", "  child *"]
        assert tree("child of video", "Own", "video") == ["x", "  child of video *"]
        assert family("child elsewhere").members[0].row.project == "First"
        same = family("child elsewhere").members[0].same_id
        assert sorted((row.project, row.medium) for row in same) == [("Own", "video"), ("Own", "voice")]

    def test_a_cycle_may_cross_projects(self):
        store(leg("a", "b"))
        store(leg("b", "a"), project="Other")
        for log_id in "ab":
            assert [line.removesuffix(" *") for line in tree(log_id)] == ["a cycle", "  b cycle"]
            assert (family(log_id).logs, family(log_id).charge) == (2, Decimal("0.02"))

    def test_logs_of_two_projects_share_a_missing_parent(self):
        store(leg("a", "lost"))
        store(leg("b", "lost", 1), project="Other")
        assert tree("b") == ["lost missing", "  a", "  b *"]
        assert tree("a") == ["lost missing", "  a *", "  b"]


class TestLargeFamilies:
    def test_the_sums_are_those_of_all_legs_whichever_is_opened(self):
        legs = [leg(f"leg-{n:04}", "root", n, status="no-answer", seconds=0) for n in range(1201)]
        legs[900] = leg("leg-0900", "root", 900, charge="0.37", status="completed", seconds=62)
        legs[1000] = leg("leg-1000", "root", 1000, charge="0", status="failed")
        store(leg("root", charge="0.05", seconds=90), *legs)
        for opened in ("root", "leg-0000", "leg-0700", "leg-1200"):
            result = family(opened)
            assert (result.logs, result.charge) == (1202, Decimal("12.41"))
            assert (result.shown, len(result.members)) == (MAX_SHOWN, MAX_SHOWN)
            assert {opened, "root", "leg-0900", "leg-1000"} <= shown(result).keys()
            assert [member.id for member in result.members if member.is_dearest] == ["leg-0900"]
            assert result.members[0].hidden.legs == 702
            assert result.members[0].branch_charge == Decimal("12.41")
            assert adds_up(result)

    def test_the_dearest_come_first_then_the_answered_and_the_failed_then_by_time(self):
        legs = [leg(f"leg-{n:04}", "root", n, status="no-answer", seconds=0) for n in range(900)]
        for n in range(DEAREST):
            legs[-n] = leg(legs[-n].id, "root", 900 - n, charge="2", status="canceled")
        for n in range(600, 700):
            legs[n] = leg(legs[n].id, "root", n, charge="0", status="ended", seconds=5)
        for n in range(700, 800):
            legs[n] = leg(legs[n].id, "root", n, charge="0", status="failed")
        store(leg("root"), *legs)
        ids = shown(family("root")).keys()
        assert {legs[-n].id for n in range(DEAREST)} <= ids
        assert {legs[n].id for n in range(600, 800)} <= ids
        first = sorted(ids - {"root"} - {legs[-n].id for n in range(DEAREST)} - {legs[n].id for n in range(600, 800)})
        assert first == [f"leg-{n:04}" for n in range(1, 1 + len(first))]

    def test_a_leg_is_shown_with_the_legs_above_it(self):
        store(
            leg("root"),
            *(leg(f"leg-{n:04}", "root", n) for n in range(1000)),
            *(leg(f"below-{n:04}", f"leg-{n:04}", 2000 + n, charge="5" if n == 990 else "0.02") for n in range(1000)),
        )
        result = family("root")
        members = shown(result)
        assert members["below-0990"].depth == 2
        assert members["leg-0990"].branch_charge == Decimal("5.01")
        assert members["leg-0000"].hidden is None or members["leg-0000"].hidden.legs == 1
        assert (result.logs, result.charge) == (2001, Decimal("34.99"))
        assert adds_up(result)

    def test_a_long_chain_shows_the_nearest_parents_the_root_and_the_dearest(self):
        chain = [leg(f"leg-{n:04}", f"leg-{n - 1:04}" if n else None, n) for n in range(1202)]
        chain[300] = leg("leg-0300", "leg-0299", 300, charge="7")
        store(*chain)
        for opened in ("leg-1201", "leg-0600", "leg-0000"):
            result = family(opened)
            assert (result.logs, result.charge, result.shown) == (1202, Decimal("19.01"), MAX_SHOWN)
            members = shown(result)
            assert {"leg-0000", "leg-0300", opened} <= members.keys()
            assert members["leg-0300"].depth == 300
            assert members["leg-0300"].branch_charge == 7 + Decimal("9.01")
            assert adds_up(result)
        last = family("leg-1201")
        assert {f"leg-{n:04}" for n in range(1000, 1202)} <= shown(last).keys()
        assert sum(member.between for member in last.members) == 1202 - MAX_SHOWN

    def test_a_large_family_of_a_missing_parent(self):
        store(*(leg(f"leg-{n:04}", "lost", n) for n in range(800)))
        result = family("leg-0700")
        assert (result.logs, result.charge, result.shown) == (800, Decimal(8), MAX_SHOWN)
        assert (result.members[0].missing, result.members[0].hidden.legs) == (True, 300)
        assert adds_up(result)

    def test_a_long_cycle_ends(self):
        store(*(leg(f"leg-{n:04}", f"leg-{(n + 1) % 700:04}", n) for n in range(700)), leg("tail", "leg-0350"))
        for opened in ("leg-0000", "leg-0600", "tail"):
            result = family(opened)
            assert (result.logs, result.charge) == (701, Decimal("7.01"))
            assert result.members[0].id == "leg-0000"
            assert adds_up(result)

    def test_sums_may_outgrow_64_bits(self):
        most = "9223372036.854775807"
        store(leg("root", charge=most))
        store(*(leg(f"leg-{n}", "root", n, charge=most) for n in range(3)), project="Other")
        assert family("root").charge == 4 * Decimal(most)

    def test_negative_and_absent_charges_are_summed_exactly(self):
        store(leg("root", charge="-0.000000001"), leg("a", "root", charge="-1.5"), leg("b", "root", charge=None))
        assert family("b").charge == Decimal("-1.500000001")

    def test_equal_charges_have_no_dearest(self):
        store(leg("root"), leg("a", "root"), leg("b", "root", charge=None))
        assert not [member for member in family("root").members if member.is_dearest]

    def test_of_credits_none_is_the_dearest(self):
        store(leg("root", charge="-1"), leg("a", "root", charge="-2"))
        assert not [member for member in family("root").members if member.is_dearest]

    def test_the_number_of_queries_does_not_grow(self, django_assert_num_queries):
        for depth in (1, 60, 600):
            store(*(leg(f"{depth}-{n}", f"{depth}-{n - 1}" if n else "lost", n) for n in range(depth)))
            with django_assert_num_queries(10):
                log_detail("voice", f"{depth}-{depth - 1}")


class TestMissingAndDeletedParents:
    @staticmethod
    def asked(failures, days, feed=None):
        due = timezone.now() + timedelta(days=days)
        feed = feed or make_feed()
        return MissingParent.objects.create(feed=feed, log_id="lost", failures=failures, next_read_at=due).next_read_at

    def test_the_next_request_is_known(self):
        store(leg("a", "lost"))
        due = self.asked(2, 2)
        assert family("a").search == ParentSearch(due, 2)

    def test_the_soonest_feed_counts_and_given_up_ones_do_not(self):
        store(leg("a", "lost"))
        store(leg("b", "lost"), project="Other")
        self.asked(MissingParent.MAX_FAILURES, 1)
        assert family("a").search == ParentSearch(None, MissingParent.MAX_FAILURES)
        due = self.asked(1, 4, make_feed("Other"))
        assert family("a").search == ParentSearch(due, 1)

    def test_a_project_that_is_not_read_asks_for_nothing(self):
        store(leg("a", "lost"))
        self.asked(1, 1)
        Project.objects.update(is_active=False)
        assert family("a").search == ParentSearch(None, 0, not_read="voice logs of Main")
        Project.objects.update(is_active=True, pulls_voice=False)
        assert family("a").search == ParentSearch(None, 0, not_read="voice logs of Main")

    def test_without_a_record_nobody_asks(self):
        store(leg("a", "lost"))
        assert family("a").search == ParentSearch(None, 0)
        assert Feed.objects.exists()

    def test_a_deleted_parent_is_a_member_with_what_is_known(self):
        store(leg("a", "gone"), tombstone("gone", created_at=NOON))
        parent = family("a").members[0]
        assert (parent.id, parent.missing, parent.row.discarded_at) == ("gone", False, NOON)
        assert Log.objects.filter(id="gone").exists()
