"""Read the settings from the environment and `.env`, typed, checked once at start.

Only reading and checking belong here; what a setting does is the business of the module that
takes it. Nothing is read at import.
"""

import os
from collections.abc import Sequence
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from dotenv import dotenv_values
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from hstql_resources.fits.limits import Limits
from hstql_resources.instance import has_instance, is_home
from hstql_resources.notify_settings import NotifySettings
from hstql_resources.setting_values import (
    check_address,
    check_broker,
    check_group,
    check_text,
    check_token,
    find_path,
    read_mode,
    require_path,
)
from hstql_resources.site_settings import SiteSettings

PROJECT = Path(__file__).resolve().parent.parent
PREFIX = "HSTQL_"
HOME = ".hstql"
NAMED_ARCHIVES = ("simulated", "mast")


class SettingsError(Exception):
    """A setting that cannot work; the message is one sentence for the user."""


def dagster_home() -> Path:
    """Return the folder with `dagster.yaml`: that of `DAGSTER_HOME`, the project, or this folder.

    Where none of them has one it is the home, and commands write one there.

    Raises
    ------
    SettingsError
        If `DAGSTER_HOME` names no folder.
    """
    try:
        named = [find_path(Path(name)) for name in (os.environ.get("DAGSTER_HOME"),) if name]
        if not all(folder.is_dir() for folder in named):
            raise SettingsError(f"DAGSTER_HOME cannot be used: {named[0]} is no folder.")
        for folder in (*named, PROJECT, Path.cwd()):
            if has_instance(folder):
                return folder
        unwritten = Path.cwd() / ".env"
        home = os.environ.get("HSTQL_HOME") or dotenv_values(unwritten).get("HSTQL_HOME")
        return find_path(Path(home or HOME))
    except (ValueError, OSError) as error:
        raise SettingsError(f"DAGSTER_HOME cannot be used: {error}.") from None


def _find_env() -> Path:
    """Return the `.env` beside `dagster.yaml`; where that is hstql's own, else of this folder."""
    folder = dagster_home()
    beside = folder / ".env"
    return Path.cwd() / ".env" if is_home(folder) and not beside.is_file() else beside


def _find_home() -> Path:
    folder = dagster_home()
    return folder if is_home(folder) else folder / HOME


def _reference_folder(name: str, instrument: str) -> Any:
    return Field(
        None,
        validation_alias=AliasChoices(name, name.upper()),
        description=f"The folder with calibration reference files of {instrument}.",
    )


def _limit(name: str, description: str) -> Any:
    return Field(getattr(Limits(), name), ge=1, le=10**9, description=description)


