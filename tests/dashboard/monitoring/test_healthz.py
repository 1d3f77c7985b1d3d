"""/healthz, as a load balancer uses it."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from logsync.models import Feed, Project
from tests.support.stored_logs import make_feed

CHECK = """
import django
django.setup()
from django.test import Client
for address in ("/healthz", "/healthz/ready"):
    answer = Client(HTTP_HOST="localhost").get(address)
    print(answer.status_code, answer.content.decode())
"""


@pytest.fixture
def read_until(db):
    def set_to(instant):
        Feed.objects.all().delete()
        make_feed()
        Feed.objects.update(read_until=instant)

    return set_to


def test_it_is_ok_without_a_sign_in(client, read_until):
    instant = timezone.now().replace(microsecond=0) - timedelta(minutes=5)
    read_until(instant)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "data_until": instant.isoformat().replace("+00:00", "Z")}


def test_old_data_is_stale_with_200(client, read_until):
    for instant in (timezone.now() - timedelta(hours=2), None):
        read_until(instant)
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json()["status"]) == (200, "stale")


def test_it_is_ok_before_the_first_project(client, db):
    assert client.get("/healthz").json() == {"status": "ok", "data_until": None}


def test_a_project_that_is_switched_off_is_not_stale(client, read_until):
    read_until(timezone.now() - timedelta(days=40))
    Project.objects.update(is_active=False)
    assert client.get("/healthz").json() == {"status": "ok", "data_until": None}


def test_it_takes_one_query(client, read_until, django_assert_num_queries):
    read_until(timezone.now())
    with django_assert_num_queries(1):
        client.get("/healthz")


@pytest.mark.parametrize("address", ["postgres://nobody@127.0.0.1:1/nothing", "sqlite:////nowhere/at/all.sqlite3"])
def test_without_a_database_it_is_unavailable(address, tmp_path):
    env = {
        **os.environ,
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "SECRET_KEY": "a key that only this test uses, and long enough for it",
        "VAR_DIR": str(tmp_path),
    }
    found = subprocess.run(
        [sys.executable, "-c", CHECK], env=env, capture_output=True, text=True, timeout=60, check=True
    )
    not_ready = '503 {"status": "not ready", "missing": ["database"]}'
    assert found.stdout == f'503 {{"status": "unavailable"}}\n{not_ready}\n'


def test_liveness_needs_no_database(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = client.get("/healthz/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


def test_it_is_ready_with_database_and_broker(client, db, settings, redis_url):
    for address in ("", redis_url):
        settings.REDIS_URL = address
        answer = client.get("/healthz/ready")
        assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


def test_it_is_not_ready_without_the_broker(client, db, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready", "missing": ["broker"]})


def test_it_is_not_ready_before_all_migrations_are_applied(client, db):
    MigrationRecorder(connection).record_unapplied("dashboard", "0001_initial")
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "not ready", "missing": ["migrations"]})
