"""The columnar copy and the database give the same answers, whatever is asked and whatever state the days are in."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from django.db import connection

from dashboard import queries
from dashboard.finance.overview.queries import read_overview
from dashboard.queries import cache
from dashboard.queries.planner import explaining, plan_of
from logsync.columnar.files import all_files
from logsync.rollups.rebuild import rebuild_stale
from logsync.storage.upsert import store_page
from tests.support.copied import ask_both, copied_pages, forget_copy, parquet_files, update_copy
from tests.support.interleaved import Writer
from tests.support.stored_logs import NOW, asked, make_feed, mixture, page, record, store, tombstone

pytestmark = pytest.mark.django_db

# By parameter: values that find some of the logs of `logs_in_every_state`, and some that find none.
VALUES = {
    "project": ["Main", "Other", "nobody"],
    "medium": ["voice", "video"],
    "type": ["relay_pstn_call", "brand_new", "none", "ΑΒ"],
    "direction": ["inbound", "none", "outbound-dial"],
    "status": ["completed", "none", "failed"],
    "source": ["laml", "none"],
    "number": ["206", "%2B12065551212", "1212", "alice", "none", "withheld", '"%2B12065550000"', "joão", "%25", "_"],
    "from": ["12065550000", "sip:alice@example.com", "none", "withheld"],
    "to": ["%2B44", "freeswitch", "none"],
    "room": ["lob", "LOBBY", "none", "δοκιμ"],
    "description": ["tax", "outbound voice", "none", "ß"],
    "min_charge": ["0", "0.01", "-1", "1000"],
    "max_charge": ["0", "0.0000004", "-0.001"],
    "min_duration": ["0", "61"],
    "max_duration": ["60", "5"],
    "deleted": ["exclude", "only", "unseen"],
    "period": ["all", "last-30-days"],
    "sort": ["created_at", "-charge", "charge", "-duration", "duration", "type", "-from", "to", "-direction", "status"],
}
GROUPS = ["day", "month", "type", "direction", "project", "medium", "status", "source"]


@pytest.fixture(autouse=True)
def copy(settings):
    forget_copy()  # of tests before
    settings.COPY_MIN_LOGS = 0
    cache._entries.clear()
    yield
    forget_copy()


def logs_in_every_state(seed):
    """Days that the copy has, one restated since, one changed and not yet totalled, one without a file, one of texts
    that the search keys do not hold whole; credits, equal values, other scripts."""
    mixture(logs=90, days=12, seed=seed)
    odd = [
        record("odd-1", from_number="João <+12065551212>", room_name="Δοκιμαστικό", created_at=NOW - timedelta(days=3)),
        record("odd-2", from_number='"quoted", with a comma', log_type="ΑΒΓ", descriptions="\nGroße Straße\n"),
        record("odd-3", from_number="line\r\nbreak", to_number="", room_name=r"\N", status="100%_"),
        record("odd-6", log_type="a\x1fb", direction="c", created_at=NOW - timedelta(days=3)),
        record("odd-7", log_type="a", direction="b\x1fc", created_at=NOW - timedelta(days=3)),
        record("odd-8", log_type="a:1:b", direction="c", created_at=NOW - timedelta(days=3)),
        record("odd-9", log_type="a", direction="1:b:1:c", created_at=NOW - timedelta(days=3)),
        record("odd-4", charge=Decimal("-4000000000.123456789"), created_at=NOW - timedelta(days=2, hours=1)),
        record("odd-5", charge=Decimal("4000000000.000000001"), created_at=NOW - timedelta(days=4, hours=2)),
    ]
    store_page(make_feed(), page(*odd))
    rebuild_stale()
    update_copy()
    store(record("restated", charge=Decimal("7.5"), created_at=NOW - timedelta(days=5)))
    store(tombstone("odd-1", created_at=NOW - timedelta(days=3)))
    store_page(make_feed("Other"), page(record("not totalled", created_at=NOW - timedelta(days=6))))


def single_conditions():
    return [f"{name}={value}" for name, values in VALUES.items() for value in values]


def combined_conditions(seed, count):
    """Two or three parameters at a time, by lot."""
    random = Random(seed)
    for _ in range(count):
        names = random.sample(sorted(VALUES), random.choice([2, 2, 3]))
        if {"min_duration", "max_duration"} <= {*names} or {"min_charge", "max_charge"} <= {*names}:
            continue  # the range may be empty, which is refused
        yield "&".join(f"{name}={random.choice(VALUES[name])}" for name in names)


def with_all_days(condition):
    return condition if "period=" in condition else f"{condition}&period=all"


@pytest.mark.parametrize(
    "conditions", [single_conditions(), list(combined_conditions(1, 40))], ids=["each parameter", "some together"]
)
def test_rows_totals_and_facets_are_those_of_the_database(settings, conditions):
    logs_in_every_state(seed=len(conditions))
    asked_copy = 0
    for condition in conditions:
        wanted = asked(with_all_days(condition))
        copied, stored, was_asked = ask_both(settings, lambda wanted=wanted: uncached_page(wanted))
        assert copied == stored, condition
        asked_copy += was_asked
    assert asked_copy > len(conditions) // 2


def uncached_page(wanted):
    cache._entries.clear()
    return queries.logs_page(wanted, NOW)


@pytest.mark.parametrize("sort", ["created_at", "-charge", "duration", "-from", "status"])
def test_pages_lead_through_the_same_rows_and_back(settings, sort):
    logs_in_every_state(seed=7)
    query = f"period=all&sort={sort}&page_size=17&min_duration=0"
    copied, stored, was_asked = ask_both(settings, lambda: copied_pages(query))
    assert copied == stored
    assert was_asked
    assert len(copied[0]) > 2


@pytest.mark.parametrize("zone_name", ["America/New_York", "Asia/Kathmandu"])
def test_groups_and_the_overview_are_those_of_the_database(settings, zone, zone_name):
    zone(zone_name)
    logs_in_every_state(seed=11)
    random = Random(zone_name)
    for condition in combined_conditions(zone_name, count=10):
        if "sort=" in condition:
            continue
        groups = "&".join(f"group_by={name}" for name in random.sample(GROUPS, 2))
        wanted = f"{with_all_days(condition)}&{groups}"

        def read(query=wanted):
            cache._entries.clear()
            return queries.charges(asked(query), NOW), in_one_order(read_overview(asked(query), NOW))

        copied, stored, _ = ask_both(settings, read)
        assert copied == stored, condition


def in_one_order(overview):
    """Its groups have no order."""
    lists = {
        name: sorted(getattr(overview, name), key=str) for name in ("series", "by_type", "by_direction", "by_medium")
    }
    return replace(overview, **lists)


def test_the_copy_answers_for_its_days_alone(settings):
    store(record("copied", from_number="+12065550001", created_at=NOW - timedelta(days=2)))
    update_copy()
    store(record("later", from_number="+12065550001", created_at=NOW - timedelta(days=1)))
    with explaining() as notes:
        found = queries.logs_page(asked("number=0001"), NOW)
    assert [row.id for row in found.rows] == ["later", "copied"]
    assert found.totals.logs == 2
    assert notes == ["copy: 1 files, database: 1 days of projects"]


def test_what_changed_since_is_read_from_the_database():
    store(record("a", charge=Decimal(1), from_number="+12065550001", created_at=NOW - timedelta(days=2)))
    update_copy()
    change = record("a", charge=Decimal(5), from_number="+12065550001", created_at=NOW - timedelta(days=2))
    store_page(make_feed(), page(change, read_at=NOW))  # and not totalled yet
    assert queries.logs_page(asked("number=0001"), NOW).totals.charge == 5
    rebuild_stale()
    assert queries.logs_page(asked("number=0001"), NOW).totals.charge == 5
    update_copy(at_once=True)
    with explaining() as notes:
        assert queries.logs_page(asked("number=0001"), NOW).totals.charge == 5
    assert notes == ["copy: 1 files"]


def test_a_day_without_its_file_is_read_from_the_database():
    store(*(record(f"log-{day}", created_at=NOW - timedelta(days=day)) for day in range(1, 4)))
    update_copy()
    for file in all_files():
        file.path.unlink()
    with explaining() as notes:
        assert queries.logs_page(asked("min_charge=0"), NOW).totals.logs == 3
    assert any(note.startswith("database: v1-") for note in notes)


def test_ids_are_looked_up_in_the_database():
    store(record("a", parent_id="b"))
    update_copy()
    assert plan_of(asked("id=a")).parts is None
    assert plan_of(asked("parent=b")).parts is None


def test_texts_longer_than_their_search_keys_are_decided_by_the_database(settings):
    beginning = "x" * 250
    store(
        record("a", from_number=f"{beginning}a"), record("b", from_number=f"{beginning}b"), record("c", room_name="x")
    )
    update_copy()
    assert all(not file.is_searchable for file in all_files())
    copied, stored, _ = ask_both(settings, lambda: queries.logs_page(asked(f"number={'x' * 200}a"), NOW))
    assert copied == stored
    assert plan_of(asked("number=x")).parts is None
    assert plan_of(asked("min_charge=0")).parts


def test_totals_that_the_rollup_has_are_never_counted():
    mixture(logs=30)
    update_copy()
    with explaining() as notes:
        queries.charges(asked("period=all&status=completed"), NOW)
    assert notes == ["rollup"]


def test_another_timezone_has_no_use_for_the_files(zone, settings):
    mixture(logs=30)
    update_copy()
    zone("Asia/Tokyo")
    assert plan_of(asked("min_charge=0")).parts is None
    rebuild_stale()
    assert plan_of(asked("min_charge=0")).parts is None
    update_copy(at_once=True)
    assert plan_of(asked("min_charge=0")).parts
    copied, stored, _ = ask_both(settings, lambda: queries.charges(asked("min_charge=0"), NOW))
    assert copied == stored


def test_few_logs_are_left_to_the_database(settings):
    settings.COPY_MIN_LOGS = 1000
    mixture(logs=30)
    update_copy()
    assert parquet_files()
    assert plan_of(asked("min_charge=0")).parts is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("position", range(12))
def test_a_log_that_moves_while_a_page_reads_counts_once(database, position):
    """From a day that the copy has to one that it has not: moved after one of the page's queries of the database."""
    days = [NOW - timedelta(days=4), NOW - timedelta(days=2)]
    store(*(record(f"log-{at:%d}", created_at=at, from_number="+12065550001") for at in days))
    update_copy()
    store(record("uncopied", created_at=days[1], from_number="+12065550001"))

    def move(_position):
        store_page(make_feed(), page(record("log-16", created_at=days[1], from_number="+12065550001"), read_at=NOW))
        rebuild_stale()

    with connection.execute_wrapper(writer := Writer(position, move)):
        found = queries.logs_page(asked("number=0001"), NOW)
    assert writer.has_written
    assert found.totals.logs == 3
    assert sorted(row.id for row in found.rows) == ["log-16", "log-18", "uncopied"]
