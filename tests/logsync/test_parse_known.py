"""Rows whose bytes are stored already are not read any further; everything else is."""

import pytest

from logsync.parse import fingerprint, parse_page
from logsync.records import RawPage
from tests.logsync.reading import READ_AT, as_json

# No log: were it read, it would be set aside.
UNREADABLE = b'{"id": "a", "created_at": "never"}'


def row(id_, **changes):
    return as_json({"id": id_, "created_at": "2026-11-20T09:15:00Z"} | changes)


def read(*rows, known):
    """The page, and the ids that were looked up."""
    asked = []

    def stored(ids):
        asked.extend(ids)
        return {id_: fingerprint(bytes_) for id_, bytes_ in known.items() if id_ in ids}

    return parse_page(RawPage(b"", rows, READ_AT), stored), asked


def ids_of(page):
    return [record.id for record in page.records]


def test_a_row_that_is_stored_with_the_same_bytes_is_not_read():
    page, asked = read(UNREADABLE, row("b"), known={"a": UNREADABLE})
    assert (page.unchanged, ids_of(page), page.bad_rows, page.stored) == (("a",), ["b"], (), {})
    assert asked == ["a", "b"]


def test_a_row_that_is_stored_with_other_bytes_is_read_and_what_is_stored_is_told():
    page, _ = read(row("a", charge=2), known={"a": row("a", charge=1)})
    assert (page.unchanged, ids_of(page)) == ((), ["a"])
    assert page.stored == {"a": fingerprint(row("a", charge=1))}


def test_where_an_id_comes_twice_all_rows_are_read():
    alive, gone = row("a", charge=1), row("a", discarded_at="2026-11-20T10:00:00Z")
    page, _ = read(alive, gone, row("b"), known={"a": alive, "b": row("b")})
    assert (page.unchanged, ids_of(page)) == ((), ["a", "a", "b"])
    assert set(page.stored) == {"a", "b"}


@pytest.mark.parametrize(
    "broken", [b"{", b"[]", b"7", b'{"id": 7}', b'{"id": ""}', b'{"id": "a\\u0000"}', b'{"id": "\xff"}']
)
def test_a_row_without_an_id_is_not_looked_up_and_set_aside(broken):
    page, asked = read(broken, row("b"), known={})
    assert (asked, len(page.bad_rows), ids_of(page)) == (["b"], 1, ["b"])


def test_without_a_look_nothing_is_said_of_what_is_stored():
    page = parse_page(RawPage(b"", (row("a"),), READ_AT))
    assert (page.stored, page.unchanged, ids_of(page)) == (None, (), ["a"])
