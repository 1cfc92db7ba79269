"""Notices by mail and webhook: what is sent, how, and what is said where it cannot be."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from builders.notice_servers import (
    SECRET_REPLY,
    Manners,
    make_certificate,
    open_mailbox,
    open_webhook,
)
from hstql_resources import notifying
from hstql_resources.notifying import Notice, notify
from hstql_resources.settings import Settings, SettingsError, load_settings

PASSWORD = "p%40ss"  # of the address; p@ss for the server
NOTICE = Notice(
    "hstql: alarm (was ok): Dark <rate>\r\nBcc: all@example.org",
    "It is 5e-06; see postgresql://ann:hidden@host/x.\n\n%s",
    {"kind": "monitor", "state": "alarm"},
)


def make_settings(home: Path, **more: object) -> Settings:
    return Settings(_env_file=None, home=home, **more)


def test_mail_goes_to_all_and_no_text_becomes_a_header(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with open_mailbox() as box:
        settings = make_settings(
            tmp_path, notify_mail="ann@example.org, bob@example.org",
            notify_from="hst@example.org", notify_smtp=f"smtp://127.0.0.1:{box.port}",
        )  # fmt: skip
        notify(settings, NOTICE)
    (letter,) = box.letters
    assert letter["Subject"] == "hstql: alarm (was ok): Dark <rate> Bcc: all@example.org"
    assert letter["Bcc"] is None
    assert letter["From"] == "hst@example.org"
    assert "ann@example.org" in box.recipients[0]
    assert "bob@example.org" in box.recipients[1]
    text = letter.get_content()
    assert text.startswith("It is 5e-06; see postgresql://ann:***@host/x.")
    assert "%s" in text
    assert box.were_encrypted == [False]
    assert "Mail to 127.0.0.1" in caplog.text


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_password_goes_over_tls_to_a_server_that_is_trusted(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    certificate, context = make_certificate(tmp_path)
    with open_mailbox(Manners(context, scheme == "smtps")) as box:
        address = f"{scheme}://ann:{PASSWORD}@127.0.0.1:{box.port}"
        settings = make_settings(tmp_path, notify_mail="a@b.org", notify_smtp=address)
        notify(settings, NOTICE)
        assert box.letters == []
        assert "SSLCertVerificationError" in caplog.text
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        notify(settings, NOTICE)
    assert box.were_encrypted == [True]
    assert box.signed_in == ["\0ann\0p@ss"]
    assert PASSWORD not in caplog.text
    assert "p@ss" not in caplog.text


def test_no_password_goes_to_another_host_without_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notifying, "_LOCAL", frozenset())
    with open_mailbox() as box:
        address = f"smtp://ann:{PASSWORD}@127.0.0.1:{box.port}"
        settings = make_settings(tmp_path, notify_mail="a@b.org", notify_smtp=address)
        notify(settings, NOTICE)
    assert box.signed_in == box.letters == []
    assert "the server has no TLS, and a password is not sent without" in caplog.text


def test_a_webhook_gets_text_and_facts(tmp_path: Path) -> None:
    with open_webhook() as hook:
        notify(make_settings(tmp_path, notify_webhook=hook.address), NOTICE)
    (posted,) = hook.posted
    assert posted["state"] == "alarm"
    assert posted["text"].startswith("hstql: alarm (was ok): Dark <rate> Bcc: all@example.org\nIt")
    assert "hidden" not in str(posted)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_is_not_sent_is_said_without_secrets_and_stops_nothing(
    status: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with open_webhook() as hook, open_mailbox(Manners(refuses=True)) as box:
        hook.status = status
        settings = make_settings(
            tmp_path, notify_webhook=hook.address, notify_mail="a@b.org",
            notify_smtp=f"smtp://127.0.0.1:{box.port}",
        )  # fmt: skip
        notify(settings, NOTICE)
        assert len(hook.posted) == 1
    assert f"The webhook to 127.0.0.1 was not sent, of {'hstql: alarm'!r}"[:-1] in caplog.text
    assert f"the server answered {status}" in caplog.text
    assert "SMTPRecipientsRefused" in caplog.text
    for secret in ("s3cr3t", SECRET_REPLY, "hidden"):
        assert secret not in caplog.text
    caplog.clear()
    notify(settings, replace(NOTICE, subject="again"))  # nobody is there any more
    assert caplog.text.count("was not sent") == 2
    assert "Connection" in caplog.text
    assert "s3cr3t" not in caplog.text


def test_whoever_names_nobody_tells_nobody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    settings = make_settings(tmp_path)
    assert not settings.notifies
    notify(settings, NOTICE)
    assert caplog.text == ""


@pytest.mark.parametrize(("name", "value"), [
    ("HSTQL_NOTIFY_MAIL", "ann"), ("HSTQL_NOTIFY_MAIL", "ann@b.org, <bob>"),
    ("HSTQL_NOTIFY_MAIL", '"a,b"@c.org'), ("HSTQL_NOTIFY_FROM", "a b@c.org"),
    ("HSTQL_NOTIFY_SMTP", "http://s3cr3t@host"), ("HSTQL_NOTIFY_SMTP", "smtp://:s3cr3t@host:0"),
    ("HSTQL_NOTIFY_SMTP", "s3cr3t"), ("HSTQL_NOTIFY_WEBHOOK", "ftp://host/s3cr3t"),
    ("HSTQL_NOTIFY_WEBHOOK", "https:///s3cr3t"), ("HSTQL_NOTIFY_WEBHOOK", "https://[s3cr3t"),
])  # fmt: skip
def test_what_cannot_be_an_address_is_refused_and_no_secret_is_shown(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"^{name} cannot be used: .*\.$") as caught:
        load_settings()
    assert "s3cr3t" not in str(caught.value)
    assert "\n" not in str(caught.value)
