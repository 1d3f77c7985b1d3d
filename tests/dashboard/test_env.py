"""What each variable takes, and what is said of a value that it does not take."""

import os
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard import env


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


def test_spaces_around_a_value_are_not_part_of_it(setenv):
    setenv({"SOME_TEXT": " value "})
    assert env.text("SOME_TEXT") == "value"


def test_a_secret_may_come_from_a_file(setenv, tmp_path):
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
        (env.whole_number(1, 30), "0"),
        (env.whole_number(1, 30), "31"),
        (env.whole_number(1, 30), "3.5"),
        (env.whole_number(1, 30), "²"),
        (env.whole_number(1, 30), "-1"),
        (env.time_zone, "Mars/Olympus"),
        (env.time_zone, "../etc/passwd"),
        (env.time_zone, "America"),
        (env.site_url, "tollbook.example.com"),
        (env.site_url, "ftp://tollbook.example.com"),
        (env.site_url, "https://tollbook.example.com/?a=1"),
        (env.redis_url, "localhost:6379"),
        (env.redis_url, "http://localhost:6379"),
        (env.database, "mysql://root@localhost/x"),
        (env.database, "nonsense"),
        (env.database, "sqlite://:memory:"),
        (env.database, "postgres://user:pass@host:port/name"),
    ],
)
def test_a_bad_value_names_its_variable_and_says_what_to_write(setenv, parse, bad):
    setenv({"SOME_SETTING": bad})
    with pytest.raises(ImproperlyConfigured, match=r"^SOME_SETTING=.* cannot be used: \w+.*\.$"):
        env.read("SOME_SETTING", "", parse)


def test_a_bad_secret_is_not_repeated(setenv):
    setenv({"SOME_SETTING": "mysql://root:hidden@localhost/x"})
    with pytest.raises(ImproperlyConfigured) as raised:
        env.read("SOME_SETTING", "", env.database, secret=True)
    assert "hidden" not in str(raised.value)


def test_good_values():
    assert env.whole_number(1, 30)("30") == 30
    assert env.time_zone("America/New_York") == ZoneInfo("America/New_York")
    assert env.words(" a, b ,,c ") == ["a", "b", "c"]
    assert env.site_url("https://tollbook.example.com/") == "https://tollbook.example.com"
    assert env.redis_url("") == ""
    assert env.redis_url("rediss://:pw@host:6380/1") == "rediss://:pw@host:6380/1"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_postgresql_address(scheme):
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


def test_every_wait_for_postgresql_has_an_end():
    options = env.database("postgres://me@db.example.com/tollbook")["OPTIONS"]
    assert options["connect_timeout"] == 5
    for wait in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        assert f"-c {wait}=" in options["options"]


def test_a_sqlite_file_is_found_from_every_folder():
    assert env.database("sqlite:////data/x.sqlite3")["NAME"] == "/data/x.sqlite3"
    assert env.database("sqlite:///x.sqlite3")["NAME"] == str(env.BASE_DIR / "x.sqlite3")


def test_the_key_of_an_installation_is_made_once_and_is_private(tmp_path):
    key = env.secret_key(tmp_path)
    assert len(key) >= 50
    assert env.secret_key(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_key_in_the_environment_comes_first(setenv, tmp_path):
    setenv({"SECRET_KEY": "chosen"})
    assert env.secret_key(tmp_path) == "chosen"
    assert list(tmp_path.iterdir()) == []
