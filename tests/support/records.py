"""Feeds, parsed records, and pages of them, for tests of storage and totals."""

from datetime import UTC, datetime
from decimal import Decimal

from logsync.models import Feed, Log, Project
from logsync.parsing.records import BadRow, LogPage, LogRecord

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_feed(name="Main", medium="voice"):
    project, _ = Project.objects.get_or_create(
        name=name,
        defaults={"space_url": f"https://{name.lower()}.signalwire.com", "signalwire_id": name, "api_token": "PTx"},
    )
    return Feed.objects.get_or_create(project=project, medium=medium)[0]


def record(id_="a", *, fingerprint=None, **fields):
    values = {
        "created_at": NOON,
        "log_type": "relay_pstn_call",
        "source": "realtime_api",
        "direction": "inbound",
        "status": "completed",
        "from_number": "+12065551212",
        "to_number": "+12065553434",
        "charge": Decimal("0.01"),
    } | fields
    charge = "null" if values["charge"] is None else values["charge"]
    raw = f'{{"id": "{id_}", "charge": {charge}}}'
    if fingerprint is None:
        fingerprint = hash((id_, *sorted(map(str, values.items()))))
    return LogRecord(id=id_, raw=raw, fingerprint=fingerprint, **values)


def tombstone(id_="a", **fields):
    values = {"created_at": NOON, "discarded_at": NOON} | fields
    return LogRecord(id=id_, raw=f'{{"id": "{id_}"}}', fingerprint=hash((id_, "gone")), is_tombstone=True, **values)


def bad_row(raw="{}", *, log_id="", reason="id is missing", **read):
    return BadRow(raw=raw, fingerprint=hash(raw), reason=reason, log_id=log_id, **read)


def page(*records, bad_rows=(), read_at=NOON, **known):
    return LogPage(records=records, bad_rows=tuple(bad_rows), read_at=read_at, **known)


def stored(id_="a"):
    return Log.objects.get(id=id_)
