"""Celery's queue without a broker: kombu's filesystem transport, with messages written atomically.

kombu itself creates a message file before writing it, so a worker could read half a message.
"""

import time
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

POLL_SECONDS = 0.1
# How long a worker looks for messages before it looks whether it is to stop: with Celery's two seconds it takes four.
LOOK_SECONDS = 0.5


def queue_options(folder: Path) -> dict[str, Any]:
    """Transport options for a queue in this folder. Creates the folder if it is missing."""
    messages, control = folder / "messages", folder / "control"
    messages.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "polling_interval": POLL_SECONDS,
    }


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **_kwargs: Any) -> None:  # type: ignore[override]  # kombu's base classes disagree
        # Messages are read in the order of their names, so the time comes first.
        path = Path(self.data_folder_out, f"{time.time_ns():020}-{uuid4().hex}.{queue}.msg")
        draft = path.with_suffix(".draft")
        draft.write_text(dumps(payload))
        draft.rename(path)

    def _get(self, queue: str, _timeout: float | None = None) -> Any:
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            taken = path.with_suffix(".taken")
            try:
                path.rename(taken)
            except FileNotFoundError:  # another worker took it
                continue
            message = taken.read_text()
            taken.unlink()
            return loads(message)
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:  # type: ignore[override]  # as above
        super().drain_events(connection, timeout and min(timeout, LOOK_SECONDS))


def empty_queue(folder: Path) -> None:
    """Delete all messages, including half-processed ones of an earlier run."""
    for message in (folder / "messages").glob("*"):
        message.unlink(missing_ok=True)
