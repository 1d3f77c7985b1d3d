"""Rows as JSON, and the parsed page of them."""

from datetime import UTC, datetime

import msgspec

from logsync.parsing.parser import parse_page
from logsync.parsing.records import RawPage
from logsync.signalwire.responses import parse_list

READ_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
# Writes decimals as exact numbers.
as_json = msgspec.json.Encoder(decimal_format="number").encode


def page_of(*rows):
    """The LogPage of rows given as JSON (text or bytes) or as dictionaries."""
    parts = [as_json(row) if isinstance(row, dict) else row for row in rows]
    parts = [part.encode() if isinstance(part, str) else part for part in parts]
    body = b'{"links": {"self": "/api/voice/logs", "first": "/api/voice/logs"}, "data": [' + b", ".join(parts) + b"]}"
    return parse_page(RawPage(body, parse_list(body).rows, READ_AT))
