"""What every test can ask for. Database tests run on SQLite and on PostgreSQL: see tests/databases.py."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from django.test.testcases import LiveServerThread
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django.live_server_helper import LiveServer

from dashboard.config import env
from dashboard.runtime.static_files import collect_static_files
from logsync.projects import ensure_project
from logsync.simulator import Space, serving
from tests.databases import (
    ENGINES,
    Config,
    default_database,
    forget_connection,
    parametrize_by_engine,
    uses_database,
    with_tables,
)
from tests.documented import GENEROUS, documented_variables
from tests.services.chromium import running_browser
from tests.services.missing import ServiceMissingError, give_up
from tests.services.postgresql import running_postgresql
from tests.services.redis import running_redis
from tests.support.migrations import migrate

# How fast a machine is says nothing of what is right.
hypothesis_settings.register_profile(
    "patient", hypothesis_settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("patient")


def pytest_addoption(parser):
    choices = [*ENGINES, "both"]
    parser.addoption("--database", choices=choices, default="both", help="where database tests run (default: both)")
    parser.addoption("--all-forgeries", action="store_true", help="send every forged request, not a sample (minutes)")


def pytest_configure(config):
    # Started in the background of a shell, it would ignore Ctrl-C, and so would every process that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_generate_tests(metafunc):
    if uses_database(metafunc):
        parametrize_by_engine(metafunc)


def pytest_unconfigure(config):
    connections.close_all()
    shutil.rmtree(django_settings.VAR_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_database(django_test_environment, django_db_blocker) -> Iterator[Config]:
    """The only database of a server of the session's own, with its tables."""
    try:
        with running_postgresql() as url, django_db_blocker.unblock():
            yield with_tables(env.database(url))
    except ServiceMissingError as error:
        give_up(error)


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory, django_test_environment, django_db_blocker) -> Config:
    """A file, as in real life, with its tables."""
    with django_db_blocker.unblock():
        return with_tables(env.database(f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/tollbook.sqlite3"))


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    try:
        with running_redis() as url:
            yield url
    except ServiceMissingError as error:
        give_up(error)


@pytest.fixture
def redis_url(redis_server) -> str:
    """The address of a real Redis, empty at the start of each test."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture(scope="session")
def database(request) -> Iterator[str]:
    """The engine of the test: "sqlite" or "postgresql". Both stay ready, so to change between them costs nothing."""
    with default_database(request.getfixturevalue(f"{request.param}_database")):
        yield request.param


@pytest.fixture(scope="session")
def django_db_setup(database) -> None:
    """In place of pytest-django's own, which makes and drops one database."""


@pytest.fixture
def all_migrations_again(transactional_db) -> Iterator[None]:
    """For a test that goes back to an earlier migration: others use the same database."""
    yield
    migrate()


@pytest.fixture
def database_url(database, transactional_db) -> str:
    """DATABASE_URL of the test's database, for other processes: they see what the test has committed."""
    config = django_settings.DATABASES["default"]
    if database == "sqlite":
        return f"sqlite:///{config['NAME']}"
    return f"postgres://{config['USER']}@{config['HOST']}:{config['PORT']}/{config['NAME']}"


@pytest.fixture
def clean_env(tmp_path) -> dict[str, str]:
    """The environment of another Tollbook process: no setting but a var folder of its own."""
    unset = dict.fromkeys(documented_variables(), "")
    own = {"DJANGO_SETTINGS_MODULE": "dashboard.settings", "VAR_DIR": str(tmp_path / "var")}
    return dict(os.environ) | unset | GENEROUS | own


@pytest.fixture
def child_env(clean_env, database_url) -> dict[str, str]:
    """The environment of another Tollbook process on the test's database, with the test's key."""
    return clean_env | {"DATABASE_URL": database_url, "SECRET_KEY": django_settings.SECRET_KEY}


@pytest.fixture
def space():
    """An empty simulated SignalWire space: tests put rows into it."""
    return Space()


@pytest.fixture
def space_url(space) -> Iterator[str]:
    """The address of the space while it is served, on loopback."""
    with serving(space) as url:
        yield url


@pytest.fixture
def project(db, space, space_url):
    """A project in the database whose credentials and address are those of the simulated space."""
    signalwire_id, api_token = space.credentials
    return ensure_project(name="example", space_url=space_url, signalwire_id=signalwire_id, api_token=api_token)


@pytest.fixture
def zone(settings):
    """Call it with the name of a timezone to report in: zone("America/New_York")."""

    def report_in(name: str) -> ZoneInfo:
        settings.REPORT_TIME_ZONE = ZoneInfo(name)
        settings.TIME_ZONE = name
        return settings.REPORT_TIME_ZONE

    return report_in


@pytest.fixture(scope="session")
def static_files() -> Path:
    """The collected static files, hashed and compressed as in production."""
    collect_static_files()
    return Path(django_settings.STATIC_ROOT)


@pytest.fixture
def collected(static_files, tmp_path) -> Path:
    """The collected files in the var folder of other processes (`clean_env`, `child_env`): they start sooner then."""
    return Path(shutil.copytree(static_files, tmp_path / "var" / "static"))


@pytest.fixture
def client(static_files):
    """Django's test client; pages find their collected static files."""
    return Client()


@pytest.fixture(scope="session")
def live_server(static_files) -> Iterator[LiveServer]:
    """The site, served by a thread of this process on the test's database: `live_server.url`.

    As pytest-django's own, but nothing stands before the application: WhiteNoise answers for static files.
    """
    server = LiveServer("127.0.0.1", start=False)
    server.thread = LiveServerThread("127.0.0.1", lambda application: application, connections_override={})
    server.thread.daemon = True
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser(database):
    """A real Chromium, for one module and one engine.

    Playwright keeps an event loop running in this thread meanwhile, and Django keeps its connections of a thread with
    a loop and without one apart: so each must be forgotten when the other takes over, or it outlives its database.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with running_browser() as browser:
            forget_connection()
            yield browser
            forget_connection()
    except ServiceMissingError as error:
        give_up(error)
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser, live_server):
    """A page of a fresh session, with the site as its base. The test fails on a script error or a request elsewhere."""
    problems = []
    with browser.new_context(base_url=live_server.url) as context:
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(f"script error: {error}"))
        page.on(
            "request",
            lambda request: request.url.startswith((live_server.url, "data:")) or problems.append(request.url),
        )
        yield page
    assert problems == []
