"""Totals equal the sums of their logs, whether they come from the rollup or the logs."""

from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from dashboard import queries
from dashboard.filters.parser import GROUPS, parse_charges_filter
from dashboard.results import Totals
from logsync.models import DailyCharge
from logsync.models.logs import TOTALS
from tests.support.stored_logs import NOW, asked, mixture, record, store, sums_of, tombstone

pytestmark = pytest.mark.django_db

# The rollup answers some of them, the logs the others.
QUERIES = [
    "",
    "period=all",
    "period=today",
    "start=2026-11-14&end=2026-11-16",
    "deleted=exclude",
    "deleted=only",
    "deleted=unseen",
    "project=Main",
    "project=Nobody",
    "medium=video",
    "type=laml_call,brand_new&direction=none",
    "status=none,failed&source=laml",
    "number=2065551212",
    "from=none",
    "to=freeswitch",
    "room=lobby",
    "description=tax",
    "min_charge=0.01",
    "max_charge=0&deleted=only",
    "min_duration=5&max_duration=60&type=none",
    "id=Main-voice-1,Main-video-1",
    "parent=a-parent",
    "parent=none&deleted=only",
]


def group_of(row, group_by, zone):
    day = row.created_at.astimezone(zone).date()
    values = {
        "project": row.project,
        "day": day,
        "month": f"{day:%Y-%m}",
        "medium": row.medium,
        "type": row.log_type or None,
        "direction": row.direction or None,
        "status": row.status or None,
        "source": row.source or None,
    }
    return tuple(values[name] for name in group_by)


@pytest.mark.parametrize("zone_name", ["UTC", "America/New_York", "Pacific/Auckland"])
def test_every_total_is_the_sum_of_the_rows_behind_it(zone, zone_name):
    report_zone = zone(zone_name)
    mixture()
    for query in QUERIES:
        rows = list(queries.iter_logs(asked(query)))
        for groups in ("day", "type,direction,status,source", "project,month,medium"):
            log_filter = asked(f"{query}&group_by={groups}")
            table = queries.charges(log_filter, NOW)
            expected = sums_of(rows, lambda row, by=table.group_by: group_of(row, by, report_zone))
            assert {row.group: (row.totals.logs, row.totals.charge) for row in table.rows} == expected, log_filter
            assert (table.total.logs, table.total.charge) == sums_of(rows, lambda _: ()).get((), (0, 0))


def test_every_figure_counts_only_the_logs_that_have_it():
    store(
        record("a", charge=Decimal("0.01"), billing_ms=5160, seconds=5),
        record("b", charge=None, billing_ms=None, seconds=0),
        record("c", charge=Decimal(0), billing_ms=0, seconds=None),
    )
    for query in ("", "number=206"):
        total = queries.charges(asked(query), NOW).total
        assert (total.logs, total.charged_logs, total.billed_logs, total.timed_logs) == (3, 2, 2, 2)
        assert (total.charge, total.billing_ms, total.seconds) == (Decimal("0.01"), 5160, 5)


def test_charges_are_exact_to_the_last_digit():
    charges = [Decimal("0.0000004"), Decimal("1234567.891234"), Decimal("-0.0025"), Decimal("0.000000001")]
    store(*(record(f"log-{number}", charge=charge) for number, charge in enumerate(charges)))
    assert queries.charges(asked(), NOW).total.charge == Decimal("1234567.888734401")
    assert queries.charges(asked("from=206"), NOW).total.charge == Decimal("1234567.888734401")


def test_groups_are_sorted_with_absent_values_last():
    store(
        record("a", direction=None, status="ended"),
        record("b", direction="outbound", status=None),
        record("c", direction="outbound", status="busy"),
        record("d", direction="inbound"),
    )
    table = queries.charges(asked("group_by=direction,status"), NOW)
    assert [row.group for row in table.rows] == [
        ("inbound", "completed"),
        ("outbound", "busy"),
        ("outbound", None),
        (None, "ended"),
    ]


