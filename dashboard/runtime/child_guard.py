"""Runs a command for as long as standard input stays open: `python child_guard.py SECONDS COMMAND…`

The parent keeps the other end of the guard's standard input. When that end closes, on purpose or because the parent
died, the command gets SIGTERM; after the grace seconds, its whole process group gets SIGKILL. Run by its path and with
the standard library only, so that it starts fast.
"""

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import suppress
from threading import Thread

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """On Linux, the command gets SIGTERM also when the guard itself is killed."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop(child: subprocess.Popen[bytes], grace_seconds: float) -> None:
    child.terminate()
    try:
        child.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        kill_group(child)


def kill_group(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def stop_at_end_of_input(child: subprocess.Popen[bytes], grace_seconds: float) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop(child, grace_seconds)


def main(grace_seconds: float, command: list[str]) -> int:
    """The exit status of the command; as in a shell, 128 plus the signal's number if a signal ended it."""
    # Ignore Ctrl-C: the parent decides what stops when. Not by SIG_IGN, which the command would inherit.
    signal.signal(signal.SIGINT, lambda *_: None)
    # preexec_fn is safe: there are no threads yet.
    child = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent,  # noqa: PLW1509
    )
    signal.signal(signal.SIGTERM, lambda *_: Thread(target=stop, args=[child, grace_seconds]).start())
    Thread(target=stop_at_end_of_input, args=[child, grace_seconds], daemon=True).start()
    status = child.wait()
    kill_group(child)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
