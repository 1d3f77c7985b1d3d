from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep

import pytest
from pytest_django.asserts import assertNotContains

from dashboard.celery import app
from logsync.choices import RunKind, RunState, UnitState
from logsync.models import Feed, PullUnit, QuarantinedRow, SyncRun
from logsync.politeness import budget_of
from tests.dashboard.pages import hrefs, table_rows, text_of
from tests.dashboard.stored import make_feed

NOW = datetime.now(UTC)
TODAY = NOW.date()


@pytest.fixture
def unreachable_queue():
    """The folder that stands for the broker is gone for a while."""
    folder = Path(app.conf.broker_transport_options["data_folder_out"])
    elsewhere = folder.rename(folder.with_name("elsewhere"))
    yield
    elsewhere.rename(folder)


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


def test_every_day_of_a_feed_is_in_the_calendar_with_gaps(signed_in, feed):
    unit(feed, 1, read_at=NOW, rows=12)
    unit(feed, 2, UnitState.FAILED, error="SignalWire answered 503.")
    unit(feed, 3, UnitState.BEYOND_HISTORY)
    body = signed_in.get("/sync/").content.decode()
    assert body.count('<rect class="never"') == 366 - 3 + 1  # and one in the legend
    assert "read, 12 rows</title>" in body
    assert "failed: SignalWire answered 503.</title>" in body
    assert "1 read, 1 failed, 1 older than SignalWire keeps, 363 not asked for" in body


def test_errors_stand_in_plain_words_with_the_next_try(signed_in, feed):
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


def test_the_limit_of_the_history_is_named(signed_in, feed):
    Feed.objects.update(history_from="2025-11-21")
    page = text_of(signed_in.get("/sync/"))
    assert "SignalWire keeps history since Fri 21 Nov 2025" in page
    assert "older days exist only here" in page


def test_runs_are_listed_with_what_they_found(signed_in, feed):
    SyncRun.objects.create(kind=RunKind.HISTORY, units=734, units_done=700, units_failed=3, requests=800, rows=109_190)
    SyncRun.objects.create(
        kind=RunKind.HEAD, state=RunState.FAILED, feed=feed, error="SignalWire could not be reached.", rows_changed=2
    )
    rows = table_rows(signed_in.get("/sync/"))  # after those of the pace
    assert rows[3][1:4] == ["Newest logs", "Main, voice", "failed SignalWire could not be reached."]
    assert rows[4][1:8] == ["First history", "all", "running", "700/734 3 failed", "800", "109,190", "0"]


def test_rows_set_aside_are_shown_as_received_and_harmless(signed_in, feed):
    raw = '{"id": "bad", "from": "<script>alert(1)</script>", "charge": NaN}'
    QuarantinedRow.objects.create(
        feed=feed, log_id="bad", reason="The charge is no number.", raw=raw, fingerprint=1, last_seen_at=NOW
    )
    page = signed_in.get("/sync/")
    assertNotContains(page, "<script>alert")
    assert "1 row that could not be read" in text_of(page)
    assert "The charge is no number." in text_of(page)
    assert '"charge": NaN}' in text_of(page)


def test_staff_can_pull_at_once(client, admin_user, feed):
    client.force_login(admin_user)
    assert "Pull now" in text_of(client.get("/sync/"))
    assert "are being read now" in text_of(client.post("/sync/", follow=True))


def test_others_cannot(signed_in, feed):
    assert "Pull now" not in text_of(signed_in.get("/sync/"))
    assert signed_in.post("/sync/").status_code == 403


def test_when_the_queue_cannot_be_reached_it_says_so(client, admin_user, feed, unreachable_queue):
    client.force_login(admin_user)
    assert "The queue of work cannot be reached" in text_of(client.post("/sync/", follow=True))


def test_without_a_project_it_says_what_to_do(client, admin_user):
    client.force_login(admin_user)
    assert "/admin/logsync/project/add/" in hrefs(client.get("/sync/"))


@pytest.mark.parametrize("feeds", [1, 6])
def test_the_number_of_queries_does_not_depend_on_the_feeds(signed_in, django_assert_max_num_queries, feeds):
    for number in range(feeds):
        unit(make_feed(f"Project {number}"), 1)
        SyncRun.objects.create(kind=RunKind.HEAD, feed=make_feed(f"Project {number}"))
    with django_assert_max_num_queries(16):
        signed_in.get("/sync/")


def test_the_pace_of_a_project_is_told_in_plain_words(signed_in, feed, settings, tmp_path):
    settings.VAR_DIR, settings.PULL_REQUESTS_PER_SECOND, settings.PULL_REQUESTS_IN_FLIGHT = tmp_path, 10, 8
    assert ["Main", "as allowed", "0.0", "10", "8", "0"] in table_rows(signed_in.get("/sync/"))
    budget = budget_of(feed.project.space_url, feed.project.signalwire_id)
    with budget.turn(sleep, 1) as turn:
        turn.asked_to_slow_down(3600)
    page = signed_in.get("/sync/")
    assert "slowed down until" in text_of(page)
    row = next(row for row in table_rows(page) if row[0] == "Main")
    assert row[2:] == ["0.1", "10", "8", "1"]
