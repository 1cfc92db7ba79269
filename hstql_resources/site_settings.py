"""Declare the settings of the site; `settings` has all others, and reads them together."""

from ipaddress import ip_address
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from hstql_resources.setting_values import check_address, check_text

LONGEST_NAME = 200  # of a person


class SiteSettings(BaseModel):
    """What of the site a user can set."""

    site_url: SecretStr | None = Field(
        None, description="The same Postgres by the login of the site, which sees what it may."
    )
    sign_in: Literal["none", "header", "oidc"] = Field(
        "none", description="How people sign in to the site; without, it serves this host only."
    )
    sign_in_header: str = Field(
        "X-Forwarded-User",
        pattern="^[A-Za-z][A-Za-z0-9-]{0,63}$",
        description="The header by which the proxy tells who signed in.",
    )
    proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        ("127.0.0.1",), description="Addresses whose headers are believed, separated by commas."
    )
    admins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Who is an administrator of the site from the start, separated by commas."
    )
    undated: Literal["closed", "public"] = Field(
        "closed", description="Who sees exposures without a release date where people sign in."
    )
    site_address: str | None = Field(
        None, description="Where people find the site, such as https://hst.example.org/hstql."
    )
    oidc_issuer: str | None = Field(None, description="The provider of OpenID Connect.")
    oidc_client: str | None = Field(None, description="The name of the site there.")
    oidc_password: SecretStr | None = Field(
        None, description="The password of the site there, its client secret."
    )

    @field_validator("admins", "proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            names = check_text(value).split(",")
            return tuple(name.strip() for name in names if name.strip())
        return value

    @field_validator("proxies")
    @classmethod
    def _check_proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            try:
                ip_address(address)
            except ValueError:
                raise ValueError(f"{address!r} is not the address of a host") from None
        return value

    @field_validator("admins")
    @classmethod
    def _check_admins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(name) > LONGEST_NAME for name in value):
            raise ValueError(f"a name in it has more than {LONGEST_NAME} characters")
        return value

    @field_validator("site_address", "oidc_issuer")
    @classmethod
    def _check_place(cls, value: str | None) -> str | None:
        return None if value is None else check_address(value)
