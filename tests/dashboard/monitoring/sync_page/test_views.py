from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import sleep

import pytest
from pytest_django.asserts import assertNotContains

from logsync.models import Feed, Project, PullUnit, QuarantinedRow, SyncRun
from logsync.models.choices import RunKind, RunState, UnitState
from logsync.projects import rate_limiter_for
from tests.support.pages import hrefs, table_rows, text_of
from tests.support.stored_logs import make_feed, record, store

NOW = datetime.now(UTC)
TODAY = NOW.date()


@pytest.fixture
def feed(db):
    return make_feed("Main", "voice")


def unit(feed, days_ago, state=UnitState.DONE, **more):
    return PullUnit.objects.create(feed=feed, day=TODAY - timedelta(days=days_ago), state=state, **more)


def test_the_progress_of_the_first_history_is_shown(signed_in, feed):
    unit(feed, 1, read_at=NOW)
    unit(feed, 2, UnitState.WAITING)
    unit(feed, 3, UnitState.WAITING)
    page = signed_in.get("/sync/")
    assert "1 of 3 days of all feeds are read" in text_of(page)
    assert '<progress class="progress" value="1" max="3"' in page.content.decode()
    assert "first history 1 of 3" in text_of(signed_in.get("/"))
    assert " left." not in text_of(page)
    SyncRun.objects.create(kind=RunKind.HISTORY, units=3, units_done=1)
    assert "the newest first; less than a minute left. Until then" in text_of(signed_in.get("/sync/"))


def test_every_day_of_a_feed_is_in_the_calendar_with_gaps(signed_in, feed):
    unit(feed, 1, read_at=NOW, rows=12)
    unit(feed, 2, UnitState.FAILED, error="SignalWire answered 503.")
    unit(feed, 3, UnitState.BEYOND_HISTORY)
    body = signed_in.get("/sync/").content.decode()
    assert body.count('<rect class="never"') == 366 - 3 + 1  # and one in the legend
    assert "read, 12 rows</title>" in body
    assert "failed: SignalWire answered 503.</title>" in body
    assert "1 read, 1 failed, 1 older than SignalWire keeps, 363 not asked for" in body


def test_errors_are_shown_with_the_next_retry(signed_in, feed):
    unit(
        feed,
        2,
        UnitState.FAILED,
        error="SignalWire answered 503.",
        next_try_at=datetime.now(UTC) + timedelta(minutes=45),
    )
    Feed.objects.update(error="The token lacks the Voice scope.", failed_since=NOW - timedelta(hours=2))
    page = text_of(signed_in.get("/sync/"))
    assert "Main, voice SignalWire answered 503. in 4" in page
    assert "failing since" in page
    assert "The token lacks the Voice scope." in page


def test_a_feed_that_is_switched_off_says_so_instead_of_failing(signed_in, feed):
    Feed.objects.update(error="No connection.", failed_since=NOW, next_try_at=NOW, read_until=NOW - timedelta(days=40))
    unit(feed, 41, UnitState.FAILED, error="Out of service.", next_try_at=NOW)
    assert "failing since" in text_of(signed_in.get("/sync/"))
    Project.objects.update(is_active=False)
    text = text_of(signed_in.get("/sync/"))
    assert "project is switched off; not read since" in text
    assert "none: project is switched off" in text
    assert "failing since" not in text


def test_the_start_of_the_history_is_named(signed_in, feed):
    Feed.objects.update(history_from="2025-11-21")
    page = text_of(signed_in.get("/sync/"))
    assert "SignalWire keeps history since Fri 21 Nov 2025" in page
    assert "older days exist only here" in page


def test_runs_are_listed_with_their_counts(signed_in, feed):
    SyncRun.objects.create(kind=RunKind.HISTORY, units=734, units_done=700, units_failed=3, requests=800, rows=109_190)
    SyncRun.objects.create(
        kind=RunKind.NEWEST, state=RunState.FAILED, feed=feed, error="SignalWire could not be reached.", rows_changed=2
    )
    rows = table_rows(signed_in.get("/sync/"))  # after those of the request rate
    assert rows[3][1:4] == ["Newest logs", "Main, voice", "failed SignalWire could not be reached."]
    assert rows[4][1:8] == ["First history", "all", "running", "700/734 3 failed", "800", "109,190", "0"]


