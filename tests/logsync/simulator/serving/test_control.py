"""Controlling a space from another process, and starting one."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest

from logsync.simulator import Clock, Project, Space, sample, serving

AUTH = (Project().id, Project().token)
LIST = "/api/voice/logs"


@pytest.fixture
def controlled(clock: Clock) -> Iterator[tuple[Space, httpx.Client]]:
    space = Space(now=clock)
    with serving(space, control=True) as url, httpx.Client(base_url=url, auth=AUTH) as client:
        yield space, client


def post(client: httpx.Client, action: str, **content: object) -> httpx.Response:
    return client.post(f"/_control/{action}", json=content)


def test_rows_can_be_put_changed_deleted_and_removed(controlled: tuple[Space, httpx.Client]):
    _, client = controlled
    row = sample(charge=0.5, charge_details=[])
    assert post(client, "put", medium="voice", row=row).json() == {"id": row["id"]}
    post(client, "update", medium="voice", id=row["id"], changes={"charge": 0.75})
    assert client.get(f"{LIST}/{row['id']}").json() == row | {"charge": 0.75}
    post(client, "delete", medium="voice", id=row["id"])
    assert "discarded_at" in client.get(f"{LIST}/{row['id']}").json()
    post(client, "remove", medium="voice", id=row["id"])
    assert client.get(f"{LIST}/{row['id']}").status_code == 404


def test_a_row_can_be_put_as_text(controlled: tuple[Space, httpx.Client]):
    _, client = controlled
    text = '{"id": "x", "created_at": "2026-03-01T10:00:00Z", "charge": 1e-7}'
    post(client, "put", medium="voice", row=text)
    assert client.get(f"{LIST}/x").text == text


def test_faults_latency_and_history_limit_can_be_set_and_removed(controlled: tuple[Space, httpx.Client]):
    space, client = controlled
    post(client, "faults", fault="500 next 1")
    post(client, "latency", seconds=0.01)
    assert client.get(LIST).status_code == 500
    assert space.faults.latency_s == 0.01
    client.delete("/_control/faults")
    assert space.faults.latency_s == 0
    post(client, "history", limit="2026-02-01")
    assert client.get(f"{LIST}?created_on=2026-01-31").status_code == 422
    post(client, "history", limit=None)
    assert client.get(f"{LIST}?created_on=2026-01-31").status_code == 200


def test_the_clock_can_be_advanced(controlled: tuple[Space, httpx.Client]):
    space, client = controlled
    before = space.now()
    post(client, "clock", seconds=3600)
    assert space.now() - before == timedelta(hours=1)


def test_control_requests_are_not_counted(controlled: tuple[Space, httpx.Client]):
    _, client = controlled
    client.get(LIST)
    httpx.get(client.base_url.join(LIST))
    counted = client.get("/_control/requests").json()
    assert counted == {"total": 2, "by_status": {"200": 1, "401": 1}, "most_in_flight": 1}
    client.delete("/_control/requests")
    assert client.get("/_control/requests").json()["total"] == 0


@pytest.mark.parametrize(
    ("action", "content"),
    [
        ("faults", {"fault": "nonsense"}),
        ("faults", {}),
        ("delete", {"medium": "voice", "id": "unknown"}),
        ("put", {"medium": "voice", "row": "{}"}),
    ],
)
def test_a_wrong_command_is_400(controlled: tuple[Space, httpx.Client], action: str, content: dict[str, object]):
    answer = post(controlled[1], action, **content)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_an_unknown_action_is_404(controlled: tuple[Space, httpx.Client]):
    assert post(controlled[1], "nothing").status_code == 404


def test_control_is_off_by_default():
    with serving(Space()) as url:
        answer = httpx.post(f"{url}/_control/latency", json={"seconds": 1}, auth=AUTH)
    assert answer.status_code == 404


@contextmanager
def running(*command: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The URL printed by a simulator process, and the process."""
    with subprocess.Popen([sys.executable, *command, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process.stdout.readline().split()[-1], process
        finally:
            process.kill()


@pytest.mark.parametrize("command", [("-m", "logsync.simulator"), ("manage.py", "simulate")])
def test_a_separate_process_serves_until_it_is_terminated(command: tuple[str, ...]):
    options = ("--seed", "7", "--days", "2", "--logs-per-day", "60", "--fault", "503 on 1", "--control")
    with running(*command, *options) as (url, process), httpx.Client(base_url=url, auth=AUTH) as client:
        assert client.get(LIST).status_code == 503
        assert client.get(LIST).json()["data"]
        assert client.get("/_control/requests").json()["total"] == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_an_unknown_fault_is_refused_at_the_start():
    command = [sys.executable, "-m", "logsync.simulator", "--fault", "rain"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert result.returncode != 0
    assert "'rain' is not a fault" in result.stderr


def test_the_simulator_needs_no_django():
    program = "import sys, logsync.simulator.serving.command; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
