"""The settings of hstql: read from the environment and `.env`, typed, checked once at start.

Only reading and checking belong here; what a setting does is the business of the module that
takes it. Nothing is read at import.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent


class SettingsError(Exception):
    """A setting that cannot work; the message is one sentence for the user."""


def dagster_home() -> Path:
    """Return the folder with `dagster.yaml`: `DAGSTER_HOME`, else the project itself.

    Raises
    ------
    SettingsError
        If there is no `dagster.yaml` in it.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or PROJECT).resolve()
    if not (home / "dagster.yaml").is_file():
        raise SettingsError(
            f"There is no dagster.yaml in {home}: set DAGSTER_HOME to the folder that holds it."
        )
    return home


class Settings(BaseSettings):
    """Everything that a user can set; `.env.example` describes the same list."""

    model_config = SettingsConfigDict(
        env_prefix="HSTQL_", extra="ignore", frozen=True, populate_by_name=True
    )

    home: Path = Field(
        default_factory=lambda: dagster_home() / ".hstql",
        description="The folder that holds everything hstql writes.",
    )
    archive: str = Field("simulated", description="`simulated`, `mast`, or a directory.")
    archive_copy: bool = Field(
        False, description="Copy the files of a directory archive instead of reading them in place."
    )
    database_url: SecretStr | None = Field(
        None, description="An external Postgres; without it an embedded server is used."
    )
    workers: str = Field(
        default_factory=lambda: str(os.cpu_count() or 1),
        description="Number of worker processes, or the address of a Dask scheduler.",
    )
    file_mode: Annotated[int, NoDecode] = Field(
        0o770, description="Octal mode of folders; files get the same without the x bits."
    )
    group: str | None = Field(None, description="Group of all that is written.")
    simulated_observations: int = Field(
        12, ge=1, le=100_000, description="How many exposures the simulated archive holds."
    )
    mast_api_token: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("MAST_API_TOKEN", "mast_api_token"),
        description="Token for proprietary data at MAST.",
    )

    @field_validator("file_mode", mode="before")
    @classmethod
    def _read_octal(cls, value: Any) -> Any:
        return int(value, 8) if isinstance(value, str) else value

    @field_validator("database_url", "group", "mast_api_token", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return None if value == "" else value

    @cached_property
    def archive_directory(self) -> Path | None:
        """The folder of a directory archive, None for the named archives."""
        return None if self.archive in ("simulated", "mast") else Path(self.archive).resolve()


def load_settings(**overrides: Any) -> Settings:
    """Read the settings from the environment, then from `.env` beside `dagster.yaml`.

    Parameters
    ----------
    **overrides
        Values that win over both, by field name.

    Returns
    -------
    Settings

    Raises
    ------
    SettingsError
        If a value is of the wrong kind, or the archive directory does not exist.
    """
    try:
        settings = Settings(_env_file=dagster_home() / ".env", **overrides)
    except ValidationError as error:
        raise SettingsError(_describe(error)) from None
    return _check_archive(settings)


def _describe(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]).removeprefix("HSTQL_")
    variable = name.upper() if name.upper() == "MAST_API_TOKEN" else f"HSTQL_{name.upper()}"
    return f"{variable} cannot be used: {first['msg']}."


def _check_archive(settings: Settings) -> Settings:
    directory = settings.archive_directory
    if directory is not None and not directory.is_dir():
        raise SettingsError(
            f"HSTQL_ARCHIVE is {settings.archive!r}, which is neither 'simulated' nor 'mast' "
            f"nor a folder that exists ({directory})."
        )
    return settings
