"""Celery's configuration and schedule."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from celery.schedules import crontab
from django.conf import settings

from dashboard.celery import app

PRINT = """
import json
from dashboard.celery import app
names = ("broker_url", "broker_transport", "broker_transport_options", "worker_enable_remote_control")
print(json.dumps({name: app.conf[name] for name in names}))
"""


@pytest.fixture
def configured(clean_env):
    """The broker settings of a separate process with these variables."""

    def configured(**variables):
        result = subprocess.run(
            [sys.executable, "-c", PRINT],
            env=clean_env | variables,
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(result.stdout)

    return configured


def scheduled():
    return {entry["task"].rpartition(".")[2]: entry["schedule"] for entry in app.conf.beat_schedule.values()}


def test_all_scheduled_tasks_exist():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_logs_that_can_change_are_read_again_on_schedule():
    times = scheduled()
    assert times["dispatch_newest"] == times["dispatch_unfinished"] == timedelta(minutes=5)
    assert isinstance(times["dispatch_today"], crontab)
    assert len(times["dispatch_today"].hour) == 24
    assert len(times["dispatch_today"].minute) == 1
    assert (len(times["dispatch_window"].hour), len(times["dispatch_window"].minute)) == (1, 1)
    assert {"dispatch_parents", "dispatch_history", "rebuild_stale"} < set(times)


def test_a_message_expires_when_the_next_one_is_due():
    for entry in app.conf.beat_schedule.values():
        interval = entry["schedule"] if isinstance(entry["schedule"], timedelta) else timedelta(days=1)
        assert 0 < entry["options"]["expires"] <= interval.total_seconds()


def test_messages_are_json_and_are_acknowledged_after_their_task():
    assert (app.conf.accept_content, app.conf.task_serializer) == (["json"], "json")
    assert app.conf.task_acks_late
    assert app.conf.task_ignore_result
    assert app.conf.worker_prefetch_multiplier == 2
    assert app.conf.task_time_limit


def test_without_redis_the_queue_is_a_folder_in_var_dir(configured, tmp_path):
    broker = configured()
    assert broker["broker_transport"] == "dashboard.config.filesystem_broker:Transport"
    assert broker["broker_transport_options"]["data_folder_in"] == str(tmp_path / "var" / "queue" / "messages")


def test_with_redis_no_task_is_redelivered_while_it_may_still_run(configured):
    broker = configured(REDIS_URL="redis://localhost:6379/5")
    assert broker["broker_url"] == "redis://localhost:6379/5"
    assert broker["broker_transport"] is None
    assert broker["broker_transport_options"]["visibility_timeout"] > app.conf.task_time_limit
