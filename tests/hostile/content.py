"""Logs in which every text is hostile, stored as if SignalWire had sent them."""

import json
from datetime import UTC, datetime, timedelta

from logsync.models import QuarantinedRow
from logsync.parsing.parser import parse_page
from logsync.parsing.records import RawPage
from logsync.parsing.wire import MAX_DEPTH, MAX_ID_LENGTH, MAX_WORD_LENGTH
from logsync.rollups.rebuild import rebuild_stale
from logsync.storage.upsert import store_page
from tests.support.records import make_feed

MARKUP = "\"><script>alert(1)</script><img src=x onerror=alert(2)><style>*{display:none}</style>'"
OVERRIDE = "invoice\u202egpj.exe"
TEXTS = {
    "markup": MARKUP,
    "end of a script": '"}]</script><script>alert(3)</script>',
    "template": "{{ 7|add:7 }}{% now 'Y' %}${7*7}",
    "formula": '=HYPERLINK("http://elsewhere.example";"x")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(A1)",
    "tab": "\t=1+1",
    "carriage return": "\r=1+1",
    "line feed": "a\n=1+1",
    "other separators": "a;=1+1\t@x|-y",
    "controls": "a\x01\x1b[31m\x0b\x7f\x85b",
    "override": OVERRIDE,
    "isolate": "\u2067abc\u2066\u200e\u200f",
    "no width": "\u200bpay\ufeffpal\u2060\u200d",
    "no characters": "a\uffff\ufffe",
    "right to left": "שלום עולם",
    "joined": "👩\u200d👧 می\u200cخواهم",
    "long": "x" * 10_000,
    "wide": "𝕏" * 10_000,
    "dots": "..",
    "one dot": ".",
    "way up": "../../admin/",
    "slashes": "/a//b/",
    "address": "a?b=c&d#e",
    "percent": "%2e%2e%2f%00",
    "scheme": "javascript:alert(4)",
    "blanks": "   ",
    "quotes": "'\"`\\",
    "none": "none",
    "list": "a,b",
    "phone": "+12065551212",
}
FIRST = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
DEEP = "[" * (MAX_DEPTH - 10) + "]" * (MAX_DEPTH - 10)


def id_of(text):
    return text[:MAX_ID_LENGTH]


def row(text, charge, **more):
    """The JSON of a log with this text in every text field."""
    word = text[:MAX_WORD_LENGTH]
    content = {
        "id": id_of(text),
        "type": word,
        "status": word,
        "source": word,
        "direction": word,
        "from": text,
        "to": text,
        "room_name": text,
        "url": text,
        "parent_id": id_of(text[::-1]),
        "created_at": FIRST.isoformat(),
        "charge": charge,
        "charge_details": [{"description": text, "charge": charge}],
        text: {text: [text]},
    } | more
    return json.dumps(content, ensure_ascii=False)[:-1].encode() + f', "deep": {DEEP}}}'.encode()


def read(rows, medium="voice", project="Main", read_at=FIRST):
    page = parse_page(RawPage(b"\\u0000".join(rows), rows, read_at))
    store_page(make_feed(project, medium), page)
    return page


def store_hostile_logs():
    """Store every text as a voice and as a video log, with a restated charge, and also as a quarantined row."""
    for medium, project in (("voice", "Main"), ("video", "Other")):
        bad_rows = [b'{"id": "' + id_of(text).encode() + b'", "charge": NaN}' for text in (MARKUP, OVERRIDE)]
        first = read([row(text, 1) for text in TEXTS.values()] + bad_rows, medium, project)
        assert len(first.records) == len(TEXTS)
        read([row(text, 2) for text in TEXTS.values()], medium, project, FIRST + timedelta(days=1))
    for number, text in enumerate(TEXTS.values()):
        QuarantinedRow.objects.create(
            feed=make_feed("Main", "voice"),
            log_id=id_of(text),
            reason=f"the field is {text}",
            raw=text,
            fingerprint=number,
            last_seen_at=FIRST,
        )
    rebuild_stale()
