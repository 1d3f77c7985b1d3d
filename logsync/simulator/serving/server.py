"""A small HTTP/1.1 server on asyncio: keep-alive, complete bodies, and broken responses on demand."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from ipaddress import ip_address
from threading import Thread
from urllib.parse import parse_qsl, unquote, urlsplit

from logsync.simulator.api.errors import plain
from logsync.simulator.api.http import Request, Response
from logsync.simulator.serving.control import CONTROL_PATH, ControlPanel
from logsync.simulator.space import Space

END_OF_HEAD = b"\r\n\r\n"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER of zero seconds: close() sends RST
START_TIMEOUT_S = 10
Respond = Callable[[Request], Response]


class Connection(asyncio.Protocol):
    """One client connection. Requests are answered in order, one at a time."""

    def __init__(self, space: Space, respond: Respond, open_connections: set["Connection"]) -> None:
        self._space = space
        self._respond = respond
        self._open = open_connections
        self._received = b""
        self._waiting: asyncio.TimerHandle | None = None
        self._peer = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(transport)
        self._transport = transport
        self._peer = transport.get_extra_info("peername")[0]
        self._open.add(self)

    def connection_lost(self, _exc: Exception | None) -> None:
        self._open.discard(self)
        if self._waiting:
            self._waiting.cancel()
            self._space.requests.end()

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._answer_next()

    def abort(self) -> None:
        self._transport.abort()

    def _answer_next(self) -> None:
        while not self._waiting and not self._transport.is_closing():
            request = self._next_request()
            if request is None:
                return
            self._space.requests.begin()
            response = self._respond(request)
            close = request.headers.get("connection", "").lower() == "close"
            if response.delay_s:
                loop = asyncio.get_running_loop()
                self._waiting = loop.call_later(response.delay_s, partial(self._send_late, response, close=close))
            else:
                self._send(response, close=close)

    def _send_late(self, response: Response, *, close: bool) -> None:
        self._waiting = None
        self._send(response, close=close)
        self._answer_next()

    def _send(self, response: Response, *, close: bool) -> None:
        self._space.requests.end()
        if response.reset:
            connection = self._transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            self._transport.abort()
            return
        body = response.body[: len(response.body) // 2] if response.cut else response.body
        self._transport.write(response.head())
        self._transport.write(body)
        if close or response.cut:
            self._transport.close()

    def _next_request(self) -> Request | None:
        """The first complete request in the buffer; the rest stays there."""
        head, found, rest = self._received.partition(END_OF_HEAD)
        if not found:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            return None
        self._received = rest[length:]
        method, target, _ = first.split(" ", 2)
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return Request(method, target, unquote(parts.path), query, headers, rest[:length], self._peer)


def responder(space: Space, *, control: bool) -> Respond:
    """Answers for the space; with control also `/_control/…`, but only to clients on this machine."""
    panel = ControlPanel(space)

    def respond(request: Request) -> Response:
        if not request.path.startswith(CONTROL_PATH):
            return space.respond(request)
        if control and ip_address(request.peer).is_loopback:
            return panel.answer(request)
        return plain(404)

    return respond


async def serve(
    space: Space, host: str, port: int, *, control: bool, started: Callable[[str], None], stop: asyncio.Event
) -> None:
    """Serve until `stop` is set. Calls `started` with the URL once it listens (port 0: any free port)."""
    connections: set[Connection] = set()
    respond = responder(space, control=control)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(space, respond, connections), host, port)
    async with server:
        started(f"http://{host}:{server.sockets[0].getsockname()[1]}")
        await stop.wait()
        server.close()
        for connection in list(connections):
            connection.abort()
        await asyncio.sleep(0)  # let the aborted connections close their sockets


@contextlib.contextmanager
def serving(space: Space, *, host: str = "127.0.0.1", port: int = 0, control: bool = False) -> Iterator[str]:
    """Serve the space in a thread until the block ends. Yields its URL."""
    address: Future[str] = Future()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def run() -> None:
        try:
            loop.run_until_complete(serve(space, host, port, control=control, started=address.set_result, stop=stop))
        except OSError as error:
            address.set_exception(error)
        finally:
            loop.close()

    thread = Thread(target=run, name="simulator", daemon=True)
    thread.start()
    try:
        yield address.result(timeout=START_TIMEOUT_S)
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
        thread.join()
