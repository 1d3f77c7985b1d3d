"""A change of REPORT_TIME_ZONE: totals of the old days are never shown as those of the new ones, and the change is
made once."""

from datetime import UTC, date, datetime

import pytest

from dashboard import queries
from logsync.database import now, process_started_at
from logsync.models import DailyCharge, ReportZone, StaleDay
from logsync.rollups.rebuild import rebuild_all, rebuild_day, rebuild_stale
from logsync.storage.upsert import store_page
from tests.support.processes import manage
from tests.support.records import make_feed, page, record
from tests.support.stored_logs import NOW, asked, store

EVENING = datetime(2026, 11, 20, 3, tzinfo=UTC)  # on the 19th in New York
BOTH_DAYS = "start=2026-11-19&end=2026-11-20"


def days():
    return list(DailyCharge.objects.order_by("day").values_list("day", "logs"))


def stale_days():
    return queries.freshness(asked(BOTH_DAYS), NOW).stale_days


@pytest.mark.django_db
def test_every_total_is_said_to_be_rebuilt_until_a_worker_has_done_so(admin_client, static_files, zone):
    store(record("a", created_at=EVENING))
    assert stale_days() == []
    zone("America/New_York")
    assert stale_days() == [date(2026, 11, 19), date(2026, 11, 20)]
    answer = admin_client.get(f"/charges.json?{BOTH_DAYS}").json()
    assert answer["complete"] is False
    assert answer["incomplete"].keys() == {"2026-11-19", "2026-11-20"}
    assert "2 being rebuilt" in admin_client.get(f"/?{BOTH_DAYS}").text
    assert "being rebuilt" in admin_client.get("/sync/").text
    rebuild_stale()
    assert stale_days() == []
    assert days() == [(date(2026, 11, 19), 1)]


@pytest.mark.django_db
def test_json_names_days_that_are_only_stale(admin_client):
    store(record("a"))
    StaleDay.objects.create(project=make_feed().project, day=date(2026, 11, 20))
    answer = admin_client.get("/charges.json?start=2026-11-20&end=2026-11-20").json()
    assert answer["incomplete"]["2026-11-20"]
    assert answer["complete"] is False


@pytest.mark.django_db
def test_a_process_that_was_started_before_the_change_leaves_totals_alone(caplog):
    """Another process has changed the timezone since; this one still stores logs, and the other counts them."""
    store(record("a", created_at=EVENING))
    ReportZone.objects.update(name="America/New_York", changed_at=now())
    before = days()
    assert rebuild_stale() == rebuild_all() == 0
    assert "started with REPORT_TIME_ZONE=UTC before the timezone was changed to America/New_York" in caplog.text
    store_page(make_feed(), page(record("b", created_at=EVENING)))
    rebuild_day(make_feed().project_id, date(2026, 11, 20))
    assert days() == before
    assert set(StaleDay.objects.values_list("day", flat=True)) == {date(2026, 11, 19), date(2026, 11, 20)}
    assert ReportZone.objects.get().name == "America/New_York"


@pytest.mark.django_db
def test_a_process_that_was_started_after_the_last_change_changes_it_again():
    store(record("a", created_at=EVENING))
    ReportZone.objects.update(name="America/New_York", changed_at=process_started_at())
    assert rebuild_stale() == 1
    assert ReportZone.objects.get().name == "UTC"
    assert ReportZone.objects.get().changed_at > process_started_at()


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_two_processes_with_different_timezones_change_it_once(child_env, zone):
    """The other one is started later and wins, however often this one comes round."""
    store(record("a", created_at=EVENING))
    for _ in range(2):
        with manage(child_env | {"REPORT_TIME_ZONE": "America/New_York"}, "rebuild_rollups") as other:
            other.communicate(timeout=60)
        assert other.returncode == 0
        assert days() == [(date(2026, 11, 19), 1)]
        changed_at = ReportZone.objects.get().changed_at
        assert rebuild_stale() == 0
        assert days() == [(date(2026, 11, 19), 1)]
        assert ReportZone.objects.get().changed_at == changed_at
    zone("America/New_York")
    assert stale_days() == []
