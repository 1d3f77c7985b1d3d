import logging
import random

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from dashboard.models.saved_views import SavedView
from logsync.models import ChargeChange, PullUnit, QuarantinedRow, SyncRun
from tests.support.pages import at, person, store_march
from tests.support.records import make_feed

VIEW = "mine-x7k2pq"
SAMPLE = 100


@pytest.fixture(autouse=True)
def quiet():
    """A line of log for every forged request would be most of the time that these tests take."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def drawn(request):
    """Takes a sample of what it is called with, or everything with --all-forgeries."""

    def draw(cases):
        cases = list(cases)
        if request.config.getoption("all_forgeries"):
            return cases
        return random.sample(cases, min(SAMPLE, len(cases)))

    return draw


@pytest.fixture
def stored(db):
    """A row of every kind that a page shows."""
    store_march()
    feed = make_feed()
    change = {"project": feed.project, "medium": "voice", "log_id": "a", "log_created_at": at(10)}
    for day in (12, 13):
        ChargeChange.objects.create(**change, old_charge=1, new_charge=2, was_final=True, changed_at=at(day))
    QuarantinedRow.objects.create(feed=feed, log_id="z", reason="why", raw="{}", fingerprint=1, last_seen_at=at(10))
    PullUnit.objects.get_or_create(feed=feed, day=at(10).date())
    SyncRun.objects.create(feed=feed, kind="today")
    Group.objects.create(name="readers")
    boss = person("boss", is_staff=True, is_superuser=True)
    SavedView.objects.create(owner=boss, name="Mine", slug=VIEW, path="/logs/", query="period=all", is_shared=True)
    return boss


@pytest.fixture
def staff(stored, static_files):
    client = Client(raise_request_exception=False)
    client.force_login(stored)
    return client


@pytest.fixture
def anybody(stored, static_files):
    return Client(raise_request_exception=False)


@pytest.fixture
def parts(stored):
    """A right value for each part of an address."""
    view = SavedView.objects.get()
    return {
        "medium": "voice",
        "log_id": "a",
        "slug": VIEW,
        "app_label": "auth",
        "url": "nowhere",
        "object_id": str(view.pk),
        "id": str(stored.pk),
        "content_type_id": "1",
    }
