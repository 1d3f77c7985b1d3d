from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from dashboard.models import SavedView
from logsync.models import ChargeChange, Feed
from tests.support.pages import person
from tests.support.stored_logs import record, set_aside, store

NOW = datetime.now(UTC)


def call(number, **more):
    """One call an hour, the latest an hour ago: two types, three numbers, slightly more than a cent each."""
    given = {
        "created_at": NOW - timedelta(hours=number + 1),
        "log_type": ["relay_pstn_call", "laml_call"][number % 2],
        "direction": ["inbound", "outbound"][number % 2],
        "from_number": f"+1206555{number % 3:04}",
        "charge": Decimal("0.010001"),
    } | more
    return record(f"call-{number:03}", **given)


@pytest.fixture
def calls(transactional_db):
    """Two hundred calls of the last days; call-011 is the parent of call-010."""
    child = call(10, parent_id="call-011", charge=Decimal("0.5"), itemised=Decimal("0.2"))
    raw = '{"id": "call-010", "charge": 0.5, "charge_details": [{"description": "Tax", "charge": 0.2}]}'
    store(*(call(number) for number in range(200) if number != 10), msgspec.structs.replace(child, raw=raw))
    Feed.objects.update(read_until=NOW)


@pytest.fixture
def clerk(transactional_db):
    return person()


def sign_in(page, path="/"):
    """Signs in through the form, which opens the requested page."""
    page.goto(path)
    page.get_by_label("User name").fill("clerk")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()


@pytest.fixture
def signed_in(page, clerk, calls, client, live_server):
    """A page with a signed-in clerk."""
    client.force_login(clerk)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])
    return page


@pytest.fixture(params=["light", "dark"])
def theme(request, page):
    page.emulate_media(color_scheme=request.param, reduced_motion="reduce")


@pytest.fixture
def full(signed_in, clerk):
    """A page with someone signed in who may do everything, and something in every list."""
    clerk.is_staff = clerk.is_superuser = True
    clerk.save()
    SavedView.objects.create(owner=clerk, name="Dear calls", slug="dear-calls", path="/logs/", query="")
    feed = Feed.objects.get(medium="voice")
    set_aside(feed, '{"id": 1}', last_seen_at=NOW)
    ChargeChange.objects.create(
        project=feed.project,
        medium="voice",
        log_id="call-011",
        log_created_at=NOW,
        old_charge=Decimal("0.01"),
        new_charge=Decimal("0.010001"),
        was_final=True,
        changed_at=NOW,
    )
    return signed_in
