"""Pulls over real HTTP: rows and totals equal what SignalWire lists, however often and whenever it is read."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from logsync.models import ChargeChange, DailyCharge, Log, PullUnit, QuarantinedRow, StaleDay, SyncRun
from logsync.models.choices import RunState, UnitState
from logsync.rollups.compare import differences
from tests.support.pulling import (
    ago,
    failed_of,
    pull,
    put,
    put_many,
    requests_of,
    stored,
    today,
    total,
    video,
    voice,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few_days(settings):
    settings.PULL_DAYS_BACK = 3
    settings.PULL_OVERLAP_DAYS = 2


def everything():
    logs = list(Log.objects.order_by("medium", "id").values())
    return logs, list(DailyCharge.objects.order_by("pk").values())


def test_a_pull_stores_all_logs_of_both_media_and_their_totals(project, space):
    put(space, charge=Decimal("0.0000004"))
    put(space, charge=Decimal("1234567.891234"), created_at=ago(days=2))
    put(space, "video", charge=Decimal("-0.0025"))
    pull()
    assert total() == (3, Decimal("1234567.8887344"))
    assert set(PullUnit.objects.values_list("state", flat=True)) == {UnitState.DONE}
    assert not StaleDay.objects.exists()
    assert list(differences(today() - timedelta(days=5), today(), [project.pk])) == []


def test_pulling_again_changes_nothing(project, space):
    put(space)
    put(space, "video", created_at=ago(days=1))
    space.delete("voice", put(space))
    space.put("voice", '{"id": "bad", "created_at": "2026"}', created_at=ago(hours=2))
    pull()
    before = everything()
    again = pull()
    assert everything() == before
    assert sum(summary.counts.new + summary.counts.changed for summary in again.summaries.values()) == 0
    assert QuarantinedRow.objects.count() == 1


def test_a_changed_charge_changes_the_total_and_is_recorded(project, space):
    log_id = put(space, charge=Decimal("0.01"))
    pull()
    space.update("voice", log_id, {"charge": Decimal("0.562572")})
    pull()
    assert total() == (1, Decimal("0.562572"))
    change = ChargeChange.objects.get()
    assert (change.log_id, change.old_charge, change.new_charge, change.was_final) == (
        log_id,
        Decimal("0.01"),
        Decimal("0.562572"),
        True,
    )


def test_a_charge_that_arrives_late_is_counted_from_then_on(project, space):
    log_id = put(space, charge=None, charge_details=[])
    pull()
    assert total() == (1, 0)
    assert DailyCharge.objects.get().charged_logs == 0
    space.update("voice", log_id, {"charge": Decimal("0.0066")})
    pull()
    assert total() == (1, Decimal("0.0066"))
    assert DailyCharge.objects.get().charged_logs == 1


def test_a_charge_that_arrives_during_an_outage_is_counted_afterwards(project, space, settings):
    """The last days were read, but still expected to change, when reading stopped for ten days."""
    settings.PULL_DAYS_BACK = 20
    log_id = put(space, charge=None, charge_details=[], created_at=f"{today() - timedelta(days=12)}T12:00:00Z")
    pull()
    stopped_at = datetime.combine(today() - timedelta(days=10), time(9), tzinfo=UTC)
    PullUnit.objects.filter(day__gt=stopped_at.date()).delete()
    PullUnit.objects.update(read_at=stopped_at)
    Log.objects.update(read_at=stopped_at)
    space.update("voice", log_id, {"charge": Decimal("0.0066")})
    pull()
    assert total() == (1, Decimal("0.0066"))
    space.requests.clear()
    pull()
    again = {request.query["created_on"] for request in space.requests if "created_on" in request.query}
    assert min(again) >= str(today() - timedelta(days=settings.PULL_OVERLAP_DAYS))


def test_the_charge_of_a_deleted_log_stays_in_the_totals(project, space):
    log_id = put(space, charge=Decimal("0.02"))
    pull()
    space.delete("voice", log_id)
    pull()
    assert total() == (1, Decimal("0.02"))
    assert DailyCharge.objects.get().deleted == "yes"
    assert stored(log_id).discarded_at is not None


def test_unknown_types_statuses_and_keys_are_stored_unchanged(project, space):
    log_id = put(space, "voice", "hologram_call", status="beamed", audio_mos=4.2, direction=None)
    pull()
    log = stored(log_id)
    assert (log.log_type, log.status, log.direction) == ("hologram_call", "beamed", None)
    assert '"audio_mos":4.2' in log.raw.replace(" ", "")


def test_a_bad_row_is_set_aside_and_the_rest_of_its_page_stored(project, space):
    put(space, charge=Decimal("0.01"))
    space.put("voice", '{"id": "odd", "created_at": "yesterday", "charge": 1}', created_at=ago(hours=2))
    result = pull()
    assert total() == (1, Decimal("0.01"))
    assert QuarantinedRow.objects.get().log_id == "odd"
    assert failed_of(result) == 0
    space.update("voice", "odd", {"created_at": ago(hours=2), "charge": Decimal(1), "type": "laml_call"})
    pull()
    assert not QuarantinedRow.objects.exists()
    assert total() == (2, Decimal("1.01"))


def test_a_row_whose_id_cannot_be_read_is_forgotten_once_it_is_repaired(project, space):
    row = '{"created_at": "%s", "charge": 0.43, "id": %s}'
    created_at = ago(hours=2)
    space.put("voice", row % (created_at, "[5]"), log_id="5")
    pull()
    (kept,) = QuarantinedRow.objects.all()
    assert (kept.log_id, kept.charge, kept.listed_on) == ("", Decimal("0.43"), kept.created_at.date())
    space.put("voice", row % (created_at, '"5"'))
    pull()
    assert not QuarantinedRow.objects.exists()
    assert total() == (1, Decimal("0.43"))


def test_one_unreadable_field_does_not_cost_the_row(project, space):
    log_id = put(space, charge=Decimal("0.43"), duration="00:08:10", charge_details=[None])
    pull()
    assert total() == (1, Decimal("0.43"))
    assert (stored(log_id).duration, stored(log_id).unread_fields) == (None, "charge_details,duration")
    assert not QuarantinedRow.objects.exists()


def test_a_stored_log_that_becomes_unreadable_stays_unchanged_and_does_not_block_others(project, space):
    log_id = put(space, charge=Decimal("0.5"))
    pull()
    space.update("voice", log_id, {"charge": "much"})
    other_id = put(space, charge=Decimal("0.25"))
    pull()
    assert QuarantinedRow.objects.get().log_id == log_id
    assert (stored(log_id).charge, stored(other_id).charge) == (Decimal("0.5"), Decimal("0.25"))
    assert total() == (2, Decimal("0.75"))


def test_an_expired_page_token_restarts_the_day(project, space):
    put_many(space, 1500, created_at=ago(hours=1))
    space.faults.add("expired-token on 1 for /api/voice")
    result = pull()
    assert failed_of(result) == 0
    assert total() == (1500, Decimal(15))


def test_a_page_token_that_always_expires_fails_the_day_after_a_few_restarts(project, space):
    put_many(space, 1001, created_at=ago(hours=1))
    space.faults.add("expired-token always for /api/voice")
    result = pull()
    assert failed_of(result) == 1
    assert "page token" in result.errors[0]
    unit = PullUnit.objects.get(state=UnitState.FAILED)
    assert unit.failures == 1
    assert unit.next_try_at > unit.failed_since


@pytest.mark.parametrize("fault", ["503 on 2", "429=1 on 2", "cut on 2", "reset on 2"])
def test_a_transient_fault_in_the_middle_of_a_day_loses_nothing(project, space, fault):
    put_many(space, 1001, created_at=ago(hours=1))
    space.faults.add(f"{fault} for /api/voice")
    result = pull()
    assert failed_of(result) == 0
    assert total() == (1001, Decimal("10.01"))


def test_a_failed_day_is_recorded_and_read_by_the_next_pull(project, space, settings, tmp_path):
    put(space, charge=Decimal("0.5"))
    space.faults.add("429=3600 always for /api/voice")
    result = pull()
    assert failed_of(result) > 0
    feed = voice()
    assert "429" in feed.error
    assert feed.next_try_at > feed.failed_since + timedelta(minutes=50)
    assert SyncRun.objects.get(kind="history").state == RunState.FAILED
    space.faults.clear()
    settings.VAR_DIR = tmp_path  # a new rate limiter state, as if the pause of an hour were over
    assert failed_of(pull()) == 0
    feed = voice()
    assert (feed.error, feed.failures, feed.failed_since, feed.next_try_at) == ("", 0, None, None)
    assert total() == (1, Decimal("0.5"))
    assert not PullUnit.objects.exclude(error="").exists()


def test_the_stored_pages_of_a_failed_day_are_in_the_totals(project, space):
    day = today() - timedelta(days=10)
    put_many(space, 1001, created_at=f"{day}T12:00:00Z")
    space.faults.add("400 on 4 for /api/voice")  # 1 and 2: the days after, 3: the first page of the day, 4: the second
    assert failed_of(pull(day)) == 1
    assert total() == (1000, Decimal(10))
    assert PullUnit.objects.get(state=UnitState.FAILED).day == day


def test_one_medium_with_bad_credentials_does_not_stop_the_other(project, space):
    put(space, "video", charge=Decimal("0.25"))
    space.faults.add("403 always for /api/voice")
    space.requests.clear()
    result = pull()
    assert total() == (1, Decimal("0.25"))
    assert len([request for request in space.requests if "voice" in request.path]) == 1
    assert "Voice scope" in voice().error
    assert video().error == ""
    assert failed_of(result) == PullUnit.objects.filter(feed=voice()).count()
    # The feed failed, not its days: they are still waiting.
    assert set(PullUnit.objects.filter(feed=voice()).values_list("state", flat=True)) == {UnitState.WAITING}


def test_a_token_that_cannot_be_decrypted_stops_its_project_with_an_error(project, space, settings):
    settings.SECRET_KEY = "another key"
    result = pull()
    assert requests_of(result) == 0
    assert "SECRET_KEY" in voice().error
    assert space.requests.total == 0


def test_stale_totals_are_rebuilt_even_if_the_pull_fails(project, space):
    put(space, charge=Decimal("0.75"), created_at=ago(days=1))
    pull()
    DailyCharge.objects.all().delete()
    StaleDay.objects.create(project=project, day=today() - timedelta(days=1))
    space.faults.add("401 always")
    pull()
    assert total() == (1, Decimal("0.75"))


def test_a_change_of_the_report_timezone_moves_logs_to_other_report_days(project, space, zone):
    put(space, created_at=f"{today() - timedelta(days=1)}T02:00:00Z")
    pull()
    assert DailyCharge.objects.get().day == today() - timedelta(days=1)
    zone("America/New_York")
    pull()
    assert DailyCharge.objects.get().day == today() - timedelta(days=2)
