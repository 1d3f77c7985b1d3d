"""What processes log: lines with their context ids, without secrets or phone numbers."""

import json
import subprocess
import sys
from base64 import b64encode

import pytest

from logsync.models import SyncRun
from logsync.simulator import sample
from tests.support.processes import ROOT, manage
from tests.support.pulling import ago, put
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = "+12065551212"
LOG_AN_EXCEPTION = """
import logging
import dashboard.wsgi
logger = logging.getLogger("logsync.test")
try:
    raise ValueError("call from +12065551212 with PT0123456789abcdef")
except ValueError:
    logger.exception("It failed for %s", "+12065551212")
"""
REFUSE_A_REQUEST = """
import dashboard.wsgi
from django.test import Client
assert Client(headers={"host": "localhost"}).get("/accounts/login/?" + "next=1&" * 2000).status_code == 400
"""


def logged(env, *arguments):
    """The lines that a process logs."""
    result = subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return result.stderr.splitlines()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_pull_logs_json_with_ids_and_without_secrets(project, space, child_env):
    for _ in range(3):
        put(space, created_at=ago(hours=1), to=NUMBER)
    space.faults.add("503 on 2")
    env = child_env | {"LOG_FORMAT": "json", "LOG_LEVEL": "debug", "PULL_DAYS_BACK": "1"}
    lines = [json.loads(line) for line in logged(env, "manage.py", "pull")]
    requests = [line for line in lines if line["logger"] == "httpx"]
    assert {"run", "unit", "day", "project", "medium", "request"} <= set(requests[0])
    assert {line["run"] for line in requests} <= set(SyncRun.objects.values_list("pk", flat=True))
    retry = next(line for line in lines if "Next try" in line["event"])
    assert sum(line["request"] == retry["request"] for line in requests) == 2
    assert len({line["request"] for line in requests}) == len(requests) - 1
    text = json.dumps(lines)
    for secret in (space.credentials[1], b64encode(":".join(space.credentials).encode()).decode(), NUMBER):
        assert secret not in text


@pytest.mark.parametrize(("database", "form"), [("sqlite", "json"), ("sqlite", "text")], indirect=["database"])
@pytest.mark.parametrize("phone_numbers", [True, False])
def test_tracebacks_are_redacted_too(child_env, form, phone_numbers):
    env = child_env | {"LOG_FORMAT": form, "LOG_PHONE_NUMBERS": str(phone_numbers)}
    text = "\n".join(logged(env, "-c", LOG_AN_EXCEPTION))
    assert "ValueError" in text
    assert "PT0123456789abcdef" not in text
    assert (NUMBER in text) is phone_numbers


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_refused_request_is_logged_in_one_line(child_env, collected):
    [line] = logged(child_env, "-c", REFUSE_A_REQUEST)
    assert "DATA_UPLOAD_MAX_NUMBER_FIELDS" in line


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_commands_log_nothing_without_problems(project, space, child_env):
    space.put("voice", sample())
    assert logged(child_env | {"PULL_DAYS_BACK": "1"}, "manage.py", "pull") == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_worker_logs_in_the_configured_format(child_env, tmp_path):
    with (
        (tmp_path / "log").open("w") as log,
        manage(child_env | {"LOG_FORMAT": "json"}, "worker", output=log) as worker,
    ):
        wait_for(lambda: "ready" in (tmp_path / "log").read_text(), 60)
        worker.terminate()
        worker.wait(20)
    lines = [line for line in (tmp_path / "log").read_text().splitlines() if line.startswith("{")]
    assert any("ready" in json.loads(line)["event"] for line in lines)
