"""What each setting accepts, and the errors for invalid values."""

import os
import secrets
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard.config import env
from logsync.text import whole_number

# As of `openssl rand -base64 48`.
KEY = "6bUqJf3GZzv0n5W1s8mYt4RkXo2cQpLhA9dEiVyTgB7NxMwKuSaHrCjPlOe+F/Dq"


@pytest.fixture
def setenv():
    """Sets variables until the end of the test."""
    before = dict(os.environ)
    yield os.environ.update
    os.environ.clear()
    os.environ.update(before)


def test_an_unset_and_an_empty_variable_take_the_default(setenv):
    assert env.text("NOT_SET_ANYWHERE", "default") == "default"
    setenv({"SOME_TEXT": "  "})
    assert env.text("SOME_TEXT", "default") == "default"


def test_a_value_is_stripped(setenv):
    setenv({"SOME_TEXT": " value "})
    assert env.text("SOME_TEXT") == "value"


def test_a_secret_can_come_from_a_file(setenv, tmp_path):
    (tmp_path / "secret").write_text("from the file\n")
    setenv({"SOME_SECRET": "", "SOME_SECRET_FILE": str(tmp_path / "secret")})
    assert env.text("SOME_SECRET") == "from the file"


def test_a_secret_file_that_is_missing_is_named(setenv, tmp_path):
    setenv({"OTHER_SECRET_FILE": str(tmp_path / "missing")})
    with pytest.raises(ImproperlyConfigured, match=r"OTHER_SECRET_FILE: .*missing cannot be read"):
        env.text("OTHER_SECRET")


@pytest.mark.parametrize(
    ("value", "meaning"), [("true", True), ("1", True), ("Yes", True), ("off", False), ("0", False)]
)
def test_flags(value, meaning):
    assert env.flag(value) is meaning


@pytest.mark.parametrize(
    ("parse", "bad"),
    [
        (env.flag, "maybe"),
        (whole_number(1, 30), "0"),
        (whole_number(1, 30), "31"),
        (whole_number(1, 30), "3.5"),
        (whole_number(1, 30), "²"),
        (whole_number(1, 30), "-1"),
        (env.time_zone, "Mars/Olympus"),
        (env.time_zone, "../etc/passwd"),
        (env.time_zone, "America"),
        (env.database, "mysql://root@localhost/x"),
        (env.database, "nonsense"),
        (env.database, "sqlite://:memory:"),
        (env.database, "postgres://user:pass@host:port/name"),
    ],
)
def test_an_invalid_value_names_its_variable_and_says_what_to_write(setenv, parse, bad):
    setenv({"SOME_SETTING": bad})
    with pytest.raises(ImproperlyConfigured, match=r"^SOME_SETTING cannot be used: \w+.*\.$"):
        env.read("SOME_SETTING", "", parse)


@pytest.mark.parametrize("parse", [env.flag, env.database, env.time_zone, whole_number(1, 9), env.one_of("a", "b")])
@pytest.mark.parametrize("bad", ["hidden", "mysql://root:hidden@localhost/x", "http://[hidden", "x://h:hidden/"])
def test_an_invalid_value_is_not_shown(setenv, parse, bad):
    setenv({"SOME_SETTING": bad})
    with pytest.raises(ImproperlyConfigured) as raised:
        env.read("SOME_SETTING", "", parse)
    assert "hidden" not in str(raised.value)


def test_a_value_that_begins_with_a_dollar_is_literal(setenv, tmp_path):
    (tmp_path / "secret").write_text("$file")
    setenv({"SOME_TEXT": "$text", "text": "other", "SOME_SECRET_FILE": str(tmp_path / "secret")})
    assert (env.text("SOME_TEXT"), env.text("SOME_SECRET")) == ("$text", "$file")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"hidden\xe9", "save it as UTF-8"),
        (b"\xff\xfeh\0i\0d\0d\0e\0n\0", "save it as UTF-8"),
    ],
)
def test_a_secret_file_that_cannot_be_read_does_not_count_as_unset(setenv, tmp_path, content, problem):
    (tmp_path / "secret").write_bytes(content)
    setenv({"SOME_SECRET_FILE": str(tmp_path / "secret")})
    with pytest.raises(ImproperlyConfigured, match=rf"^SOME_SECRET_FILE: .*secret.*{problem}") as raised:
        env.text("SOME_SECRET", "default")
    assert "hidden" not in str(raised.value)


def test_a_byte_order_mark_is_no_part_of_a_secret(setenv, tmp_path):
    (tmp_path / "secret").write_bytes(b"\xef\xbb\xbfsecret\r\n")
    setenv({"SOME_SECRET_FILE": str(tmp_path / "secret")})
    assert env.text("SOME_SECRET") == "secret"