def test_days_are_those_of_the_report_timezone_on_a_daylight_saving_day(zone):
    zone("America/New_York")
    # On 2026-11-01 clocks go back: the day has 25 hours, from 04:00 to 05:00 UTC.
    store(
        record("before", created_at=datetime(2026, 11, 1, 3, 59, 59, tzinfo=UTC)),
        record("first", created_at=datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),
        record("last", created_at=datetime(2026, 11, 2, 4, 59, 59, tzinfo=UTC)),
        record("after", created_at=datetime(2026, 11, 2, 5, 0, tzinfo=UTC)),
    )
    for query in ("group_by=day", "group_by=day&number=206"):
        table = queries.charges(asked(query), NOW)
        assert {row.group[0]: row.totals.logs for row in table.rows} == {
            date(2026, 10, 31): 1,
            date(2026, 11, 1): 2,
            date(2026, 11, 2): 1,
        }


def test_months_are_named_and_days_are_dates():
    store(record("a"), record("b", created_at=datetime(2026, 10, 31, 23, 59, tzinfo=UTC)))
    for query in ("", "&number=206"):
        table = queries.charges(asked(f"group_by=month,day{query}"), NOW)
        assert [row.group for row in table.rows] == [
            ("2026-10", date(2026, 10, 31)),
            ("2026-11", date(2026, 11, 20)),
        ]


def test_deleted_logs_keep_their_charge_and_unseen_ones_are_counted_separately():
    store(record("a", charge=Decimal(1)), record("b", charge=Decimal(2)))
    store(tombstone("b"), tombstone("never-seen"))
    logs = {
        name: queries.charges(asked(f"deleted={name}"), NOW).total for name in ("include", "exclude", "only", "unseen")
    }
    assert {name: (total.logs, total.charge) for name, total in logs.items()} == {
        "include": (2, 3),
        "exclude": (1, 1),
        "only": (1, 2),
        "unseen": (1, 0),
    }


def test_the_total_without_logs_is_zero():
    table = queries.charges(asked("group_by=type"), NOW)
    assert (table.rows, table.total.logs, table.total.charge) == ([], 0, 0)


def test_the_value_none_is_not_an_absent_value():
    store(record("a", status="none"), record("b", status=None))
    assert [row.id for row in queries.iter_logs(asked("status=none"))] == ["b"]
    assert [row.id for row in queries.iter_logs(asked(r"status=\none"))] == ["a"]
    assert queries.charges(asked(r"status=\none"), NOW).total.logs == 1


@pytest.mark.parametrize("query", ["", "project=Main&type=laml_call&deleted=only", "number=206&room=lobby"])
def test_the_number_of_queries_does_not_grow(query, django_assert_max_num_queries):
    mixture()
    for groups in GROUPS:
        with django_assert_max_num_queries(9):  # the keys of numbers and of rooms are two
            queries.charges(asked(f"{query}&group_by={groups}"), NOW)


def test_the_rollup_and_the_answer_have_the_figures_of_a_total_and_no_other():
    columns = [field.name for field in DailyCharge._meta.get_fields()]
    assert columns[-len(TOTALS) :] == list(TOTALS)
    assert [field.name for field in fields(Totals)] == list(TOTALS)


@pytest.mark.parametrize(
    ("sort", "types"),
    [
        ("", ["laml_call", "relay_pstn_call", "relay_sip_call", None]),
        ("charge", ["laml_call", "relay_pstn_call", None, "relay_sip_call"]),
        ("-charge", ["relay_sip_call", "relay_pstn_call", None, "laml_call"]),
        ("-logs", ["relay_pstn_call", "laml_call", "relay_sip_call", None]),
        ("logs", ["laml_call", "relay_sip_call", None, "relay_pstn_call"]),
        ("-type", ["relay_sip_call", "relay_pstn_call", "laml_call", None]),
    ],
)
def test_rows_stand_in_the_order_that_is_asked_for(sort, types):
    charges = [("relay_pstn_call", "1"), ("relay_pstn_call", "1"), ("laml_call", "-3"), ("relay_sip_call", "9")]
    rows = [(name, Decimal(charge)) for name, charge in [*charges, (None, "2")]]
    store(*(record(str(at), log_type=name, charge=charge) for at, (name, charge) in enumerate(rows)))
    log_filter = parse_charges_filter(f"group_by=type&sort={sort}", NOW)
    assert [row.group[0] for row in queries.charges(log_filter, NOW).rows] == types
