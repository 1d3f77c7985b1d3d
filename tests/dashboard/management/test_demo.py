"""`demo`: one command on a fresh machine shows the spend, and leaves no process behind."""

import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from uuid import uuid4

import httpx
import pytest
from django.conf import settings

from dashboard.runtime.ports import free_port, listen
from tests.waiting import descendants, wait_for, wait_until_gone

SECONDS_TO_FIRST_NUMBERS = 60
SECONDS_TO_STOP = 30


class Demo:
    """`manage.py demo` as a separate process, on a machine that also has a real installation."""

    def __init__(self, folder, env, port):
        real = {
            "DATABASE_URL": f"sqlite:///{folder}/real.sqlite3",
            "SIGNALWIRE_SPACE": "real",
            "REDIS_URL": "redis://real",
        }
        self.url = f"http://127.0.0.1:{port}"
        self.output = folder / f"output-{uuid4().hex}"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, settings.BASE_DIR / "manage.py", "demo", "--port", str(port)],
                env=env | real,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def said(self, pattern):
        return re.search(pattern, self.output.read_text())

    def password(self):
        wait_for(lambda: self.said(r"Password: \S+"), SECONDS_TO_FIRST_NUMBERS)
        return self.said(r"Password: (\S+)")[1]

    @contextmanager
    def signed_in(self):
        password = self.password()
        with httpx.Client(base_url=self.url, follow_redirects=True, timeout=30) as client:
            client.get("/accounts/login/")
            form = {"username": "admin", "password": password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
            assert client.post("/accounts/login/", data=form).url.path == "/"
            yield client


@pytest.fixture
def start(tmp_path, clean_env):
    """Starts the demo, always in the same folder. Its processes end with the test."""
    started = []

    def start(port=None):
        started.append(Demo(tmp_path, clean_env, port or free_port("127.0.0.1")))
        return started[-1]

    yield start
    for demo in started:
        if demo.process.poll() is None:
            children = descendants(demo.process.pid)
            demo.process.kill()
            wait_until_gone(children)
        demo.process.wait()


def logs_known(client):
    return client.get("/charges.json?period=all").json()["total"]["logs"]


def test_the_demo_shows_figures_soon_stops_cleanly_and_continues_later(start, tmp_path):
    demo = start()
    with demo.signed_in() as client:
        wait_for(lambda: logs_known(client), SECONDS_TO_FIRST_NUMBERS)
        assert "$" in client.get("/").text
        wait_for(lambda: demo.said(r"First history: \d+ of \d+ days read, [\d,]+ logs, \$"))
        known = logs_known(client)
    second = start()
    assert second.process.wait(30) == 1
    assert second.said(r"Tollbook is already running with the folder \S+var/demo\.")
    processes = descendants(demo.process.pid)
    assert len(processes) >= 6  # simulator, web server, worker with the scheduler, each with its guard

    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(SECONDS_TO_STOP) == 0
    wait_until_gone(processes)
    assert demo.said("Stopped")
    assert not (tmp_path / "real.sqlite3").exists()

    again = start()
    with again.signed_in() as client:
        assert again.password() == demo.password()
        assert logs_known(client) >= known
        wait_for(lambda: logs_known(client) > known, SECONDS_TO_FIRST_NUMBERS)
    processes = descendants(again.process.pid)
    again.process.kill()
    wait_until_gone(processes, SECONDS_TO_STOP)


def test_a_taken_port_is_reported_before_anything_starts(start):
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        demo = start(port)
        assert demo.process.wait(30) == 1
    said = f"CommandError: Port {port} on 127.0.0.1 cannot be used: Address already in use. Choose another with --port."
    assert demo.output.read_text().splitlines() == [said]
