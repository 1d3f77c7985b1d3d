"""Guessing passwords: who is blocked, for how long, and who is not."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.core.management import call_command

from dashboard.access.limits import ACCOUNT, ADDRESS, SOURCE
from tests.dashboard.access.conftest import ADMIN, BLOCKED, OPENED, REFUSED, RIGHT, SIGN_IN, WRONG
from tests.support.pages import hrefs, person, text_of

pytestmark = pytest.mark.usefixtures("clerk")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clerk(db):
    return person(is_staff=True)


@pytest.mark.parametrize("path", [SIGN_IN, ADMIN])
def test_sixty_wrong_passwords_do_not_open_with_the_right_one(visitor, path):
    attempt = visitor()
    answers = [attempt(WRONG, path=path) for _ in range(60)]
    assert answers == [REFUSED] * (SOURCE.free - 1) + [BLOCKED] * (61 - SOURCE.free)
    assert attempt(RIGHT, path=path) == BLOCKED
    assert settings.SESSION_COOKIE_NAME not in attempt.browser.cookies


def test_both_forms_count_together_and_other_browsers_names_and_headers_do_not_help(visitor):
    for n in range(SOURCE.free):
        visitor()(WRONG, path=[SIGN_IN, ADMIN][n % 2], headers={"User-Agent": f"browser {n}"})
    for path in (SIGN_IN, ADMIN):
        assert visitor()(RIGHT, path=path, headers={"User-Agent": "new", "X-Forwarded-For": "8.8.8.8"}) == BLOCKED


def test_a_success_forgets_the_failures(visitor):
    attempt = visitor()
    for _ in range(3):
        assert [attempt(WRONG) for _ in range(SOURCE.free - 1)] == [REFUSED] * (SOURCE.free - 1)
        assert attempt(RIGHT) == OPENED
        attempt.browser.post("/accounts/logout/")
        attempt.browser.cookies.clear()
    assert not AccessAttempt.objects.exists()


def test_a_success_does_not_forget_failures_for_other_accounts(visitor):
    """Or an attacker could clear theirs by signing in as themselves."""
    person("attacker")
    attempt = visitor()
    for _ in range(SOURCE.free):
        attempt(WRONG)
    assert attempt(RIGHT, name="attacker") == OPENED
    assert visitor()(RIGHT) == BLOCKED


def test_a_block_ends_by_itself_and_is_not_prolonged_by_attempts(visitor, passes):
    attempt = visitor()
    for _ in range(SOURCE.free):
        attempt(WRONG)
    passes(MINUTE / 2)
    assert [attempt(WRONG) for _ in range(20)] == [BLOCKED] * 20
    passes(MINUTE / 2)
    assert attempt(RIGHT) == OPENED


def test_after_a_block_each_further_failure_blocks_longer(visitor, passes):
    attempt = visitor()
    for _ in range(SOURCE.free):
        attempt(WRONG)
    passes(MINUTE)
    assert attempt(WRONG) == BLOCKED
    passes(1.9 * MINUTE)
    assert attempt(RIGHT) == BLOCKED
    passes(0.2 * MINUTE)
    assert attempt(RIGHT) == OPENED


def test_an_attacker_does_not_lock_out_the_person_at_another_address(visitor):
    attacker = visitor("198.51.100.1")
    for _ in range(60):
        attacker(WRONG)
    assert visitor("203.0.113.1")(RIGHT) == OPENED


def test_many_addresses_together_are_slowed_down_for_one_account(visitor):
    for n in range(ACCOUNT.free):
        visitor(f"198.51.100.{n}")(WRONG)
    assert visitor("198.51.100.200")(RIGHT) == BLOCKED
    person("colleague")
    assert visitor("198.51.100.200")(RIGHT, name="colleague") == OPENED


@pytest.mark.parametrize("attackers", [["203.0.113.1"], [f"198.51.100.{n}" for n in range(ACCOUNT.free)]])
def test_a_known_device_still_gets_in_from_anywhere(visitor, attackers):
    at_work = visitor("203.0.113.1")
    assert at_work(RIGHT) == OPENED
    at_work.browser.post("/accounts/logout/")
    for address in attackers:
        for _ in range(SOURCE.free):
            visitor(address)(WRONG)
    assert visitor("203.0.113.1")(RIGHT) == BLOCKED
    for address in ("203.0.113.1", "192.0.2.77"):
        at_work.browser.defaults["REMOTE_ADDR"] = address
        assert at_work(RIGHT) == OPENED
        at_work.browser.post("/accounts/logout/")


def test_a_known_device_has_a_limit_of_its_own_wherever_it_is(visitor):
    device = visitor()
    device(RIGHT)
    device.browser.post("/accounts/logout/")
    for n in range(SOURCE.free):
        device.browser.defaults["REMOTE_ADDR"] = f"192.0.2.{n}"
        device(WRONG)
    assert device(RIGHT) == BLOCKED


def test_a_device_is_known_for_its_own_account_alone(visitor):
    person("attacker")
    device = visitor("198.51.100.1")
    device(RIGHT, name="attacker")
    device.browser.post("/accounts/logout/")
    [known] = [name for name in device.browser.cookies if name.startswith("device_")]
    clerk_cookie = known.replace(known.split("_")[1], str(person("victim").pk))
    device.browser.cookies[clerk_cookie] = device.browser.cookies[known].value
    for _ in range(SOURCE.free):
        device(WRONG, name="victim")
    assert visitor("198.51.100.1")(RIGHT, name="victim") == BLOCKED


def test_one_password_tried_on_many_accounts_slows_the_address_down_but_not_its_known_devices(visitor, passes):
    office = "203.0.113.1"
    at_work = visitor(office)
    at_work(RIGHT)
    at_work.browser.post("/accounts/logout/")
    for n in range(ADDRESS.free):
        visitor(office)(WRONG, name=f"name {n}")
    assert visitor(office)(RIGHT) == BLOCKED
    assert at_work(RIGHT) == OPENED
    passes(MINUTE)
    assert visitor(office)(RIGHT) == OPENED


def test_an_account_that_does_not_exist_is_blocked_as_any_other(visitor):
    attempt = visitor()
    answers = [attempt(WRONG, name="nobody") for _ in range(10)]
    assert answers == [REFUSED] * (SOURCE.free - 1) + [BLOCKED] * (11 - SOURCE.free)


def test_an_attempt_in_the_middle_of_a_day_does_not_count_the_day_before(visitor, passes):
    attempt = visitor()
    for _ in range(SOURCE.free):
        attempt(WRONG)
    passes(SOURCE.memory)
    assert attempt(WRONG) == REFUSED
    assert AccessAttempt.objects.get().failures_since_start == 1


def test_old_failures_of_anybody_are_deleted_at_the_next_attempt(visitor, passes):
    for n in range(3):
        visitor()(WRONG, name=f"name {n}")
    passes(SOURCE.memory)
    visitor()(RIGHT)
    assert not AccessAttempt.objects.exists()


@pytest.mark.parametrize("name", ["clerk", "hunter2 typed as the name"])
def test_neither_the_log_nor_the_database_holds_a_password_but_each_block_is_logged(visitor, name, caplog):
    caplog.set_level(logging.INFO)
    attempt = visitor("198.51.100.1")
    for _ in range(SOURCE.free + 1):
        attempt(WRONG, name=name)
    blocked, refused = [record for record in caplog.records if record.name == "dashboard.access.attempts"]
    assert (blocked.levelname, refused.levelname) == ("WARNING", "INFO")
    assert "198.51.100.1" in blocked.getMessage()
    assert ("'clerk'" in blocked.getMessage()) == (name == "clerk")
    stored = str(list(AccessAttempt.objects.values()))
    assert not [text for text in ("hunter2", WRONG) if text in caplog.text + stored]


@pytest.mark.parametrize("path", [SIGN_IN, ADMIN])
def test_the_answer_says_in_words_what_to_do_and_when(visitor, path):
    browser = visitor().browser
    for _ in range(SOURCE.free):
        page = browser.post(f"{path}?next=/logs/", {"username": "clerk", "password": WRONG})
    assert page.status_code == BLOCKED
    assert 0 < int(page["Retry-After"]) <= 60
    assert "Try again in 1 minute, after" in text_of(page)
    assert f"{path}?next=%2Flogs%2F" in hrefs(page)
    assert "no-store" in page["Cache-Control"]


def test_guesses_of_the_old_password_are_limited_too(client):
    client.post(SIGN_IN, {"username": "clerk", "password": RIGHT})
    new = {"new_password1": "battery staple 9", "new_password2": "battery staple 9"}
    answers = [client.post("/accounts/password_change/", {"old_password": WRONG, **new}).status_code for _ in range(10)]
    assert answers == [REFUSED] * (SOURCE.free - 1) + [BLOCKED] * (11 - SOURCE.free)
    assert client.post("/accounts/password_change/", {"old_password": RIGHT, **new}).status_code == BLOCKED
    assert client.get("/admin/password_change/").url == "/accounts/password_change/"


def test_a_right_old_password_leaves_no_failure_behind(client):
    client.post(SIGN_IN, {"username": "clerk", "password": RIGHT})
    for old, new in [(RIGHT, "battery staple 9"), ("battery staple 9", "staple battery 8")]:
        form = {"old_password": old, "new_password1": new, "new_password2": new}
        assert client.post("/accounts/password_change/", form).status_code == OPENED
    assert not AccessAttempt.objects.exists()


def test_an_operator_can_end_a_block(visitor, capsys):
    for _ in range(SOURCE.free):
        visitor()(WRONG)
    assert visitor()(RIGHT) == BLOCKED
    call_command("axes_reset_username", "clerk")
    assert visitor()(RIGHT) == OPENED


def test_code_without_a_request_can_check_a_password(client):
    assert client.login(username="clerk", password=RIGHT)
    assert not client.login(username="clerk", password=WRONG)
    assert not AccessAttempt.objects.exists()


def test_parallel_attempts_do_not_pass_the_limit_together(transactional_db, live_server, visitor):
    with httpx.Client(base_url=live_server.url) as browser:
        browser.get(SIGN_IN)
        token = browser.cookies["csrftoken"]
        form = {"username": "clerk", "password": WRONG, "csrfmiddlewaretoken": token}

        def guess(_):
            return browser.post(SIGN_IN, data=form).status_code

        with ThreadPoolExecutor(12) as threads:
            answers = list(threads.map(guess, range(60)))
    assert set(answers) <= {REFUSED, BLOCKED}
    assert AccessAttempt.objects.get().failures_since_start == SOURCE.free
