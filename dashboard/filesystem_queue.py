"""Celery's queue without a broker: kombu's filesystem transport, in which a message appears only once it is whole.

kombu creates the file first and writes it afterwards, so that a worker looking just then reads half a message.
"""

import time
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads

POLL_SECONDS = 0.1


def queue_options(folder: Path) -> dict[str, Any]:
    """Transport options for a queue in this folder, which is made if need be."""
    messages, control = folder / "messages", folder / "control"
    messages.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "polling_interval": POLL_SECONDS,
    }


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **_kwargs: Any) -> None:  # type: ignore[override]  # kombu has two
        # The time first: they are taken in the order of their names.
        path = Path(self.data_folder_out, f"{time.time_ns():020}-{uuid4().hex}.{queue}.msg")
        draft = path.with_suffix(".draft")
        draft.write_text(dumps(payload))
        draft.rename(path)

    def _get(self, queue: str, _timeout: float | None = None) -> Any:
        for path in sorted(Path(self.data_folder_in).glob(f"*.{queue}.msg")):
            taken = path.with_suffix(".taken")
            try:
                path.rename(taken)
            except FileNotFoundError:  # another worker was quicker
                continue
            message = taken.read_text()
            taken.unlink()
            return loads(message)
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel


def empty_queue(folder: Path) -> None:
    """Drop all messages, of a former run for example."""
    for message in (folder / "messages").glob("*"):
        message.unlink(missing_ok=True)
