"""Starts Tollbook's commands as real processes that end with the test."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def manage(env, *arguments, output=subprocess.PIPE):
    """Run `manage.py …` as a process; killed at the end if it still runs."""
    command = [sys.executable, "manage.py", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            process.kill()
