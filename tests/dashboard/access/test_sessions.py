"""How sessions end."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.dashboard.access.conftest import RIGHT, SIGN_IN
from tests.support.pages import person, text_of

TWO_WEEKS = timedelta(days=14)
# A page that reads nothing.
PAGE = "/views/"


@pytest.fixture
def signed_in_browser(static_files, clerk):
    def signed_in_browser(name="clerk"):
        browser = Client()
        assert browser.post(SIGN_IN, {"username": name, "password": RIGHT}).url == "/"
        return browser

    return signed_in_browser


def is_signed_in(browser):
    return browser.get(PAGE).status_code == 200


def test_a_session_lasts_two_weeks_from_the_sign_in_however_often_it_is_used(signed_in_browser):
    browser = signed_in_browser()
    assert browser.cookies["sessionid"]["max-age"] == TWO_WEEKS.total_seconds()
    ends = Session.objects.get().expire_date
    assert abs(ends - timezone.now() - TWO_WEEKS) < timedelta(minutes=5)
    for page in (PAGE, "/sync/", "/"):
        browser.get(page)
    assert Session.objects.get().expire_date == ends


def test_a_session_is_over_after_two_weeks_even_if_the_browser_keeps_its_cookie(signed_in_browser):
    browser = signed_in_browser()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not is_signed_in(browser)


def test_sessions_that_are_over_are_deleted_at_the_next_sign_in(signed_in_browser):
    signed_in_browser()
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    signed_in_browser()
    assert Session.objects.count() == 1


def test_signing_out_on_all_devices_ends_every_session_of_this_person_alone(signed_in_browser):
    person("colleague")
    here, elsewhere, colleague = signed_in_browser(), signed_in_browser(), signed_in_browser("colleague")
    page = here.post("/accounts/logout/everywhere/", follow=True)
    assert "You are signed out on all devices" in text_of(page)
    assert [is_signed_in(browser) for browser in (here, elsewhere, colleague)] == [False, False, True]


def test_it_is_in_the_menu_and_takes_a_post(signed_in_browser):
    browser = signed_in_browser()
    assert 'action="/accounts/logout/everywhere/"' in browser.get(PAGE).content.decode()
    assert browser.get("/accounts/logout/everywhere/").status_code == 405
    assert is_signed_in(browser)


def test_changing_the_password_ends_the_sessions_on_other_devices(signed_in_browser):
    here, elsewhere = signed_in_browser(), signed_in_browser()
    new = {"old_password": RIGHT, "new_password1": "battery staple 9", "new_password2": "battery staple 9"}
    here.post("/accounts/password_change/", new)
    assert [is_signed_in(browser) for browser in (here, elsewhere)] == [True, False]


def test_a_deactivated_person_is_signed_out(signed_in_browser, clerk):
    browser = signed_in_browser()
    clerk.is_active = False
    clerk.save()
    assert not is_signed_in(browser)


@pytest.mark.parametrize("path", ["/accounts/logout/", "/accounts/logout/everywhere/", "/admin/logout/"])
def test_signing_out_clears_what_the_browser_keeps_of_the_site(signed_in_browser, path):
    answer = signed_in_browser().post(path)
    assert answer.status_code == 302
    assert '"cache"' in answer["Clear-Site-Data"]
    assert '"cookies"' not in answer["Clear-Site-Data"]
