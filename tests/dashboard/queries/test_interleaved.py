"""Figures stay right when logs are stored while a page reads: after any of its queries, by another process."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from dashboard import queries
from dashboard.finance.overview.queries import read_overview
from dashboard.queries.cache import UnknownState, date_slices
from logsync.models import PullUnit
from logsync.models.choices import UnitState
from logsync.rollups.rebuild import rebuild_stale
from logsync.storage.upsert import store_page
from tests.support.interleaved import with_a_writer_after_each_query
from tests.support.stored_logs import NOW, asked, make_feed, page, record, store

pytestmark = pytest.mark.django_db(transaction=True)

QUERIES = ["number=206", "period=last-365-days&number=206", "period=all&number=206", "period=all"]


def one_more_log(rebuilds):
    def write(position):
        name, number = f"{rebuilds}-{position}", f"+1206{position:07}{int(rebuilds)}"
        log = record(name, charge=Decimal(100), from_number=number, to_number=None, log_type=f"type-{name}")
        store_page(make_feed(), page(log))
        if rebuilds:
            rebuild_stale()

    return write


@pytest.mark.parametrize("rebuilds", [True, False])
@pytest.mark.parametrize("query", QUERIES)
def test_a_total_that_missed_a_log_is_not_kept(query, rebuilds):
    store(record("first", charge=Decimal(1)))
    wanted = asked(query)
    for _ in with_a_writer_after_each_query(lambda: queries.logs_page(wanted, NOW), one_more_log(rebuilds)):
        rows = list(queries.iter_logs(wanted))
        if wanted.from_rollup:
            rebuild_stale()
        assert queries.logs_page(wanted, NOW).totals.logs == len(rows)
        assert queries.log_totals(wanted).charge == sum(row.charge for row in rows)
        assert read_overview(wanted, NOW).totals.logs == len(rows)


@pytest.mark.parametrize("rebuilds", [True, False])
@pytest.mark.parametrize("query", QUERIES)
def test_chart_series_and_total_of_a_page_agree(query, rebuilds):
    store(record("first", charge=Decimal(1)))
    store_page(make_feed(), page(record("second", charge=Decimal(10))))  # its day is stale
    count = 0
    for result in with_a_writer_after_each_query(lambda: read_overview(asked(query), NOW), one_more_log(rebuilds)):
        count += 1
        total = result.totals.charge
        assert sum(day.totals.charge for day in result.days) == total
        assert sum(sum(day.charges.values()) for day in result.days) == total
        assert sum(row.totals.charge for row in result.series) == total
    assert count > 5


def test_two_unknown_states_are_not_equal():
    store(record("a"))
    store_page(make_feed(), page(record("b")))
    first, second = date_slices(asked("number=206")), date_slices(asked("number=206"))
    assert isinstance(first[0].state, UnknownState)
    assert first != second


@pytest.mark.parametrize("query", ["", "&number=206"])
@pytest.mark.parametrize("read", [queries.charges, queries.logs_page, read_overview])
def test_no_total_lacks_what_its_state_says_is_read(read, query):
    feed, day, after = make_feed(), date(2026, 11, 10), datetime(2026, 11, 12, tzinfo=UTC)
    unit = PullUnit.objects.create(feed=feed, day=day, state=UnitState.DONE)
    wanted = asked(f"start={day}&end={day}{query}")

    def finish(position):
        store_page(feed, page(record(f"log-{position}", created_at=after - timedelta(days=2))))
        rebuild_stale()
        PullUnit.objects.filter(pk=unit.pk).update(read_at=after)

    def read_while_unread():
        PullUnit.objects.filter(pk=unit.pk).update(read_at=None)
        result = read(wanted, NOW)
        return result.freshness, result.total if read is queries.charges else result.totals

    states = set()
    for number, (fresh, total) in enumerate(with_a_writer_after_each_query(read_while_unread, finish), start=1):
        states.add(fresh.state)
        assert not fresh.complete or total.logs == number
    assert states == {"complete", "incomplete"}
