"""A process that reads the voice list at a URL, and prints the outcome and the memory and time it took as JSON."""

import json
import re
import sys
import time
from pathlib import Path

from logsync.exceptions import SignalWireError
from logsync.parsing.parser import parse_page
from logsync.signalwire.client import Credentials, RetryPolicy, SignalWireClient


def peak_mb() -> int:
    """The peak memory of this process. getrusage would include the parent's."""
    return int(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0]) // 1024


def read(url: str) -> dict[str, int | float | str]:
    client = SignalWireClient(Credentials(url, "project", "PTx"), retries=RetryPolicy(attempts=2, first_wait_s=0.01))
    before, started = peak_mb(), time.monotonic()
    records, bad_rows, error = 0, 0, ""
    try:
        for page in map(parse_page, client.iter_pages("voice")):
            records, bad_rows = records + len(page.records), bad_rows + len(page.bad_rows)
    except SignalWireError as refusal:
        error = str(refusal)
    took = {"mb": peak_mb() - before, "seconds": time.monotonic() - started}
    return took | {"records": records, "bad_rows": bad_rows, "error": error}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(read(sys.argv[1])))
