"""Databases that are down, full, read-only or out of connections during a pull: a clear message, and a later retry."""

import os
import subprocess
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from dashboard.config import env
from logsync.models import Log
from tests.crashes.conftest import Engine, execute, url_of
from tests.crashes.installation import assert_next_pull_completes
from tests.databases import default_database
from tests.services.missing import ServiceMissingError, give_up
from tests.support.pulling import ago, put_many
from tests.waiting import wait_for

MEGABYTES = 4
CONTINUE = "Run the same command again to continue."


def few_rows(space, number=1200):
    put_many(space, number, created_at=ago(hours=30))


def pull(installation, *arguments):
    """The exit status of a pull, and its output."""
    status = installation.start("pull", "--workers", "2", *arguments).wait(60)
    output = installation.output("pull")
    assert "Traceback" not in output
    return status, output


@pytest.fixture
def small_disk(tmp_path):
    """A disk of a few megabytes: its folder, and a function that changes its mount options."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder]
    if os.getuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        give_up(ServiceMissingError("Testing a full disk needs root on Linux, to mount a tmpfs."))

    def change(option):
        subprocess.run(["mount", "-o", f"remount,{option}", folder], check=True)

    yield folder, change
    connection.close()
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def sqlite_on_a_small_disk(small_disk, sqlite):
    folder, change = small_disk
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [f"{folder}/tollbook.sqlite3"])
    url = f"sqlite:///{folder}/tollbook.sqlite3"
    with default_database(env.database(url)):
        yield Engine(url), change


def test_a_full_disk_is_reported_and_the_next_pull_continues(sqlite_on_a_small_disk, install, space):
    engine, change = sqlite_on_a_small_disk
    few_rows(space, 4000)
    installation = install(engine, PULL_DAYS_BACK="2")
    clerk = Client()
    clerk.force_login(get_user_model().objects.create_user("clerk"))
    status, output = pull(installation)
    assert status == 1
    assert "The database is full: free some space on its disk." in output
    assert "The disk of the database has only 0 MB left. Free some space" in clerk.get("/sync/").text
    change("size=200m")
    assert_next_pull_completes(space, installation)
    assert "The disk of the database" not in clerk.get("/sync/").text


def test_a_read_only_database_is_reported_and_the_next_pull_continues(sqlite_on_a_small_disk, install, space):
    engine, change = sqlite_on_a_small_disk
    few_rows(space, 10)
    installation = install(engine, PULL_DAYS_BACK="2")
    change("ro")
    status, output = pull(installation)
    assert status == 1
    assert "The database is read-only" in output or "The database file cannot be opened" in output
    change("rw")
    assert_next_pull_completes(space, installation)


def test_postgresql_restarted_during_a_foreground_pull(postgresql, install, space):
    few_rows(space, 2500)
    space.faults.latency_s = 0.3
    installation = install(postgresql, PULL_DAYS_BACK="2")
    process = installation.start("pull", "--workers", "2")
    wait_for(Log.objects.exists)
    postgresql.server.kill()
    assert process.wait(30) == 1
    postgresql.server.start()
    connection.close()
    output = installation.output("pull")
    assert "Traceback" not in output
    assert "The database" in output
    assert CONTINUE in output or "The next pull tries again." in output
    space.faults.clear()
    assert_next_pull_completes(space, installation)


def test_pages_report_a_postgresql_outage_and_recover_by_themselves(postgresql, install):
    installation = install(postgresql)
    installation.start("web")
    wait_for(lambda: installation.get("/healthz"))
    postgresql.server.stop()
    for _ in range(2):  # on the open connection, then without one
        status, text = installation.get("/")
        assert status == 503
        assert "The database" in text
        assert "Traceback" not in text
    assert installation.get("/healthz")[0] == 503
    postgresql.server.start()
    assert installation.get("/healthz")[0] == 200
    assert installation.get("/")[0] == 302


def test_a_killed_web_process_is_replaced_by_its_server(sqlite, install):
    installation = install(sqlite)
    server = installation.start("web")
    wait_for(lambda: installation.get("/healthz"))
    installation.kill_child("web", lambda children: children[0])
    wait_for(lambda: installation.get("/healthz"))
    assert server.poll() is None


@contextmanager
def all_connections_taken(url, number):
    with ExitStack() as stack:
        for _ in range(number):
            stack.enter_context(psycopg.connect(url))
        yield


def test_a_lack_of_connections_is_reported_and_the_next_pull_continues(postgresql, install, space):
    few_rows(space, 10)
    execute(postgresql.server, "DROP ROLE IF EXISTS clerk")
    execute(postgresql.server, "CREATE ROLE clerk LOGIN CONNECTION LIMIT 6 IN ROLE pg_read_all_data, pg_write_all_data")
    url = url_of(postgresql.server, "tollbook").replace("postgres@", "clerk@")
    installation = install(Engine(url), PULL_DAYS_BACK="2")
    installation.start("web")
    wait_for(lambda: installation.get("/healthz"))
    with all_connections_taken(url, 5):  # the web process has one
        status, output = pull(installation)
        assert status == 1
        assert "The database has no free connections" in output
    assert_next_pull_completes(space, installation)
