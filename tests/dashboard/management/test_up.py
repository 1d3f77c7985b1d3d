"""`up` with the SignalWire space of the environment."""

import re
import signal
import subprocess
import sys
from decimal import Decimal

import httpx
import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

from dashboard.runtime.ports import free_port
from dashboard.runtime.supervisor import CHILD_GUARD
from logsync.models import Log, Project
from logsync.simulator import sample
from tests.waiting import descendants, wait_for, wait_until_gone

VARIABLES = ("SIGNALWIRE_SPACE", "SIGNALWIRE_PROJECT_ID", "SIGNALWIRE_API_TOKEN")


@pytest.fixture
def credentials(space, space_url):
    return dict(zip(VARIABLES, (space_url, *space.credentials), strict=True))


@pytest.fixture
def start(child_env, collected, tmp_path):
    """Starts `up` with these environment variables. At the end, stops it and checks that no process is left."""
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
    """The match of a pattern in the output so far."""
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
    wait_for(lambda: said(r"First history: all days read, 1 log, \$0\.0066"), 60)

    commands = {child: child.cmdline() for child in descendants(process.pid)}
    worker = next(child for child, words in commands.items() if "worker" in words and str(CHILD_GUARD) not in words)
    worker.kill()
    wait_for(lambda: said(r"The worker ended \(status 137\); restarting it"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_invalid_credentials_are_reported_in_the_terminal(start, said, credentials):
    start(**credentials | {"SIGNALWIRE_API_TOKEN": "PTwrong"})
    wait_for(lambda: said(r"voice logs of \S+: .*token"), 60)
    assert not said("PTwrong")
    assert Project.objects.get().api_token == "PTwrong"


@pytest.mark.parametrize("missing", VARIABLES)
def test_a_missing_variable_is_named(missing, clean_env):
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


def test_an_unreachable_redis_is_reported_at_the_start(clean_env):
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


@pytest.mark.parametrize(("option", "value"), [("--concurrency", "0"), ("--web-workers", "0"), ("--web-workers", "33")])
def test_an_impossible_number_of_processes_is_reported_in_one_line(clean_env, option, value):
    command = [sys.executable, settings.BASE_DIR / "manage.py", "up", option, value]
    result = subprocess.run(command, env=clean_env, capture_output=True, text=True, timeout=60, check=False)
    told = f"CommandError: {option} {value}: write a number from 1 to 32.\n"
    assert (result.returncode, result.stdout, result.stderr) == (2, "", told)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_with_concurrency_processes_read_and_the_scheduler_has_its_own(
    child_env, collected, credentials, space, tmp_path
):
    space.put("voice", sample("laml_call"))
    port = free_port("127.0.0.1")
    command = [sys.executable, settings.BASE_DIR / "manage.py", "up", "--port", str(port), "--concurrency", "3"]
    with subprocess.Popen(command, env=child_env | credentials, stdout=subprocess.DEVNULL) as process:
        wait_for(Log.objects.exists, 90)
        commands = [" ".join(child.cmdline()) for child in descendants(process.pid)]
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    without_guards = [command for command in commands if CHILD_GUARD.name not in command]
    assert len([command for command in without_guards if "worker --concurrency 3" in command]) == 4
    assert len([command for command in without_guards if command.endswith("manage.py beat")]) == 1
