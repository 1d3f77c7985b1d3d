"""Every page with figures names what was set aside, what is still running, and logs that are dated after today."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from logsync.days import days_between
from logsync.models import Feed, PullUnit
from logsync.models.choices import UnitState
from tests.support.pages import MARCH, data_of, hrefs, store_march, table_rows, text_of
from tests.support.stored_logs import make_feed, record, set_aside, store

PAGES = ["/", "/logs/", "/sync/changes/"]


@pytest.fixture
def march(db):
    """March as it was read long after its end."""
    store_march()
    feed, after = make_feed(), datetime(2025, 6, 1, tzinfo=UTC)
    days = days_between(date(2025, 2, 1), date(2025, 4, 2))
    PullUnit.objects.bulk_create(PullUnit(feed=feed, day=day, state=UnitState.DONE, read_at=after) for day in days)
    Feed.objects.update(read_until=after)
    return feed


@pytest.mark.parametrize("path", PAGES)
def test_rows_set_aside_are_named_beside_the_total(signed_in, march, path):
    assert "set aside" not in text_of(signed_in.get(f"{path}?{MARCH}"))
    for number in range(31):
        set_aside(march, f"row-{number}", listed_on=date(2025, 3, 11), charge=Decimal("0.43") if number == 5 else None)
    page = signed_in.get(f"{path}?{MARCH}")
    text = text_of(page)
    assert "31 rows set aside, at least $0.43, of Tue 11 Mar 2025: Tollbook could not read them" in text
    assert "Not complete:" not in text  # nothing else is missing
    assert "Tue 11 Mar 2025 31 rows set aside, at least $0.43" in text
    assert "30 of 31 days complete" in text
    assert "/sync/#quarantine" in hrefs(page)
    assert "set aside" not in text_of(signed_in.get(f"{path}?start=2025-03-01&end=2025-03-10"))


def test_rows_of_several_days_and_days_that_are_not_read_are_named(signed_in, march):
    PullUnit.objects.filter(day=date(2025, 3, 20)).update(read_at=None)
    for day in (11, 12, 20):
        set_aside(march, f"row-{day}", listed_on=date(2025, 3, day))
    text = text_of(signed_in.get(f"/?{MARCH}"))
    assert "3 rows set aside, at least $0.00, of 3 days (11 – 20 Mar 2025): Tollbook" in text
    assert "Thu 20 Mar 2025: not read yet; 1 row set aside" in text
    assert "11 Mar 2025: 1 row set aside" not in text


def test_their_day_is_hatched_and_the_spend_is_not_final(signed_in, march):
    assert "not final" not in text_of(signed_in.get(f"/?{MARCH}"))
    set_aside(march, "a", listed_on=date(2025, 3, 11))
    page = signed_in.get(f"/?{MARCH}")
    chart = data_of(page, "chart-data")
    assert [chart["days"][int(index)] for index in chart["incomplete"]] == ["2025-03-11"]
    assert page.content.decode().count('<tr class="is-incomplete">') == 1
    assert "Spend not final: some days are not complete" in text_of(page)


def test_an_installation_that_could_read_no_row_says_so(signed_in):
    set_aside(make_feed(), "a", created_at=timezone.now())
    for path in ("/", "/logs/"):
        assert "1 row set aside, at least $0.00" in text_of(signed_in.get(path))


@pytest.mark.parametrize("path", PAGES)
def test_the_running_day_is_counted_apart(signed_in, path):
    now = timezone.now()
    days = days_between(now.date() - timedelta(days=40), now.date())
    feed = make_feed()
    PullUnit.objects.bulk_create(PullUnit(feed=feed, day=day, state=UnitState.DONE, read_at=now) for day in days)
    Feed.objects.update(read_until=now)
    assert "29 of 30 days complete, 1 running" in text_of(signed_in.get(f"{path}?period=last-30-days"))
    store(record("a", created_at=now))
    page = signed_in.get("/?period=last-7-days")
    assert "Spend still running" in text_of(page)
    assert [cells[0] for cells in table_rows(page)][1].endswith(" still running")


def test_a_period_in_the_future_has_not_begun(signed_in, march):
    assert "not begun yet" in text_of(signed_in.get("/?start=2099-01-01&end=2099-01-31"))


@pytest.mark.parametrize("path", PAGES)
def test_logs_that_are_dated_after_today_are_named(signed_in, march, path):
    far = datetime(2999, 5, 6, 12, tzinfo=UTC)
    store(*(record(f"far-{number}", created_at=far, charge=Decimal(10)) for number in range(3)))
    assert "3 logs are dated after today" in text_of(signed_in.get(f"{path}?period=all"))
    assert "dated after today" not in text_of(signed_in.get(f"{path}?period=last-365-days"))


def test_their_day_stands_in_the_chart_and_leads_to_them(signed_in, march):
    store(record("far", created_at=datetime(2999, 5, 6, 12, tzinfo=UTC), charge=Decimal(10)))
    page = signed_in.get("/?period=all")
    chart = data_of(page, "chart-data")
    assert (chart["totals"][-1], chart["future"]) == ("10", {str(len(chart["days"]) - 1): True})
    assert len(chart["days"]) < 110
    [href] = [href for href in hrefs(page) if re.search(r"start=2999-05-\d\d", href)]
    assert "1 log · $10.00" in text_of(signed_in.get(href))
