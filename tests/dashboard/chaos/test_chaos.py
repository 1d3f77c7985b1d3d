"""Pulls under every kind of fault while rows change: in the end, the logs equal those of the space."""

import pytest

from dashboard.chaos.trial import run_trial
from logsync.simulator.api.faults import FAULTS
from tests.databases import ENGINES

pytestmark = pytest.mark.django_db(transaction=True)
SEEDS, SEEDS_PER_TEST = 60, 10


@pytest.mark.parametrize("kind", FAULTS)
def test_one_kind_of_fault_loses_no_log_and_leaves_no_wrong_total(kind):
    """Runs seeds until the fault occurs: depending on the time of day, a seed may have too few pages for it."""
    for seed in range(SEEDS):
        verdict = run_trial(seed, [kind])
        assert verdict.violations == [], verdict.command
        if verdict.injected:
            return
    pytest.fail(f"{kind} never occurred")


@pytest.mark.parametrize("first", range(0, SEEDS, SEEDS_PER_TEST))
def test_faults_of_all_kinds_at_random_lose_no_log_and_leave_no_wrong_total(database, first):
    """Each engine has half of the seeds."""
    for seed in range(first + ENGINES.index(database), first + SEEDS_PER_TEST, len(ENGINES)):
        verdict = run_trial(seed)
        assert verdict.violations == [], verdict.command
