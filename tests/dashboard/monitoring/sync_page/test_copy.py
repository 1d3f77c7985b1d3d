"""The Sync page says how much of the logs the columnar copy has, and what is wrong with it."""

import pytest

from logsync.columnar.files import all_files
from tests.support.copied import forget_copy, update_copy
from tests.support.pages import text_of
from tests.support.stored_logs import mixture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def logs():
    forget_copy()  # of tests before
    mixture(logs=30)
    yield
    forget_copy()


def test_the_days_of_the_copy_are_counted(signed_in):
    assert "Copy for quick answers 0 of 16 finished days" in text_of(signed_in.get("/sync/"))
    update_copy()
    assert "Copy for quick answers 16 of 16 finished days" in text_of(signed_in.get("/sync/"))


def test_a_damaged_file_is_named(signed_in):
    update_copy()
    damaged = all_files()[0].path
    damaged.write_bytes(b"")
    page = text_of(signed_in.get("/sync/"))
    assert f"{damaged.name} is damaged. It is made anew within minutes" in page
    assert "the figures are the same" in page
