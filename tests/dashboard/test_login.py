"""Nothing is shown to who has not signed in, and signing in leads to what was asked for."""

import pytest
from django.test import override_settings
from django.urls import URLPattern, get_resolver

from tests.dashboard.pages import hrefs, person, text_of

# One engine proves as much.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
# The metrics answer a monitor, who cannot sign in: see test_metrics.py.
OPEN = {"login", "logout", "healthz", "healthz_live", "healthz_ready", "metrics", "favicon"}
SAMPLES = {"medium": "voice", "log_id": "a", "slug": "a-view"}


def addresses(patterns, prefix=""):
    """Every address of the website with its name; the admin guards its own."""
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
def test_every_address_asks_who_you_are(client, db, name, method):
    answer = getattr(client, method)(SITE[name])
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("address", ["/admin/", "/admin/logsync/project/"])
def test_the_admin_asks_too(client, db, address):
    assert client.get(address).status_code == 302


def test_signing_in_leads_to_the_page_that_was_asked_for_with_its_filter(client, db):
    person()
    asked = client.get("/logs/?start=2025-03-01&type=laml_call")
    page = client.post(asked.headers["Location"], {"username": "clerk", "password": "correct horse"}, follow=True)
    assert (page.request["PATH_INFO"], page.request["QUERY_STRING"]) == ("/logs/", "start=2025-03-01&type=laml_call")


def test_a_wrong_password_is_answered_in_plain_words(client, db):
    page = client.post("/accounts/login/", {"username": "clerk", "password": "wrong"})
    assert "That name and password do not belong together" in text_of(page)


def test_signing_in_never_leads_to_another_site(client, db):
    person()
    asked = "/accounts/login/?next=https://elsewhere.example/"
    answer = client.post(asked, {"username": "clerk", "password": "correct horse"})
    assert answer.headers["Location"] == "/"


def test_a_part_of_a_page_asked_for_after_the_session_ended_loads_the_whole_page(client, db):
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


def test_staff_find_the_administration_in_the_menu(client, admin_user, clerk):
    client.force_login(admin_user)
    assert "/admin/" in hrefs(client.get("/views/"))
    client.force_login(clerk)
    assert "/admin/" not in hrefs(client.get("/views/"))


def test_pages_that_are_not_there_have_tollbooks_own_404(client, signed_in):
    page = signed_in.get("/nothing/here/")
    assert page.status_code == 404
    assert "There is nothing at this address" in text_of(page)


def test_an_error_of_ours_has_tollbooks_own_500(signed_in):
    signed_in.raise_request_exception = False
    with override_settings(REPORT_TIME_ZONE=None):  # which no page survives
        page = signed_in.get("/")
    assert page.status_code == 500
    assert "Something went wrong here" in text_of(page)


def test_a_form_without_its_token_is_refused_in_plain_words(client, clerk):
    client.handler.enforce_csrf_checks = True
    client.force_login(clerk)
    page = client.post("/preferences/", {"theme": "dark"})
    assert page.status_code == 403
    assert "That form has expired" in text_of(page)
