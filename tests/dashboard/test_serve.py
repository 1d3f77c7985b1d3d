"""The web server alone: files collected by itself, safe headers, health for everybody, and nobody waits behind one."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from django.conf import settings

from dashboard.management.commands.serve import THREADS
from dashboard.ports import free_port, listen, wait_until_served
from tests.waiting import descendants, wait_until_gone

MANAGE = [sys.executable, settings.BASE_DIR / "manage.py"]


@pytest.fixture
def serve(clean_env, collected, tmp_path):
    """Serves with these variables; answers the address."""
    started = []

    def serve(**variables):
        port = free_port("127.0.0.1")
        command = [*MANAGE, "serve", "--port", str(port)]
        subprocess.run([*MANAGE, "migrate", "--verbosity", "0"], env=clean_env, check=True)
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


def test_with_an_https_address_plain_requests_are_sent_there_but_for_health(serve):
    url = serve(SITE_URL="https://tollbook.example.com")
    moved = httpx.get(f"{url}/logs/", headers={"Host": "tollbook.example.com"})
    assert (moved.status_code, moved.headers["location"]) == (301, "https://tollbook.example.com/logs/")
    behind_proxy = {"Host": "tollbook.example.com", "X-Forwarded-Proto": "https"}
    login = httpx.get(f"{url}/accounts/login/", headers=behind_proxy)
    assert login.headers["strict-transport-security"] == "max-age=31536000"
    assert "secure" in login.headers["set-cookie"].lower()
    assert httpx.get(f"{url}/healthz").status_code == 200
    assert httpx.get(f"{url}/healthz", headers={"Host": "elsewhere.example.com"}).status_code == 400


def test_many_are_served_at_once(serve):
    url = serve()
    with ThreadPoolExecutor(4 * THREADS) as threads, httpx.Client(timeout=30) as client:
        statuses = list(threads.map(lambda _: client.get(f"{url}/accounts/login/").status_code, range(10 * THREADS)))
    assert set(statuses) == {200}


def test_a_port_that_is_taken_is_said_in_one_line(clean_env):
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        command = [*MANAGE, "serve", "--port", str(port)]
        result = subprocess.run(command, env=clean_env, capture_output=True, text=True, check=False)
    told = (
        f"CommandError: Port {port} on 127.0.0.1 cannot be used: Address already in use. Choose another with --port.\n"
    )
    assert (result.returncode, result.stderr.endswith(told)) == (1, True)


def test_static_files_are_collected_anew_only_when_they_changed(clean_env, collected):
    collect = [*MANAGE, "serve", "--collect-only"]
    manifest = collected / "staticfiles.json"
    first = manifest.stat().st_mtime_ns
    subprocess.run(collect, env=clean_env, check=True)
    assert manifest.stat().st_mtime_ns == first
    (collected / ".collected").write_text("something else")
    subprocess.run(collect, env=clean_env, check=True)
    assert manifest.stat().st_mtime_ns > first
