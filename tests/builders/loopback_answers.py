"""Sending one answer of a loopback server: a file with ranges and faults, or a short text."""

import gzip
import json
import re
import socket
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

from builders.loopback_faults import Fault, Kind

MODIFIED = "Wed, 01 May 2019 01:02:03 GMT"
LOGIN_PAGE = b"<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>MyST</body></html>"


@dataclass
class Answer:
    """One answer with a body: what the headers say of it, and how much of it is sent."""

    handler: BaseHTTPRequestHandler
    body: bytes
    fault: Fault | None
    etag: str

    @property
    def kind(self) -> Kind | None:
        return None if self.fault is None else self.fault.kind

    def send(self) -> None:
        if self.fault is not None and self.kind == "half":
            self.body = self.body[: int(len(self.body) * self.fault.share)]
        start = self._start()
        if start is None:
            send(self.handler, 416, b"", {"Content-Range": f"bytes */{len(self.body)}"})
            return
        body = self.body[start:]
        if self.kind == "gzip":
            body = gzip.compress(body)
        self._send_head(start, len(body))
        if self.handler.command != "HEAD":
            self._send_body(body)

    def _start(self) -> int | None:
        """Return where the answer begins; None if that is behind the end."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.handler.headers.get("Range", ""))
        condition = self.handler.headers.get("If-Range", self.etag)
        if asked is None or self.kind == "no_range" or condition not in (self.etag, MODIFIED):
            return 0
        start = int(asked[1])
        return start if start < len(self.body) else None

    def _send_head(self, start: int, length: int) -> None:
        handler, total = self.handler, len(self.body)
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Type", "application/fits")
        handler.send_header(
            "ETag", '"other"' if start and self.kind == "range_of_other" else self.etag
        )
        handler.send_header("Last-Modified", MODIFIED)
        if start:
            shown = start - 100 if self.kind == "wrong_range" else start
            total = total + 1 if self.kind == "wrong_total" else total
            handler.send_header("Content-Range", f"bytes {shown}-{len(self.body) - 1}/{total}")
        if self.kind == "gzip":
            handler.send_header("Content-Encoding", "gzip")
        if self.kind == "no_length":
            handler.send_header("Transfer-Encoding", "chunked")
        else:
            handler.send_header("Content-Length", str(length))
            handler.send_header("Accept-Ranges", "bytes")
        handler.end_headers()

    def _send_body(self, body: bytes) -> None:
        write, fault = self.handler.wfile.write, self.fault
        try:
            if fault is None or fault.kind not in ("drop", "reset", "stall", "drip", "no_length"):
                write(body)
            elif fault.kind == "no_length":
                write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
            elif fault.kind == "drip":
                drip(self.handler, body, fault.seconds)
            else:
                write(body[: int(len(body) * fault.share)])
                interrupt(self.handler, fault)
        except OSError:  # the client hung up
            self.handler.close_connection = True


def send(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes,
    headers: dict[str, str] | None = None,
    content_type: str = "application/json",
) -> None:
    """Send a short answer of any status."""
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(body)


def send_status(handler: BaseHTTPRequestHandler, fault: Fault) -> None:
    headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
    send(handler, fault.status, b'{"msg": "as asked for"}', headers)


def send_login(handler: BaseHTTPRequestHandler, fault: Fault) -> None:
    content_type = "text/html" if fault.kind == "login" else "application/fits"
    send(handler, 200, LOGIN_PAGE, content_type=content_type)


def send_redirect(handler: BaseHTTPRequestHandler, fault: Fault) -> None:
    send(handler, 302, b"", {"Location": fault.location})


def send_echo(handler: BaseHTTPRequestHandler, fault: Fault) -> None:
    """Answer with all that was sent, the token too, in body, reason and a header."""
    sent = json.dumps(dict(handler.headers.items()))
    handler.send_response(fault.status, sent)
    handler.send_header("X-Echo", sent)
    handler.send_header("Content-Length", str(len(sent)))
    handler.end_headers()
    handler.wfile.write(sent.encode())


def drip(handler: BaseHTTPRequestHandler, body: bytes, seconds: float) -> None:
    for byte in body:
        handler.wfile.write(bytes([byte]))
        time.sleep(seconds)


def interrupt(handler: BaseHTTPRequestHandler, fault: Fault) -> None:
    """End or stall a body that has begun."""
    handler.close_connection = True
    if fault.kind == "stall":
        time.sleep(fault.seconds)
        return
    if fault.kind == "reset":  # SO_LINGER of zero seconds: the peer gets an RST
        linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.connection.close()
        return
    # close() alone leaves the client waiting: the handler holds further references.
    handler.connection.shutdown(socket.SHUT_RDWR)


SIMPLE = {
    "status": send_status,
    "login": send_login,
    "login_as_fits": send_login,
    "redirect": send_redirect,
    "echo": send_echo,
}
