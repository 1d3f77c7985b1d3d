"""The details of one log, and its family in all shapes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from dashboard.calls.detail.queries import AmbiguousLogError, log_detail
from dashboard.calls.detail.results import ChargeLineRow
from logsync.models import PullUnit
from logsync.parsing.parser import parse_log
from logsync.storage.upsert import store_page
from tests.support.stored_logs import NOON, make_feed, page, record, store

pytestmark = pytest.mark.django_db


def family(log_id):
    return log_detail("voice", log_id).family


def tree(log_id):
    """Each member as a line, indented by its depth."""
    marks = (("missing", " missing"), ("in_cycle", " cycle"), ("is_current", " *"))
    return [
        "  " * member.depth + member.id + "".join(mark for name, mark in marks if getattr(member, name))
        for member in family(log_id).members
    ]


def leg(id_, parent_id=None, minutes=0, charge="0.01"):
    return record(
        id_, parent_id=parent_id, created_at=NOON + timedelta(minutes=minutes), charge=charge and Decimal(charge)
    )


class TestDetail:
    def test_the_detail_has_every_field(self):
        raw = """{"id": "a", "created_at": "2026-11-20T12:00:00Z", "url": "https://example.com/a", "charge": 0.0100,
            "charge_details": [{"description": "Tax", "charge": 4e-7}, {"charge": null}], "brand_new": 1.50}"""
        store(parse_log(raw.encode()))
        detail = log_detail("voice", "a")
        assert detail.row.project == "Main"
        assert (detail.url, detail.locked, detail.raw) == ("https://example.com/a", None, raw)
        assert list(detail.lines) == [ChargeLineRow("Tax", Decimal("4E-7")), ChargeLineRow(None, None)]
        assert detail.not_itemised == Decimal("0.0099996")
        assert (detail.first_seen_at, detail.last_read_at) == (NOON, NOON)
        assert detail.changes == []

    def test_not_itemised_is_none_without_a_charge_and_all_of_it_without_lines(self):
        store(record("a", charge=None), record("b", charge=Decimal("0.05"), itemised=None))
        assert log_detail("voice", "a").not_itemised is None
        assert log_detail("voice", "b").not_itemised == Decimal("0.05")

    def test_last_read_is_the_later_of_the_log_and_its_day(self):
        store(record("a"))
        unit = PullUnit.objects.create(feed=make_feed(), day=date(2026, 11, 20), read_at=NOON + timedelta(hours=5))
        assert log_detail("voice", "a").last_read_at == unit.read_at

    def test_charge_changes_are_listed_in_order(self):
        store(record("a", charge=Decimal("0.01"), status="in-progress"))
        for hour, charge in ((1, Decimal("0.02")), (2, Decimal("0.03"))):
            store_page(make_feed(), page(record("a", charge=charge), read_at=NOON + timedelta(hours=hour)))
        changes = log_detail("voice", "a").changes
        assert [(change.old_charge, change.new_charge, change.was_final) for change in changes] == [
            (Decimal("0.01"), Decimal("0.02"), False),
            (Decimal("0.02"), Decimal("0.03"), True),
        ]

    def test_a_missing_log_is_none(self):
        store(record("a"))
        assert log_detail("voice", "b") is None
        assert log_detail("video", "a") is None
        assert log_detail("voice", "a", "Other") is None

    def test_an_id_in_two_projects_is_ambiguous_without_the_project(self):
        store(record("a"), project="Main")
        store(record("a", charge=Decimal(5)), project="Other")
        with pytest.raises(AmbiguousLogError) as caught:
            log_detail("voice", "a")
        assert caught.value.projects == ["Main", "Other"]
        assert log_detail("voice", "a", "Other").row.charge == 5
