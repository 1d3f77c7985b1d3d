"""Every page needs a sign-in, which then opens the requested page."""

import html
import re

import pytest
from django.test import override_settings
from django.urls import URLPattern, get_resolver

from tests.support.pages import hrefs, person, text_of

# One engine proves as much.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
# Monitors, which cannot sign in, read the metrics: see test_metrics.py.
OPEN = {"login", "logout", "healthz", "healthz_live", "healthz_ready", "metrics", "favicon"}
SAMPLES = {"medium": "voice", "log_id": "a", "slug": "a-view"}


def addresses(patterns, prefix=""):
    """The name and path of every page, without those of the admin."""
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLPattern):
            yield (
                pattern.name,
                "/"
                + "".join(
                    SAMPLES[part.split(":")[-1]] if place % 2 else part
                    for place, part in enumerate(route.replace(">", "<").split("<"))
                ),
            )
        elif pattern.app_name != "admin":
            yield from addresses(pattern.url_patterns, route)


SITE = dict(addresses(get_resolver().url_patterns))
assert {"overview", "logs", "log", "sync", "saved_views", "open_view", "charges_json", "logs_csv", "jump"} <= set(SITE)


@pytest.mark.parametrize("name", [name for name in SITE if name not in OPEN])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_page_redirects_to_the_sign_in(client, db, name, method):
    answer = getattr(client, method)(SITE[name])
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("address", ["/admin/", "/admin/logsync/project/"])
def test_the_admin_redirects_to_its_sign_in(client, db, address):
    assert client.get(address).status_code == 302


def test_signing_in_opens_the_requested_page_with_its_filter(client, db):
    person()
    asked = client.get("/logs/?start=2025-03-01&type=laml_call")
    page = client.post(asked.headers["Location"], {"username": "clerk", "password": "correct horse"}, follow=True)
    assert (page.request["PATH_INFO"], page.request["QUERY_STRING"]) == ("/logs/", "start=2025-03-01&type=laml_call")


def test_a_wrong_password_shows_an_error(client, db):
    page = client.post("/accounts/login/", {"username": "clerk", "password": "wrong"})
    assert "The user name or the password is wrong" in text_of(page)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "///elsewhere.example/",
        "/\\elsewhere.example/",
        "https:elsewhere.example",
        "javascript:alert(1)",
        "\t//elsewhere.example/",
        "/\t/elsewhere.example/",
        "//elsewhere.example/?" + "a=1&" * 1000,
        "//testserver@elsewhere.example/?next=/logs/",
    ],
)
@pytest.mark.parametrize("sent", ["in the address", "in the form"])
def test_signing_in_never_redirects_to_another_site(client, db, elsewhere, sent):
    person()
    form = {"username": "clerk", "password": "correct horse"} | ({"next": elsewhere} if sent == "in the form" else {})
    query = {} if sent == "in the form" else {"next": elsewhere}
    assert client.post("/accounts/login/", form, query_params=query).headers["Location"] == "/"
    assert client.get("/accounts/login/", {"next": elsewhere}).headers["Location"] == "/"


LONG = "/logs/?" + "&".join(f"number=%2B1206555{n:04}" for n in range(250))


@pytest.mark.parametrize(
    "asked", ["/logs/?type=laml_call&type=relay_pstn_call&description=a%26b%3Dc%23d%20%C3%A9", LONG]
)
def test_the_requested_page_survives_failed_attempts_with_its_whole_query(client, db, asked):
    person()
    page = client.get(client.get(asked).headers["Location"])
    for password in ("wrong", "wrong again", "correct horse"):
        [next_page] = re.findall(r'name="next" value="([^"]*)"', page.content.decode())
        form = {"username": "clerk", "password": password, "next": html.unescape(next_page)}
        page = client.post("/accounts/login/", form)
    assert page.headers["Location"] == asked


def test_a_filter_too_long_for_a_redirect_leaves_its_page(client, db):
    answer = client.get("/logs/", {"description": "&" * 9000})
    assert answer.headers["Location"] == "/accounts/login/?next=/logs/"


def test_a_form_sent_after_its_session_ended_opens_its_page(client, db):
    """Its own address may take no GET."""
    page = {"Referer": "http://testserver/logs/?type=laml_call"}
    answer = client.post("/preferences/", {"theme": "dark"}, headers=page)
    assert answer.headers["Location"] == "/accounts/login/?next=/logs/%3Ftype%3Dlaml_call"
    elsewhere = client.post("/preferences/", {"theme": "dark"}, headers={"Referer": "https://elsewhere.example/x"})
    assert elsewhere.headers["Location"] == "/accounts/login/?next=/"


@pytest.mark.parametrize("asked", ["/accounts/login/", "/accounts/login/?next=/accounts/login/"])
def test_the_sign_in_does_not_lead_to_itself(signed_in, asked):
    assert signed_in.get("/accounts/login/", {"next": asked}).headers["Location"] == "/"


def test_a_preference_leads_back_to_a_page_with_a_long_filter(signed_in):
    page = {"Referer": f"http://testserver{LONG}"}
    assert signed_in.post("/preferences/", {"theme": "dark"}, headers=page).headers["Location"] == LONG


def test_an_htmx_request_after_the_session_ended_reloads_the_whole_page(client, db):
    answer = client.get("/accounts/login/?next=/logs/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"


def test_signing_out_is_a_post(signed_in):
    assert signed_in.get("/accounts/logout/").status_code == 405
    signed_in.post("/accounts/logout/")
    assert signed_in.get("/").status_code == 302


def test_the_password_can_be_changed(signed_in, clerk):
    new = {"old_password": "correct horse", "new_password1": "battery staple 9", "new_password2": "battery staple 9"}
    assert "Your password was changed" in text_of(signed_in.post("/accounts/password_change/", new, follow=True))
    clerk.refresh_from_db()
    assert clerk.check_password("battery staple 9")


def test_only_staff_see_the_administration_in_the_menu(client, admin_user, clerk):
    client.force_login(admin_user)
    assert "/admin/" in hrefs(client.get("/views/"))
    client.force_login(clerk)
    assert "/admin/" not in hrefs(client.get("/views/"))


def test_a_missing_page_shows_the_404_page(client, signed_in):
    page = signed_in.get("/nothing/here/")
    assert page.status_code == 404
    assert "There is nothing at this address" in text_of(page)


def test_an_exception_shows_the_500_page(signed_in):
    signed_in.raise_request_exception = False
    with override_settings(REPORT_TIME_ZONE=None):  # makes every page fail
        page = signed_in.get("/")
    assert page.status_code == 500
    assert "Something went wrong" in text_of(page)


def test_a_form_without_its_csrf_token_is_refused_with_an_explanation(client, clerk):
    client.handler.enforce_csrf_checks = True
    client.force_login(clerk)
    page = client.post("/preferences/", {"theme": "dark"})
    assert page.status_code == 403
    assert "That form has expired" in text_of(page)
