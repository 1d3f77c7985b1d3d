"""An installation behind a real PgBouncer in transaction mode, and the space that it reads."""

import os
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest

from dashboard.runtime.supervisor import start_child, stop_child
from logsync.simulator import Space, serving
from tests.documented import GENEROUS, documented_variables
from tests.services.missing import ServiceMissingError, give_up
from tests.services.pgbouncer import running_pgbouncer
from tests.services.postgresql import postgresql_server
from tests.support.processes import ROOT

DAYS = 4
# More than two chunks of an export.
ROWS = 5_000


@pytest.fixture(scope="session")
def own_server():
    """Days must not be those of the server's timezone, which a session would change."""
    try:
        with postgresql_server(timezone="Asia/Tokyo") as server:
            yield server
    except ServiceMissingError as error:
        give_up(error)


@pytest.fixture(scope="session")
def pooler_url(own_server):
    try:
        with running_pgbouncer(own_server.url) as url:
            yield url
    except ServiceMissingError as error:
        give_up(error)


@pytest.fixture(scope="session")
def many_rows():
    return Space.bulk(rows=ROWS, days=DAYS, seed=1, until=datetime.now(UTC).date())


@pytest.fixture(scope="session")
def install(own_server, pooler_url, many_rows, tmp_path_factory):
    """Makes an empty database and returns the environment of an installation on it, through the pooler."""
    with serving(many_rows) as space_url:

        def install(name):
            with psycopg.connect(own_server.url, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            signalwire_id, token = many_rows.credentials
            return (
                os.environ
                | dict.fromkeys(documented_variables(), "")
                | GENEROUS
                | {
                    "DJANGO_SETTINGS_MODULE": "dashboard.settings",
                    "VAR_DIR": str(tmp_path_factory.mktemp(name)),
                    "DATABASE_URL": f"{pooler_url.removesuffix('postgres')}{name}",
                    "DATABASE_POOLER": "transaction",
                    "PULL_DAYS_BACK": str(DAYS + 1),
                    "SIGNALWIRE_SPACE": space_url,
                    "SIGNALWIRE_PROJECT_ID": signalwire_id,
                    "SIGNALWIRE_API_TOKEN": token,
                }
            )

        yield install


@pytest.fixture(scope="session")
def filled(install):
    """The environment of an installation that has read everything."""
    env = install("filled")
    for command in ("setup", "pull"):
        result = run(env, command)
        assert result.returncode == 0, result.stdout + result.stderr
    return env


def run(env, *arguments):
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@contextmanager
def running(env, log, *arguments):
    """A service, which ends with its children at the end of the block."""
    process = start_child([sys.executable, ROOT / "manage.py", *arguments], log, env)
    try:
        yield process
    finally:
        stop_child(process)
