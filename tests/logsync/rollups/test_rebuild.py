"""The totals of a day equal the sums of its logs, whatever happens to the logs."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from logsync.exceptions import TotalTooLargeError
from logsync.models import DailyCharge, Log, StaleDay
from logsync.rollups.compare import differences
from logsync.rollups.rebuild import rebuild_all, rebuild_day, rebuild_stale
from logsync.storage.upsert import store_page
from tests.support.records import NOON, make_feed, page, record, tombstone

pytestmark = pytest.mark.django_db

DAY = NOON.date()
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def feed(db):
    return make_feed()


def total(**conditions):
    rows = DailyCharge.objects.filter(**conditions)
    return sum(row.logs for row in rows), sum((row.charge for row in rows), Decimal(0))


def test_rebuilding_stale_days_makes_totals_and_removes_the_marks(feed):
    store_page(feed, page(record("a", charge=Decimal("0.0000004")), record("b", charge=Decimal("1234567.891234"))))
    assert not DailyCharge.objects.exists()
    assert rebuild_stale() == 1
    assert total(day=DAY) == (2, Decimal("1234567.8912344"))
    assert not StaleDay.objects.exists()
    assert rebuild_stale() == 0


def test_a_changed_charge_moves_the_total_by_the_difference(feed):
    store_page(feed, page(record("a", charge=Decimal("0.01")), record("b", charge=Decimal("-0.0025"))))
    rebuild_stale()
    store_page(feed, page(record("a", charge=Decimal("0.015")), read_at=LATER))
    rebuild_stale()
    assert total() == (2, Decimal("0.0125"))


def test_rebuilding_again_changes_nothing(feed):
    store_page(feed, page(record("a"), record("b", direction=None, status="")))
    rebuild_stale()
    before = list(DailyCharge.objects.order_by("direction").values_list("direction", "logs", "charge"))
    rebuild_day(feed.project_id, DAY)
    rebuild_all()
    assert list(DailyCharge.objects.order_by("direction").values_list("direction", "logs", "charge")) == before


def test_null_and_empty_text_form_one_group(feed):
    store_page(feed, page(record("a", status=None, charge=Decimal(1)), record("b", status="", charge=Decimal(2))))
    rebuild_stale()
    assert DailyCharge.objects.get().charge == 3


def test_a_missing_value_is_not_counted_as_zero(feed):
    store_page(feed, page(record("a", charge=None, billing_ms=5160, seconds=5), record("b", charge=Decimal(0))))
    rebuild_stale()
    row = DailyCharge.objects.get()
    assert (row.logs, row.charged_logs, row.billing_ms, row.billed_logs) == (2, 1, 5160, 1)
    assert (row.seconds, row.timed_logs) == (5, 1)


def test_charges_of_deleted_logs_stay_and_unseen_tombstones_are_a_separate_group(feed):
    store_page(feed, page(record("a"), record("b")))
    store_page(feed, page(tombstone("b"), tombstone("c"), read_at=LATER))
    rebuild_stale()
    assert total(deleted="no") == (1, Decimal("0.01"))
    assert total(deleted="yes") == (1, Decimal("0.01"))
    assert total(deleted="unseen") == (1, Decimal(0))


def test_sums_beyond_the_size_of_one_row_are_exact(feed):
    huge = Decimal("9223372036.854775807")
    store_page(feed, page(record("a", charge=huge), record("b", charge=-huge), record("c", charge=Decimal("0.01"))))
    rebuild_stale()
    assert total() == (3, Decimal("0.01"))


def test_a_day_with_too_large_totals_stays_stale_and_does_not_block_others(feed):
    huge = Decimal("9223372036.854775807")
    store_page(feed, page(record("a", charge=huge), record("b", charge=huge)))
    store_page(feed, page(record("c", created_at=NOON - timedelta(days=1))))
    assert rebuild_stale() == 1
    assert total(day=DAY - timedelta(days=1)) == (1, Decimal("0.01"))
    assert set(StaleDay.objects.values_list("day", flat=True)) == {DAY}
    with pytest.raises(TotalTooLargeError, match="2026-11-20 add up to more than can be stored"):
        rebuild_day(feed.project_id, DAY)
    store_page(feed, page(record("b", charge=Decimal(0)), read_at=LATER))
    assert rebuild_stale() == 1
    assert total(day=DAY) == (2, huge)
    assert not StaleDay.objects.exists()


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 11, 20), 24)])
def test_days_with_a_daylight_saving_change_have_23_or_25_hours(feed, settings, day, hours):
    settings.REPORT_TIME_ZONE = ZoneInfo("America/New_York")
    start = datetime(day.year, day.month, day.day, tzinfo=settings.REPORT_TIME_ZONE).astimezone(UTC)
    hourly = [record(f"h{hour}", created_at=start + timedelta(hours=hour)) for hour in range(-1, 26)]
    store_page(feed, page(*hourly))
    rebuild_stale()
    assert total(day=day)[0] == hours
    assert total()[0] == 27


def test_the_last_microsecond_of_a_day_and_midnight_belong_to_different_days(feed):
    midnight = datetime(2026, 11, 20, tzinfo=UTC)
    store_page(
        feed, page(record("a", created_at=midnight - timedelta(microseconds=1)), record("b", created_at=midnight))
    )
    rebuild_stale()
    assert total(day=date(2026, 11, 19))[0] == total(day=DAY)[0] == 1


def test_another_report_timezone_rebuilds_every_day(feed, settings):
    store_page(feed, page(record(created_at=datetime(2026, 11, 21, 3, tzinfo=UTC))))
    rebuild_stale()
    settings.REPORT_TIME_ZONE = ZoneInfo("America/New_York")
    rebuild_stale()
    assert list(DailyCharge.objects.values_list("day", flat=True)) == [date(2026, 11, 20)]


def test_rebuild_all_covers_the_days_with_logs_however_far_apart(feed, settings):
    settings.REPORT_TIME_ZONE = ZoneInfo("Pacific/Kiritimati")
    for year in (2000, 2026, 2999):
        instants = [datetime(year, 6, 1, 9, 59, tzinfo=UTC), datetime(year, 6, 1, 10, 0, tzinfo=UTC)]
        store_page(feed, page(*[record(str(instant), created_at=instant) for instant in instants]))
    assert rebuild_all() == 6
    assert total() == (6, Decimal("0.06"))
    assert total(day=date(2999, 6, 2)) == (1, Decimal("0.01"))


def test_projects_have_separate_totals(feed):
    other = make_feed("Second")
    store_page(feed, page(record()))
    store_page(other, page(record(charge=Decimal(5))))
    rebuild_stale()
    assert total(project=other.project_id) == (1, Decimal(5))


def test_differences_lists_totals_that_differ_from_their_logs(feed):
    store_page(feed, page(record("a"), record("b", direction="outbound")))
    rebuild_stale()
    assert list(differences(DAY, DAY, [feed.project_id])) == []
    DailyCharge.objects.filter(direction="inbound").update(charge=Decimal("0.02"))
    Log.objects.filter(direction="outbound").delete()
    by_direction = {row.group[2]: row for row in differences(DAY, DAY, [feed.project_id])}
    assert (by_direction["inbound"].charge, by_direction["inbound"].total_charge) == (Decimal("0.01"), Decimal("0.02"))
    assert (by_direction["outbound"].logs, by_direction["outbound"].total_logs) == (0, 1)
    rebuild_day(feed.project_id, DAY)
    assert list(differences(DAY, DAY, [feed.project_id])) == []
