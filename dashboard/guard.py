"""Runs a command for as long as standard input stays open: `python guard.py COMMAND…`

Whoever starts a guard keeps the other end of its standard input. When that end closes, on purpose or because its
holder was killed in whatever way, the command gets SIGTERM and, if it lingers, its whole process group SIGKILL.
Standard library only, and a file to be run by its path, so that it starts at once.
"""

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import suppress
from threading import Thread

GRACE_SECONDS = 10
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Where the kernel can (Linux): the command ends also when the guard itself is killed."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        kill_group(child)


def kill_group(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def stop_at_end_of_input(child: subprocess.Popen[bytes]) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop(child)


def main(command: list[str]) -> int:
    """The exit status of the command; 128 and the signal's number when a signal ended it, as in a shell."""
    # Ctrl-C in a terminal is for whoever started the guard, who decides what stops when. A handler, because the
    # command would inherit SIG_IGN.
    signal.signal(signal.SIGINT, lambda *_: None)
    # preexec_fn is safe here: there are no threads yet.
    child = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent,  # noqa: PLW1509
    )
    signal.signal(signal.SIGTERM, lambda *_: Thread(target=stop, args=[child]).start())
    Thread(target=stop_at_end_of_input, args=[child], daemon=True).start()
    status = child.wait()
    kill_group(child)
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
