from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db.models import F
from django.test import Client

RIGHT, WRONG = "correct horse", "wrong battery"
SIGN_IN, ADMIN = "/accounts/login/", "/admin/login/"
# What the sign-in answers.
OPENED, REFUSED, BLOCKED = 302, 200, 429


@pytest.fixture
def visitor(static_files):
    """Makes a browser at this address, without cookies; it tries to sign in and returns the status."""

    def visitor(address="203.0.113.1"):
        browser = Client(REMOTE_ADDR=address)

        def attempt(password, name="clerk", path=SIGN_IN, **more):
            return browser.post(path, {"username": name, "password": password}, **more).status_code

        attempt.browser = browser
        return attempt

    return visitor


@pytest.fixture
def passes():
    """Lets this much time pass since all attempts."""

    def passes(time: timedelta):
        AccessAttempt.objects.update(attempt_time=F("attempt_time") - time)

    return passes
