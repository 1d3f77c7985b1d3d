"""REDIS_URL: what is accepted, and that both of its users reach the same server, over TCP, TLS and a socket."""

from contextlib import suppress

import pytest
import redis
from cryptography import x509
from kombu import Connection
from kombu.exceptions import OperationalError

from dashboard.config.redis_url import celery_tls, celery_url, redis_url
from tests.services.missing import ServiceMissingError, give_up
from tests.services.redis import redis_server
from tests.services.tls import tls_in_front_of


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("", ""),
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("REDIS://me:p%40ss@[::1]", "redis://me:p%40ss@[::1]"),
        ("rediss://:pw@host:6380/1", "rediss://:pw@host:6380/1"),
        ("rediss://host?ssl_cert_reqs=CERT_NONE", "rediss://host?ssl_cert_reqs=none"),
        ("unix:///run/redis.sock?db=2", "unix:///run/redis.sock?db=2"),
        ("unix://:pw@/run/redis.sock", "unix://:pw@/run/redis.sock"),
    ],
)
def test_a_redis_url(written, url):
    assert redis_url(written) == url


@pytest.mark.parametrize(
    "written",
    [
        *["localhost:6379", "http://localhost:6379", "sentinel://host", "redis+socket:///run/redis.sock", "redis://"],
        *["redis://host:port", "redis://host:0", "redis://host:99999", "redis://[::1", "redis:///0"],
        *["redis://:hid/den@host:6379/0", "redis://:hid#den@host", "redis://:hid?den@host", "redis://:hidden@"],
        *[
            "redis://host/name",
            "redis://host/0?db=1",
            "redis://host?ssl_cert_reqs=none",
            "redis://host?password=hidden",
        ],
        *["rediss://host?ssl_cert_reqs=maybe", "rediss://host?ssl_cert_reqs", "rediss://host?ssl_check_hostname=maybe"],
        *["unix://run/redis.sock", "unix:///", "unix:///run/redis.sock?db=one", "unix:///run/redis.sock?ssl_keyfile=a"],
    ],
)
def test_what_one_of_its_users_would_ignore_is_refused(written):
    with pytest.raises(ValueError, match=r"^write redis://host:6379/0, .*\.$") as raised:
        redis_url(written)
    assert "hid" not in str(raised.value)


@pytest.fixture
def server(tmp_path):
    """A Redis with a password, on TCP and on a socket."""
    try:
        with redis_server("--requirepass", "p@ss/word", "--unixsocket", str(tmp_path / "redis.sock")) as server:
            yield server
    except ServiceMissingError as error:
        give_up(error)


def reached(url):
    """Which of its users reach database 3 of the server."""
    url, users = redis_url(url), set()
    with suppress(redis.ConnectionError), redis.Redis.from_url(url) as client:
        client.set("seen", url)
        users.add("redis-py")
    with Connection(celery_url(url), ssl=celery_tls(url)) as broker:
        assert "word" not in broker.as_uri()
        with suppress(OperationalError):
            users |= {"celery"} if broker.default_channel.client.get("seen") == url.encode() else set()
    return users


BOTH = {"redis-py", "celery"}
PASSWORD = "p%40ss%2Fword"


def test_both_reach_it_over_tcp(server):
    assert reached(f"redis://:{PASSWORD}@127.0.0.1:{server.port}/3") == BOTH


def test_both_reach_it_over_a_socket(server, tmp_path):
    assert reached(f"unix://:{PASSWORD}@{tmp_path}/redis.sock?db=3") == BOTH


def test_both_check_the_certificate_unless_told_otherwise(server, tmp_path):
    with tls_in_front_of(server.port, tmp_path) as (port, authority):
        url = f"rediss://:{PASSWORD}@127.0.0.1:{port}/3"
        assert reached(url) == set()
        assert reached(f"{url}?ssl_ca_certs={authority}") == BOTH
        assert reached(f"{url}?ssl_cert_reqs=none") == BOTH


def test_both_check_whose_certificate_it_is(server, tmp_path):
    with tls_in_front_of(server.port, tmp_path, x509.DNSName("other.example")) as (port, authority):
        url = f"rediss://:{PASSWORD}@127.0.0.1:{port}/3?ssl_ca_certs={authority}"
        assert reached(url) == set()
        assert reached(f"{url}&ssl_check_hostname=false") == BOTH


def test_the_site_is_ready_over_a_socket(client, db, settings, server, tmp_path):
    settings.REDIS_URL = redis_url(f"unix://:{PASSWORD}@{tmp_path}/redis.sock")
    assert client.get("/healthz/ready").json() == {"status": "ready"}
