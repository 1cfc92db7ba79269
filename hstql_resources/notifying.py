"""Tell people that something happened: by mail, and by a webhook, as the settings say.

What cannot be sent is said in the log, and stops nobody's work; the log has no secrets.
"""

import logging
import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import SplitResult, unquote, urlsplit

import requests

from hstql_resources.secret_texts import remove_secrets
from hstql_resources.settings import Settings

_log = logging.getLogger(__name__)
LIMIT_S = 10  # for a server to answer; a monitor or a sensor waits so long
LONGEST = 20_000  # characters of a text
LONGEST_SUBJECT = 200
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Notice:
    """What people are told.

    Attributes
    ----------
    subject : str
        One line.
    text : str
        All of it.
    facts : mapping of str to str
        The same for programs.
    """

    subject: str
    text: str
    facts: Mapping[str, str] = field(default_factory=dict)


def notify(settings: Settings, notice: Notice) -> None:
    """Send a notice to whom the settings name; nobody is no fault.

    Parameters
    ----------
    settings : Settings
    notice : Notice
        Passwords that addresses in it have are left out.
    """
    subject = remove_secrets(" ".join(notice.subject.split()), settings)[:LONGEST_SUBJECT]
    text = remove_secrets(notice.text, settings)[:LONGEST]
    facts = {name: remove_secrets(one, settings)[:LONGEST] for name, one in notice.facts.items()}
    clean = Notice(subject, text, facts)
    if settings.notify_mail:
        _try("Mail", _server(settings).hostname, lambda: _mail(settings, clean), clean)
    if settings.notify_webhook is not None:
        address = settings.notify_webhook.get_secret_value()
        _try("The webhook", urlsplit(address).hostname, lambda: _post(address, clean), clean)


def _try(what: str, host: str | None, send: Callable[[], None], notice: Notice) -> None:
    try:
        send()
    except (OSError, smtplib.SMTPException, requests.RequestException, ValueError) as error:
        _log.warning("%s to %s was not sent, of %r: %s", what, host, notice.subject, _word(error))
    else:
        _log.info("%s to %s: %s", what, host, notice.subject)


def _word(error: Exception) -> str:
    """Say what went wrong, without the address, which may be a secret, and what a server wrote."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} {error.smtp_code}"
    if isinstance(error, _RefusedError):
        return str(error)
    reason = getattr(error, "strerror", None)
    return f"{type(error).__name__}: {reason}" if reason else type(error).__name__


class _RefusedError(ValueError):
    """What was not sent, and why: a sentence without secrets."""


def _server(settings: Settings) -> SplitResult:
    return urlsplit(settings.notify_smtp.get_secret_value())


def _mail(settings: Settings, notice: Notice) -> None:
    server = _server(settings)
    message = EmailMessage()
    message["Subject"], message["From"] = notice.subject, settings.notify_from
    message["To"] = ", ".join(settings.notify_mail)
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="hstql")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notice.text)
    with closing(_connect(server)) as connection:
        if server.username:
            password = unquote(server.password or "")
            connection.login(unquote(server.username), password)
        connection.send_message(message)
        with suppress(OSError, smtplib.SMTPException):  # it was sent, however they part
            connection.quit()


def _connect(server: SplitResult) -> smtplib.SMTP:
    """Connect to a mail server, encrypted where it can be; always where a password is sent."""
    host, context = str(server.hostname), ssl.create_default_context()
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, server.port or 465, timeout=LIMIT_S, context=context)
    connection = smtplib.SMTP(host, server.port or 25, timeout=LIMIT_S)
    connection.ehlo_or_helo_if_needed()
    if connection.has_extn("starttls"):
        connection.starttls(context=context)
    elif server.username and host not in _LOCAL:
        connection.close()
        raise _RefusedError("the server has no TLS, and a password is not sent without")
    return connection


def _post(address: str, notice: Notice) -> None:
    """Post a notice as chat programs take it: `text`, and the facts beside it."""
    body = {"text": f"{notice.subject}\n{notice.text}", **notice.facts}
    with requests.post(
        address, json=body, timeout=LIMIT_S, allow_redirects=False, stream=True
    ) as answer:
        if not 200 <= answer.status_code < 300:
            raise _RefusedError(f"the server answered {answer.status_code}")
