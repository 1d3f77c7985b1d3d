"""A demo at rest: the memory of all its processes together, after its year was read and some pages were opened.

Memory that processes share counts once: the sum is of their proportional set sizes (PSS).
"""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from benchmarks.common import MEGABYTE, Report  # sets Django up first

from django.conf import settings  # isort: skip

from dashboard.runtime.ports import free_port

MAX_MB = 450
PAGES = ("/", "/?period=last-365-days", "/logs/", "/sync/")
ALL_READ, TIMEOUT_S = "all days read", 900
REST_S = 30


@dataclass(frozen=True)
class Demo:
    process: subprocess.Popen[bytes]
    output: Path
    url: str

    def wait_until_read(self) -> float:
        """How long its first history took, in seconds."""
        start = time.monotonic()
        while ALL_READ not in self.output.read_text():
            if time.monotonic() - start > TIMEOUT_S or self.process.poll() is not None:
                raise TimeoutError(self.output.read_text())
            time.sleep(1)
        return time.monotonic() - start

    def open_pages(self) -> None:
        [password] = re.findall(r"Password: (\S+)", self.output.read_text())
        with httpx.Client(base_url=self.url, follow_redirects=True, timeout=60) as client:
            client.get("/accounts/login/")
            form = {"username": "admin", "password": password, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
            client.post("/accounts/login/", data=form).raise_for_status()
            for page in PAGES:
                client.get(page).raise_for_status()

    def sizes(self) -> list[tuple[str, float]]:
        """What each process runs, and its PSS in MB."""
        parent = psutil.Process(self.process.pid)
        processes = [parent, *parent.children(recursive=True)]
        return [(_name(process), process.memory_full_info().pss / MEGABYTE) for process in processes]


def _name(process: psutil.Process) -> str:
    words = [Path(word).name for word in process.cmdline() if not word.startswith("-")]
    return " ".join(words[1:])[:46]


def main() -> bool:
    with demo() as running:
        took_s = running.wait_until_read()
        running.open_pages()
        time.sleep(REST_S)
        sizes = running.sizes()
    report = Report(f"A demo at rest; its year was read in {took_s:.0f} s")
    for name, size in sizes:
        report.note(name, f"{size:.1f} MB")
    total = sum(size for _, size in sizes)
    report.line(f"{len(sizes)} processes", f"{total:.0f} MB", total, maximum=MAX_MB)
    return report.passed


@contextmanager
def demo() -> Iterator[Demo]:
    output, port = Path(settings.VAR_DIR, "output"), free_port("127.0.0.1")
    command = [sys.executable, "manage.py", "demo", "--port", str(port)]
    with output.open("wb") as file, subprocess.Popen(command, stdout=file, stderr=file) as process:
        try:
            yield Demo(process, output, f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
