"""One key per phone number, however it is spelled, and the kind of party that a `from` or `to` names. No Django.

`from` and `to` are free text: "+12065550142", "(206) 555-0142", "sip:12065550142@host", "011 44 20 …", a name, nothing.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from logsync.text import FILLERS

# SignalWire is a North American carrier: a number without a country code is one of the North American plan.
HOME_REGION = "US"
WITHHELD, UNKNOWN = "withheld", "unknown"
NUMBER, SHORT_CODE, EXTENSION, SIP, TEXT = "number", "short-code", "extension", "sip", "text"
# Words, and the words typed on a keypad, that carriers send in place of a caller's number.
WITHHELD_WORDS = frozenset({"anonymous", "restricted", "private", "withheld", "blocked", "hidden", "nocallerid"})
UNKNOWN_WORDS = frozenset({"unknown", "unavailable", "notavailable", "outofarea", "null", "none", "undefined"})
_BESIDE_WORDS = re.compile(r"callerid|caller|number|name|invalid$")  # "Private Number", "anonymous.invalid"
WITHHELD_DIGITS = frozenset({"266696687", "7378742833", "7748283", "2562533"})
UNKNOWN_DIGITS = frozenset({"8656696", "8566696", "86282452253"})

_DISPLAY_NAME = re.compile(r".*<([^<>]*)>[^<>]*")
_SCHEME = re.compile(r"(sips?|tel|sms|whatsapp|callto):(?://)?", re.IGNORECASE)
_WRITTEN_NUMBER = re.compile(r"\(?\+?[\d\s()./\-]+(?:(?:;ext=|\s*ext(?:ension|\.)?\s*|\s*x)\d+)?")
_PORT = re.compile(r":\d+\Z")
_HYPHENS = re.compile("[\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
# As dialled from most countries, and from North America.
_INTERNATIONAL_PREFIX = re.compile(r"\A(?:00|011)[\s./\-]*(?=[1-9])")
# Mexico dropped the 1 before mobile numbers in 2020; some carriers still send it.
_OLD_MEXICAN_MOBILE = re.compile(r"\A\+52[\s./\-]*1[\s./\-]*(?=(?:\D*\d){10}\D*\Z)")
_PLAIN_HOME_NUMBER = re.compile(r"(?:\+?1)?([2-9]\d{9})", re.ASCII)
LEAST_BARE_INTERNATIONAL = 11
SHORT_CODE_LENGTHS = (5, 6)
EXTENSION_LENGTHS = range(2, 5)
SERVICE_CODE = re.compile(r"[2-9]11")


class Party(NamedTuple):
    """`key` is equal for all spellings of one number: E.164, the digits of a short number, else the folded address."""

    key: str
    kind: str


def folded(text: str) -> str:
    """The text for comparing: without characters that are not seen, NFC, in one case.

    Line feeds stay: they part charge lines, and no search may match the end of one with the beginning of the next.
    """
    if text.isascii() and text.isprintable():  # nearly every number; fifty times as fast
        return text.lower().strip()
    seen = "".join(map(_seen, text))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", seen).casefold()).strip()


def _seen(character: str) -> str:
    if character == "\n":
        return character
    if character.isspace():
        return " "
    return "" if character in FILLERS or unicodedata.category(character) in _UNSEEN else character


_UNSEEN = frozenset({"Cc", "Cf"})


@lru_cache(maxsize=10_000)
def party_of(text: str | None) -> Party:
    """The number or address that a `from` or `to` names."""
    address = _address(folded(text or "").replace("\n", " "))
    user, _, host = address.partition("@")
    user = _PORT.sub("", user) if host else user
    words = re.sub(r"[\W_]", "", user)
    spoken = {words, _BESIDE_WORDS.sub("", words)}
    if spoken & WITHHELD_WORDS or words in WITHHELD_DIGITS:
        return Party(WITHHELD, WITHHELD)
    if spoken & UNKNOWN_WORDS or words in UNKNOWN_DIGITS or not words:
        return Party(UNKNOWN, UNKNOWN)
    if not _WRITTEN_NUMBER.fullmatch(user):
        return Party(address, SIP if host else TEXT)
    return _number(user) or _short_number(user, address, SIP if host else TEXT)


def digits_of(text: str) -> str:
    """The ASCII digits of a text that is written like a part of a number, "" for any other text."""
    written = _address(folded(text))
    return _ascii_digits(written) if _WRITTEN_NUMBER.fullmatch(written) else ""


def _address(text: str) -> str:
    """Without display name, scheme and parameters: `"Joe" <sip:+1206…@host;user=phone>` is "+1206…@host"."""
    named = _DISPLAY_NAME.fullmatch(text)
    bare = _SCHEME.sub("", (named[1] if named else text).strip(), count=1)
    address, _, parameters = bare.partition(";")
    extension = next((part for part in parameters.split(";") if part.startswith("ext=")), "")
    # Unescaped characters are folded like others; a NUL among them could not be stored.
    plain = folded(unquote(address).replace("\n", " "))
    return _HYPHENS.sub("-", plain) + (f";{extension}" if extension else "")


def _number(text: str) -> Party | None:
    if plain := _PLAIN_HOME_NUMBER.fullmatch(text):  # nearly every number: parsing it would give the same, slowly
        return Party(f"+1{plain[1]}", NUMBER)
    candidates = [_INTERNATIONAL_PREFIX.sub("+", text.replace("(+", "+(", 1))]
    if len(_ascii_digits(text)) >= LEAST_BARE_INTERNATIONAL and not text.startswith(("+", "0")):
        candidates.append(f"+{text}")
    for candidate in candidates:
        if number := _parsed(_OLD_MEXICAN_MOBILE.sub("+52", candidate)):
            return Party(phonenumbers.format_number(number, PhoneNumberFormat.E164), NUMBER)
    return None


def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    """A number of a plausible length for its country; a local one, without an area code, is only a part of one."""
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except NumberParseException:
        return None
    is_home = number.country_code == 1
    is_whole = phonenumbers.is_possible_number(number) if text.startswith("+") or is_home else False
    return number if is_whole and (not is_home or len(str(number.national_number)) == 10) else None  # noqa: PLR2004


def _short_number(text: str, address: str, otherwise: str) -> Party:
    digits = _ascii_digits(text)
    if text.startswith("+"):
        return Party(f"+{digits}" if digits else address, otherwise)
    if SERVICE_CODE.fullmatch(digits) or len(digits) in SHORT_CODE_LENGTHS:
        return Party(digits, SHORT_CODE)
    return Party(digits, EXTENSION) if len(digits) in EXTENSION_LENGTHS else Party(digits or address, otherwise)


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(c)) for c in text if unicodedata.decimal(c, None) is not None)
