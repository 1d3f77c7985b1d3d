import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters import query_string

# Any value that SignalWire could send and a database can store.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@pytest.mark.parametrize(
    ("query", "name", "value", "expected"),
    [
        ("", "type", "laml_call", "type=laml_call"),
        ("type=a", "type", "b", "type=a&type=b"),
        ("type=a,b", "type", "b", "type=a&type=b"),
        ("?period=today", "direction", None, "period=today&direction=none"),
        ("cursor=xyz&period=today", "type", "a", "period=today&type=a"),
        ("", "from", "+12065551212", "from=%2B12065551212"),
        ("", "room", "Stand-up, daily", "room=Stand-up,%20daily"),
        ("", "status", "a,b", "status=a%5C,b"),
        ("", "status", "none", "status=%5Cnone"),
    ],
)
def test_with_value_adds_a_value_once_and_starts_at_the_first_page(query, name, value, expected):
    assert query_string.with_value(query, name, value) == expected


@pytest.mark.parametrize(
    ("query", "name", "value", "expected"),
    [
        ("type=a,b&period=today", "type", "a", "type=b&period=today"),
        ("type=a&type=b", "type", "c", "type=a&type=b"),
        ("direction=none,inbound", "direction", None, "direction=inbound"),
        ("direction=%5Cnone,none", "direction", "none", "direction=none"),
        ("min_charge=0.050&type=a", "min_charge", "0.05", "type=a"),
        ("room=A,%20B", "room", "A, B", ""),
    ],
)
def test_without_removes_one_value_of_a_list_or_another_parameter(query, name, value, expected):
    assert query_string.without(query, name, value) == expected


def test_without_a_value_removes_the_parameter():
    assert query_string.without("type=a,b&type=c&period=today", "type") == "period=today"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('"Doe, Joe"', ['"Doe, Joe"']),
        ('a, "Doe, Joe" <+1206>,b', ["a", '"Doe, Joe" <+1206>', "b"]),
        ('"a","b"', ['"a"', '"b"']),
        ('"a,b', ['"a', "b"]),
        ('5" pipe,6" pipe', ['5" pipe', '6" pipe']),
        (r'\"a,b"', ['"a', 'b"']),
        ('""', ['""']),
    ],
)
def test_double_quotes_at_the_beginning_of_an_entry_keep_its_commas(text, values):
    assert query_string.decode_values("number", text) == values


@given(st.lists(texts, min_size=1, max_size=4))
def test_entries_joined_by_commas_are_the_same_entries(values):
    joined = ",".join(query_string.encode_value("number", value) for value in values)
    assert query_string.decode_values("number", joined) == values


def test_toggling_twice_changes_nothing():
    once = query_string.toggled("type=a&type=b", "type", "b")
    assert once == "type=a"
    assert query_string.toggled(once, "type", "b") == "type=a&type=b"


def test_with_parameters_sets_and_removes_parameters():
    assert query_string.with_parameters("period=today&sort=charge", sort="-charge") == "period=today&sort=-charge"
    assert (
        query_string.with_parameters("period=today&type=a", period=None, start="2026-01-01")
        == "type=a&start=2026-01-01"
    )


def test_only_an_explicit_cursor_is_kept():
    assert query_string.with_parameters("type=a&cursor=old", cursor="new") == "type=a&cursor=new"
    assert query_string.with_parameters("type=a&cursor=old", sort="charge") == "type=a&sort=charge"


@given(st.sampled_from(query_string.LISTS), texts | st.none())
def test_every_list_value_decodes_to_itself(name, value):
    assert query_string.decode_values(name, query_string.encode_value(name, value)) == [value]


@given(st.sampled_from(query_string.LISTS), st.lists(texts, unique=True))
def test_a_list_with_commas_decodes_to_its_values(name, values):
    assert (
        query_string.decode_values(name, ", ".join(query_string.encode_value(name, value) for value in values))
        == values
    )


@given(st.sampled_from([*query_string.LISTS, *query_string.TEXTS]), st.text())
def test_any_text_decodes_without_an_error(name, text):
    for value in query_string.decode_values(name, text):
        assert value != ""
