"""The change against the period before: what is compared, and when it is not."""

import html
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from logsync.models import Feed, PullUnit
from tests.support.pages import MARCH, call, text_of
from tests.support.stored_logs import mark_read, record, store

MARCH_PAGE = f"/?{MARCH}"


def test_the_change_names_the_days_that_it_compares_with(signed_in):
    store(call("before", 1, "4"), call("now", 3, "5"))
    mark_read()
    page = text_of(signed_in.get("/?start=2025-03-03&end=2025-03-04"))
    assert "↑ 25.0% +$1.00 3 – 4 Mar 2025 against 1 – 2 Mar 2025" in page


def test_ranges_of_different_length_say_how_many_days_they_have(signed_in):
    store(record("before", created_at=datetime(2025, 2, 1, tzinfo=UTC), charge=Decimal(4)), call("now", 31, "5"))
    mark_read()
    page = text_of(signed_in.get(MARCH_PAGE))
    assert "+$1.00 1 – 31 Mar 2025 (31 days) against 1 – 28 Feb 2025 (28 days)" in page


def test_the_link_with_these_dates_shows_the_same_figures_and_comparison(signed_in):
    now = timezone.now()
    store(*(record(f"{days} days ago", created_at=now - timedelta(days=days)) for days in range(400)))
    mark_read()
    for period in ("this-week", "this-month", "this-quarter", "this-year", "last-7-days", "today"):
        page = signed_in.get(f"/?period={period}")
        [link] = re.findall(r'href="(/\?start=[^"]*)" data-copy-link', page.content.decode())
        assert " against " in hero_of(page)
        assert hero_of(signed_in.get(html.unescape(link))) == hero_of(page)


def hero_of(page):
    """The text of the main figures and of the comparison."""
    return re.split(r" Spend [^$]{0,60}\$", text_of(page))[1].partition(" By type ")[0].partition(" Charge by ")[0]


def test_a_running_period_says_that_only_the_days_that_are_over_are_compared(signed_in):
    now = timezone.now()
    store(*(record(f"{days} days ago", created_at=now - timedelta(days=days)) for days in (0, 5, 32, 70)))
    mark_read()
    assert "the days that are over, against" in text_of(signed_in.get("/?period=last-30-days"))


def test_without_spend_before_there_is_no_percent(signed_in):
    store(call("before", 9, None), call("now", 10, "5"))
    mark_read()
    page = text_of(signed_in.get("/?start=2025-03-10&end=2025-03-10"))
    assert "↑ $5.00 Mon 10 Mar 2025 against Sun 9 Mar 2025" in page


def test_without_logs_before_the_spend_is_the_change(signed_in):
    store(call("now", 10, "5"), call("other", 9, "3", log_type="laml_call"))
    mark_read()
    day = "start=2025-03-10&end=2025-03-10&type=relay_pstn_call"
    assert "↑ $5.00 Mon 10 Mar 2025 against Sun 9 Mar 2025, which has no logs that match" in text_of(
        signed_in.get(f"/?{day}")
    )
    assert "against Thu 6 Mar 2025, which has no logs" in text_of(signed_in.get("/?start=2025-03-07&end=2025-03-07"))


@pytest.mark.parametrize(
    ("unread", "words"),
    [
        (0, "↑ 25.0% +$1.00 "),
        (1, "↑ 25.0% +$1.00 "),  # 96.4% of 28 days
        (2, "No fair comparison with 1 – 28 Feb 2025: 26 of 28 days known"),
        (28, "No fair comparison with 1 – 28 Feb 2025: 0 of 28 days known"),
    ],
)
def test_days_that_were_hardly_read_are_not_compared_with(signed_in, unread, words):
    store(record("before", created_at=datetime(2025, 2, 20, tzinfo=UTC), charge=Decimal(4)), call("now", 31, "5"))
    mark_read()
    gone = [date(2025, 2, 1) + timedelta(days=day) for day in range(unread)]
    PullUnit.objects.filter(day__in=gone).delete()
    assert words in text_of(signed_in.get(MARCH_PAGE))


def test_a_running_day_is_compared_only_if_the_day_before_was_read(signed_in):
    now = timezone.now()
    store(record("now", created_at=now - timedelta(minutes=1)), record("before", created_at=now - timedelta(days=1)))
    Feed.objects.update(read_until=now)
    assert "0 of 1 day known" in text_of(signed_in.get("/?period=today"))


@pytest.mark.parametrize(("now", "words"), [("5", "↑ $15.00 "), ("-30", "↓ −$20.00 "), ("-10", "$0.00 ")])
def test_a_change_from_a_credit_is_an_amount(signed_in, now, words):
    store(call("before", 9, "-10"), call("now", 10, now))
    mark_read()
    page = text_of(signed_in.get("/?start=2025-03-10&end=2025-03-10"))
    assert f"{words}Mon 10 Mar 2025 against Sun 9 Mar 2025" in page
