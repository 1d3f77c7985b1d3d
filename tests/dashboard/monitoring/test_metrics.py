"""/metrics: access, and values from the database."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from dashboard.queries.projects import feed_errors
from logsync import database
from logsync.models import DailyCharge, Feed, Project, PullUnit, QuarantinedRow, ReportZone, StaleDay, SyncRun
from logsync.models.choices import RunKind, UnitState
from logsync.scheduling.leases import acquire, reserve
from tests.support.pages import store_march
from tests.support.pulling import pull, put

TOKEN = "a token for monitors"


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = TOKEN
    return {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def figures(client, token):
    """Ask for the metrics: {(name, labels in the order of their names…): value}."""

    def ask():
        answer = client.get("/metrics", headers=token)
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        return {
            (sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples
        }

    return ask


@pytest.mark.parametrize("given", ["Bearer wrong", "Bearer", "Bearer ", "bearer \u00e9"])
def test_a_wrong_token_is_refused(client, db, token, given):
    assert client.get("/metrics", headers={"Authorization": given.encode().decode("latin-1")}).status_code == 403


def test_without_metrics_token_no_token_is_valid(client, db):
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


def test_without_a_token_or_sign_in_it_answers_401(client, db, token):
    answer = client.get("/metrics")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert b"tollbook_" not in answer.content


def test_only_staff_may_read_it(client, signed_in, admin_user):
    assert signed_in.get("/metrics").status_code == 403
    client.force_login(admin_user)
    assert client.get("/metrics").headers["Content-Type"].startswith("text/plain; version=0.0.4")


def test_every_value_comes_from_the_database(figures, db):
    store_march()
    feed, now = Feed.objects.get(medium="voice"), timezone.now()
    Feed.objects.filter(pk=feed.pk).update(read_until=now - timedelta(minutes=10), failures=2, error="503")
    for days, state in enumerate([UnitState.DONE, UnitState.DONE, UnitState.FAILED]):
        PullUnit.objects.create(feed=feed, day=now.date() - timedelta(days=days), state=state)
    QuarantinedRow.objects.create(feed=feed, reason="no number", raw="{}", fingerprint=1, last_seen_at=now)
    SyncRun.objects.create(kind=RunKind.NEWEST, requests=3, rows=20)
    SyncRun.objects.create(kind=RunKind.NEWEST, requests=4, rows=22)
    StaleDay.objects.all().delete()
    StaleDay.objects.create(project=feed.project, day=now.date())
    acquire("unit:1")
    reserve("unit:2")
    reserve("unit:3")
    known, name = figures(), feed.project.name
    assert 600 <= known["tollbook_feed_lag_seconds", "voice", name] < 700
    assert known["tollbook_feed_failing", "voice", name] == 1
    assert known["tollbook_feed_failures", "voice", name] == 2
    assert known["tollbook_logs", "voice", name] == sum(DailyCharge.objects.values_list("logs", flat=True))
    assert known["tollbook_units", "voice", name, "done"] == 2
    assert known["tollbook_units", "voice", name, "failed"] == 1
    assert known["tollbook_quarantined_rows", "voice", name] == 1
    assert (known["tollbook_last_day_requests", "head"], known["tollbook_last_day_rows", "head"]) == (7, 42)
    assert known["tollbook_stale_days",] == 1
    assert (known["tollbook_queue_length",], known["tollbook_work_in_progress",]) == (2, 1)


@pytest.mark.parametrize("off", [{"is_active": False}, {"pulls_voice": False}])
def test_a_feed_that_is_switched_off_raises_no_alarm(figures, db, off):
    store_march()
    feed, name = Feed.objects.get(medium="voice"), Feed.objects.get(medium="voice").project.name
    Feed.objects.update(read_until=timezone.now() - timedelta(days=40), failures=2, error="503")
    PullUnit.objects.create(feed=feed, day=timezone.now().date(), state=UnitState.FAILED)
    assert figures()["tollbook_feed_off", "voice", name] == 0
    assert feed_errors() != {}
    Project.objects.update(**off)
    known = figures()
    assert known["tollbook_feed_off", "voice", name] == 1
    assert (known["tollbook_feed_failing", "voice", name], known["tollbook_feed_failures", "voice", name]) == (0, 0)
    assert ("tollbook_feed_lag_seconds", "voice", name) not in known
    assert ("tollbook_units", "voice", name, "failed") not in known
    assert known["tollbook_logs", "voice", name] > 0
    assert "voice logs" not in "".join(feed_errors())


@pytest.mark.django_db(transaction=True)
def test_requests_and_refusals_match_what_signalwire_saw(figures, project, space, settings, tmp_path):
    settings.PULL_DAYS_BACK, settings.VAR_DIR = 1, tmp_path
    put(space)
    space.faults.add("429=0 on 2")
    pull()
    known = figures()
    assert known["tollbook_requests_total", "example"] == space.requests.total
    assert known["tollbook_refusals_total", "example"] == 1
    assert 0 < known["tollbook_budget_share", "example"] <= 1


def test_the_number_of_queries_does_not_depend_on_the_feeds(client, token, db, django_assert_max_num_queries):
    store_march()
    database.now()  # which asks PostgreSQL for its time once in a while
    with django_assert_max_num_queries(12):
        client.get("/metrics", headers=token)


def test_all_days_are_stale_after_a_change_of_the_timezone(figures, db):
    store_march()
    assert figures()[("tollbook_stale_days",)] == 0
    ReportZone.objects.update(name="Asia/Tokyo")
    assert figures()[("tollbook_stale_days",)] > 2
