"""Every address of the site, with forged parts, parameters and forms: for staff, and for nobody in particular."""

import random
import re
from itertools import product

import pytest

from dashboard.filters.parser import DISPLAY_PARAMETERS
from tests.forged_input.addresses import addresses
from tests.forged_input.requests import ask, assert_answered
from tests.forged_input.values import KINDS, LONG, REPEATED

ADDRESSES = addresses()
# Those that single pages read themselves, and those of the admin and of signing in.
NAMES = (
    *DISPLAY_PARAMETERS,
    "q",
    "id",
    "project",
    "path",
    "query",
    "kind",
    "changed",
    "next",
    "e",
    "o",
    "p",
    "all",
    "term",
)
# Addresses that answer without a login.
PUBLIC = {"healthz", "healthz_live", "healthz_ready", "metrics", "favicon", "login", "admin_login"}
# In every parameter at once, a value must be short enough for the query to be read.
MAX_REPEATED = 1000
QUERIES = [
    *["&".join(f"{name}={value}" for name in NAMES) for value in KINDS if len(value) < MAX_REPEATED],
    *[f"q={value}" for value in KINDS if len(value) >= MAX_REPEATED],
    f"{LONG}={LONG}",
    "q=1&" * REPEATED,
]
FIELD = re.compile(r'<(?:input|select|textarea)\b[^>]*?\bname="([^"]+)"')


def test_the_addresses_are_those_of_the_site():
    names = {address.name for address in ADDRESSES}
    assert {"overview", "logs", "log", "open_view", "logsync_project_change", "autocomplete", "view_on_site"} <= names


def test_a_forged_part_of_any_address_is_answered(staff, parts, drawn):
    forged = [(address, part, value) for address in ADDRESSES for part in address.parts for value in KINDS]
    for address, part, value in drawn(forged):
        assert_answered(ask(staff, address.path(parts | address.rows() | {part: value})))


def test_forged_parameters_of_any_address_are_answered(staff, parts, drawn):
    for address, query in drawn(product(ADDRESSES, QUERIES)):
        assert_answered(ask(staff, address.path(parts | address.rows()), query))


def test_forged_forms_of_any_address_are_answered(staff, parts, drawn):
    for address, value in drawn(product(ADDRESSES, KINDS)):
        path = address.path(parts | address.rows())
        fields = [*FIELD.findall(ask(staff, path).content.decode(errors="replace")), "post"]
        one = random.choice(fields)
        for forged in (fields, [one]):
            body = "&".join(f"{field}={value if field in forged else 1}" for field in fields)
            assert_answered(ask(staff, path, body=body))


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        ("a=1&" * REPEATED, "application/x-www-form-urlencoded", "more than 1,000 parameters or fields"),
        ("a=" + LONG * 30, "application/x-www-form-urlencoded", "larger than 2,621,440 bytes"),
        ("--b", "multipart/form-data", "Its form cannot be read"),
        ("--b\r\nContent-Disposition: form-data", "multipart/form-data; boundary=b", ""),
        (LONG.replace("x", "["), "application/json", ""),
        ("\0", "text/plain; charset=nothing", ""),
    ],
)
def test_a_body_that_nobody_would_send_is_answered_by_every_form(staff, parts, body, content_type, words):
    for path in ("/views/new/", "/preferences/", "/accounts/login/", "/admin/auth/user/add/", "/logs/voice/a/"):
        answer = ask(staff, path, body=body, content_type=content_type)
        assert_answered(answer)
        if words and answer.status == 400:
            assert words in answer.content.decode()
    assert not words or ask(staff, "/views/new/", body=body, content_type=content_type).status == 400


def test_who_is_not_signed_in_gets_the_login_whatever_is_asked(anybody, parts, drawn):
    for address, value in drawn(product(ADDRESSES, KINDS)):
        forged = dict.fromkeys(address.parts, value)
        for path in (address.path(forged), address.path(parts | address.rows())):
            answer = ask(anybody, path, f"period={value}&next={value}")
            assert_answered(answer)
            if address.name not in PUBLIC and "logout" not in address.name:
                assert answer.is_login or answer.status in {400, 404, 405}, answer.asked
