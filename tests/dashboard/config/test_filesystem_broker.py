"""The filesystem queue: complete messages, in order, each to one worker."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty
from uuid import uuid4

import pytest
from django.conf import settings
from kombu import Connection

from dashboard.config.filesystem_broker import empty_queue, queue_options

TRANSPORT = "dashboard.config.filesystem_broker:Transport"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "queue"


@pytest.fixture
def connect(folder):
    """Opens connections to the test's queue; they are closed at the end."""
    connections = []
    name = uuid4().hex  # kombu remembers the queues it created for the whole process

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


def test_messages_arrive_in_the_order_they_were_sent(connect):
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
from dashboard.config.filesystem_broker import queue_options

transport, folder, name = sys.argv[1:]
with Connection("filesystem://", transport=transport, transport_options=queue_options(Path(folder))) as connection:
    queue = connection.SimpleQueue(name)
    for number in range(500):
        queue.put(number)
"""


def test_a_worker_never_reads_half_a_message(connect, folder):
    receiver = connect()
    arguments = [sys.executable, "-c", SENDER, TRANSPORT, str(folder), receiver.queue.name]
    with subprocess.Popen(arguments, cwd=settings.BASE_DIR):
        received = [next_of(receiver) for _ in range(500)]
    assert received == list(range(500))


def next_of(receiver):
    """The transport looks for a second at a time, which a slow machine may need to start the sender."""
    for _ in range(60):
        with suppress(Empty):
            return receiver.get(timeout=20).payload
    return pytest.fail("no message came")


def test_a_message_is_kept_until_it_is_taken(connect, folder):
    connect().put("kept")
    (path,) = (folder / "messages").iterdir()
    assert json.loads(path.read_text())["body"]
    assert take_all(connect()) == ["kept"]
    assert list((folder / "messages").iterdir()) == []


def test_an_emptied_queue_has_no_messages_of_an_earlier_run(connect, folder):
    connect().put("old")
    (folder / "messages" / "0-left.some.taken").touch()
    empty_queue(folder)
    assert take_all(connect()) == []
    assert list((folder / "messages").iterdir()) == []
