"""One key for all spellings of a number, and what kind of party a text names."""

import phonenumbers
import pytest

from logsync.parsing.phone_numbers import Party, digits_of, folded, party_of

SPELLINGS = [
    "+12065550142",
    "12065550142",
    "2065550142",
    "(206) 555-0142",
    "206.555.0142",
    "1 (206) 555-0142",
    " 12065550142",
    "+1 206\u2011555\u20110142",
    "+1\u00a0206\u00a0555\u00a00142",
    "\u202a+12065550142\u202c",
    "٢٠٦٥٥٥٠١٤٢",
    "011 1 206 555 0142",
    "001 206 555 0142",
    "tel:+1-206-555-0142",
    "sip:12065550142@example.sip.signalwire.com",
    "sips:+12065550142@host;transport=tls",
    "sip:%2B12065550142@host",
    '"João" <+12065550142>',
    "Joe <sip:+12065550142@host;user=phone>;tag=1",
    "whatsapp:+12065550142",
    "sms:+12065550142",
    "tel://+12065550142",
    "(+1) 206-555-0142",
    "sip:+12065550142:5060@host",
    "+1206\u034f5550142",
    '"A < B" <+12065550142>',
]
LONDON = ["+442079460018", "+44 (0)20 7946 0018", "0044 20 7946 0018", "011 44 20 7946 0018", "442079460018"]
WITHHELD = ["+266696687", "+7378742833", "Anonymous", "RESTRICTED", "sip:anonymous@anonymous.invalid", "private"]
WITHHELD += ["Private Number", "PRIVATE CALLER", "Restricted Number", "Number Withheld", "Caller ID Blocked"]
WITHHELD += ["anonymous.invalid", "sip:anonymous.invalid@host", "No Caller ID"]
UNKNOWN = ["", " ", "\u200b", "\u3164", None, "unknown", "Unavailable", "+86282452253", "Out of area"]
UNKNOWN += ["Unknown Caller", "Unknown Number", "Not Available"]


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_spelling_of_a_number_has_its_key(text):
    assert party_of(text) == Party("+12065550142", "number")


@pytest.mark.parametrize("text", LONDON)
def test_foreign_numbers_too(text):
    assert party_of(text) == Party("+442079460018", "number")


@pytest.mark.parametrize("text", ["+525512345678", "+5215512345678", "+52 1 55 1234 5678", "5215512345678"])
def test_a_mexican_mobile_number_is_one_with_and_without_its_old_1(text):
    assert party_of(text) == Party("+525512345678", "number")


def test_a_written_out_extension_is_that_of_the_short_form():
    assert party_of("+1 206-555-0142 extension 5") == party_of("+1 206-555-0142 ext. 5")


@pytest.mark.parametrize("text", ["Number One Pizza", "Caller", "private party"])
def test_a_name_is_no_withheld_caller(text):
    assert party_of(text).kind == "text"


@pytest.mark.parametrize("text", WITHHELD)
def test_a_withheld_caller_is_no_number_of_any_country(text):
    assert party_of(text).kind == "withheld"


@pytest.mark.parametrize("text", UNKNOWN)
def test_an_unknown_caller(text):
    assert party_of(text).kind == "unknown"


@pytest.mark.parametrize(
    ("text", "party"),
    [
        ("911", ("911", "short-code")),
        ("12345", ("12345", "short-code")),
        ("201", ("201", "extension")),
        ("sip:101@host", ("101", "extension")),
        ("5550142", ("5550142", "text")),
        ("+999123", ("+999123", "text")),
        ("+999 1-23", ("+999123", "text")),
        ("sip:%41lice@host", ("alice@host", "sip")),
        ("sip:%00al%0Aice@host", ("al ice@host", "sip")),
        ("sip:Alice@Example.com;transport=tcp", ("alice@example.com", "sip")),
        ("freeswitch", ("freeswitch", "text")),
        ("JOÃO", ("joão", "text")),
        ("joa\u0303o", ("joão", "text")),
    ],
)
def test_what_is_no_whole_number(text, party):
    assert party_of(text) == party


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("(206) 555", "206555"),
        ("555\u20110142", "5550142"),
        ("٢٠٦", "206"),
        ("alice", ""),
        ("", ""),
        ("tel:555-0142", "5550142"),
    ],
)
def test_a_part_of_a_number_is_its_digits(text, digits):
    assert digits_of(text) == digits


def test_folding_makes_composed_and_decomposed_letters_and_cases_meet():
    assert folded("ΔΟΚΙΜΑΣΤΙΚΌ") == folded("δοκιμαστικο\u0301") == folded("\u202aΔοκιμαστικό\u202c ")
    assert folded("STRASSE") == folded("straße")


def test_folding_keeps_lines_apart():
    assert folded("\nTax\nVoice,\toutbound\n") == "tax\nvoice, outbound"


@pytest.mark.parametrize(
    "text", ["2065550142", "12065550142", "+12065550142", "1065550142", "+11065550142", "17378742833"]
)
def test_the_short_way_for_home_numbers_gives_what_parsing_gives(text):
    number = phonenumbers.parse(text, "US")
    assert party_of(text).key == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
