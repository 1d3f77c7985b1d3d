"""How the settings come together, in processes of their own that know nothing but what the test sets."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

PRINT = """
import json, sys
from dashboard.start import load_settings
load_settings()
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""
PROGRAMS = {
    "manage.py": ["manage.py", "check"],
    "celery": ["-m", "celery", "-A", "dashboard", "worker"],
    "granian": ["-m", "granian", "--interface", "wsgi", "--port", "0", "dashboard.wsgi:application"],
}


@pytest.fixture
def run(clean_env):
    """Runs Python with these settings and no others."""

    def run(*arguments, **variables):
        return subprocess.run(
            [sys.executable, *arguments],
            env=clean_env | variables,
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def values(run):
    def values(*names, **variables):
        result = run("-c", PRINT, *names, **variables)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return values


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_bad_value_stops_every_program_with_one_clear_line(run, program):
    result = run(*PROGRAMS[program], REPORT_TIME_ZONE="Mars/Olympus")
    assert result.returncode != 0
    ours = "Tollbook cannot start. REPORT_TIME_ZONE='Mars/Olympus' cannot be used: write the name of a timezone"
    assert sum(line.startswith(ours) for line in result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr + result.stdout


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"DATABASE_URL": "mysql://root:hidden@host/x"}, "DATABASE_URL cannot be used: write postgres://"),
        ({"SIGNALWIRE_SPACE": "http://example.signalwire.com"}, "SIGNALWIRE_SPACE="),
        ({"PULL_DAYS_BACK": "many"}, "PULL_DAYS_BACK='many' cannot be used: write a whole number from 1 to 3660."),
        ({"DEBUG": "maybe"}, "DEBUG='maybe' cannot be used: write true or false."),
        ({"SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE: /nowhere cannot be read"),
        ({"VAR_DIR": "/proc/tollbook"}, "VAR_DIR: /proc/tollbook cannot be made"),
    ],
)
def test_each_bad_value_is_told_in_one_line(run, variables, told):
    result = run("manage.py", "check", **variables)
    assert result.returncode != 0
    assert result.stderr.startswith(f"Tollbook cannot start. {told}")
    assert len(result.stderr.splitlines()) == 1
    assert "hidden" not in result.stderr


def test_the_defaults_need_nothing(values, tmp_path):
    found = values("DATABASES", "ALLOWED_HOSTS", "DEBUG", "SECURE_SSL_REDIRECT", "SECRET_KEY", "REPORT_TIME_ZONE")
    assert found["DATABASES"]["default"]["NAME"] == str(tmp_path / "var" / "tollbook.sqlite3")
    assert set(found["ALLOWED_HOSTS"]) == {"localhost", "127.0.0.1", "[::1]"}
    assert (found["DEBUG"], found["SECURE_SSL_REDIRECT"], found["REPORT_TIME_ZONE"]) == (False, False, "UTC")
    assert found["SECRET_KEY"] == (tmp_path / "var" / "secret_key").read_text()


def test_the_folder_of_an_installation_is_private(values, tmp_path):
    values("DEBUG")
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_an_https_address_turns_on_what_https_needs(values):
    secure = (
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_PROXY_SSL_HEADER",
    )
    found = values(*secure, "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", SITE_URL="https://tollbook.example.com")
    assert all(found[name] for name in secure)
    assert "tollbook.example.com" in found["ALLOWED_HOSTS"]
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://tollbook.example.com"]
    assert not any(values(*secure, SITE_URL="http://tollbook.example.com").values())


def test_secrets_come_from_files(values, tmp_path):
    (tmp_path / "token").write_text("PTfromthefile\n")
    found = values("SIGNALWIRE_API_TOKEN", SIGNALWIRE_API_TOKEN_FILE=str(tmp_path / "token"))
    assert found == {"SIGNALWIRE_API_TOKEN": "PTfromthefile"}


def test_a_space_may_be_written_in_short(values):
    for written in ("example", "example.signalwire.com", "https://example.signalwire.com/"):
        found = values("SIGNALWIRE_SPACE", SIGNALWIRE_SPACE=written)
        assert found == {"SIGNALWIRE_SPACE": "https://example.signalwire.com"}


def test_debug_serves_static_files_as_they_are(values):
    assert "whitenoise" in values("STORAGES")["STORAGES"]["staticfiles"]["BACKEND"]
    assert "whitenoise" not in values("STORAGES", DEBUG="true")["STORAGES"]["staticfiles"]["BACKEND"]
