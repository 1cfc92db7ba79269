"""Read the tables that say which exposures a monitor measures.

A table is a file in TOML beside the monitor: a section for each detector, with its sources.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass as plain
from hashlib import sha256
from importlib.resources import files
from typing import TypeVar

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from hstql_resources.fits.errors import NothingToMeasureError
from hstql_resources.fits.header_values import finite
from hstql_resources.times import TIMES_MJD

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
    binnings : tuple of int
        BINAXIS1, equal to BINAXIS2; empty for all.
    gain_settings : tuple of float
        CCDGAIN; empty for all.
    """

    instrument: str
    image_types: tuple[str, ...]
    target_names: tuple[str, ...] = ()
    proposals: tuple[int, ...] = ()
    binnings: tuple[int, ...] = ()
    gain_settings: tuple[float, ...] = ()

    def require_usual(self, find: Callable[[str], object]) -> None:
        """Refuse an exposure that its headers show to be of another kind.

        Parameters
        ----------
        find : callable
            Takes a keyword, returns its value.

        Raises
        ------
        NothingToMeasureError
            If it has no start, or a binning or gain that the table does not name.
        """
        start_mjd, gain = finite(find("EXPSTART")), finite(find("CCDGAIN"))
        across, up = (find(f"BINAXIS{axis}") or 1 for axis in (1, 2))
        if start_mjd is None or not TIMES_MJD[0] <= start_mjd <= TIMES_MJD[1]:
            raise NothingToMeasureError(f"has EXPSTART {find('EXPSTART')}", "No time")
        if across != up or (self.binnings and across not in self.binnings):
            raise NothingToMeasureError(
                f"is binned {across} x {up}, and used are {_list(self.binnings)}", "Another binning"
            )
        if self.gain_settings and gain not in self.gain_settings:
            raise NothingToMeasureError(
                f"has CCDGAIN {find('CCDGAIN')}, and used are {_list(self.gain_settings)}",
                "Another gain",
            )


def _list(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values) or "equal ones"


@plain(frozen=True)
class SelectionTable:
    """The table that says which exposures are measured, and how.

    Attributes
    ----------
    name : str
        Of the file.
    load : callable
        Returns the selection of each detector by its name.
    """

    name: str
    load: Callable[[], Mapping[str, ExposureSelection]]

    def of_instrument(self, instrument: str) -> dict[str, ExposureSelection]:
        """Return the selections of an instrument by detector."""
        return {name: one for name, one in self.load().items() if one.instrument == instrument}

    def digest(self, instrument: str) -> str:
        """Return what tells apart what it says of an instrument."""
        told = sorted(self.of_instrument(instrument).items())
        return sha256(repr(told).encode()).hexdigest()[:16]


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