def test_rows_set_aside_are_shown_as_received_and_escaped(signed_in, feed):
    raw = '{"id": "bad", "from": "<script>alert(1)</script>", "charge": NaN}'
    QuarantinedRow.objects.create(
        feed=feed,
        log_id="bad",
        reason="The charge is no number.",
        raw=raw,
        created_at=datetime(2026, 11, 20, 9, 15, tzinfo=UTC),
        charge=Decimal("0.43"),
        fingerprint=1,
        last_seen_at=NOW,
    )
    page = signed_in.get("/sync/")
    assertNotContains(page, "<script>alert")
    assert "1 row that could not be read, at least $0.43" in text_of(page)
    assert "/logs/voice/bad/?project=Main" in hrefs(page)
    assert "20 Nov" in text_of(page)
    assert "uarantine" not in text_of(page)
    assert "The charge is no number." in text_of(page)
    assert '"charge": NaN}' in text_of(page)


def test_logs_with_unread_fields_are_named_and_linked(signed_in, feed):
    store(record("a", unread_fields="duration,from"), record("b", unread_fields="duration"), record("good"))
    page = signed_in.get("/sync/")
    assert "in 2 logs: duration in 2, from in 1" in text_of(page)
    assert {"/logs/voice/a/?project=Main", "/logs/voice/b/?project=Main"} <= set(hrefs(page))
    assert "/logs/voice/good/?project=Main" not in hrefs(page)


def test_staff_can_pull_now(client, admin_user, feed):
    client.force_login(admin_user)
    assert "Pull now" in text_of(client.get("/sync/"))
    assert "are being read now" in text_of(client.post("/sync/", follow=True))


def test_others_cannot(signed_in, feed):
    assert "Pull now" not in text_of(signed_in.get("/sync/"))
    assert signed_in.post("/sync/").status_code == 403


def test_an_unavailable_queue_is_reported(client, admin_user, feed, unreachable_queue):
    client.force_login(admin_user)
    assert "The task queue is unavailable" in text_of(client.post("/sync/", follow=True))


def test_without_a_project_it_says_what_to_do(client, admin_user):
    client.force_login(admin_user)
    assert "/projects/add/" in hrefs(client.get("/sync/"))


@pytest.mark.parametrize("feeds", [1, 6])
def test_the_number_of_queries_does_not_depend_on_the_feeds(signed_in, django_assert_max_num_queries, feeds):
    for number in range(feeds):
        unit(make_feed(f"Project {number}"), 1)
        SyncRun.objects.create(kind=RunKind.NEWEST, feed=make_feed(f"Project {number}"))
    with django_assert_max_num_queries(23):
        signed_in.get("/sync/")


def test_looking_at_the_page_writes_no_file(signed_in, feed, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    assert next(row for row in table_rows(signed_in.get("/sync/")) if row[0] == "Main")[:3] == ["Main", "normal", "0.0"]
    assert list(tmp_path.iterdir()) == []


def test_the_request_rate_of_a_project_is_shown(signed_in, feed, settings, tmp_path):
    settings.VAR_DIR, settings.PULL_REQUESTS_PER_SECOND, settings.PULL_REQUESTS_IN_FLIGHT = tmp_path, 10, 8
    assert ["Main", "normal", "0.0", "10", "8", "0"] in table_rows(signed_in.get("/sync/"))
    limiter = rate_limiter_for(feed.project.space_url, feed.project.signalwire_id)
    with limiter.permit(sleep, 1) as permit:
        permit.slow_down(3600)
    page = signed_in.get("/sync/")
    assert "paused until" in text_of(page)
    row = next(row for row in table_rows(page) if row[0] == "Main")
    assert row[2:] == ["0.1", "10", "8", "1"]
