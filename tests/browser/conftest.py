from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from logsync.models import Feed
from tests.dashboard.pages import person
from tests.dashboard.stored import record, store

NOW = datetime.now(UTC)


def call(number, **more):
    """One an hour, the latest an hour ago: of two types, from one of three numbers, a cent each and a little."""
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
    """Two hundred calls of the last days; call-010 came out of call-011."""
    child = call(10, parent_id="call-011", charge=Decimal("0.5"), itemised=Decimal("0.2"))
    raw = '{"id": "call-010", "charge": 0.5, "charge_details": [{"description": "Tax", "charge": 0.2}]}'
    store(*(call(number) for number in range(200) if number != 10), msgspec.structs.replace(child, raw=raw))
    Feed.objects.update(read_until=NOW)


@pytest.fixture
def clerk(transactional_db):
    return person()


def sign_in(page, path="/"):
    """Through the form, and on to the page that was asked for."""
    page.goto(path)
    page.get_by_label("User name").fill("clerk")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("networkidle")


@pytest.fixture
def signed_in(page, clerk, calls, client, live_server):
    """A page of the clerk's, who has signed in before."""
    client.force_login(clerk)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])
    return page
