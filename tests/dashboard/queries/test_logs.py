"""Pages of logs: their rows, order, totals and facets."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection

from dashboard import queries
from dashboard.filters.parser import SORTS
from dashboard.filters.values import FilterError
from dashboard.queries.conditions import matching_logs
from dashboard.queries.numbers import MAX_NUMBERS
from tests.support.stored_logs import NOON, NOW, asked, mixture, record, store, tombstone

pytestmark = pytest.mark.django_db


def ids(query):
    return sorted(row.id for row in queries.iter_logs(asked(query)))


def page(query, cursor=None):
    return queries.logs_page(asked(f"{query}&cursor={cursor or ''}"), NOW)


SELECTIONS = {
    "number=2065551212": ["mobile"],
    "number=+12065551212": ["mobile"],
    "number=%2B12065551212": ["mobile"],
    "number=(206) 555-1212": ["mobile"],
    "number=206.555.1212": ["mobile"],
    "number=%2B1 206 555 1212": ["mobile"],
    "from=1206": ["mobile"],
    "to=1206": [],
    "number=7946": ["london", "mobile"],
    "number=1212,freeswitch": ["mobile", "room"],
    "from=ALICE@EXAMPLE": ["sip"],
    "from=100%25": [],
    "from=a_ice": [],
    "to=sip:bob+work@example.com": ["sip"],
    "to=10.0.0.5": ["london"],
    "from=none": ["nobody", "room"],
    "from=none,1212": ["mobile", "nobody", "room"],
    "number=none": ["nobody", "room"],
    "room=LOB": ["room"],
    "room=none": ["london", "mobile", "nobody", "sip"],
    "description=voice, out": ["mobile"],
    "description=tax&description=speech": ["mobile", "sip"],
    "description=none": ["london", "nobody", "room"],
    "id=mobile": ["mobile"],
    "id=Mobile": [],
    "id=mobile,sip,lost": ["mobile", "sip"],
    "parent=mobile": ["sip"],
    "parent=Mobile": [],
    "parent=mobile&parent=lost": ["london", "sip"],
    "parent=mobile,lost&type=laml_call": ["london"],
    "parent=none": ["mobile", "nobody", "room"],
    "min_charge=0.01": ["mobile", "sip"],
    "min_charge=-1&max_charge=0.01": ["mobile", "room"],
    "max_charge=-0.0025": ["room"],
    "min_duration=60": ["mobile"],
    "max_duration=0": ["sip"],
    "type=laml_call&number=1212": [],
}


class TestConditions:
    def test_each_parameter_selects_its_logs(self):
        store(
            record("mobile", from_number="+12065551212", to_number="+442079460000", charge=Decimal("0.01"), seconds=60,
                   descriptions="\nTax\nVoice, outbound\n"),
            record("sip", from_number="sip:alice@example.com", to_number="sip:bob+work@example.com", seconds=0,
                   charge=Decimal("0.02"), descriptions="\nText to Speech\n", parent_id="mobile"),
            record("room", from_number=None, to_number="freeswitch", room_name="Lobby", charge=Decimal("-0.0025")),
            record("london", from_number="+442079460000", to_number="9@10.0.0.5", charge=None, log_type="laml_call",
                   parent_id="lost"),
            record("nobody", from_number=None, to_number=None, charge=None, log_type=None),
        )  # fmt: skip
        assert {query: ids(query) for query in SELECTIONS} == SELECTIONS

    def test_a_part_of_very_many_numbers_is_found(self):
        rows = [record(f"log-{n}", from_number=f"+1206{n:07}", to_number=None) for n in range(MAX_NUMBERS + 5)]
        store(*rows, record("other", from_number="+442079460000", to_number=None))
        assert len(ids("number=1206")) == MAX_NUMBERS + 5
        assert ids("number=+4420") == ["other"]

    def test_numbers_are_looked_up_by_index(self):
        numbers = [(f"+1206{n:07}", f"+1312{n:07}") for n in range(2000)]
        store(*(record(f"log-{n}", from_number=a, to_number=b) for n, (a, b) in enumerate(numbers)))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        plan = matching_logs(asked("number=12060000042&period=all")).values_list("pk").explain()
        assert "log_by_from" in plan
        assert "log_by_to" in plan

    def test_days_are_half_open_in_the_report_timezone(self, zone):
        zone("America/New_York")
        store(
            record("before", created_at=datetime(2026, 11, 1, 3, 59, 59, 999999, tzinfo=UTC)),
            record("first", created_at=datetime(2026, 11, 1, 4, 0, tzinfo=UTC)),
            record("last", created_at=datetime(2026, 11, 2, 4, 59, 59, 999999, tzinfo=UTC)),
            record("after", created_at=datetime(2026, 11, 2, 5, 0, tzinfo=UTC)),
        )
        assert ids("start=2026-11-01&end=2026-11-01") == ["first", "last"]

    def test_unseen_tombstones_are_shown_only_on_request(self):
        store(record("a"), record("b"))
        store(tombstone("b"), tombstone("gone"))
        assert ids("") == ["a", "b"]
        assert ids("deleted=exclude") == ["a"]
        assert ids("deleted=only") == ["b"]
        assert ids("deleted=unseen") == ["gone"]


class TestPaging:
    @pytest.mark.parametrize(("sort", "size"), [*((sort, 7) for sort in SORTS), ("created_at", 1), ("-charge", 1)])
    def test_pages_lead_through_every_row_once_and_back(self, sort, size):
        mixture(logs=30)
        query = f"period=all&sort={sort}&page_size={size}"
        everything = [(row.project, row.medium, row.id) for row in queries.iter_logs(asked(query))]
        pages, cursor = [], None
        while cursor or not pages:
            pages.append(page(query, cursor))
            cursor = pages[-1].next_cursor
        assert [(row.project, row.medium, row.id) for result in pages for row in result.rows] == everything
        assert pages[0].previous_cursor is None
        assert len(everything) > 2 * size
        for earlier, later in zip(reversed(pages[:-1]), reversed(pages[1:]), strict=True):
            assert page(query, later.previous_cursor).rows == earlier.rows
        back = page(query, pages[1].previous_cursor)
        assert (back.previous_cursor, back.next_cursor) == (None, pages[0].next_cursor)

    @pytest.mark.parametrize(
        ("sort", "column"), [("charge", "charge"), ("duration", "seconds"), ("from", "from_number")]
    )
    def test_rows_without_a_value_come_last_in_either_direction(self, sort, column):
        mixture(logs=30)
        for direction in ("", "-"):
            values = [getattr(row, column) for row in queries.iter_logs(asked(f"sort={direction}{sort}"))]
            present = [value for value in values if value is not None]
            assert values == [*present, *[None] * (len(values) - len(present))]
            assert present == sorted(present, reverse=direction == "-") or sort == "from"

    def test_new_rows_do_not_shift_the_pages(self):
        store(*(record(f"log-{n}", created_at=NOON + timedelta(minutes=n)) for n in range(6)))
        first = page("page_size=3")
        store(
            record("new", created_at=NOON + timedelta(hours=1)),
            record("log-2a", created_at=NOON + timedelta(minutes=2)),
        )
        second = page("page_size=3", first.next_cursor)
        assert [row.id for row in second.rows] == ["log-2a", "log-2", "log-1"]
        assert [row.id for row in page("page_size=3", second.previous_cursor).rows] == ["log-5", "log-4", "log-3"]

    def test_times_are_compared_to_the_microsecond(self):
        store(*(record(f"log-{n}", created_at=NOON + timedelta(microseconds=n // 2)) for n in range(8)))
        first = page("page_size=3")
        assert [row.id for row in first.rows] == ["log-7", "log-6", "log-5"]
        assert [row.id for row in page("page_size=3", first.next_cursor).rows] == ["log-4", "log-3", "log-2"]

    def test_an_empty_page_has_no_cursors(self):
        result = page("type=nothing")
        assert (result.rows, result.next_cursor, result.previous_cursor, result.totals.logs) == ([], None, None, 0)

    def test_a_cursor_of_another_order_or_a_forged_one_is_refused(self):
        store(*(record(f"log-{n}") for n in range(3)))
        cursor = page("page_size=1&sort=charge").next_cursor
        assert page("page_size=1&sort=charge", cursor).rows
        for query, bad in (
            ("sort=-charge", cursor),
            ("", cursor),
            ("sort=charge", cursor[:-2]),
            ("", "bm90IGpzb24"),
            ("", "WzEsMl0"),
            ("", "W1tb" * 5000),
            ("", "é"),
            ("", "e30"),
            ("", "bnVsbA"),
        ):
            with pytest.raises(FilterError) as caught:
                page(query, bad)
            assert caught.value.parameter == "cursor"


class TestTotalsAndFacets:
    @pytest.mark.parametrize(
        "query",
        ["", "type=laml_call,none", "project=Main&medium=voice&status=failed", "number=206&direction=none,inbound"],
    )
    def test_each_facet_counts_what_choosing_its_value_gives(self, query):
        mixture()
        result = page(query)
        assert result.totals.logs == len(ids(query))
        for facet in result.facets:
            for value, logs in facet.values:
                chosen = "&".join(part for part in query.split("&") if not part.startswith(f"{facet.parameter}="))
                assert len(ids(f"{chosen}&{facet.parameter}={'none' if value is None else value}")) == logs

    def test_facets_list_chosen_values_without_logs(self):
        store(record("a", status="ended"), record("b", status=None), record("c", status="ended"))
        facets = {facet.parameter: list(facet.values) for facet in page("status=busy").facets}
        assert facets["status"] == [("ended", 2), (None, 1), ("busy", 0)]
        assert facets["project"] == []

    def test_totals_are_those_of_all_pages(self):
        mixture()
        for query in ("", "deleted=only", "from=none"):
            rows = list(queries.iter_logs(asked(query)))
            result = page(f"{query}&page_size=2")
            assert (result.totals.logs, result.totals.charge) == (len(rows), sum((row.charge or 0) for row in rows))
            assert result.totals == queries.log_totals(asked(query))

    @pytest.mark.parametrize(
        ("query", "most"), [("", 8), ("period=today", 8), ("number=206&from=1&to=2", 12), ("sort=charge", 9)]
    )
    def test_the_number_of_queries_does_not_grow(self, query, most, django_assert_max_num_queries):
        for logs in (3, 120):
            mixture(logs=logs)
            with django_assert_max_num_queries(most):
                page(f"{query}&page_size=100")


def test_every_row_is_streamed_in_the_order_of_the_table(django_assert_num_queries):
    mixture(logs=60)
    with django_assert_num_queries(2):
        rows = list(queries.iter_logs(asked("sort=-charge")))
    charges = [row.charge for row in rows if row.charge is not None]
    assert charges == sorted(charges, reverse=True)
    assert len(rows) == queries.log_totals(asked()).logs
