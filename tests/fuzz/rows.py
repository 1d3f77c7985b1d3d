"""Strategies for rows as SignalWire documents them (shapes.json), malformed rows, and responses that contain them.

A row is a list of members, each a key and a value as JSON bytes, so keys can repeat and values can be invalid JSON.
Malformed members keep quotes and brackets balanced, so that it is clear where a row begins and ends. `damaged` damages
any bytes.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.support.json_rows import as_json

# No deadline: the profile decides the number of examples.
patient = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

DOCUMENTED = json.loads(Path(__file__).with_name("shapes.json").read_text())
NANO = Decimal("1e-9")
dollars = st.integers(-(10**9), 10**13).map(lambda nano: nano * NANO)
texts = st.sampled_from(["+12065551212", "sip:user@space-app.dapp.signalwire.com", "freeswitch", "", "=1+1"]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20
)
times = st.datetimes(datetime(1970, 1, 2), datetime(2999, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda instant: instant.isoformat().replace("+00:00", "Z")
)
KINDS = {
    "uuid": st.uuids().map(str),
    "text": texts,
    "dollars": dollars,
    "lines": st.lists(st.fixed_dictionaries({"description": texts, "charge": dollars}), max_size=3),
    "time": times,
    "integer": st.integers(0, 10**8),
    "boolean": st.booleans(),
    "null": st.none(),
} | {name: st.sampled_from(words) for name, words in DOCUMENTED["words"].items()}


def values_of(kind):
    return KINDS[kind] if not kind.endswith("?") else st.none() | KINDS[kind[:-1]]


documented = st.one_of(
    [st.fixed_dictionaries({key: values_of(kind) for key, kind in shape.items()}) for shape in DOCUMENTED["shapes"]]
)
KEYS = sorted({key for shape in DOCUMENTED["shapes"] for key in shape} | {"description", "audio_mos", "\0", ""})
NUMBERS = ["NaN", "Infinity", "-Infinity", "1e999999", "1e99999999999999999999", "1e-400", "0e99999999", "-0", "01",
    "1.", "9" * 5000, "0." + "1" * 5000, "1e3", "1.0", str(2**63), str(-(2**63) - 1), str(2**63 - 1), str(-(2**63)),
    "9223372036.854775807", "-9223372036.854775807", "0.1234567891", "10000000", "-1", "0.000000001"]  # fmt: skip
TEXTS = ["NaN", "sNaN", "-Infinity", "0.01", "1E+999999", "", "x" * 10_000, "😀" * 256, "a\0b", "\u202e+1206", "=cmd()",
    "<script>alert(1)</script>", "line\nfeed", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+05:00",
    "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "2026-11-20T09:15:60Z", "2026-11-20",
    "2026-11-20T09:15:00+23:59", "a-status-of-tomorrow"]  # fmt: skip
ODD = [b'"\\ud800"', b'"\\udc00\\ud800"', b'"\xff"', b'"\xed\xa0\x80"', b'"nul\x00"', b'"\\u0000"', b'"\\x"', b"nul",
    b"", b"[" * 1000 + b"]" * 1000, b'{"a":' * 1000 + b"1" + b"}" * 1000, b"[" * 400 + b"]" * 400, b'{"a":1,"a":2}',
    b'[{"charge":1,"charge":"sNaN"}]', b'[{"charge":9e9},{"charge":9e9}]', b'[{"description":"a\\u0000"}]']  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
hostile = (
    st.sampled_from([text.encode() for text in NUMBERS] + [as_json(text) for text in TEXTS] + ODD)
    | st.sampled_from([b'"one"', b'"two"', b'"2026-11-20T09:15:00Z"', b"9000000", b"null"])
    | anything.map(as_json)
)
keys = st.sampled_from([as_json(key) for key in KEYS]) | st.sampled_from([b'"\xfe"', b'"\\ud800"', b'"i\\u0064"'])


@st.composite
def malformed(draw):
    """The bytes of a documented row after up to four changes: keys removed, added, repeated, or with other values."""
    members = [(as_json(key), as_json(value)) for key, value in draw(documented).items()]
    for _ in range(draw(st.integers(0, 4))):
        change = draw(st.sampled_from(["drop", "replace", "replace", "replace", "add"]))
        at = draw(st.integers(0, max(0, len(members) - 1)))
        if change == "add":
            members.insert(at, (draw(keys), draw(hostile)))
        elif members:
            members[at : at + 1] = [] if change == "drop" else [(members[at][0], draw(hostile))]
    return b"{" + b",".join(key + b":" + value for key, value in members) + b"}"


@st.composite
def malformed_rows(draw, most=6):
    """The rows of a page: malformed rows, values that are not rows, and repeated rows."""
    no_rows = hostile.filter(lambda value: value.strip())
    rows = draw(st.lists(st.one_of(malformed(), malformed(), malformed(), no_rows), min_size=1, max_size=most))
    return rows + [rows[0]] * draw(st.integers(0, 1))


def answer(rows):
    return b'{"links": {"self": "/api/voice/logs", "first": "/api/voice/logs"}, "data": [' + b", ".join(rows) + b"]}"


@st.composite
def damaged(draw, bodies):
    """Bodies with bytes cut off, removed or inserted anywhere."""
    body = draw(bodies)
    start, end = sorted([draw(st.integers(0, len(body))), draw(st.integers(0, len(body)))])
    junk = draw(
        st.binary(max_size=8) | st.sampled_from([b"\xef\xbb\xbf", b'"', b"]", b"{", b"\\", b"\x00", b'"data":[]'])
    )
    cut = draw(st.sampled_from([slice(0, start), slice(start, None)]))
    return draw(st.sampled_from([body[cut], body[:start] + junk + body[start:], body[:start] + junk + body[end:]]))
