"""Real Celery workers in their own processes, on each of the two brokers."""

import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.support.processes import ROOT, manage

SEND = """
import sys
from dashboard.celery import app
import django
django.setup()
for line in sys.stdin:
    app.send_task(f"logsync.tasks.{line.strip()}")
"""


@pytest.fixture(params=["filesystem", "redis"])
def broker(request):
    return request.param


@pytest.fixture
def celery_env(request, broker, child_env):
    """The environment of workers and senders."""
    redis_url = request.getfixturevalue("redis_url") if broker == "redis" else ""
    return child_env | {"REDIS_URL": redis_url, "PULL_DAYS_BACK": "10", "PULL_OVERLAP_DAYS": "2"}


@pytest.fixture
def send(celery_env):
    """Send tasks by name from another process, as beat does."""
    with subprocess.Popen([sys.executable, "-c", SEND], cwd=ROOT, env=celery_env, stdin=subprocess.PIPE) as process:

        def send_tasks(*names):
            process.stdin.write("".join(f"{name}\n" for name in names).encode())
            process.stdin.flush()

        yield send_tasks
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.fixture
def pool(broker, database):
    """The option that says how a worker reads in parallel: each meets both brokers and both engines."""
    return "threads" if (broker == "redis") == (database == "postgresql") else "concurrency"


@pytest.fixture
def worker(celery_env, tmp_path, pool):
    """Run a worker for the duration of a block, with its output in tmp_path."""

    @contextmanager
    def running(units=4):
        arguments = ("worker", f"--{pool}", str(units))
        with (tmp_path / "worker.log").open("a") as log, manage(celery_env, *arguments, output=log) as process:
            yield process

    return running
