"""Read which extractions there are: the packaged file, or the user's own in its place."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from hstql_assets.lightcurves.settings import ExtractionSettings, find_unusual
from hstql_resources.fits.data_files import read_text_file
from hstql_resources.fits.limits import LimitError
from hstql_resources.settings import SettingsError
from hstql_resources.suggestions import name_unknown

FILENAME = "extractions.toml"
NAME = "[a-z][a-z0-9-]{0,30}"
TEXTS = ("about", "source")
ORBIT = "orbit"
NUMBERS = ("wave_min", "wave_max", "bin_s", "target_sn", "sun_altitude_min_deg",
           "sun_altitude_max_deg")  # fmt: skip
CHOICES = ("exclude_airglow", *NUMBERS, "windows", "pulse_heights", "bins")


class WrongValueError(ValueError):
    """A definition that makes no sense; one sentence, which its file's name is put before."""


@dataclass(frozen=True)
class Definition:
    """An extraction that has a name.

    Attributes
    ----------
    name : str
        It is part of the names of files.
    about, source : str
        What it is, and where its numbers come from.
    settings : ExtractionSettings
        How it is extracted.
    is_default : bool
        Whether it is made of every exposure.
    """

    name: str
    about: str
    source: str
    settings: ExtractionSettings
    is_default: bool = False


Definitions = Mapping[str, Definition]


def load_definitions(home: Path | None = None) -> Definitions:
    """Read `extractions.toml` of a home if it is there, else the packaged one, by name.

    Raises
    ------
    SettingsError
        If the user's file cannot be read or says something else than it may; it is named.
    """
    path = None if home is None else home / FILENAME
    try:
        text = None if path is None else read_text_file(path)
    except FileNotFoundError:
        text = None
    except (OSError, LimitError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from None
    if text is not None:
        return parse_definitions(text, str(path))
    packaged = files(__package__).joinpath(FILENAME).read_text(encoding="utf-8")
    return parse_definitions(packaged, FILENAME)


def parse_definitions(text: str, filename: str) -> Definitions:
    """Read definitions from TOML: a table for each name, and nothing else.

    Parameters
    ----------
    text : str
        TOML.
    filename : str
        For the message.

    Raises
    ------
    SettingsError
        If it is no TOML, has another shape, or a value makes no sense.
    """
    try:
        content = tomllib.loads(text)
        return {name: _define(name, values) for name, values in content.items()}
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{filename} is no TOML: {error}.") from None
    except ValueError as error:
        raise SettingsError(f"{filename}: {error}") from None


def choose(definitions: Definitions, names: object) -> list[Definition]:
    """Return some definitions by name, in the order of the file.

    Raises
    ------
    SettingsError
        If there is none of a name.
    """
    wanted = list(names) if isinstance(names, list | tuple | set | frozenset) else [names]
    for name in wanted:
        if name not in definitions:
            raise SettingsError(name_unknown("extraction", str(name), definitions))
    return [one for name, one in definitions.items() if name in wanted]


def describe(settings: ExtractionSettings) -> Mapping[str, object]:
    """Return what of settings is not as usual, by name, as it can be written to JSON."""
    return find_unusual(asdict(settings))


def _define(name: str, values: object) -> Definition:
    if not re.fullmatch(NAME, name):
        raise WrongValueError(
            f"{name!r} is no name of an extraction: give up to 31 of a to z, 0 to 9 and -, a "
            "letter first."
        )
    if not isinstance(values, dict):
        raise WrongValueError(f"{name} has to be a table, [{name}].")
    known = (*TEXTS, "default", *CHOICES)
    if unknown := sorted(set(values) - set(known)):
        raise WrongValueError(f"{name}: {name_unknown('value', unknown[0], known)}")
    for key in TEXTS:
        if not isinstance(values.get(key), str) or not values[key].strip():
            raise WrongValueError(f"{name} has to say {key}, a text.")
    is_default = values.get("default", False)
    if not isinstance(is_default, bool):
        raise WrongValueError(f"{name}: default is neither true nor false.")
    try:
        settings = read_settings({key: values[key] for key in CHOICES if key in values})
    except ValueError as error:
        raise WrongValueError(f"{name}: {error}") from None
    return Definition(name, values["about"], values["source"], settings, is_default)


def read_settings(values: Mapping[str, Any]) -> ExtractionSettings:
    """Return the settings that the values of an extraction stand for.

    Raises
    ------
    ValueError
        If a value is of another kind, or makes no sense; one sentence.
    """
    read: dict[str, Any] = dict(values)
    for key in NUMBERS:
        if key in read:
            read[key] = _read_number(key, read[key])
    if not isinstance(read.get("exclude_airglow", True), bool):
        raise WrongValueError(
            f"exclude_airglow is {read['exclude_airglow']!r}: give true or false."
        )
    if (bins := read.pop("bins", None)) not in (None, ORBIT):
        raise WrongValueError(f"bins is {bins!r}: give {ORBIT!r}, or bin_s.")
    if bins and "bin_s" in read:
        raise WrongValueError(f"It has bins = {ORBIT!r} and bin_s: give one of the two.")
    windows = _read_list("windows", read.pop("windows", []))
    read["windows"] = tuple(_read_pair("windows", window) for window in windows)
    if (heights := read.pop("pulse_heights", None)) is not None:
        first, last = _read_pair("pulse_heights", heights)
        read["pulse_heights"] = int(first), int(last)
    return ExtractionSettings(**read, is_by_orbit=bins == ORBIT, has_band_flux=True)


def _read_number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongValueError(f"{key} is {value!r}: give a number.")
    return float(value)


def _read_list(key: str, value: object) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise WrongValueError(f"{key} is {value!r}: give a list.")
    return list(value)


def _read_pair(key: str, value: object) -> tuple[float, float]:
    pair = _read_list(key, value)
    if len(pair) != 2:
        raise WrongValueError(f"{key} has {value!r}: give two numbers.")
    return _read_number(key, pair[0]), _read_number(key, pair[1])
