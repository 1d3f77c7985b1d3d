"""Engines that are away, full, shut or overrun in the middle of a pull: told in plain words, and gone on with after."""

import os
import subprocess
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client

from dashboard import env
from logsync.leases import held_names
from logsync.models import Log
from tests.crashes.conftest import Engine, execute, url_of
from tests.crashes.installation import prove
from tests.databases import default_database
from tests.logsync.commands import run
from tests.logsync.pulling import ago, put_many
from tests.services.missing import ServiceMissingError, give_up
from tests.waiting import wait_for

MEGABYTES = 4
GOES_ON = "The same command goes on where this one ended."


def few_rows(space, number=1200):
    put_many(space, number, created_at=ago(hours=30))


def pull(installation, *arguments):
    """The status of a pull, and what it said."""
    status = installation.start("pull", "--workers", "2", *arguments).wait(60)
    said = installation.said("pull")
    assert "Traceback" not in said
    return status, said


def prove_another_pull(space, installation):
    wait_for(lambda: not held_names(""))  # a pull closes the runs of those whose leases are over
    status, said = run("pull", "--workers", "1")
    assert status == 0, said
    prove(space, installation)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of a few megabytes: answers where it is, and how to change it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder]
    if os.getuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        give_up(ServiceMissingError("A full disk can only be had as root on Linux, where tmpfs may be mounted."))

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


def test_a_full_disk_is_told_and_gone_on_with_once_there_is_room(sqlite_on_a_small_disk, install, space):
    engine, change = sqlite_on_a_small_disk
    few_rows(space, 4000)
    installation = install(engine, PULL_DAYS_BACK="2")
    clerk = Client()
    clerk.force_login(get_user_model().objects.create_user("clerk"))
    status, said = pull(installation)
    assert status == 1
    assert "The database is full: make room on its disk." in said
    assert "The disk of the database has only 0 MB left: make room" in clerk.get("/sync/").text
    change("size=200m")
    prove_another_pull(space, installation)
    assert "The disk of the database" not in clerk.get("/sync/").text


def test_a_database_that_can_only_be_read_is_told_and_gone_on_with_once_it_may_be_written(
    sqlite_on_a_small_disk, install, space
):
    engine, change = sqlite_on_a_small_disk
    few_rows(space, 10)
    installation = install(engine, PULL_DAYS_BACK="2")
    change("ro")
    status, said = pull(installation)
    assert status == 1
    assert "The database can only be read" in said or "The database file cannot be opened" in said
    change("rw")
    prove_another_pull(space, installation)


def test_postgresql_restarted_in_the_middle_of_a_pull_by_hand(postgresql, install, space):
    few_rows(space, 2500)
    space.faults.latency_s = 0.3
    installation = install(postgresql, PULL_DAYS_BACK="2")
    process = installation.start("pull", "--workers", "2")
    wait_for(Log.objects.exists)
    postgresql.server.kill()
    assert process.wait(30) == 1
    postgresql.server.start()
    connection.close()
    said = installation.said("pull")
    assert "Traceback" not in said
    assert "The database" in said
    assert GOES_ON in said or "What is left is tried again by the next pull." in said
    space.faults.clear()
    prove_another_pull(space, installation)


def test_pages_while_postgresql_is_away_say_so_and_come_back_by_themselves(postgresql, install):
    installation = install(postgresql)
    installation.start("web")
    wait_for(lambda: installation.get("/healthz"))
    postgresql.server.stop()
    for _ in range(2):  # on the connection it had, and without one
        status, text = installation.get("/")
        assert status == 503
        assert "The database" in text
        assert "Traceback" not in text
    assert installation.get("/healthz")[0] == 503
    postgresql.server.start()
    assert installation.get("/healthz")[0] == 200
    assert installation.get("/")[0] == 302


def test_a_web_process_that_is_killed_is_replaced_by_its_server(sqlite, install):
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


def test_without_a_connection_to_spare_it_is_told_and_gone_on_with_once_there_is_one(postgresql, install, space):
    few_rows(space, 10)
    execute(postgresql.server, "DROP ROLE IF EXISTS clerk")
    execute(postgresql.server, "CREATE ROLE clerk LOGIN CONNECTION LIMIT 6 IN ROLE pg_read_all_data, pg_write_all_data")
    url = url_of(postgresql.server, "tollbook").replace("postgres@", "clerk@")
    installation = install(Engine(url), PULL_DAYS_BACK="2")
    installation.start("web")
    wait_for(lambda: installation.get("/healthz"))
    with all_connections_taken(url, 5):  # the web has one
        status, said = pull(installation)
        assert status == 1
        assert "The database has no connection to spare" in said
    prove_another_pull(space, installation)
