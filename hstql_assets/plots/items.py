"""Hold what there is to list: a lightcurve or composite with its statistics."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from hstql_resources.filesystem import PlotFiles
from hstql_resources.statistics import STATISTICS

Kind = Literal["composite", "individual"]
CONFIGURATION = ("instrument", "detector", "opt_elem", "cenwave", "aperture")
# Of the statistics those that tables list, and the error that makes one of them a number of sigma.
LISTED = (
    *(statistic.name for statistic in STATISTICS if statistic.is_listed),
    "excess_variance_error",
)


@dataclass(frozen=True)
class Item:
    """A lightcurve or composite.

    Attributes
    ----------
    kind : str
        `composite` or `individual`.
    target : str
        Slug of its target.
    target_name : str
        Name of its target.
    path : Path
        The FITS file.
    plots : PlotFiles
        Where its plots are, if they were made.
    configuration : tuple of str
        Instrument, detector, optical element, central wavelength, aperture; empty where unknown.
    exposures : int
        How many are in it.
    exposure_s : float
        Live time, s.
    start_mjd : float or None
        Start of its first exposure, MJD (UTC).
    made_at : datetime
        When it was made.
    statistics : mapping of str to object
        By column of `LISTED`; None where there is none.
    proposals : tuple of int
        Those of its exposures, ascending.
    """

    kind: Kind
    target: str
    target_name: str
    path: Path
    plots: PlotFiles
    configuration: tuple[str, ...]
    exposures: int
    exposure_s: float
    start_mjd: float | None
    made_at: datetime
    statistics: dict[str, Any]
    proposals: tuple[int, ...] = ()

    @property
    def detector(self) -> str:
        """Such as `cos_fuv`."""
        return "_".join(self.configuration[:2]).lower()

    @property
    def name(self) -> str:
        """The exposure, or of how many it is composed."""
        if self.kind == "individual":
            return self.path.name.removesuffix("_curve.fits")
        return f"composite of {self.exposures}"

    @property
    def label(self) -> str:
        """The configuration in words."""
        instrument, detector, *others = self.configuration
        return " ".join(word for word in (f"{instrument}/{detector}".upper(), *others) if word)
