"""The databases, Redis, simulator and browser that the fixtures provide."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
import redis
from django.conf import settings as django_settings
from django.contrib.auth import get_user_model
from django.db import connection

from logsync.days import day_of
from logsync.models import Project
from tests.services.chromium import program


def test_a_database_test_runs_on_its_engine(database, db):
    assert connection.vendor == database


def test_a_sqlite_database_is_a_file_with_a_write_ahead_log(database, db):
    with connection.cursor() as cursor:
        if database == "sqlite":
            cursor.execute("PRAGMA journal_mode")
            assert cursor.fetchone() == ("wal",)


def test_another_process_sees_committed_rows(child_env, transactional_db):
    get_user_model().objects.create_user("seen")
    ask = "from django.contrib.auth.models import User; print(User.objects.get().username)"
    result = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", ask],
        env=child_env,
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "seen\n"


@pytest.mark.parametrize("again", [False, True])
def test_redis_is_empty_at_the_start_of_each_test(redis_url, again):
    with redis.Redis.from_url(redis_url) as client:
        assert client.keys() == []
        client.set("left", "over")


def test_a_project_points_to_the_simulated_space(project, space, space_url):
    stored = Project.objects.get()
    assert (stored.space_url, stored.signalwire_id, stored.api_token) == (space_url, *space.credentials)
    assert set(stored.feeds.values_list("medium", flat=True)) == {"voice", "video"}


def test_the_report_timezone_can_be_changed(zone, settings):
    late = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)
    assert day_of(late, settings.REPORT_TIME_ZONE).day == 1
    assert day_of(late, zone("America/New_York")).day == 31
    assert settings.REPORT_TIME_ZONE.key == "America/New_York"


def test_the_system_browser_shows_the_site_with_its_styles(page):
    page.goto("/accounts/login/")
    assert page.get_by_role("button", name="Sign in").is_visible()
    sheets = page.evaluate("[...document.styleSheets].map(sheet => [sheet.href, sheet.cssRules.length])")
    assert sheets
    assert all("/static/" in href and rules for href, rules in sheets)
    assert program()
