"""The queue without a broker: whole messages, each to one worker, in their order."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from queue import Empty
from uuid import uuid4

import pytest
from django.conf import settings
from kombu import Connection

from dashboard.filesystem_queue import empty_queue, queue_options

TRANSPORT = "dashboard.filesystem_queue:Transport"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "queue"


@pytest.fixture
def connect(folder):
    """Makes connections to the queue of the test, closed at its end."""
    connections = []
    name = uuid4().hex  # kombu remembers for the whole process which queues it has made

    def connect():
        options = queue_options(folder) | {"polling_interval": 0.001}
        connection = Connection("filesystem://", transport=TRANSPORT, transport_options=options)
        connections.append(connection)
        return connection.SimpleQueue(name)

    yield connect
    for connection in connections:
        connection.release()


def take_all(queue):
    taken = []
    while True:
        try:
            message = queue.get(timeout=0.3)
        except Empty:
            return taken
        taken.append(message.payload)
        message.ack()


def test_messages_come_in_the_order_they_were_sent(connect):
    sender, receiver = connect(), connect()
    for number in range(20):
        sender.put(number)
    assert take_all(receiver) == list(range(20))


def test_each_message_goes_to_one_of_many_workers(connect):
    sender, receivers = connect(), [connect() for _ in range(4)]
    for number in range(200):
        sender.put(number)
    with ThreadPoolExecutor(4) as threads:
        taken = [number for numbers in threads.map(take_all, receivers) for number in numbers]
    assert sorted(taken) == list(range(200))


SENDER = """
import sys
from pathlib import Path
from kombu import Connection
from dashboard.filesystem_queue import queue_options

transport, folder, name = sys.argv[1:]
with Connection("filesystem://", transport=transport, transport_options=queue_options(Path(folder))) as connection:
    queue = connection.SimpleQueue(name)
    for number in range(500):
        queue.put(number)
"""


def test_a_worker_that_looks_while_messages_are_sent_never_gets_half_of_one(connect, folder):
    receiver = connect()
    arguments = [sys.executable, "-c", SENDER, TRANSPORT, str(folder), receiver.queue.name]
    with subprocess.Popen(arguments, cwd=settings.BASE_DIR):
        received = [receiver.get(timeout=20).payload for _ in range(500)]
    assert received == list(range(500))


def test_what_is_sent_is_kept_until_it_is_taken(connect, folder):
    connect().put("kept")
    (path,) = (folder / "messages").iterdir()
    assert json.loads(path.read_text())["body"]
    assert take_all(connect()) == ["kept"]
    assert list((folder / "messages").iterdir()) == []


def test_an_emptied_queue_has_nothing_of_a_former_run(connect, folder):
    connect().put("old")
    (folder / "messages" / "0-left.some.taken").touch()
    empty_queue(folder)
    assert take_all(connect()) == []
    assert list((folder / "messages").iterdir()) == []
