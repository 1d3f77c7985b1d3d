"""What the tests of parsing share: rows as JSON, and pages of them as the client hands them over."""

from datetime import UTC, datetime

import msgspec

from logsync.answers import read_listing
from logsync.parse import parse_page
from logsync.records import RawPage

READ_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
# Decimals as numbers, to the last digit.
as_json = msgspec.json.Encoder(decimal_format="number").encode


def page_of(*rows):
    """The LogPage of rows given as JSON (text or bytes) or as dictionaries."""
    parts = [as_json(row) if isinstance(row, dict) else row for row in rows]
    parts = [part.encode() if isinstance(part, str) else part for part in parts]
    body = b'{"links": {"self": "/api/voice/logs", "first": "/api/voice/logs"}, "data": [' + b", ".join(parts) + b"]}"
    return parse_page(RawPage(body, read_listing(body).rows, READ_AT))
