"""Everything works through a pooler in transaction mode, with DATABASE_POOLER=transaction."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import openpyxl
import psycopg
import pytest

from dashboard.runtime.ports import free_port, wait_until_served
from logsync.database import ROWS_PER_CHUNK
from tests.pooler.conftest import run, running
from tests.waiting import wait_for

USER, PASSWORD = "reader", "a long enough passphrase"
ADD_USER = (
    f"from django.contrib.auth.models import User; User.objects.create_superuser({USER!r}, password={PASSWORD!r})"
)
ALL = "period=all"


@pytest.fixture(scope="session")
def site(filled, tmp_path_factory):
    """A signed-in client of a served website."""
    port = free_port("127.0.0.1")
    log = tmp_path_factory.mktemp("site") / "log"
    with running(filled, log, "serve", "--port", str(port)) as server:
        assert wait_until_served("127.0.0.1", port, lambda: server.poll() is not None)
        run(filled, "shell", "--no-imports", "-c", ADD_USER)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True, timeout=300) as client:
            client.get("/accounts/login/")
            form = {"username": USER, "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
            assert client.post("/accounts/login/", data=form).status_code == 200
            yield client


def logs_of(env):
    return json.loads(run(env, "charges", ALL, "--format", "json").stdout)["total"]["logs"]


@pytest.fixture(scope="session")
def known_logs(filled):
    """More than two chunks of an export."""
    known = logs_of(filled)
    assert known > 2 * ROWS_PER_CHUNK
    return known


def test_logs_are_read_and_their_totals_are_right(filled):
    verified = run(filled, "verify", "--remote")
    assert (verified.returncode, verified.stderr) == (0, "")


def test_exports_at_the_same_time_hold_every_row(site, known_logs):
    kinds = ["csv", "csv", "csv", "xlsx"]
    with ThreadPoolExecutor(len(kinds)) as threads:
        files = list(threads.map(lambda kind: site.get(f"/logs.{kind}?{ALL}"), kinds))
    for kind, file in zip(kinds, files, strict=True):
        ids = csv_ids(file.text) if kind == "csv" else xlsx_ids(file.content)
        assert (len(ids), len(set(ids))) == (known_logs, known_logs)


def test_an_export_that_is_broken_off_leaves_no_transaction_open(site, own_server):
    with site.stream("GET", f"/logs.csv?{ALL}") as file:
        next(file.iter_bytes(1000))
    with psycopg.connect(own_server.url, autocommit=True) as connection:
        idle = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        wait_for(lambda: connection.execute(idle).fetchone() == (0,))


def csv_ids(text):
    return [row["id"] for row in csv.DictReader(io.StringIO(text))]


def xlsx_ids(content):
    rows = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0].iter_rows(values_only=True)
    header = next(rows)
    column = header.index("id")
    return [row[column] for row in rows if row[column]]


def test_commands_export_every_row(filled, known_logs):
    assert len(csv_ids(run(filled, "logs", ALL, "--format", "csv").stdout)) == known_logs


def test_pages_and_the_admin_answer(site):
    for address in ("/", f"/logs/?{ALL}", "/sync/", "/sync/changes.csv", "/admin/logsync/project/"):
        assert site.get(address).status_code == 200, address


def test_a_worker_reads_the_history(install, known_logs, tmp_path):
    env = install("worked")
    assert run(env, "setup").returncode == 0
    send = "from dashboard.celery import send_task; send_task('dispatch_history')"
    with running(env, tmp_path / "worker.log", "worker"):
        assert run(env, "shell", "--no-imports", "-c", send).returncode == 0
        wait_for(lambda: logs_of(env) == known_logs, 300)
    assert run(env, "verify", "--remote").returncode == 0


SHOW = """
from django.db import connection, transaction
def show():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('TimeZone')")
        print(*cursor.fetchone())
for _ in range(4):
    show()
    with transaction.atomic():
        show()
"""


def test_each_transaction_has_its_limits_and_each_session_its_timezone(filled):
    shown = run(filled, "shell", "--no-imports", "-c", SHOW).stdout.splitlines()
    assert shown == ["0 UTC", "1min UTC"] * 4


@pytest.mark.parametrize("command", ["setup", "pull"])
def test_without_the_setting_the_message_names_it(filled, command):
    result = run(filled | {"DATABASE_POOLER": ""}, command)
    assert (result.returncode, result.stdout) == (1, "")
    assert "set DATABASE_POOLER=transaction" in result.stderr
    assert "Traceback" not in result.stderr
