"""The first price of a call restates nothing; a later change does."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.support.pages import at, table_rows, text_of
from tests.support.records import record
from tests.support.restated import ids, read, restate


def test_first_charges_and_those_of_running_calls_are_told_apart(signed_in):
    restate("running", 10, None, "0.5", status="in-progress")
    restate("just ended", 10, None, "0.5", since=at(10, 13))
    restate("late", 10, None, "0.25")
    restate("restated", 10, "1", "2")
    assert sorted(ids()) == ["late", "restated"]
    assert sorted(ids("kind=first")) == ["just ended", "running"]
    assert len(ids("kind=all")) == 4
    words = [row[-1] for row in table_rows(signed_in.get("/sync/changes/?kind=all"))[-4:]]
    assert sorted(words) == ["first price", "had ended", "had ended without a charge", "had not ended"]


@pytest.mark.parametrize("unpriced", [None, "0", "0.000000000"])
@pytest.mark.parametrize(
    ("read", "ended", "is_restated"),
    [
        (at(11, 12, 59), at(10, 13), False),  # on the next day, but within a day of its end
        (at(11, 13), at(10, 13), False),
        (at(11, 13, 1), at(10, 13), True),
        (at(11, 11, 59), None, False),  # no end is known: a day from its beginning
        (at(11, 12, 1), None, True),
        (at(12, 8), at(11, 9), False),  # a call of a night
    ],
)
def test_a_first_price_within_a_day_of_the_end_restates_nothing(db, unpriced, read, ended, is_restated):
    restate("a", 10, unpriced, ended_at=ended, since=at(10, 13))
    restate("a", 10, "0.5", ended_at=ended, since=read)
    assert bool(ids()) is is_restated
    assert ids("kind=first") == ([] if is_restated else ["a"])


def test_a_price_that_replaces_a_price_is_restated_at_once(db):
    restate("a", 10, "0.01", "0.02", since=at(10, 13))
    assert ids() == ["a"]


@pytest.mark.parametrize(
    ("before", "after", "is_said"),
    [
        ("100", "100.01", True),
        ("100", "99.99", True),
        ("100", "100.009", False),  # less than a cent, and than 0.1%
        ("0.001", "0.001002", True),  # 0.2%
        ("1", "1", False),
    ],
)
def test_the_overview_names_restated_charges_from_a_cent_or_a_thousandth_on(signed_in, before, after, is_said):
    yesterday = timezone.now() - timedelta(days=1)
    read(record("a", created_at=yesterday, charge=Decimal(before)), read_at=yesterday)
    read(record("a", created_at=yesterday, charge=Decimal(after)), read_at=timezone.now())
    assert ("restated in the last 7 days" in text_of(signed_in.get("/?period=last-7-days"))) is is_said
