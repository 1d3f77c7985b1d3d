"""When files of the copy are written, merged and deleted, and what is left when writing fails."""

import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import psutil
import pytest
from django.db import connection
from django.utils import timezone

from logsync.columnar import engine
from logsync.columnar.check import copy_status, wrong_files
from logsync.columnar.csv_rows import csv_lines
from logsync.columnar.disk import FORMAT, UNFINISHED
from logsync.columnar.files import all_files
from logsync.columnar.numbers import read_numbers
from logsync.columnar.writer import DELETE_AFTER_S, REWRITE_AFTER_S, begin_update
from logsync.models import DailyCharge, Log, RolledDay
from logsync.rollups.rebuild import rebuild_stale
from logsync.storage.upsert import store_page
from tests.support.copied import forget_copy, parquet_files, update_copy
from tests.support.processes import ROOT, manage
from tests.support.stored_logs import NOW, make_feed, mixture, page, record, store
from tests.waiting import descendants, is_alive, wait_for, wait_until_gone

pytestmark = pytest.mark.django_db
EVER = (NOW.date() - timedelta(days=1000), NOW.date())


@pytest.fixture(autouse=True)
def folder():
    forget_copy()  # of tests before
    yield engine.folder()
    if engine.folder().is_file():
        engine.folder().unlink()
    forget_copy()


def days_of_files():
    return sorted(str(day) for file in all_files() for day in file.days)


def age(seconds):
    """Make all files older."""
    then = time.time() - seconds
    for path in engine.folder().iterdir():
        os.utime(path, (then, then))


def test_the_files_are_of_their_user_alone():
    store(record("a", created_at=NOW - timedelta(days=1)))
    update_copy()
    assert engine.folder().stat().st_mode & 0o777 == 0o700


def test_a_restored_backup_never_meets_a_file_of_another_history():
    """The database goes back to an earlier state, below newer files; then its days change in another way."""
    at = NOW - timedelta(days=1)
    store(record("a", created_at=at, charge=Decimal(1)))
    update_copy()
    before = RolledDay.objects.get().seal
    store_page(make_feed(), page(record("a", created_at=at, charge=Decimal(2)), read_at=NOW))
    rebuild_stale()
    update_copy(at_once=True)
    Log.objects.update(charge=Decimal(1))
    DailyCharge.objects.update(charge=Decimal(1))
    RolledDay.objects.update(seal=before)
    assert not list(wrong_files(*EVER))  # the older file is right again, and the newer one is not used
    store_page(make_feed(), page(record("a", created_at=at, charge=Decimal(3)), read_at=NOW + timedelta(hours=1)))
    rebuild_stale()
    assert copy_status().copied == 0


def test_a_day_has_a_file_once_it_is_over():
    now = timezone.now()
    store(record("today", created_at=now), record("before", created_at=now - timedelta(days=1)))
    assert update_copy() == 1
    assert days_of_files() == [str((now - timedelta(days=1)).date())]
    assert update_copy() == 0


def test_the_days_of_a_month_share_a_file():
    store(*(record(f"log-{day}", created_at=NOW - timedelta(days=40 + day)) for day in range(9)))
    assert update_copy() == 9
    assert len(parquet_files()) == 1 + len(read_numbers().files)
    store(record("one more", created_at=NOW - timedelta(days=42)))
    update_copy(at_once=True)
    assert [len(file.days) for file in all_files()].count(9) == 2  # the former one, and the one that replaces it
    age(DELETE_AFTER_S + 1)
    update_copy()
    assert [len(file.days) for file in all_files()] == [9]
    assert not list(wrong_files(*EVER))


def test_a_day_that_changes_again_and_again_is_written_once_in_a_while():
    store(record("a", created_at=NOW - timedelta(days=1)))
    assert update_copy() == 1
    for number in range(3):
        store(record(f"b{number}", created_at=NOW - timedelta(days=1)))
        assert update_copy() == 0
    age(REWRITE_AFTER_S + 1)
    assert update_copy() == 1
    store(record("c", created_at=NOW - timedelta(days=1)))
    assert update_copy(at_once=True) == 1


def test_a_day_that_is_not_totalled_yet_has_no_file():
    store_page(make_feed(), page(record("a", created_at=NOW - timedelta(days=1))))
    assert update_copy() == 0
    rebuild_stale()
    assert update_copy() == 1


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize("damage", [flip_a_byte, truncate, os.unlink], ids=["flipped byte", "truncated", "deleted"])
@pytest.mark.parametrize("kind", ["logs", "numbers"])
def test_a_damaged_file_is_noticed_and_made_anew(damage, kind):
    mixture(logs=30)
    update_copy()
    path = all_files()[0].path if kind == "logs" else read_numbers().files[0].path
    damage(path)
    assert path.name in copy_status().problem
    if kind == "logs":
        assert path.name in {file.name for file in wrong_files(*EVER)}
    update_copy(at_once=True)
    assert not copy_status().problem
    assert copy_status().copied == copy_status().days > 0
    assert not list(wrong_files(*EVER))


