"""The search keys that come with stored rows: one for each distinct value, made once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from logsync.models import Log, PhoneNumber, SearchText
from logsync.storage.upsert import store_page
from tests.support.records import make_feed, page, record

pytestmark = pytest.mark.django_db


def keys():
    return {number.value: (number.key, number.kind, number.text) for number in PhoneNumber.objects.all()}


def store(*records, **more):
    store_page(make_feed(), page(*records, **more))


def test_each_distinct_value_has_its_keys_once():
    store(
        record("a", from_number="(206) 555-0142", to_number="Anonymous", room_name="Straße", descriptions="\nTAX\nV\n"),
        record("b", from_number="Anonymous", to_number=None, room_name="Straße", descriptions="\nTAX\nV\n"),
        record("c", from_number="", to_number="201", room_name="", descriptions=None),
    )  # fmt: skip
    assert keys() == {
        "(206) 555-0142": ("+12065550142", "number", "(206) 555-0142"),
        "Anonymous": ("withheld", "withheld", "anonymous"),
        "201": ("201", "extension", "201"),
    }
    texts = SearchText.objects.order_by("kind").values_list("kind", "value", "text")
    assert list(texts) == [("description", "\nTAX\nV\n", "tax\nv"), ("room", "Straße", "strasse")]


def test_a_changed_row_brings_the_keys_of_its_new_values():
    store(record("a", from_number="+12065550142", room_name="One"))
    store(record("a", from_number="+442079460018", room_name="Two", fingerprint=2))
    assert "+442079460018" in keys()
    assert set(SearchText.objects.filter(kind="room").values_list("value", flat=True)) == {"One", "Two"}


def test_known_values_are_not_written_again():
    rows = [record(f"{n}", from_number=f"+1206555{n:04}", room_name=f"Room {n}") for n in range(50)]
    store(*rows)
    feed, again = make_feed(), page(*(record(f"again-{n}", from_number=f"+1206555{n:04}") for n in range(50)))
    with CaptureQueriesContext(connection) as queries:
        store_page(feed, again)
    written = [query["sql"] for query in queries if "INSERT INTO logsync_phonenumber" in query["sql"]]
    assert written == []


@pytest.mark.parametrize(
    "number", ["sip:%00alice@host", "sip:%0Aalice@host", "%ED%A0%80", "\u202a", "x" * 5000, "'\"\\%s"]
)
def test_any_text_can_be_stored(number):
    store(record("a", from_number=number, room_name=number, descriptions=number))
    assert Log.objects.get().from_number == number
    assert number[:200] in keys()


def test_a_long_value_is_kept_by_its_beginning():
    store(record("a", from_number="ж" * 250, to_number="ж" * 200 + "end"))
    assert set(keys()) == {"ж" * 200}