class Settings(SiteSettings, NotifySettings, BaseSettings):
    """Everything that a user can set; `.env.example` describes the same list.

    An empty variable counts as not set. Relative folders are relative to the working directory,
    and absolute from here on.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    home: Path = Field(
        default_factory=_find_home,
        description="The folder that holds everything hstql writes.",
    )
    archive: str = Field("simulated", description="`simulated`, `mast`, or a directory.")
    archive_copy: bool = Field(
        False, description="Copy the files of a directory archive instead of reading them in place."
    )
    database_url: SecretStr | None = Field(
        None, description="An external Postgres; without it an embedded server is used."
    )
    reader_url: SecretStr | None = Field(
        None, description="The same Postgres by a login that can only read, for users' questions."
    )
    workers: str = Field(
        default_factory=lambda: str(os.cpu_count() or 1),
        description="Number of worker processes, or the address of a Dask scheduler.",
    )
    broker: SecretStr | None = Field(
        None, description="The Redis over which runs go to Celery workers on many hosts."
    )
    file_mode: Annotated[int, NoDecode] = Field(
        0o770, description="Octal mode of folders; files get the same without the x bits."
    )
    group: str | None = Field(None, description="Group of all that is written.")
    simulated_observations: int = Field(
        12,
        ge=1,
        le=100_000,
        description="How many COS exposures the simulated archive holds; of STIS a third of it.",
    )
    simulated_raw: int = Field(
        1,
        ge=0,
        le=1000,
        description="How many raw COS exposures the simulated archive holds besides, for CalCOS.",
    )
    simulated_epochs: int = Field(
        8,
        ge=0,
        le=1000,
        description="At how many times within two years the simulated COS looks at itself: darks, "
        "lamps, gain, acquisitions; and the cameras at flats.",
    )
    monitors: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Modules with monitors of your own, separated by commas."
    )
    solar_flux: Path | None = Field(
        None, description="File or folder with the solar flux at 10.7 cm."
    )
    sms: Path | None = Field(
        None, description="The folder with reports of the science mission schedule."
    )
    mast_url: str = Field(
        "https://mast.stsci.edu", description="Where MAST is, or a server that speaks like it."
    )
    mast_files: Literal["mast", "bucket"] = Field(
        "mast", description="Where public files of MAST are fetched: there, or in its bucket."
    )
    bucket_url: str = Field(
        "https://stpubdata.s3.us-east-1.amazonaws.com",
        description="The bucket with the public files of MAST.",
    )
    connections: int = Field(
        8, ge=1, le=32, description="How many files are fetched at the same time."
    )
    max_file_mb: int = _limit("file_mb", "Size of a file of data, MB; a larger one is bad.")
    max_unpacked_mb: int = _limit("unpacked_mb", "The same of what is gzipped, unpacked, MB.")
    max_hdus: int = _limit("hdus", "HDUs of a file; one with more is bad.")
    max_header_cards: int = _limit("header_cards", "Cards in all headers of a file together.")
    max_table_rows: int = _limit("table_rows", "Rows of a table in a file.")
    max_table_columns: int = _limit("table_columns", "Columns of a table in a file.")
    keep: Literal["all", "products"] = Field(
        "all",
        description="Whether files fetched from MAST stay, or go when all that follows is decided.",
    )
    keep_gb: float = Field(
        100.0,
        gt=0,
        le=10**9,
        description="The room that fetched files may take at any time where they go, GB.",
    )
    sensors: bool | None = Field(
        None,
        description="Whether sensors and schedules are on from the start; without a value they "
        "are on where the archive is simulated.",
    )
    poll_interval_s: int = Field(
        300,
        ge=10,
        le=30 * 86400,
        description="Time between two polls of the archive by a sensor, s.",
    )
    prune_after_days: float = Field(
        30.0,
        ge=0,
        le=36_500,
        description="For how long after its run has ended an event of Dagster stays that nobody "
        "needs, days; see `hstql prune`.",
    )
    mast_api_token: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("MAST_API_TOKEN", "mast_api_token"),
        description="Token for proprietary data at MAST.",
    )

    oref: Path | None = _reference_folder("oref", "STIS")
    lref: Path | None = _reference_folder("lref", "COS")
    jref: Path | None = _reference_folder("jref", "ACS")
    iref: Path | None = _reference_folder("iref", "WFC3")

    @field_validator("*", mode="before")
    @classmethod
    def _check_text(cls, value: Any) -> Any:
        return check_text(value) if isinstance(value, str) else value

    @field_validator("home")
    @classmethod
    def _make_absolute(cls, value: Path) -> Path:
        return find_path(value)

    @field_validator("oref", "lref", "jref", "iref")
    @classmethod
    def _require_folder(cls, value: Path | None) -> Path | None:
        return None if value is None else require_path(value, is_folder=True)

    @field_validator("monitors", mode="before")
    @classmethod
    def _split_names(cls, value: Any) -> Any:
        if isinstance(value, str):
            names = check_text(value).split(",")
            return tuple(name.strip() for name in names if name.strip())
        return value

    @field_validator("monitors")
    @classmethod
    def _check_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not all(part.isidentifier() for part in name.split(".")):
                raise ValueError(f"{name!r} is not the name of a module")
        return value

    @field_validator("solar_flux", "sms")
    @classmethod
    def _require_path(cls, value: Path | None) -> Path | None:
        return None if value is None else require_path(value)

    @field_validator("archive")
    @classmethod
    def _make_folder_absolute(cls, value: str) -> str:
        return value if value in NAMED_ARCHIVES else str(find_path(Path(value)))

    @field_validator("file_mode", mode="before")
    @classmethod
    def _read_octal(cls, value: Any) -> Any:
        return read_mode(check_text(value) if isinstance(value, str) else value)

    @field_validator("group")
    @classmethod
    def _check_group(cls, value: str | None) -> str | None:
        return None if value is None else check_group(value)

    @field_validator("broker")
    @classmethod
    def _check_broker(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_broker(value.get_secret_value())
        return value

    @field_validator("mast_url", "bucket_url")
    @classmethod
    def _check_address(cls, value: str) -> str:
        return check_address(value)

    @field_validator("mast_api_token")
    @classmethod
    def _check_token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_token(value.get_secret_value())
        return value

    @property
    def limits(self) -> Limits:
        """How much of one file is read."""
        return Limits(*(getattr(self, f"max_{one.name}") for one in fields(Limits)))

    @property
    def are_sensors_on(self) -> bool:
        """Whether sensors and schedules are on from the start."""
        return self.is_simulated if self.sensors is None else self.sensors

    @property
    def is_simulated(self) -> bool:
        """Whether exposures are made up."""
        return self.archive == "simulated"

    @property
    def archive_directory(self) -> Path | None:
        """The folder of a directory archive, None for the named archives."""
        return None if self.archive in NAMED_ARCHIVES else Path(self.archive)


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
    file = _find_env()
    try:
        settings = Settings(_env_file=file, **overrides)
    except ValidationError as error:
        raise SettingsError(_describe(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from None
    return _check_archive(settings)


def _describe(error: ValidationError) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]).removeprefix("HSTQL_")
    own = {"MAST_API_TOKEN": "MAST_API_TOKEN"}
    own |= {folder.upper(): folder for folder in ("oref", "lref", "jref", "iref")}
    variable = own.get(name.upper(), f"HSTQL_{name.upper()}")
    said = first["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{variable} cannot be used: {said}."


def _check_archive(settings: Settings) -> Settings:
    directory = settings.archive_directory
    if directory is not None and not _is_folder(directory):
        raise SettingsError(
            "HSTQL_ARCHIVE is neither 'simulated' nor 'mast' nor a folder that exists: "
            f"{directory}."
        )
    return settings


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name that is too long; a folder that is closed
        return False


def name_unknown_settings() -> list[str]:
    """Return a sentence for each variable that looks like a setting, and is none."""
    known = [name.upper() for name in Settings.model_fields]
    given = {name.upper() for name in (*os.environ, *dotenv_values(_find_env()))}
    names = sorted(name.removeprefix(PREFIX) for name in given if name.startswith(PREFIX))
    return [_suggest(name, known) for name in names if name not in known]


def _suggest(name: str, known: Sequence[str]) -> str:
    alike = get_close_matches(name, known, 1)
    meant = f"did you mean {PREFIX}{alike[0]}?" if alike else ".env.example lists what there is."
    return f"There is no setting {PREFIX}{name}: {meant}"
