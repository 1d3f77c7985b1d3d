"""All threads of a process share one HTTP client, so that no connection is left open."""

import subprocess
import sys

from logsync.simulator import Space, serving

READ_BY_MANY_THREADS = """
import gc, os, sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from logsync.signalwire.client import Credentials, SignalWireClient

url, project, token = sys.argv[1:]
barrier = Barrier(8)

def read(_number):
    barrier.wait()
    return sum(len(page.rows) for page in SignalWireClient(Credentials(url, project, token)).iter_pages("voice"))

with ThreadPoolExecutor(8) as pool:
    print(sum(pool.map(read, range(8))))
gc.collect()
sys.stdout.flush()
os._exit(0)  # only the shared client may still have open connections
"""


def test_threads_that_start_together_leave_no_connection_open():
    space = Space()
    space.faults.latency_s = 0.1
    with serving(space) as url:
        command = [sys.executable, "-W", "always::ResourceWarning", "-c", READ_BY_MANY_THREADS, url, *space.credentials]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "0\n"
    assert "unclosed" not in done.stderr
