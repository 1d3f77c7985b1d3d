"""Settings, tested in separate processes that have only the variables of the test."""

import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command

PRINT = """
import json, sys
from dashboard.config.startup import load_settings
load_settings()
from django.conf import settings
from django.core.management import call_command
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""
PROGRAMS = {
    "manage.py": ["manage.py", "check"],
    "celery": ["-m", "celery", "-A", "dashboard", "worker"],
    "granian": ["-m", "granian", "--interface", "wsgi", "--port", "0", "dashboard.wsgi:application"],
}


@pytest.fixture
def run(clean_env):
    """Runs Python with these variables only."""

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
def test_an_invalid_value_stops_every_program_with_one_line(run, program):
    result = run(*PROGRAMS[program], REPORT_TIME_ZONE="Mars/Olympus")
    assert result.returncode != 0
    message = "Tollbook cannot start. REPORT_TIME_ZONE cannot be used: write the name of a timezone"
    assert sum(line.startswith(message) for line in result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr + result.stdout


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"DATABASE_URL": "mysql://root:hidden@host/x"}, "DATABASE_URL cannot be used: write postgres://"),
        ({"SIGNALWIRE_SPACE": "http://example.signalwire.com"}, "SIGNALWIRE_SPACE cannot be used: "),
        ({"PULL_DAYS_BACK": "many"}, "PULL_DAYS_BACK cannot be used: write a whole number from 1 to 3660."),
        ({"DEBUG": "maybe"}, "DEBUG cannot be used: write true or false."),
        ({"REDIS_URL": "redis://:hidden@host:port/0"}, "REDIS_URL cannot be used: write redis://"),
        ({"REDIS_URL": "redis://:hidden/x@host:6379/0"}, "REDIS_URL cannot be used: write redis://"),
        ({"SITE_URL": "https://tollbook.example.com/sub"}, "SITE_URL cannot be used: Tollbook cannot be served below"),
        ({"SITE_URL": "https://me:hidden@example.com"}, "SITE_URL cannot be used: write an address such as https://"),
        ({"ALLOWED_HOSTS": "https://example.com"}, "ALLOWED_HOSTS cannot be used: write host names"),
        ({"TRUSTED_PROXIES": "all"}, "TRUSTED_PROXIES cannot be used: write addresses or networks"),
        ({"DATABASE_POOLER": "transaction"}, "DATABASE_POOLER cannot be used: it is for a PostgreSQL database"),
        ({"SECRET_KEY": "hidden"}, "SECRET_KEY cannot be used: it has 6 characters, at least 50 are needed."),
        ({"SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE: /nowhere cannot be read"),
        ({"VAR_DIR": "/proc/tollbook"}, "VAR_DIR: /proc/tollbook cannot be created"),
    ],
)
def test_each_invalid_value_is_reported_in_one_line(run, variables, message):
    result = run("manage.py", "check", **variables)
    assert result.returncode != 0
    assert result.stderr.startswith(f"Tollbook cannot start. {message}")
    assert len(result.stderr.splitlines()) == 1
    assert "hidden" not in result.stderr


def test_all_settings_have_defaults(values, tmp_path):
    found = values("DATABASES", "ALLOWED_HOSTS", "DEBUG", "SECURE_SSL_REDIRECT", "SECRET_KEY", "REPORT_TIME_ZONE")
    assert found["DATABASES"]["default"]["NAME"] == str(tmp_path / "var" / "tollbook.sqlite3")
    assert set(found["ALLOWED_HOSTS"]) == {"localhost", "127.0.0.1", "[::1]"}
    assert (found["DEBUG"], found["SECURE_SSL_REDIRECT"], found["REPORT_TIME_ZONE"]) == (False, False, "UTC")
    assert found["SECRET_KEY"] == (tmp_path / "var" / "secret_key").read_text()


def test_var_dir_is_private(values, tmp_path):
    values("DEBUG")
    assert (tmp_path / "var").stat().st_mode & 0o777 == 0o700


def test_an_https_url_turns_on_the_https_settings(values):
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


def test_the_checks_for_deployment_find_nothing_with_an_https_url(run):
    result = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", SITE_URL="https://tollbook.example.com")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("System check identified no issues")


def test_short_keys_can_be_left_behind(values):
    key = "6bUqJf3GZzv0n5W1s8mYt4RkXo2cQpLhA9dEiVyTgB7NxMwKuSaHrCjPlOe+F/Dq"
    assert values("SECRET_KEY_FALLBACKS", SECRET_KEY=key, SECRET_KEY_FALLBACKS="short") == {
        "SECRET_KEY_FALLBACKS": ["short"]
    }


@pytest.mark.parametrize(
    ("written", "origin", "host"),
    [
        ("HTTPS://Tollbook.Example.COM:443/", "https://tollbook.example.com", "tollbook.example.com"),
        ("https://[2001:DB8:0::1]:8443", "https://[2001:db8::1]:8443", "[2001:db8::1]"),
        ("https://bücher.example", "https://xn--bcher-kva.example", "xn--bcher-kva.example"),
    ],
)
def test_a_site_url_in_any_spelling_is_that_of_browsers(values, written, origin, host):
    found = values("SESSION_COOKIE_SECURE", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", SITE_URL=written)
    assert found["SESSION_COOKIE_SECURE"]
    assert host in found["ALLOWED_HOSTS"]
    assert found["CSRF_TRUSTED_ORIGINS"] == [origin]


def test_the_host_of_the_site_is_allowed_beside_others(values):
    found = values("ALLOWED_HOSTS", SITE_URL="https://tollbook.example.com", ALLOWED_HOSTS="other.example.com")
    assert {"tollbook.example.com", "other.example.com"} <= set(found["ALLOWED_HOSTS"])


def test_secrets_can_come_from_files(values, tmp_path):
    (tmp_path / "token").write_text("PTfromthefile\n")
    found = values("SIGNALWIRE_API_TOKEN", SIGNALWIRE_API_TOKEN_FILE=str(tmp_path / "token"))
    assert found == {"SIGNALWIRE_API_TOKEN": "PTfromthefile"}


def test_a_space_can_be_written_in_short(values):
    for written in ("example", "example.signalwire.com", "https://example.signalwire.com/"):
        found = values("SIGNALWIRE_SPACE", SIGNALWIRE_SPACE=written)
        assert found == {"SIGNALWIRE_SPACE": "https://example.signalwire.com"}


def test_debug_serves_static_files_unhashed(values):
    assert "whitenoise" in values("STORAGES")["STORAGES"]["staticfiles"]["BACKEND"]
    assert "whitenoise" not in values("STORAGES", DEBUG="true")["STORAGES"]["staticfiles"]["BACKEND"]


def test_an_error_of_tollbook_ends_a_command_with_one_line(child_env, project, tmp_path):
    """A fixture that names another host for a stored token, which was not given for it."""
    path = tmp_path / "projects.json"
    call_command("dumpdata", "logsync.project", output=str(path))
    path.write_text(path.read_text().replace(project.space_url, "https://evil.example"))
    command = [sys.executable, "manage.py", "loaddata", str(path)]
    done = subprocess.run(command, env=child_env, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.endswith("not for evil.example. Enter the token again.\n")
    assert "Traceback" not in done.stderr
