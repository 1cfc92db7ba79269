"""A server that sends whatever bytes a test wants, as slowly as it wants."""

import contextlib
import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import repeat
from socket import socket

Send = Callable[[socket, str], None]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def open_hostile_server(send: Send, asked: list[str] | None = None) -> Iterator[str]:
    """Yield the address of a server whose answers a function sends.

    Parameters
    ----------
    send : callable
        Takes the connection and the path that was asked for.
    asked : list of str, optional
        Gets the head of each request.
    """

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            head = _read_request(self.request)
            if asked is not None:
                asked.append(head)
            with contextlib.suppress(OSError):  # the client hung up
                send(self.request, head.split(" ")[1])

    with _Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def _read_request(connection: socket) -> str:
    text = b""
    while b"\r\n\r\n" not in text:
        text += connection.recv(1 << 16)
    head, _, body = text.partition(b"\r\n\r\n")
    length = next((int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n")
                   if line.startswith(b"content-length:")), 0)  # fmt: skip
    while len(body) < length:
        body += connection.recv(1 << 16)
    return head.decode("latin-1")


def head(*lines: str, status: str = "200 OK") -> bytes:
    """Return the head of an answer, with these header lines."""
    return "\r\n".join((f"HTTP/1.1 {status}", "Connection: close", *lines, "", "")).encode()


def answer(body: bytes, *lines: str, status: str = "200 OK") -> Send:
    """Return what sends a body with its length."""
    lines = lines or (f"Content-Length: {len(body)}", "Content-Type: application/json")
    return lambda connection, _: connection.sendall(head(*lines, status=status) + body)


def answer_json(value: object) -> Send:
    return answer(json.dumps(value).encode())


def redirect(location: str) -> Send:
    return answer(b"", f"Location: {location}", "Content-Length: 0", status="302 Found")


def drip(start: bytes, pieces: bytes, seconds: float = 0.05) -> Send:
    """Return what sends a start, and then one of some bytes after the other, for ever."""

    def send(connection: socket, _: str) -> None:
        connection.sendall(start)
        for part in repeat(pieces):
            connection.sendall(part)
            time.sleep(seconds)

    return send


def flood(start: bytes, piece: bytes) -> Send:
    """Return what sends a start, and then pieces without end."""

    def send(connection: socket, _: str) -> None:
        connection.sendall(start)
        for part in repeat(piece):
            connection.sendall(part)

    return send
