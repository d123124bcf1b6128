"""A provider on loopback that answers what a test declares, writes down what it is asked, and takes nothing else."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Reply:
    """What is sent back; `by_hand` writes to the connection itself, `made` makes it of what was heard."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    by_hand: Callable[[BaseHTTPRequestHandler], None] | None = None
    made: "Callable[[Heard], Reply] | None" = None


@dataclass
class Heard:
    """One request as it came; `peer` are the names in the client's certificate, None without one."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    peer: list[tuple[str, str]] | None = None


class Provider:
    """The server and what it heard; `strangers` are requests that nothing declares."""

    def __init__(self, scheme: str) -> None:
        self.replies: dict[tuple[str, str], Reply] = {}
        self.heard: list[Heard] = []
        self.strangers: list[str] = []
        self.scheme = scheme
        self.port = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def on(self, method: str, path: str, status: int = 200, body: bytes | str = b"", **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.replies[method, path] = Reply(status, named, data)

    def by_hand(self, method: str, path: str, write: Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.replies[method, path] = Reply(by_hand=write)

    def making(self, method: str, path: str, made: "Callable[[Heard], Reply]") -> None:
        self.replies[method, path] = Reply(made=made)


def subject_of(connection: object) -> list[tuple[str, str]] | None:
    told = connection.getpeercert() if isinstance(connection, ssl.SSLSocket) else None
    return [pair for part in told["subject"] for pair in part] if told else None


@contextmanager
def provider(context: ssl.SSLContext | None = None) -> Iterator[Provider]:
    """The server while it runs. Fails at its end where it was asked what was not declared."""
    told = Provider("http" if context is None else "https")

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def _any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            heard = Heard(self.command, self.path, dict(self.headers), body, subject_of(self.connection))
            told.heard.append(heard)
            reply = told.replies.get((self.command, self.path))
            if reply is None:
                told.strangers.append(f"{self.command} {self.path}")
                reply = Reply(418)
            if reply.made is not None:
                reply = reply.made(heard)
            if reply.by_hand is not None:
                with suppress(OSError):  # the client hung up, as it ought to
                    reply.by_hand(self)
                return
            self.send_response(reply.status)
            for name, value in ({"Content-Length": str(len(reply.body))} | reply.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _any  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        told.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield told
        server.shutdown()
        thread.join(5)
    assert told.strangers == []
