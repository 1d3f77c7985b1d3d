"""`up`: the main job against the space that the environment names."""

import re
import signal
import subprocess
import sys
from decimal import Decimal

import httpx
import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

from dashboard.ports import free_port
from dashboard.processes import GUARD
from logsync.models import Log, Project
from logsync.simulator import sample
from tests.waiting import descendants, wait_for, wait_until_gone

VARIABLES = ("SIGNALWIRE_SPACE", "SIGNALWIRE_PROJECT_ID", "SIGNALWIRE_API_TOKEN")


@pytest.fixture
def credentials(space, space_url):
    return dict(zip(VARIABLES, (space_url, *space.credentials), strict=True))


@pytest.fixture
def start(child_env, collected, tmp_path):
    """Starts `up` with these variables; stops it at the end of the test, and looks that nothing is left."""
    started = []

    def start(**variables):
        port = free_port("127.0.0.1")
        with (tmp_path / "output").open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, settings.BASE_DIR / "manage.py", "up", "--port", str(port)],
                env=child_env | variables,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        started.append(process)
        return process, f"http://127.0.0.1:{port}"

    yield start
    for process in started:
        children = descendants(process.pid) if process.poll() is None else []
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in {0, 1}
        wait_until_gone(children)


@pytest.fixture
def said(tmp_path):
    """Whether the output so far has something that matches."""
    return lambda pattern: re.search(pattern, (tmp_path / "output").read_text())


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)  # the demo runs on SQLite
def test_it_reads_the_space_and_serves_the_website(start, said, space, credentials, redis_url):
    space.put("voice", sample("relay_pstn_call", charge=Decimal("0.0066")))
    process, url = start(**credentials, REDIS_URL=redis_url)
    wait_for(lambda: said(r"Password: \S+"), 60)
    wait_for(Log.objects.exists, 60)
    assert Log.objects.get().charge == Decimal("0.0066")
    assert httpx.get(f"{url}/healthz").status_code == 200
    assert get_user_model().objects.get().check_password(said(r"Password: (\S+)")[1])
    assert said(r"The password is shown only now")
    wait_for(lambda: said(r"First history: is read, 1 logs, \$0\.01"), 60)

    commands = {child: child.cmdline() for child in descendants(process.pid)}
    worker = next(child for child, words in commands.items() if words[-1] == "worker" and str(GUARD) not in words)
    worker.kill()
    wait_for(lambda: said(r"The worker ended \(status 137\) and is started again"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_wrong_with_the_credentials_is_said_where_it_was_started(start, said, credentials):
    start(**credentials | {"SIGNALWIRE_API_TOKEN": "PTwrong"})
    wait_for(lambda: said(r"voice logs of \S+: .*token"), 60)
    assert not said("PTwrong")
    assert Project.objects.get().api_token == "PTwrong"


@pytest.mark.parametrize("missing", VARIABLES)
def test_a_variable_that_is_missing_is_named(missing, clean_env):
    present = {"SIGNALWIRE_SPACE": "example", "SIGNALWIRE_PROJECT_ID": "x", "SIGNALWIRE_API_TOKEN": "PTx"}
    result = subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", "up"],
        env=clean_env | present | {missing: ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = f"CommandError: {missing} is not set. Set it in the environment or in .env (see .env.example).\n"
    assert (result.returncode, result.stdout, result.stderr) == (1, "", told)


def test_a_redis_that_cannot_be_reached_is_said_at_the_start(clean_env):
    given = dict.fromkeys(VARIABLES, "example") | {"REDIS_URL": "redis://:hidden@127.0.0.1:1/0"}
    result = subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", "up"],
        env=clean_env | given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("CommandError: The Redis of REDIS_URL cannot be used: ")
    assert "Connection refused" in result.stderr
    assert "hidden" not in result.stderr
    assert len(result.stderr.splitlines()) == 1
