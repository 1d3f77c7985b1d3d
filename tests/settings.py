"""Tollbook's settings, independent of the environment and the `.env` of the person who runs the tests."""

import os
import tempfile

from tests.documented import GENEROUS, documented_variables

VAR = tempfile.mkdtemp(prefix="tollbook-tests-")
for name in documented_variables():
    os.environ.pop(f"{name}_FILE", None)
    os.environ[name] = ""  # counts as unset, but is not read from .env
os.environ |= {"VAR_DIR": VAR} | GENEROUS

from dashboard.settings import *  # noqa: E402, F403
from logsync.signalwire.retries import RetryPolicy  # noqa: E402

# MD5 is fast, and tests sign in often. PBKDF2 is for passwords that other processes stored.
PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("MD5", "PBKDF2")]
# After a fault the simulated space may be asked again at once.
PULL_RETRIES = RetryPolicy(first_wait_s=0.01)
# To list all static files once for each test's client would take a third of the time of many tests.
WHITENOISE_AUTOREFRESH = True
# A test that looks at the columnar copy says when it is written.
COPY_IN_BACKGROUND = False
# Many tests commit, and each has to leave an empty database.
INSTALLED_APPS = [*INSTALLED_APPS, "tests.quick_flush"]  # noqa: F405
