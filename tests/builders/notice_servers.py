"""A mail server and a webhook on this host, which keep what they are sent."""

import base64
import json
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
SECRET_REPLY = "password-of-somebody"


@dataclass
class Mailbox:
    """What a mail server was sent, by whom, and how."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    were_encrypted: list[bool] = field(default_factory=list)


@dataclass
class Manners:
    """How a mail server behaves: with a context it encrypts, from the start or when asked to."""

    context: ssl.SSLContext | None = None
    speaks_tls_first: bool = False
    refuses: bool = False


class _MailHandler(socketserver.StreamRequestHandler):
    """Speaks as much of SMTP as a client needs to send a letter."""

    box: Mailbox
    manners: Manners
    is_encrypted = False

    def handle(self) -> None:
        if self.manners.speaks_tls_first:
            self.encrypt()
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            word, _, rest = line.upper().partition(" ")
            answer = getattr(self, f"answer_{word.lower()}", lambda _: self.say("250 ok"))
            answer(rest if word != "AUTH" else line)
            if word == "QUIT":
                break

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def answer_quit(self, _: str) -> None:
        self.say("221 bye")

    def answer_ehlo(self, _: str) -> None:
        offers = self.manners.context is not None and not self.is_encrypted
        self.say(f"250-here\r\n250-{'STARTTLS' if offers else 'HELP'}\r\n250 AUTH PLAIN")

    def answer_starttls(self, _: str) -> None:
        self.say("220 go on")
        self.encrypt()

    def answer_auth(self, line: str) -> None:
        self.box.signed_in.append(base64.b64decode(line.split()[2]).decode())
        self.say("235 welcome")

    def answer_rcpt(self, rest: str) -> None:
        self.box.recipients.append(rest.lower())
        self.say(f"550 no such person {SECRET_REPLY}" if self.manners.refuses else "250 ok")

    def answer_data(self, _: str) -> None:
        self.say("354 go on")
        lines = []
        while (one := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(one)
        letter = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.box.letters.append(letter)
        self.box.were_encrypted.append(self.is_encrypted)
        self.say("250 ok")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def encrypt(self) -> None:
        assert self.manners.context is not None
        self.connection = self.manners.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.is_encrypted = True


@contextmanager
def open_mailbox(manners: Manners | None = None) -> Iterator[Mailbox]:
    """Serve mail on this host."""
    own = {"manners": manners or Manners(), "box": Mailbox(0)}
    with _serve(_Server((HOST, 0), type("Handler", (_MailHandler,), own))) as server:
        own["box"].port = server.server_address[1]
        yield own["box"]


@dataclass
class Webhook:
    """What was posted to an address, and what the server answers."""

    address: str
    status: int = 200
    posted: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def open_webhook() -> Iterator[Webhook]:
    """Serve an address to which JSON is posted."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            hook.posted.append(json.loads(content))
            self.send_response(hook.status)
            if hook.status == 302:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with _serve(ThreadingHTTPServer((HOST, 0), Handler)) as server:
        hook = Webhook(f"http://{HOST}:{server.server_address[1]}/hooks/s3cr3t")
        yield hook


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Be silent about clients that hang up."""


@contextmanager
def _serve(server: Any) -> Iterator[Any]:
    with server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Return the certificate of this host, which whoever is told of it trusts, and how to serve."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    public, both = folder / "public.pem", folder / "both.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    both.write_bytes(public.read_bytes() + private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return public, context
