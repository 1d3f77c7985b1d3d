"""The table of days of a long period: a page of its own, which the overview loads when it is opened."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard.finance.overview.day_table import MAX_ROWS
from tests.support.pages import MARCH, hrefs, store_march, table_rows, text_of
from tests.support.stored_logs import record, store

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("days", "is_long"), [(MAX_ROWS, False), (MAX_ROWS + 1, True)])
def test_a_long_table_is_left_to_its_page(signed_in, days, is_long):
    now = timezone.now()
    store(record("a", created_at=now))
    query = f"start={now.date() - timedelta(days=days - 1)}&end={now.date()}"
    page = signed_in.get(f"/?{query}")
    assert (page.content.decode().count("<tbody>") == 0) is is_long
    assert (f"/days/?{query}" in hrefs(page)) is is_long
    assert f"Days {days}" in text_of(page)
    assert len(table_rows(signed_in.get(f"/days/?{query}"))) == days + 2


def test_the_page_has_the_same_table_and_leads_back(signed_in):
    store_march()
    page = signed_in.get(f"/days/?{MARCH}&group_by=direction")
    assert table_rows(page) == table_rows(signed_in.get(f"/?{MARCH}&group_by=direction"))
    assert f"/?{MARCH}&group_by=direction" in hrefs(page)
    assert re.search(r"<h1[^>]*>Days, 1 – 31 Mar 2025", page.content.decode())


def test_the_page_says_which_logs_it_counts_and_what_is_missing(signed_in):
    store_march()
    page = text_of(signed_in.get(f"/days/?{MARCH}&type=laml_call"))
    assert "type is LaML call" in page
    assert "this is not the invoice" in page
    assert "Not complete:" in page


def test_a_filter_that_cannot_be_read_is_refused(signed_in):
    answer = signed_in.get("/days/?start=never")
    assert answer.status_code == 400
    assert "start" in text_of(answer)
