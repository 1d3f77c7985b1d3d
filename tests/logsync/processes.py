"""Tollbook's own processes in the tests: real ones, ended with the test."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def manage(env, *arguments, output=subprocess.PIPE):
    """`manage.py …` as a process of its own; killed at the end if it still runs."""
    command = [sys.executable, "manage.py", *arguments]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT) as process:
        try:
            yield process
        finally:
            process.kill()
