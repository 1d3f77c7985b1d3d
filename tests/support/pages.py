"""Users, a month of calls, and the text, links and data of a web page."""

import html
import json
import re
from datetime import UTC, datetime
from decimal import Decimal

from django.contrib.auth import get_user_model

from tests.support.stored_logs import record, store

# In the past, so that no page shows it as running.
MARCH = "start=2025-03-01&end=2025-03-31"


def at(day, hour=12, minute=0):
    return datetime(2025, 3, day, hour, minute, tzinfo=UTC)


def person(name="clerk", **more):
    return get_user_model().objects.create_user(name, password="correct horse", **more)


def call(id_, day=10, charge="1", **more):
    return record(id_, created_at=at(day), charge=None if charge is None else Decimal(charge), **more)


def store_march():
    """Store five logs of three days, three types and both directions, with charges of 6.4251 dollars."""
    store(
        call("a", 10, "1.005", log_type="relay_pstn_call", direction="inbound", billing_ms=60_000),
        call("b", 10, "2.25", log_type="laml_call", direction="outbound", billing_ms=90_000),
        call("c", 11, "3.17", log_type="laml_call", direction="inbound"),
        call("d", 12, "0.0001", log_type="relay_sip_call", direction="inbound"),
        call("e", 12, None, log_type="relay_sip_call", direction=None),
    )


def text_of(response):
    """The text of a page without markup, scripts and icons."""
    body = response.content.decode()
    body = re.sub(r"<(script|svg|noscript)\b.*?</\1>", " ", body, flags=re.DOTALL)
    body = re.sub(r"</?bdi[^>]*>", "", body)  # these stand within a sentence
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def hrefs(response):
    return [html.unescape(href) for href in re.findall(r'href="([^"]*)"', response.content.decode())]


def data_of(response, id_):
    """The data that json_script put into the page."""
    [text] = re.findall(rf'<script id="{id_}" type="application/json">(.*?)</script>', response.content.decode())
    return json.loads(text)


def table_rows(response):
    """The text of each cell, by row, of all tables."""
    body = response.content.decode()
    rows = re.findall(r"<tr\b.*?</tr>", body, flags=re.DOTALL)
    cells = (re.findall(r"<t[hd]\b.*?</t[hd]>", row, flags=re.DOTALL) for row in rows)
    return [[" ".join(html.unescape(re.sub(r"<[^>]+>", "", cell)).split()) for cell in row] for row in cells]
