"""A real HTTP server on loopback with scripted replies, for responses that the simulator never gives."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep


@dataclass
class Reply:
    """`pieces` are sent one by one, `pause_s` apart."""

    body: bytes = b'{"links": {}, "data": []}'
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: tuple[bytes, ...] = ()
    pause_s: float = 0


class ScriptedServer(ThreadingHTTPServer):
    """Sends its replies in order, and the last one for ever. `asked` has the path and headers of each request."""

    daemon_threads = True

    def __init__(self, replies: list[Reply]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies = replies
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.connections: set[tuple[str, int]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def next_reply(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def handle_error(self, request, client_address):
        """Ignore clients that disconnect early: some tests do."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.connections.add(self.client_address)
        reply = self.server.next_reply()
        pieces = reply.pieces or (reply.body,)
        self.send_response(reply.status)
        headers = {"Content-Type": "application/json", "Content-Length": str(sum(map(len, pieces)))} | reply.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()
            sleep(reply.pause_s)

    def log_message(self, *_args):
        """Print nothing."""


@contextmanager
def answering(*replies: Reply) -> Iterator[ScriptedServer]:
    with ScriptedServer(list(replies)) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
