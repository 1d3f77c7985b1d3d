"""The engine is bounded, and reaches nothing outside its folder."""

import subprocess
import sys

import pytest

from logsync.columnar import engine
from logsync.columnar.check import copy_status
from logsync.columnar.engine import CopyError
from tests.support.copied import forget_copy, update_copy
from tests.support.processes import ROOT
from tests.support.stored_logs import mixture


@pytest.fixture(autouse=True)
def folder():
    forget_copy()  # of tests before
    yield
    forget_copy()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('manage.py')",
        "SELECT * FROM read_parquet('https://example.com/logs.parquet')",
        "COPY (SELECT 1) TO '/tmp/tollbook-was-here.csv'",
        "ATTACH '/tmp/tollbook-was-here.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
    ],
)
def test_nothing_outside_is_reached_and_nothing_changed(statement):
    with pytest.raises(CopyError):
        engine.run(statement)


def test_threads_memory_and_temporary_files_are_bounded():
    names = ("threads", "memory_limit", "max_temp_directory_size", "temp_directory")
    values = dict(engine.run(f"SELECT name, value FROM duckdb_settings() WHERE name IN {names}"))
    assert int(values["threads"]) == engine.THREADS
    assert values["memory_limit"] == "244.1 MiB"
    assert values["max_temp_directory_size"] == "1.8 GiB"
    assert values["temp_directory"].startswith(str(engine.folder()))


def test_a_question_that_takes_too_long_is_given_up():
    with pytest.raises(CopyError, match="INTERRUPT"), engine.cursor(deadline_s=0.2) as cursor:
        cursor.execute("SELECT sum(a.range * b.range) FROM range(1000000) AS a, range(1000000) AS b").fetchall()


@pytest.mark.django_db
def test_any_name_of_the_folder_will_do(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "it's “ours”, 100% ü"
    mixture(logs=30)
    update_copy()
    assert copy_status().copied == copy_status().days > 0


def test_a_website_that_is_not_asked_does_not_load_it(clean_env):
    command = "import django, sys; django.setup(); import dashboard.urls; sys.exit('duckdb' in sys.modules)"
    subprocess.run([sys.executable, "-c", command], env=clean_env, cwd=ROOT, check=True, timeout=60)
