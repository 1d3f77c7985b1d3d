"""Forged cursors: those that Tollbook wrote, with each of their values replaced by every kind of JSON."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import product

import pytest

from dashboard.filters.parser import SORTS
from dashboard.filters.values import FilterError
from dashboard.queries.changes import NEWEST_FIRST
from dashboard.queries.keyset import parse_cursor
from tests.forged_input.requests import ask, assert_answered

INSTANTS = [
    *["0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59.999999+00:00"],
    *["9999-12-31T23:59:59.999999-23:59", "1969-12-31T23:59:59+00:00", "3000-01-01T00:00:00+00:00"],
    *["2025-03-10T12:00:00", "2025-03-10", "2025-W11-1T00:00+00:00", "2025-03-10T12:00:00+05:00", "now"],
]
NUMBERS = ["1e400", "-0", "NaN", "1E+2", "1" * 5000, "9223372036.854775808", "0.0000000001", "1.50", "٣"]
JSON = [
    *(json.dumps(text) for text in [*INSTANTS, *NUMBERS, "", "\0", "\ud800", "x" * 100_000]),
    *["null", "true", "[]", '["a"]', "{}", '{"a":1}', "1.5", "1e400", "1e18", "-0.0", "NaN", "Infinity"],
    *[str(2**63), str(-(2**63) - 1), str(10**30), "9" * 5000, "[" * 2_000, "[" * 2_000 + "]" * 2_000],
]
PAGES = {sort: f"/logs/?period=all&page_size=1&sort={sort}" for sort in SORTS}
PAGES[NEWEST_FIRST] = "/sync/changes/?kind=all&page_size=1"


def encoded(text):
    return urlsafe_b64encode(text.encode(errors="surrogatepass")).decode().rstrip("=")


def cursor_of(client, address):
    return client.get(address).context["result"].next_cursor


def contents(cursor):
    return [json.dumps(item) for item in json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))]


def forgeries(items):
    """The cursor with one item replaced, one too few, one too many, and no list at all.

    Never an empty text: that is a parameter not given, so the first page.
    """
    for place in range(len(items)):
        for value in JSON:
            if value != items[place]:
                yield encoded(f"[{', '.join([*items[:place], value, *items[place + 1 :]])}]")
    yield encoded(f"[{', '.join(items[:-1])}]")
    yield encoded(f"[{', '.join([*items, '1'])}]")
    yield from map(encoded, [" ", "[]", "{}", "null", '"', "[" * 100_000, "\ud800"])


def is_position(cursor, sort):
    try:
        return parse_cursor(cursor, sort).cursor == cursor
    except FilterError:
        return False


@pytest.fixture
def cursors(staff):
    """By sort, the cursor of a second page."""
    return {sort: cursor_of(staff, address) for sort, address in PAGES.items()}


def test_every_list_has_a_second_page(cursors):
    assert all(cursors.values())


def test_a_forged_cursor_is_refused_or_a_position_that_a_list_can_be_read_from(staff, cursors, drawn):
    forged = [(sort, forged) for sort, cursor in cursors.items() for forged in forgeries(contents(cursor))]
    for sort, position in drawn(forged):
        path, _, query = PAGES[sort].partition("?")
        expected = 200 if is_position(position, sort) else 400
        assert ask(staff, path, f"{query}&cursor={position}").status == expected


def test_no_such_text_stands_for_a_time(cursors):
    for sort, text in product(("-created_at", NEWEST_FIRST), (*INSTANTS, *NUMBERS)):
        items = contents(cursors[sort])
        with pytest.raises(FilterError):
            parse_cursor(encoded(f"[{', '.join([*items[:3], json.dumps(text), *items[4:]])}]"), sort)


def test_the_page_says_what_to_do(staff, cursors):
    for sort, address in PAGES.items():
        path, _, query = address.partition("?")
        foreign = next(cursor for other, cursor in cursors.items() if other != sort)
        for forged in (foreign, cursors[sort][:-2], "x" * 100_000, "%00", "%ED%A0%80", "%FF", "9" * 5_000):
            answer = ask(staff, path, f"{query}&cursor={forged}")
            assert_answered(answer)
            assert answer.status == 400
            assert b"Start at the first page" in answer.content or b"Remove it" in answer.content
