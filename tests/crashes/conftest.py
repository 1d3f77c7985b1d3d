"""Private databases and installations, because these tests kill servers and fill disks."""

import shutil
import sqlite3
from dataclasses import dataclass

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection

from dashboard.config import env
from logsync.projects import ensure_project
from logsync.simulator import Space, serving
from tests.crashes.installation import Installation
from tests.databases import default_database, with_tables
from tests.services.missing import ServiceMissingError, give_up
from tests.services.postgresql import Server, postgresql_server
from tests.services.redis import redis_server

LEASE_SECONDS = "2"


@dataclass
class Engine:
    """A migrated empty database. `server` is set if it can be killed."""

    url: str
    server: Server | None = None


@pytest.fixture(scope="session")
def own_postgresql(django_test_environment, django_db_blocker):
    """A server whose commits survive a kill, with a migrated template database."""
    try:
        with postgresql_server(synchronous_commit="on", max_connections="60") as server, django_db_blocker.unblock():
            execute(server, "CREATE DATABASE prepared")
            with_tables(env.database(url_of(server, "prepared")))
            yield server
    except ServiceMissingError as error:
        give_up(error)


@pytest.fixture
def own_redis():
    try:
        with redis_server() as server:
            yield server
    except ServiceMissingError as error:
        give_up(error)


@pytest.fixture
def postgresql(own_postgresql, django_db_blocker):
    execute(own_postgresql, "DROP DATABASE IF EXISTS tollbook WITH (FORCE)")
    execute(own_postgresql, "CREATE DATABASE tollbook TEMPLATE prepared")
    url = url_of(own_postgresql, "tollbook")
    with django_db_blocker.unblock(), default_database(env.database(url)):
        yield Engine(url, own_postgresql)


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory, django_test_environment, django_db_blocker):
    path = tmp_path_factory.mktemp("prepared") / "tollbook.sqlite3"
    with django_db_blocker.unblock():
        with_tables(env.database(f"sqlite:///{path}"))
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def sqlite(prepared_sqlite, tmp_path, django_db_blocker):
    (tmp_path / "database").mkdir()
    path = shutil.copy(prepared_sqlite, tmp_path / "database" / "tollbook.sqlite3")
    with django_db_blocker.unblock(), default_database(env.database(f"sqlite:///{path}")):
        yield Engine(f"sqlite:///{path}")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request):
    """Both engines, unless --database chose one."""
    if request.config.getoption("--database") not in {"both", request.param}:
        pytest.skip(f"--database excludes {request.param}")
    return request.getfixturevalue(request.param)


@pytest.fixture
def space():
    return Space()


@pytest.fixture
def own_project(space):
    """A function that creates the space's project in the current database. The space is served until the test ends."""
    with serving(space) as url:
        signalwire_id, api_token = space.credentials

        def make():
            return ensure_project(name="example", space_url=url, signalwire_id=signalwire_id, api_token=api_token)

        yield make


@pytest.fixture
def install(clean_env, collected, tmp_path, own_project):
    """Makes an installation on a database, with the space's project. Its processes are killed after the test."""
    started = []

    def install(engine, **variables):
        own_project()
        connection.close()
        own = {"DATABASE_URL": engine.url, "SECRET_KEY": django_settings.SECRET_KEY, "LEASE_SECONDS": LEASE_SECONDS}
        started.append(Installation(clean_env | own | variables, tmp_path / "logs"))
        return started[-1]

    yield install
    for installation in started:
        installation.end()
    connection.close()


def url_of(server, database):
    return f"{server.url.rpartition('/')[0]}/{database}"


def execute(server, statement):
    with psycopg.connect(server.url, autocommit=True) as session:
        session.execute(statement)
