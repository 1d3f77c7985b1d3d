"""`serve`: static files, HTTPS, health checks and concurrency."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import psutil
import pytest
from django.conf import settings

from dashboard.access.limits import SOURCE
from dashboard.config import env
from dashboard.management.commands.serve import THREADS
from dashboard.runtime.ports import free_port, listen, wait_until_served
from tests.databases import with_tables
from tests.waiting import descendants, wait_for, wait_until_gone

MANAGE = [sys.executable, settings.BASE_DIR / "manage.py"]


@pytest.fixture
def serve(clean_env, collected, tmp_path, django_test_environment, django_db_blocker):
    """Serves with these environment variables; returns the URL."""
    with django_db_blocker.unblock():
        with_tables(env.database(f"sqlite:///{tmp_path}/var/tollbook.sqlite3"))
    started = []

    def serve(**variables):
        port = free_port("127.0.0.1")
        command = [*MANAGE, "serve", "--port", str(port)]
        with (tmp_path / "output").open("wb") as output:
            started.append(subprocess.Popen(command, env=clean_env | variables, stdout=output, stderr=output))
        assert wait_until_served("127.0.0.1", port, lambda: started[-1].poll() is not None)
        return f"http://127.0.0.1:{port}"

    yield serve
    for process in started:
        children = descendants(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        wait_until_gone(children)


def test_it_serves_pages_with_their_files(serve):
    url = serve()
    login = httpx.get(f"{url}/", follow_redirects=True)
    assert login.url.path == "/accounts/login/"
    sheet = next(part for part in login.text.split('"') if part.endswith(".css"))
    answer = httpx.get(f"{url}{sheet}", headers={"Accept-Encoding": "br"})
    assert (answer.status_code, answer.headers["content-encoding"]) == (200, "br")
    assert "immutable" in answer.headers["cache-control"]


def test_with_an_https_site_url_all_but_health_checks_redirect_to_https(serve):
    url = serve(SITE_URL="https://tollbook.example.com")
    moved = httpx.get(f"{url}/logs/", headers={"Host": "tollbook.example.com"})
    assert (moved.status_code, moved.headers["location"]) == (301, "https://tollbook.example.com/logs/")
    behind_proxy = {"Host": "tollbook.example.com", "X-Forwarded-Proto": "https"}
    login = httpx.get(f"{url}/accounts/login/", headers=behind_proxy)
    assert login.headers["strict-transport-security"] == "max-age=31536000"
    assert "secure" in login.headers["set-cookie"].lower()
    assert httpx.get(f"{url}/healthz").status_code == 200
    assert httpx.get(f"{url}/healthz", headers={"Host": "10.1.2.3:8000"}).status_code == 200
    assert httpx.get(f"{url}/logs/", headers={"Host": "elsewhere.example.com"}).status_code == 400


def test_https_at_another_port_is_redirected_there(serve):
    url = serve(SITE_URL="https://tollbook.example.com:8443")
    moved = httpx.get(f"{url}/logs/", headers={"Host": "tollbook.example.com"})
    assert moved.headers["location"] == "https://tollbook.example.com:8443/logs/"


@pytest.mark.parametrize(
    ("site_url", "host"),
    [("http://[2001:db8::1]", "[2001:db8::1]"), ("http://bücher.example", "xn--bcher-kva.example")],
)
def test_it_answers_to_the_host_that_browsers_send(serve, site_url, host):
    url = serve(SITE_URL=site_url)
    assert httpx.get(f"{url}/accounts/login/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(("proxies", "status"), [("", 400), ("192.0.2.0/24", 400), ("127.0.0.0/8", 200)])
def test_forwarded_headers_count_only_from_trusted_proxies(serve, proxies, status):
    url = serve(SITE_URL="http://tollbook.example.com", TRUSTED_PROXIES=proxies)
    headers = {"Host": "inner.example", "X-Forwarded-Host": "tollbook.example.com", "X-Forwarded-Proto": "https"}
    answer = httpx.get(f"{url}/accounts/login/", headers=headers)
    assert answer.status_code == status


def test_requests_are_served_concurrently(serve):
    url = serve()
    with ThreadPoolExecutor(4 * THREADS) as threads, httpx.Client(timeout=30) as client:
        statuses = list(threads.map(lambda _: client.get(f"{url}/accounts/login/").status_code, range(10 * THREADS)))
    assert set(statuses) == {200}


def test_it_ends_when_stopped_while_its_workers_start(clean_env, collected):
    command = [*MANAGE, "serve", "--port", str(free_port("127.0.0.1")), "--workers", "2"]
    with subprocess.Popen(command, env=clean_env) as server:
        wait_for(lambda: len(descendants(server.pid)) == 2)
        workers = descendants(server.pid)
        server.send_signal(signal.SIGTERM)
        try:
            assert server.wait(20) == 0
            wait_until_gone(workers)
        finally:
            for process in (*workers, server):
                with suppress(psutil.NoSuchProcess):
                    process.kill()


def test_a_taken_port_is_reported_in_one_line(clean_env):
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        command = [*MANAGE, "serve", "--port", str(port)]
        result = subprocess.run(command, env=clean_env, capture_output=True, text=True, check=False)
    told = (
        f"CommandError: Port {port} on 127.0.0.1 cannot be used: Address already in use. Choose another with --port.\n"
    )
    assert (result.returncode, result.stderr.endswith(told)) == (1, True)


def test_static_files_are_collected_only_after_a_change(clean_env, collected):
    collect = [*MANAGE, "serve", "--collect-only"]
    manifest = collected / "staticfiles.json"
    first = manifest.stat().st_mtime_ns
    subprocess.run(collect, env=clean_env, check=True)
    assert manifest.stat().st_mtime_ns == first
    (collected / ".collected").write_text("something else")
    subprocess.run(collect, env=clean_env, check=True)
    assert manifest.stat().st_mtime_ns > first


def test_processes_limit_attempts_to_sign_in_together(serve, tmp_path):
    url = serve()
    with httpx.Client(base_url=url, timeout=60) as browser, ThreadPoolExecutor(16) as threads:
        browser.get("/accounts/login/")
        form = {"username": "clerk", "password": "wrong", "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        guesses = list(threads.map(lambda _: browser.post("/accounts/login/", data=form).status_code, range(60)))
        assert set(guesses) <= {200, 429}
        assert guesses.count(200) < SOURCE.free  # that many passwords were checked; the last of them already blocks
        page = browser.post("/admin/login/", data=form)
    assert page.status_code == 429
    log = (tmp_path / "output").read_text()
    assert "Sign-in blocked until" in log
    assert "address 127.0.0.1" in log
    assert "wrong" not in log
    assert log.count("Sign-in refused") >= 60 - SOURCE.free
