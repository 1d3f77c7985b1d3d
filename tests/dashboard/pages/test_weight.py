"""The size of a first visit with compression, and that every file comes from this host."""

import re
from datetime import timedelta
from decimal import Decimal
from random import Random
from urllib.parse import urljoin

import pytest
from django.utils import timezone

from dashboard.settings import BASE_DIR
from tests.support.pages import hrefs, store_march
from tests.support.stored_logs import mark_read, record, store

# One engine proves as much.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MAX_BYTES = 160_000
MAX_HTML = 100_000
DAYS = 365
COMPRESSED = {"Accept-Encoding": "gzip, br"}


@pytest.fixture
def busy_month(db):
    """Thirty days of seven types, four directions and exact charges: a page as full as the default one gets."""
    types = [f"type_{number}" for number in range(4)] + ["laml_call", "relay_pstn_call", "relay_sip_call"]
    now = timezone.now()
    store(
        *(
            record(
                f"log-{number}",
                created_at=now - timedelta(hours=number),
                log_type=types[number % 7],
                direction=["inbound", "outbound", "outbound-api", None][number % 4],
                charge=Decimal(number * number) / 10**6,
            )
            for number in range(700)
        )
    )


@pytest.fixture
def busy_year(db):
    """A year of seven types with exact charges, no two of them alike."""
    pick = Random(1)
    now = timezone.now()
    store(
        *(
            record(
                f"log-{day}-{number}",
                created_at=now - timedelta(days=day),
                log_type=f"type_{number}",
                direction=pick.choice(["inbound", "outbound", "outbound-api", None]),
                charge=Decimal(pick.randrange(10**7)) / 10**6,
                billing_ms=pick.randrange(10**7),
            )
            for day in range(DAYS)
            for number in range(7)
        )
    )


def received(client, address):
    """The compressed bytes of a response."""
    answer = client.get(address, headers=COMPRESSED)
    assert answer.status_code == 200, address
    return b"".join(answer) if answer.streaming else answer.content


def parts_of(client, address):
    """The size of the page and of every file that it makes a browser fetch."""
    page = client.get(address)
    files = {href for href in hrefs(page) if href.startswith("/static/")}
    files |= set(re.findall(r'src="(/static/[^"]+)"', page.content.decode()))
    for style in [file for file in files if file.endswith(".css")]:
        text = b"".join(client.get(style)).decode()
        files |= {urljoin(style, path) for path in re.findall(r'url\("?([^")]+)"?\)', text)}
    weights = {file: len(received(client, file)) for file in files}
    return weights | {address: len(received(client, address))}


@pytest.mark.parametrize("address", ["/", "/logs/", "/sync/"])
def test_a_first_visit_is_at_most_160_kilobytes(signed_in, busy_month, address):
    weights = parts_of(signed_in, address)
    assert any(file.endswith(".woff2") for file in weights)
    assert sum(weights.values()) <= MAX_BYTES, sorted(weights.items(), key=lambda part: -part[1])


def test_a_first_visit_to_a_year_is_at_most_160_kilobytes(signed_in, busy_year):
    weights = parts_of(signed_in, f"/?period=last-{DAYS}-days")
    assert sum(weights.values()) <= MAX_BYTES, sorted(weights.items(), key=lambda part: -part[1])


def test_the_html_of_a_year_is_under_100_kilobytes(signed_in, busy_year):
    mark_read(DAYS)
    assert len(signed_in.get(f"/?period=last-{DAYS}-days").content) < MAX_HTML


def test_the_sign_in_page_is_small(client, db):
    assert sum(parts_of(client, "/accounts/login/").values()) <= MAX_BYTES / 2


def test_pages_are_compressed(signed_in):
    store_march()
    answer = signed_in.get("/", headers=COMPRESSED)
    assert answer.headers["Content-Encoding"] == "gzip"


def test_no_file_comes_from_another_host(signed_in):
    store_march()
    for address in ("/", "/logs/", "/sync/", "/views/"):
        page = signed_in.get(address).content.decode()
        assert not re.findall(r'(?:src|action|href)="(?:https?:)?//[^"]*', page)
    for file in [*BASE_DIR.glob("static/css/*.css"), *BASE_DIR.glob("static/js/*.js")]:
        assert "://" not in file.read_text(), file


def test_the_content_security_policy_allows_this_host_alone(signed_in):
    policy = signed_in.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    for word in ("unsafe-inline", "unsafe-eval", "http:", "https:", "*"):
        assert word not in policy
