"""All threads of a process share one HTTP client: none is dropped with its connections open."""

import subprocess
import sys

from logsync.simulator import Space, serving

READ_BY_MANY_THREADS = """
import gc, os, sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from logsync.client import Credentials, SignalWireClient

url, project, token = sys.argv[1:]
at_once = Barrier(8)

def read(_number):
    at_once.wait()
    return sum(len(page.rows) for page in SignalWireClient(Credentials(url, project, token)).iter_pages("voice"))

with ThreadPoolExecutor(8) as pool:
    print(sum(pool.map(read, range(8))))
gc.collect()
sys.stdout.flush()
os._exit(0)  # what is open now is the shared client's
"""


def test_threads_that_begin_at_once_leave_no_connection_open():
    space = Space()
    space.faults.latency_s = 0.1
    with serving(space) as url:
        command = [sys.executable, "-W", "always::ResourceWarning", "-c", READ_BY_MANY_THREADS, url, *space.credentials]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "0\n"
    assert "unclosed" not in done.stderr
