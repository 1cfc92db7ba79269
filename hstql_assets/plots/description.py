"""Describe in words what a lightcurve is of: target, configuration, times.

Taken from the primary header of the file, individual or composite. Names are as they are there:
who writes them into a page or a figure makes them harmless.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hstql_assets.lightcurves.table import CurveTable
from hstql_resources.times import SECONDS_PER_DAY

MULTIPLE = "MULTI"
NUMBERED_PROPOSAL = re.compile(r"PROPOS\d\d|PROPO\d{3}")


@dataclass(frozen=True)
class Description:
    """What a lightcurve is of.

    Attributes
    ----------
    name : str
        Rootname of an exposure; of a composite the name of its file.
    target_name : str
        As in the header, of a composite the resolved one.
    instrument, detector, opt_elem, cenwave, aperture : str
        The configuration; empty where the header does not tell.
    proposals : tuple of str
        Numbers of the proposals.
    exposures : int
        How many.
    start_mjd, end_mjd : float
        Start of the first and end of the last bin, MJD (UTC).
    live_s : float
        Live time, s.
    wave_min, wave_max : float
        Wavelengths used, Angstrom; NaN if unknown.
    is_simulated : bool
        Whether a simulation made the events.
    """

    name: str
    target_name: str
    instrument: str
    detector: str
    opt_elem: str
    cenwave: str
    aperture: str
    proposals: tuple[str, ...]
    exposures: int
    start_mjd: float
    end_mjd: float
    live_s: float
    wave_min: float
    wave_max: float
    is_simulated: bool

    @property
    def configuration(self) -> str:
        """Such as `COS/FUV G130M 1291 PSA`."""
        words = (f"{self.instrument}/{self.detector}", self.opt_elem, self.cenwave, self.aperture)
        return " ".join(word for word in words if word)

    @property
    def wavelengths(self) -> str:
        """Such as `1100-1400 Å`; empty if unknown."""
        if not np.isfinite([self.wave_min, self.wave_max]).all():
            return ""
        return f"{self.wave_min:.0f}-{self.wave_max:.0f} Å"


def describe(table: CurveTable) -> Description:
    """Return what a lightcurve, individual or composite, is of."""
    header = table.header

    def word(*keywords: str) -> str:
        return next((str(header[key]).strip() for key in keywords if key in header), "")

    mjd = table.mjd[np.isfinite(table.mjd)]
    return Description(
        name=table.path.name.removesuffix(".fits") if table.is_composite else table.rootnames[0],
        target_name=word("OBJECT", "TARGNAME"),
        instrument=word("INSTRUME"),
        detector=word("DETECTOR"),
        opt_elem=word("OPT_ELEM", "FILTER"),
        cenwave=word("CENWAVE"),
        aperture=word("APERTURE"),
        proposals=_proposals(table),
        exposures=len(table.rootnames),
        start_mjd=float(mjd.min(initial=np.inf)),
        end_mjd=float(mjd.max(initial=-np.inf)) + table.bin_s / SECONDS_PER_DAY,
        live_s=float(np.nansum(table.exposure_s)),
        wave_min=table.wave_range[0],
        wave_max=table.wave_range[1],
        is_simulated=table.is_simulated,
    )


def _proposals(table: CurveTable) -> tuple[str, ...]:
    """Return the numbers themselves where the header says only that there are several."""
    value = table.header.get("PROPOSID", "")
    if value != MULTIPLE:
        return (str(value),) if value != "" else ()
    return tuple(
        str(value)
        for keyword, value in table.header.values.items()
        if NUMBERED_PROPOSAL.fullmatch(keyword)
    )


def shorten(words: Sequence[str], most: int) -> str:
    """Join words; of many only the first, and how many more there are."""
    shown = ", ".join(words[:most])
    return shown if len(words) <= most else f"{shown} and {len(words) - most} more"
