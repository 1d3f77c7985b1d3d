from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters import query_string
from dashboard.filters.parser import DELETED, GROUPS, LISTS, MEDIA, SEARCHES, SINGLES, SORTS, Filter, parse_filter
from dashboard.filters.periods import PERIODS
from dashboard.filters.values import FilterError
from logsync.parsing.phone_numbers import folded

NOW = datetime(2026, 11, 20, 10, 42, tzinfo=UTC)


def parse(query):
    return parse_filter(query, NOW)


def test_the_default_is_the_last_30_days():
    log_filter = parse("")
    assert (log_filter.period, log_filter.start, log_filter.end) == (
        "last-30-days",
        date(2026, 10, 22),
        date(2026, 11, 20),
    )
    assert (log_filter.deleted, log_filter.sort, log_filter.page_size, log_filter.group_by) == (
        "include",
        "-created_at",
        50,
        (),
    )


def test_an_id_defaults_to_all_days():
    assert parse("id=abc").start is None
    assert parse("id=abc&period=today").start == date(2026, 11, 20)
    assert parse("parent=abc").period == "all"
    assert parse("parent=abc&period=today").start == date(2026, 11, 20)


def test_today_is_the_day_of_the_report_timezone(settings):
    settings.REPORT_TIME_ZONE = ZoneInfo("America/New_York")
    assert parse_filter("period=today", datetime(2026, 11, 20, 4, 59, tzinfo=UTC)).end == date(2026, 11, 19)
    assert parse_filter("period=today", datetime(2026, 11, 20, 5, 0, tzinfo=UTC)).end == date(2026, 11, 20)


def test_both_dates_are_included_and_a_start_alone_reaches_to_today():
    log_filter = parse("start=2026-11-01&end=2026-11-03")
    assert (log_filter.period, log_filter.start, log_filter.end) == (None, date(2026, 11, 1), date(2026, 11, 3))
    assert parse("start=2026-11-01").end == date(2026, 11, 20)
    assert parse("start=2026-12-01").end == date(2026, 12, 1)


def test_lists_may_repeat_or_use_commas_and_hold_each_value_once():
    assert parse("type=a,b&type=b, c").type == ("a", "b", "c")
    assert parse("direction=none,inbound").direction == (None, "inbound")
    assert parse(r"direction=\none").direction == ("none",)
    assert parse("description=Voice, outbound").description == ("Voice, outbound",)
    assert parse(r"parent=a,b&parent=c\,d&parent=none&parent=a").parent == ("a", "b", "c,d", None)


def test_a_query_dict_parses_like_its_text():
    text = "type=a,b&from=%2B1206&room=Big%20room"
    assert parse(QueryDict(text)) == parse(text) == parse(f"?{text}")


def test_empty_fields_of_a_form_are_not_set():
    assert parse("type=&min_charge=&start=&end=&period=&number=%20&sort=&page_size=") == parse("")


def test_an_unescaped_plus_is_a_space_and_an_escaped_one_a_plus():
    assert parse("from=+12065551212").from_number == ("12065551212",)
    assert parse("from=%2B12065551212").from_number == ("+12065551212",)


def test_amounts_are_exact_dollars():
    log_filter = parse("min_charge=-.5&max_charge=1234567.89")
    assert (log_filter.min_charge, log_filter.max_charge) == (Decimal("-0.5"), Decimal("1234567.89"))


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("start=2026-02-30", "start"),
        ("start=20261120", "start"),
        ("start=٢٠٢٦-١١-٢٠", "start"),
        ("start=1969-12-31", "start"),
        ("start=3000-01-01", "start"),
        ("start=2026-11-02&end=2026-11-01", "end"),
        ("end=2026-11-01", "start"),
        ("period=last-fortnight", "period"),
        ("period=today&start=2026-11-01", "period"),
        ("period=today&period=yesterday", "period"),
        ("min_charge=cheap", "min_charge"),
        ("min_charge=1,50", "min_charge"),
        ("min_charge=NaN", "min_charge"),
        ("min_charge=1e3", "min_charge"),
        ("min_charge=0.0000000001", "min_charge"),
        ("max_charge=99999999999", "max_charge"),
        ("min_charge=2&max_charge=1", "max_charge"),
        ("min_duration=1.5", "min_duration"),
        ("min_duration=-1", "min_duration"),
        ("min_duration=60&max_duration=59", "max_duration"),
        ("max_duration=" + "9" * 5000, "max_duration"),
        ("group_by=colour", "group_by"),
        ("sort=colour", "sort"),
        ("deleted=maybe", "deleted"),
        ("medium=fax", "medium"),
        ("medium=none", "medium"),
        ("page_size=0", "page_size"),
        ("page_size=1001", "page_size"),
        ("colour=red", "colour"),
        ("colour=", "colour"),
        ("number=%00", "number"),
        ("number=\ud800", "number"),
        ("id=" + ",".join(map(str, range(201))), "id"),
        ("parent=" + ",".join(map(str, range(201))), "parent"),
        ("parent=%00", "parent"),
    ],
)
def test_an_invalid_query_raises_an_error_that_names_the_parameter(query, parameter):
    with pytest.raises(FilterError) as caught:
        parse(query)
    assert caught.value.parameter == parameter
    assert str(caught.value) == f"{parameter}: {caught.value.message}"
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("query", "from_rollup"),
    [
        ("project=Main&medium=voice&type=a&direction=none&status=ended&source=laml&deleted=only", True),
        ("number=1206", False),
        ("from=1206", False),
        ("to=none", False),
        ("room=lobby", False),
        ("id=abc", False),
        ("parent=abc", False),
        ("description=Tax", False),
        ("min_charge=0", False),
        ("max_duration=0", False),
    ],
)
def test_a_filter_knows_whether_the_rollup_can_answer_it(query, from_rollup):
    assert parse(query).from_rollup is from_rollup


