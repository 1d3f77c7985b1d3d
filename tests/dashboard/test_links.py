import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import links

# Values as SignalWire could send them: anything but what no database can hold.
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
    assert links.with_value(query, name, value) == expected


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
def test_without_removes_one_value_of_a_list_and_all_of_anything_else(query, name, value, expected):
    assert links.without(query, name, value) == expected


def test_without_a_value_removes_the_parameter():
    assert links.without("type=a,b&type=c&period=today", "type") == "period=today"


def test_toggling_twice_changes_nothing():
    once = links.toggled("type=a&type=b", "type", "b")
    assert once == "type=a"
    assert links.toggled(once, "type", "b") == "type=a&type=b"


def test_replaced_sets_and_removes_parameters():
    assert links.replaced("period=today&sort=charge", sort="-charge") == "period=today&sort=-charge"
    assert links.replaced("period=today&type=a", period=None, start="2026-01-01") == "type=a&start=2026-01-01"


def test_only_a_cursor_that_is_asked_for_is_kept():
    assert links.replaced("type=a&cursor=old", cursor="new") == "type=a&cursor=new"
    assert links.replaced("type=a&cursor=old", sort="charge") == "type=a&sort=charge"


@given(st.sampled_from(links.LISTS), texts | st.none())
def test_whatever_is_written_into_a_list_is_read_back(name, value):
    assert links.values(name, links.written(name, value)) == [value]


@given(st.sampled_from(links.LISTS), st.lists(texts, unique=True))
def test_a_list_with_commas_is_read_as_its_values(name, several):
    assert links.values(name, ", ".join(links.written(name, value) for value in several)) == several


@given(st.sampled_from([*links.LISTS, *links.TEXTS]), st.text())
def test_any_text_is_read_without_an_error(name, text):
    for value in links.values(name, text):
        assert value != ""
