"""Rows whose bytes are stored already are not parsed."""

import pytest

from logsync.parsing.parser import fingerprint, parse_page
from logsync.parsing.records import RawPage
from tests.support.json_rows import READ_AT, as_json

# If it were parsed, it would become a bad row.
UNREADABLE = b'{"id": "a", "created_at": "never"}'


def row(id_, **changes):
    return as_json({"id": id_, "created_at": "2026-11-20T09:15:00Z"} | changes)


def read(*rows, known):
    """The page, and the ids that were looked up."""
    looked_up = []

    def stored(ids):
        looked_up.extend(ids)
        return {id_: fingerprint(bytes_) for id_, bytes_ in known.items() if id_ in ids}

    return parse_page(RawPage(b"", rows, READ_AT), stored), looked_up


def ids_of(page):
    return [record.id for record in page.records]


def test_a_row_stored_with_the_same_bytes_is_not_parsed():
    page, looked_up = read(UNREADABLE, row("b"), known={"a": UNREADABLE})
    assert (page.unchanged, ids_of(page), page.bad_rows, page.stored) == (("a",), ["b"], (), {})
    assert looked_up == ["a", "b"]


def test_an_id_that_is_a_number_is_looked_up():
    unreadable = UNREADABLE.replace(b'"a"', b"525")
    page, looked_up = read(unreadable, known={"525": unreadable})
    assert (page.unchanged, page.bad_rows, looked_up) == (("525",), (), ["525"])


def test_a_row_stored_with_other_bytes_is_parsed():
    page, _ = read(row("a", charge=2), known={"a": row("a", charge=1)})
    assert (page.unchanged, ids_of(page)) == ((), ["a"])
    assert page.stored == {"a": fingerprint(row("a", charge=1))}


def test_a_duplicate_id_makes_all_rows_parsed():
    alive, gone = row("a", charge=1), row("a", discarded_at="2026-11-20T10:00:00Z")
    page, _ = read(alive, gone, row("b"), known={"a": alive, "b": row("b")})
    assert (page.unchanged, ids_of(page)) == ((), ["a", "a", "b"])
    assert set(page.stored) == {"a", "b"}


@pytest.mark.parametrize(
    "broken", [b"{", b"[]", b"7", b'{"id": 7.5}', b'{"id": ""}', b'{"id": "a\\u0000"}', b'{"id": "\xff"}']
)
def test_a_row_without_an_id_is_bad_and_not_looked_up(broken):
    page, looked_up = read(broken, row("b"), known={})
    assert (looked_up, len(page.bad_rows), ids_of(page)) == (["b"], 1, ["b"])


def test_without_a_lookup_stored_is_none():
    page = parse_page(RawPage(b"", (row("a"),), READ_AT))
    assert (page.stored, page.unchanged, ids_of(page)) == (None, (), ["a"])
