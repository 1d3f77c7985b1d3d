"""How Celery is set up: the schedule of data rule 5, and what a queue may cost."""

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
    """The broker's settings in a process of its own, with these variables."""

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


def test_what_is_scheduled_are_tasks_that_exist():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


def test_what_can_change_is_read_again_as_often_as_the_design_says():
    times = scheduled()
    assert times["dispatch_head"] == times["dispatch_unfinished"] == timedelta(minutes=5)
    assert isinstance(times["dispatch_today"], crontab)
    assert len(times["dispatch_today"].hour) == 24
    assert len(times["dispatch_today"].minute) == 1
    assert (len(times["dispatch_window"].hour), len(times["dispatch_window"].minute)) == (1, 1)
    assert {"dispatch_parents", "dispatch_history", "rebuild_stale"} < set(times)


def test_a_message_that_nobody_took_is_dropped_when_the_next_is_due():
    for entry in app.conf.beat_schedule.values():
        interval = entry["schedule"] if isinstance(entry["schedule"], timedelta) else timedelta(days=1)
        assert 0 < entry["options"]["expires"] <= interval.total_seconds()


def test_messages_are_json_and_are_acknowledged_when_their_work_is_done():
    assert (app.conf.accept_content, app.conf.task_serializer) == (["json"], "json")
    assert app.conf.task_acks_late
    assert app.conf.task_ignore_result
    assert app.conf.worker_prefetch_multiplier == 2
    assert app.conf.task_time_limit


def test_without_redis_the_queue_is_a_folder_of_the_installation(configured, tmp_path):
    found = configured()
    assert found["broker_transport"] == "dashboard.filesystem_queue:Transport"
    assert found["broker_transport_options"]["data_folder_in"] == str(tmp_path / "var" / "queue" / "messages")


def test_with_redis_no_task_is_handed_out_twice_while_it_may_still_run(configured):
    found = configured(REDIS_URL="redis://localhost:6379/5")
    assert found["broker_url"] == "redis://localhost:6379/5"
    assert found["broker_transport"] is None
    assert found["broker_transport_options"]["visibility_timeout"] > app.conf.task_time_limit
