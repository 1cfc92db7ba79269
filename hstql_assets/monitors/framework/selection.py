"""Read the tables that say which exposures a monitor measures.

A table is a file in TOML beside the monitor: a section for each detector, with its sources.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import TypeVar

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

FORBID = ConfigDict(extra="forbid")  # a column that is misspelt has to be seen


@dataclass(frozen=True, config=FORBID, kw_only=True)
class ExposureSelection:
    """Which exposures of a detector are measured.

    Attributes
    ----------
    instrument : str
        Such as wfc3.
    image_types : tuple of str
        IMAGETYP, upper case; an exposure has one of them.
    target_names : tuple of str
        TARGNAME, upper case; empty for all.
    proposals : tuple of int
        PROPOSID; empty for all.
    """

    instrument: str
    image_types: tuple[str, ...]
    target_names: tuple[str, ...] = ()
    proposals: tuple[int, ...] = ()


Selection = TypeVar("Selection")


def load_selections(kind: type[Selection], package: str, name: str) -> Mapping[str, Selection]:
    """Return the selection of each detector by its name, from a table of a package.

    Raises
    ------
    pydantic.ValidationError
        If the table has a column that is not known, or a value of another kind.
    """
    return parse_selections(kind, files(package).joinpath(name).read_text("utf-8"))


def parse_selections(kind: type[Selection], text: str) -> Mapping[str, Selection]:
    """Return the selections that a text in TOML has, by detector."""
    return TypeAdapter(dict[str, kind]).validate_python(tomllib.loads(text))  # type: ignore[valid-type]
