"""The scheduler as a thread of a worker, as `up` runs it."""

from decimal import Decimal

import pytest

from logsync.models import PullUnit
from tests.support.processes import manage
from tests.support.pulling import put, total
from tests.waiting import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("broker", ["filesystem"], indirect=True)]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_worker_with_the_scheduler_reads_by_itself(project, space, celery_env, tmp_path):
    put(space, charge=Decimal("0.25"))
    env = celery_env | {"LEASE_SECONDS": "6", "PULL_DAYS_BACK": "3"}  # the schedule looks every two seconds
    with (tmp_path / "log").open("w") as log, manage(env, "worker", "--beat", output=log) as process:
        wait_for(lambda: PullUnit.objects.exists() and total() == (1, Decimal("0.25")), 60)
        process.terminate()
        assert process.wait(20) == 0
    assert "beat: Shutting down..." in (tmp_path / "log").read_text()
    with manage(env, "beat", "--check") as check:
        assert check.wait(20) == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_worker_whose_scheduler_fails_ends(project, celery_env, tmp_path):
    for suffix in ("", ".db", ".dat", ".dir", ".bak"):  # as each kind of file of a schedule is named
        (tmp_path / "var" / f"beat-schedule{suffix}" / "not a file").mkdir(parents=True)
    with (tmp_path / "log").open("w") as log, manage(celery_env, "worker", "--beat", output=log) as process:
        process.wait(60)
    assert "The scheduler failed." in (tmp_path / "log").read_text()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--beat", "--concurrency", "2"], "--beat needs threads: with --concurrency, run ./tollbook beat as well."),
        (["--threads", "0"], "--threads 0: write a number from 1 to 32."),
        (["--concurrency", "99"], "--concurrency 99: write a number from 1 to 32."),
    ],
)
def test_a_bad_choice_is_reported_in_one_line(celery_env, arguments, said):
    with manage(celery_env, "worker", *arguments) as process:
        output, _ = process.communicate(timeout=30)
    assert (process.returncode, output.decode()) == (2, f"CommandError: {said}\n")
