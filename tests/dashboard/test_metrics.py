"""/metrics: who may see it, and that its figures are the database's."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from logsync.choices import RunKind, UnitState
from logsync.leases import take, take_ticket
from logsync.models import DailyCharge, Feed, PullUnit, QuarantinedRow, StaleDay, SyncRun
from tests.dashboard.pages import store_march
from tests.logsync.pulling import pull, put

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


def test_without_a_token_set_none_is_right(client, db):
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


def test_strangers_are_asked_for_the_token(client, db, token):
    answer = client.get("/metrics")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert b"tollbook_" not in answer.content


def test_staff_see_it_and_clerks_do_not(client, signed_in, admin_user):
    assert signed_in.get("/metrics").status_code == 403
    client.force_login(admin_user)
    assert client.get("/metrics").headers["Content-Type"].startswith("text/plain; version=0.0.4")


def test_every_figure_is_the_databases(figures, db):
    store_march()
    feed, now = Feed.objects.get(medium="voice"), timezone.now()
    Feed.objects.filter(pk=feed.pk).update(read_until=now - timedelta(minutes=10), failures=2, error="503")
    for days, state in enumerate([UnitState.DONE, UnitState.DONE, UnitState.FAILED]):
        PullUnit.objects.create(feed=feed, day=now.date() - timedelta(days=days), state=state)
    QuarantinedRow.objects.create(feed=feed, reason="no number", raw="{}", fingerprint=1, last_seen_at=now)
    SyncRun.objects.create(kind=RunKind.HEAD, requests=3, rows=20)
    SyncRun.objects.create(kind=RunKind.HEAD, requests=4, rows=22)
    StaleDay.objects.all().delete()
    StaleDay.objects.create(project=feed.project, day=now.date())
    take("unit:1")
    take_ticket("unit:2")
    take_ticket("unit:3")
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


@pytest.mark.django_db(transaction=True)
def test_requests_and_refusals_are_those_that_signalwire_saw(figures, project, space, settings, tmp_path):
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
    with django_assert_max_num_queries(10):
        client.get("/metrics", headers=token)
