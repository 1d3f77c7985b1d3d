"""Numbers, rooms and charge lines are found however they are written, the same on both databases."""

from urllib.parse import quote

import pytest

from dashboard import queries
from dashboard.filters.search_terms import finding
from dashboard.queries.numbers import MAX_NUMBERS
from tests.support.stored_logs import asked, record, store

pytestmark = pytest.mark.django_db

SPELLINGS = [
    "+12065550142",
    "12065550142",
    "2065550142",
    "(206) 555-0142",
    "206-555-0142",
    "206.555.0142",
    "1-206-555-0142",
    "+1 206 555 0142",
    "+1 (206) 555-0142",
    "sip:12065550142@example.sip.signalwire.com",
    "sip:+12065550142@10.0.0.5:5060;user=phone",
    "sips:%2B12065550142@host",
    "tel:+1-206-555-0142",
    "011 1 206 555 0142",
    "0012065550142",
    '"João" <+12065550142>',
    "+1\u2011206\u2011555\u20110142",
    "+1\u00a0206\u00a0555\u00a00142",
    "\u202a+12065550142\u202c",
    "whatsapp:+12065550142",
]
LONDON = ["+442079460018", "+44 (0)20 7946 0018", "0044 20 7946 0018", "011442079460018", "sip:+442079460018@host"]
OTHERS = ["+12065550143", "+12065550", "0142", "sip:2065550142x@host", "+13125550201", "201", "1201"]
WITHHELD = [
    "+266696687",
    "+7378742833",
    "Anonymous",
    "Restricted",
    "PRIVATE",
    "sip:anonymous@anonymous.invalid",
    '"Anonymous" <sip:anonymous@anonymous.invalid>',
    "Unknown",
    "Unavailable",
    "",
    None,
    " ",
]


def store_from(*numbers):
    store(*(record(f"{place:04}", from_number=number, to_number="freeswitch") for place, number in enumerate(numbers)))


def found(name, value):
    query = f"{name}={quote(value, safe='')}"
    return [row.from_number for row in queries.iter_logs(asked(f"{query}&sort=from"))]


def ids(query):
    return sorted(row.id for row in queries.iter_logs(asked(query)))


class TestNumbers:
    def test_every_spelling_finds_the_logs_of_every_spelling(self):
        store_from(*SPELLINGS, *LONDON, *OTHERS, *WITHHELD)
        for spelling in SPELLINGS:
            assert sorted(found("number", spelling.replace(",", "\\,"))) == sorted(SPELLINGS), spelling
        for spelling in LONDON:
            assert sorted(found("from", spelling)) == sorted(LONDON), spelling
        assert ids("to=2065550142") == []

    def test_an_unescaped_plus_is_as_good(self):
        store_from(*SPELLINGS, *OTHERS)
        for value in ("+12065550142", "sip:+12065550142@host", "+1 206 555 0142"):
            assert len(list(queries.iter_logs(asked(f"number={value}")))) == len(SPELLINGS)

    def test_fewer_digits_find_every_number_that_holds_them(self):
        store_from(*SPELLINGS, *LONDON, *OTHERS)
        for part in ("555-0142", "(206) 555-014", "206.555.01", "0142", "tel:5550142"):
            assert set(SPELLINGS) <= set(found("number", part)), part
        assert set(LONDON) == set(found("number", "7946")) == set(found("number", "+44 20"))
        assert set(found("number", "201")) == {"+13125550201", "201", "1201"}
        assert "+13125550201" not in found("number", "+201")

    def test_a_value_in_double_quotes_is_exactly_that_text(self):
        store_from(*SPELLINGS, *OTHERS, "Alice", "alice")
        for raw in ("201", "12065550142", "+12065550142", "Alice", "(206) 555-0142"):
            assert found("number", f'"{raw}"') == [raw]
        assert found("number", '"20"') == []
        assert found("number", "alice") == ["Alice", "alice"]

    def test_a_name_with_a_comma_is_one_value(self):
        store_from('"Doe, Joe" <+12065550142>', "Doe, Joe", "Doe", "+12065550142", "Joe")
        assert len(found("number", '"Doe, Joe" <+12065550142>')) == 2
        assert found("number", '"Doe, Joe"') == ["Doe, Joe"]

    def test_a_text_is_a_part_of_what_was_sent(self):
        store_from("sip:Alice@Example.com;transport=tls", "Alice <sip:alice@example.com>", "sip:bob@example.com")
        assert len(found("number", "ALICE@example.com")) == len(found("number", "sip:alice@EXAMPLE.COM")) == 2
        assert len(found("from", "example")) == 3
        for wildcard in ("%", "_", "a%e", "\\\\"):
            assert found("from", wildcard) == []

    def test_one_value_finds_every_withheld_or_unknown_caller(self):
        store_from(*WITHHELD, *SPELLINGS[:2])
        store(record("session", from_number=None, to_number=None), medium="video")
        store(record("unread", from_number=None, unread_fields="from,duration"))
        assert {row.from_number for row in queries.iter_logs(asked("number=withheld"))} == set(WITHHELD)
        assert len(ids("from=WITHHELD")) == len(WITHHELD)
        assert len(ids("from=withheld,2065550142")) == len(WITHHELD) + 2
        assert ids("to=withheld") == []
        assert found("from", '"Anonymous"') == ["Anonymous"]

    def test_none_is_null_or_empty(self):
        store_from("", None, "none", "Unknown")
        assert ids("from=none") == ["0000", "0001"]
        assert found("from", '"none"') == ["none"]

    def test_the_link_of_a_log_finds_the_logs_of_its_number(self):
        store_from(*SPELLINGS, *OTHERS, "911", "9110")
        for spelling in SPELLINGS:
            assert sorted(found("number", finding(spelling))) == sorted(SPELLINGS)
        assert finding("Anonymous") == finding("+266696687") == finding(" ") == "withheld"
        store_from("x" * 254, "sip:" + "y" * 300 + "@host")
        for raw in ("x" * 254, "sip:" + "y" * 300 + "@host"):
            assert found("number", finding(raw)) == [raw]
        for raw in ("201", "911", "sip:2065550142x@host"):
            assert found("number", finding(raw)) == [raw]

    def test_a_value_of_more_than_200_characters_is_decided_whole(self):
        name = '"' + "ж" * 210 + '" '
        number = "sip:" + "x" * 190 + "middle" + "Y" * 190 + "end@host"
        store_from(f"{name}<+12065550142>", f"{name}<+12065550143>", number, number[:390], "x" * 200, "+12065550142")
        assert found("number", "206-555-0142") == sorted([f"{name}<+12065550142>", "+12065550142"])
        assert len(found("number", "2065550142,2065550143")) == 3
        assert found("from", "END@HOST") == [number]
        assert len(found("from", "XMIDDLEY")) == 2
        assert found("from", "nowhere") == []
        assert found("from", '"' + "x" * 200 + '"') == ["x" * 200]

    def test_the_answer_does_not_depend_on_how_many_numbers_match(self):
        long = "y" * 220 + "1206"
        rows = [f"+1206{n:07}" for n in range(MAX_NUMBERS + 5)]
        store_from(*rows, "+442079460000", long, "y" * 230)
        assert len(found("number", "1206")) == MAX_NUMBERS + 6
        assert found("number", "12060000003") == ["+12060000003"]
        assert found("number", "+4420") == ["+442079460000"]


