"""The product's settings, out of reach of the environment and the `.env` of whoever runs the tests."""

import os
import tempfile

from tests.documented import GENEROUS, documented_variables

VAR = tempfile.mkdtemp(prefix="tollbook-tests-")
for name in documented_variables():
    os.environ.pop(f"{name}_FILE", None)
    os.environ[name] = ""  # as good as unset, and not filled in from .env
os.environ |= {"VAR_DIR": VAR} | GENEROUS

from dashboard.settings import *  # noqa: E402, F403

# Sign-ins are many in tests, and their passwords are worth nothing. The other one reads what other processes wrote.
PASSWORD_HASHERS = [f"django.contrib.auth.hashers.{name}PasswordHasher" for name in ("MD5", "PBKDF2")]
