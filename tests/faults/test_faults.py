"""Pulls under every fault that the simulator knows, while rows change; in the end all is as in the space."""

import pytest

from dashboard.chaos.trial import endure
from logsync.simulator.faults import FAULTS

pytestmark = pytest.mark.django_db(transaction=True)
SEEDS, SEEDS_OF_A_TEST = 100, 5


@pytest.mark.parametrize("kind", FAULTS)
def test_one_kind_of_fault_loses_no_log_and_leaves_no_wrong_total(kind):
    """Up to the seed under which it strikes: by the time of day, the days of a seed may be of one page each."""
    for seed in range(SEEDS):
        verdict = endure(seed, [kind])
        assert verdict.broken == [], verdict.again
        if verdict.struck:
            return
    pytest.fail(f"{kind} never struck")


@pytest.mark.parametrize("first", range(0, SEEDS, SEEDS_OF_A_TEST))
def test_faults_of_all_kinds_at_random_lose_no_log_and_leave_no_wrong_total(first):
    for seed in range(first, first + SEEDS_OF_A_TEST):
        verdict = endure(seed)
        assert verdict.broken == [], verdict.again