def test_a_variable_that_is_not_utf_8_is_refused(setenv):
    setenv({"SOME_TEXT": os.fsdecode(b"hidden\xe9")})
    with pytest.raises(ImproperlyConfigured, match=r"^SOME_TEXT cannot be used: write it in UTF-8\.$"):
        env.text("SOME_TEXT")


def test_valid_values():
    assert whole_number(1, 30)("30") == 30
    assert env.time_zone("America/New_York") == ZoneInfo("America/New_York")
    assert env.words(" a, b ,,c ") == ["a", "b", "c"]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_postgresql_url(scheme):
    config = env.database(f"{scheme}://me:p%40ss@db.example.com:6432/tollbook?sslmode=require&connect_timeout=2")
    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert [config[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "me",
        "p@ss",
        "db.example.com",
        6432,
        "tollbook",
    ]
    assert config["OPTIONS"].items() >= {"sslmode": "require", "connect_timeout": 2}.items()


def test_every_wait_for_postgresql_is_limited():
    options = env.database("postgres://me@db.example.com/tollbook")["OPTIONS"]
    assert options["connect_timeout"] == 5
    for wait in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        assert f"-c {wait}=" in options["options"]


@pytest.mark.parametrize("url", ["postgres://me@db.example.com/x", "postgres://me@db.example.com/x?sslmode=require"])
def test_behind_a_pooler_nothing_relies_on_a_session(url):
    direct = env.database(url)
    assert env.through_pooler(direct, "") == direct
    pooled = env.through_pooler(direct, "transaction")
    assert pooled["ENGINE"] == "dashboard.config.pooled_postgresql"
    assert pooled["OPTIONS"] == {name: value for name, value in direct["OPTIONS"].items() if name != "options"}


@pytest.mark.parametrize(
    ("url", "mode"), [("postgres://me@h/x", "session"), ("postgres://me@h/x", "true"), ("sqlite:///x", "transaction")]
)
def test_another_pooler_is_refused(url, mode):
    with pytest.raises(ValueError, match=r"\w+.*\.$"):
        env.through_pooler(env.database(url), mode)


def test_a_sqlite_path_does_not_depend_on_the_working_directory():
    assert env.database("sqlite:////data/x.sqlite3")["NAME"] == "/data/x.sqlite3"
    assert env.database("sqlite:///x.sqlite3")["NAME"] == str(env.BASE_DIR / "x.sqlite3")


def test_the_secret_key_is_generated_once_and_is_private(tmp_path):
    key = env.secret_key(tmp_path)
    assert len(key) >= 50
    assert env.secret_key(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_secret_key_in_the_environment_takes_precedence(setenv, tmp_path):
    setenv({"SECRET_KEY": KEY})
    assert env.secret_key(tmp_path) == KEY
    assert list(tmp_path.iterdir()) == []


WEAK_KEYS = {
    "short": "it has 5 characters, at least 50 are needed",
    KEY[:49]: "it has 49 characters",
    "abc" * 20: "it has fewer than 5 different characters",
    "django-insecure-" + KEY: "it looks like an example that was published",
    "please-CHANGE_ME-to-a-long-random-string-of-fifty-characters": "it looks like an example",
    "your-secret-key-goes-here-your-secret-key-goes-here-1234567890": "it looks like an example",
    "this is an example key, write one of your own in its place, please": "it looks like an example",
}


@pytest.mark.parametrize("key", WEAK_KEYS)
def test_a_secret_key_that_can_be_guessed_is_refused_without_being_shown(setenv, tmp_path, key):
    setenv({"SECRET_KEY": key})
    with pytest.raises(ImproperlyConfigured) as raised:
        env.secret_key(tmp_path)
    assert str(raised.value).startswith(f"SECRET_KEY cannot be used: {WEAK_KEYS[key]}")
    assert "openssl rand -base64 48" in str(raised.value)
    assert key not in str(raised.value)


@pytest.mark.parametrize("key", WEAK_KEYS)
def test_in_development_any_secret_key_will_do(setenv, tmp_path, key):
    setenv({"SECRET_KEY": key})
    assert env.secret_key(tmp_path, published_is_fine=True) == key


@pytest.mark.parametrize(
    "key",
    [secrets.token_hex(25), secrets.token_urlsafe(48), secrets.token_bytes(50).hex(), KEY],
    ids=["hex", "url-safe", "long hex", "fixed"],  # the same in every process of a run
)
def test_random_keys_are_accepted(setenv, tmp_path, key):
    setenv({"SECRET_KEY": key})
    assert env.secret_key(tmp_path) == key


def test_a_key_file_that_was_cut_off_is_refused_and_named(tmp_path):
    (tmp_path / "secret_key").write_text("half a k")
    with pytest.raises(ImproperlyConfigured, match=rf"The key in {tmp_path}/secret_key cannot be used: it has 8 char"):
        env.secret_key(tmp_path)
