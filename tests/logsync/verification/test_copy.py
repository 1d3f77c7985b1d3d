"""`verify` compares the columnar copy with the totals, and `--repair` and `rebuild_rollups` make it anew."""

import json

import pytest

from logsync.columnar.check import copy_status
from logsync.columnar.files import all_files
from tests.support.commands import run
from tests.support.copied import forget_copy, update_copy
from tests.support.stored_logs import mixture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def logs():
    forget_copy()  # of tests before
    mixture(logs=30)
    update_copy()
    yield
    forget_copy()


def test_a_right_copy_is_no_difference():
    status, output = run("verify")
    assert status == 0
    assert "Files of the columnar copy that are wrong: 0" in output


def test_a_damaged_file_is_named_and_repaired():
    damaged = all_files()[0].path
    damaged.write_bytes(damaged.read_bytes()[:-1])
    status, output = run("verify")
    assert status == 1
    assert f"{damaged.name} is damaged" in output
    assert "Try again with --repair" in output
    status, output = run("verify", "--json")
    assert json.loads(output[: output.rindex("}") + 1])["copy"] == [
        {"file": damaged.name, "problem": f"{damaged.name} is damaged"}
    ]
    assert run("verify", "--repair")[0] == 0
    assert copy_status().copied == copy_status().days


def test_rebuild_rollups_makes_both_anew():
    before = {file.path for file in all_files()}
    status, output = run("rebuild_rollups")
    assert (status, output) == (0, "Rebuilt the totals of 16 days, and copied 16 days.\n")
    assert copy_status().copied == 16
    assert {file.path for file in all_files()} > before