def test_files_of_another_version_of_tollbook_are_ignored_and_deleted():
    mixture(logs=30)
    update_copy()
    for path in list(engine.folder().glob(f"{FORMAT}-*")):
        path.rename(path.with_name(path.name.replace(FORMAT, "v0")))
    assert all_files() == ()
    update_copy()
    assert copy_status().copied == copy_status().days
    age(DELETE_AFTER_S + 1)
    update_copy()
    assert not list(engine.folder().glob("v0-*"))


def test_a_file_with_other_totals_is_found():
    mixture(logs=30)
    update_copy()
    wrong = DailyCharge.objects.order_by("day").first()
    DailyCharge.objects.filter(pk=wrong.pk).update(logs=1000)
    [found] = wrong_files(*EVER)
    assert str(wrong.day) in found.problem


@contextmanager
def no_more_than(size):
    """Files cannot grow beyond so many bytes: what a full disk does in the middle of a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("size", [0, 100, 5_000])
def test_a_full_disk_leaves_no_file_and_is_logged(database, caplog, size):
    mixture(logs=600)
    with no_more_than(size):
        assert update_copy() == 0
    assert "cannot be written" in caplog.text
    assert not list(engine.folder().glob(f"{FORMAT}-[0-9]*"))
    assert not list(engine.folder().glob(f"{UNFINISHED}*"))
    update_copy()
    assert copy_status().copied == copy_status().days


def test_a_folder_that_cannot_be_made_is_logged(caplog, folder):
    mixture(logs=30)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in its way")
    assert update_copy() == 0
    assert "cannot be written" in caplog.text
    assert copy_status().problem


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_reading_the_logs_keeps_nobody_from_writing(database):
    store(*(record(f"log-{number}") for number in range(3)))
    lines = csv_lines(make_feed().project_id, NOW - timedelta(days=2), NOW + timedelta(days=2))
    next(lines)
    assert not connection.in_atomic_block
    assert len(list(lines)) == 2


def test_another_timezone_deletes_no_file(zone):
    mixture(logs=30)
    update_copy()
    age(DELETE_AFTER_S + 1)
    zone("Asia/Tokyo")  # and the totals are still those of the former one
    before = parquet_files()
    assert update_copy() == 0
    assert parquet_files() == before != []


class TestProcesses:
    pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_engines]

    @pytest.fixture
    def environment(self, child_env, settings):
        return child_env | {"VAR_DIR": str(settings.VAR_DIR)}

    def test_a_killed_writer_leaves_nothing_that_is_read(self, environment):
        mixture(logs=600, days=60)
        with manage(environment, "rebuild_rollups", output=subprocess.DEVNULL) as child:
            deadline = time.monotonic() + 60
            while not list(engine.folder().glob(f"{UNFINISHED}*")) and child.poll() is None:
                assert time.monotonic() < deadline
            child.kill()
            child.wait()
        assert not list(wrong_files(*EVER))
        rebuild_stale()
        update_copy(at_once=True)
        assert not list(engine.folder().glob(f"{UNFINISHED}*"))
        assert copy_status().copied == copy_status().days
        assert not list(wrong_files(*EVER))

    def test_two_writers_at_once_do_not_disturb_each_other(self, environment):
        mixture(logs=300, days=60)
        with manage(environment, "rebuild_rollups") as one, manage(environment, "rebuild_rollups") as other:
            assert [one.wait(120), other.wait(120)] == [0, 0]
        update_copy(at_once=True)
        assert copy_status().copied == copy_status().days
        assert not list(wrong_files(*EVER))

    def test_pages_and_workers_begin_an_update_in_a_process_of_its_own(self, environment, settings, monkeypatch):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        settings.COPY_IN_BACKGROUND = True
        mixture(logs=60)
        begin_update()
        begin_update()  # at once: one is enough
        wait_for(lambda: copy_status().copied == copy_status().days > 0)
        assert len(updates()) <= 1
        wait_until_gone(updates())
        age(60)
        begin_update()  # nothing is missing
        assert updates() == []

    def test_an_update_ends_with_the_process_that_began_it(self, environment):
        begin = (
            "import subprocess, sys; subprocess.Popen([sys.executable, 'manage.py', 'update_copy', '--with-parent'])"
        )
        mixture(logs=600, days=60)
        before = {process.pid for process in psutil.process_iter()}
        subprocess.run([sys.executable, "-c", begin], env=environment, cwd=ROOT, check=True, timeout=60)
        wait_until_gone(process for process in psutil.process_iter() if process.pid not in before)
        assert not list(wrong_files(*EVER))


def updates():
    return [process for process in descendants(os.getpid()) if is_alive(process) and "update_copy" in process.cmdline()]
