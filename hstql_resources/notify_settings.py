"""Declare the settings of notices by mail and webhook; `settings` reads them with all others."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from hstql_resources.setting_values import check_text

_MAIL = re.compile(r"[^@\s,<>\"]+@[A-Za-z0-9.-]+")


class NotifySettings(BaseModel):
    """Who is told when a monitor changes its state, or a run fails."""

    notify_mail: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses to which notices are mailed, separated by commas."
    )
    notify_from: str = Field("hstql@localhost", description="The sender of such mail.")
    notify_smtp: SecretStr = Field(
        SecretStr("smtp://localhost"),
        description="The mail server, smtp:// or smtps://user:password@host:port.",
    )
    notify_webhook: SecretStr | None = Field(
        None, description="An address to which notices are posted as JSON."
    )

    @field_validator("notify_mail", mode="before")
    @classmethod
    def _split_addresses(cls, value: Any) -> Any:
        if isinstance(value, str):
            names = check_text(value).split(",")
            return tuple(name.strip() for name in names if name.strip())
        return value

    @field_validator("notify_mail")
    @classmethod
    def _check_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            _check_mail(address)
        return value

    @field_validator("notify_from")
    @classmethod
    def _check_sender(cls, value: str) -> str:
        return _check_mail(value)

    @field_validator("notify_smtp")
    @classmethod
    def _check_server(cls, value: SecretStr) -> SecretStr:
        check_place(value, ("smtp", "smtps"), "smtp://host or smtps://user:password@host:465")
        return value

    @field_validator("notify_webhook")
    @classmethod
    def _check_webhook(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_place(value, ("https", "http"), "https://chat.example.org/hooks/abc")
        return value

    @property
    def notifies(self) -> bool:
        """Whether anybody is told anything."""
        return bool(self.notify_mail) or self.notify_webhook is not None


def check_place(value: SecretStr, schemes: tuple[str, ...], example: str) -> None:
    """Refuse what is not the address of a server; it is not shown, for it may hold a secret.

    Parameters
    ----------
    value : SecretStr
        The address.
    schemes : tuple of str
        What it may begin with.
    example : str
        What it should look like.
    """
    try:
        text = value.get_secret_value()
        parts = urlsplit(text)
        is_usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        is_usable &= " " not in text and text.isascii()
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ValueError(f"it is not an address such as {example}")


def _check_mail(address: str) -> str:
    if not _MAIL.fullmatch(address):
        raise ValueError(f"{address!r} is not an address of mail")
    return address
