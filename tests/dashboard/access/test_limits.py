"""How long failures block, and for how long at most."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.access.limits import ACCOUNT, ADDRESS, SOURCE

LAST = datetime(2025, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(5, 1), (6, 2), (7, 4), (8, 8), (9, 16), (10, 32), (11, 60), (12, 60), (10**9, 60)]
)
def test_each_failure_beyond_the_free_ones_doubles_the_wait_up_to_an_hour(failures, minutes):
    assert SOURCE.blocked_until(failures, LAST) == LAST + timedelta(minutes=minutes)


@pytest.mark.parametrize("limit", [SOURCE, ACCOUNT, ADDRESS])
def test_the_first_failures_block_nothing(limit):
    assert limit.blocked_until(0, None) is None
    assert limit.blocked_until(limit.free - 1, LAST) is None


@pytest.mark.parametrize("limit", [ACCOUNT, ADDRESS])
def test_blocks_that_also_meet_the_innocent_are_short(limit):
    assert limit.blocked_until(10**9, LAST) == LAST + timedelta(minutes=5)