class TestTexts:
    def test_letters_are_compared_in_one_case_and_one_normal_form(self):
        rooms = ["Δοκιμαστικό", "ΔΟΚΙΜΑΣΤΙΚΌ", "δοκιμαστικο\u0301", "Straße", "STRASSE"]
        store(*(record(room, room_name=room, descriptions=f"\n{room}\nTax\n", from_number=room) for room in rooms))
        for name in ("room", "description", "number", "from"):
            for value in ("δοκιμαστικό", "ΔΟΚΙΜΑΣΤΙΚΟ\u0301", "μαστικό"):
                assert ids(f"{name}={value}") == sorted(rooms[:3]), (name, value)
            assert ids(f"{name}=straSSe") == sorted(rooms[3:])

    def test_a_name_in_a_number(self):
        store_from('"João" <+12065550142>', "JOA\u0303O", "joao")
        for value in ("JOÃO", "joa\u0303o", "joão"):
            assert len(found("number", value)) == 2

    def test_a_charge_line_is_searched_alone(self):
        store(record("a", descriptions="\nTax\nVoice, outbound\n"), record("b", descriptions="\nTaxi voice\n"))
        assert ids("description=tax") == ["a", "b"]
        assert ids("description=VOICE, out") == ["a"]
        assert ids("description=taxvoice") == ids("description=tax voice") == []

    def test_none_is_null_or_empty(self):
        store(record("a", room_name=""), record("b", room_name=None), record("c", room_name="none"))
        assert ids("room=none") == ["a", "b"]

    def test_a_text_of_more_than_200_characters_is_decided_whole(self):
        beginning = "Προετοιμασία" * 20
        store(record("a", room_name=f"{beginning} ΤΈΛΟΣ"), record("b", room_name=beginning))
        assert ids("room=τέλος") == ["a"]
        assert ids("room=προετοιμασία") == ["a", "b"]

    def test_the_answer_does_not_depend_on_how_many_rooms_match(self):
        store(*(record(f"{n:04}", room_name=f"Αίθουσα {n}") for n in range(MAX_NUMBERS + 5)), record("x"))
        assert len(ids("room=ΑΊΘΟΥΣΑ")) == MAX_NUMBERS + 5

    def test_wildcards_of_the_database_are_plain_characters(self):
        store(record("a", room_name="100%"), record("b", room_name="a_b\\c"), record("c", room_name="axb"))
        assert ids("room=%25") == ["a"]
        assert ids("room=a_b") == ids("room=\\") == ["b"]