def test_a_filter_describes_itself_in_words():
    query = (
        "direction=inbound,none&type=relay_pstn_call,brand_new&from=%2B1206&parent=3f2a&description=Tax&room=none&min_charge=0.050"
        "&max_duration=60&deleted=exclude"
    )
    chips = parse(query).chips()
    assert [(chip.parameter, chip.value, chip.label) for chip in chips] == [
        ("type", "relay_pstn_call", "type is PSTN call"),
        ("type", "brand_new", "type is brand_new"),
        ("direction", "inbound", "direction is inbound"),
        ("direction", None, "direction is none"),
        ("from", "+1206", "from contains +1206"),
        ("room", None, "room is none"),
        ("parent", "3f2a", "parent is 3f2a"),
        ("description", "Tax", "charge line contains Tax"),
        ("min_charge", "0.05", "charge is at least $0.05"),
        ("max_duration", "60", "lasted at most 60 s"),
        ("deleted", "exclude", "without deleted logs"),
    ]
    for chip in chips:
        query = query_string.without(query, chip.parameter, chip.value)
    assert query == ""


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("number=(206) 555-0142", "number is (206) 555-0142"),
        ("number=555-0142", "number contains 555-0142"),
        ('number="201"', "number is exactly 201"),
        ("from=Withheld", "from is withheld or unknown"),
        ("to=none", "to is none"),
        ("to=alice@example.com", "to contains alice@example.com"),
        ('room="Lobby"', 'room contains "Lobby"'),
    ],
)
def test_a_search_says_how_it_compares(query, label):
    [chip] = parse(query).chips()
    assert chip.label == label


LONG = "x" * 50_000


@pytest.mark.parametrize("name", sorted({*LISTS, *SINGLES} - {"cursor", "medium"}))
def test_a_value_has_at_most_255_characters(name):
    for value in (LONG, f"{LONG}{LONG}", "y" * 256, f"a,{LONG}"):
        with pytest.raises(FilterError) as caught:
            parse(f"{name}={value}")
        assert caught.value.parameter == name
        assert len(caught.value.message) < 200
        assert "at most 255" in caught.value.message


@pytest.mark.parametrize("name", ["room", "id", "number", "type", "project"])
def test_a_value_of_255_characters_is_fine(name):
    assert len(parse(f"{name}={'y' * 255}").chips()) == 1


@pytest.mark.parametrize("query", [f"{LONG}=1", f"medium={LONG}", f"group_by={LONG}", f"cursor={LONG}&sort={LONG}"])
def test_no_error_repeats_a_long_text(query):
    with pytest.raises(FilterError) as caught:
        parse(query)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("name", sorted(SEARCHES))
def test_a_search_for_nothing_that_can_be_seen_is_refused(name):
    with pytest.raises(FilterError, match="cannot be seen"):
        parse(f"{name}=\u200b\u202a")


def test_the_canonical_query_has_the_period_and_what_is_not_the_default():
    assert parse("").query() == "period=last-30-days"
    query = "start=2026-11-01&end=2026-11-02&type=a&type=b&group_by=day&group_by=type&sort=charge&page_size=10"
    assert parse(f"page_size=10&{query}&cursor=xyz").query() == query


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
# A search needs a character that can be seen.
searches = texts.filter(folded)
# Free text is trimmed, and `none` in any case stands for an absent value.
phrases = searches.filter(lambda text: text == text.strip() and text.lower() != "none")
days = st.dates(date(1970, 1, 1), date(2999, 12, 31))
charges = st.decimals(min_value=-1000, max_value=1000, places=9)


def lists_of(values):
    return st.lists(values, max_size=3, unique=True).map(tuple)


@st.composite
def filters(draw):
    lists = {
        field: draw(lists_of((searches if name in SEARCHES else texts) | st.none()))
        for name, field in LISTS.items()
        if name in query_string.LISTS
    }
    lists |= {name: draw(lists_of(phrases | st.none())) for name in query_string.TEXTS}
    period = draw(st.sampled_from([*PERIODS, None]))
    dates = sorted([draw(days), draw(days)])
    least, most = sorted([draw(charges), draw(charges)])
    shortest, longest = sorted([draw(st.integers(0, 10**6)), draw(st.integers(0, 10**6))])
    named = parse(f"period={period}" if period else f"start={dates[0]}&end={dates[1]}")
    return replace(
        named,
        **lists | {"medium": draw(lists_of(st.sampled_from(MEDIA)))},
        min_charge=draw(st.sampled_from([least, None])),
        max_charge=draw(st.sampled_from([most, None])),
        min_duration=draw(st.sampled_from([shortest, None])),
        max_duration=draw(st.sampled_from([longest, None])),
        deleted=draw(st.sampled_from(sorted(DELETED))),
        group_by=draw(lists_of(st.sampled_from(GROUPS))),
        sort=draw(st.sampled_from(SORTS)),
        page_size=draw(st.integers(1, 1000)),
    )


@given(filters())
def test_every_filter_parses_back_from_its_canonical_query(log_filter):
    assert parse(log_filter.query()) == log_filter
    assert parse(QueryDict(log_filter.query())) == log_filter


@given(filters())
def test_removing_every_chip_leaves_only_the_period(log_filter):
    query = log_filter.query()
    for chip in log_filter.chips():
        query = query_string.without(query, chip.parameter, chip.value)
    bare = parse(query)
    assert bare.chips() == []
    assert (bare.start, bare.end) == (log_filter.start, log_filter.end)


@given(st.text(max_size=200))
def test_any_text_is_a_filter_or_a_filter_error(query):
    with suppress(FilterError):
        assert isinstance(parse(query), Filter)
