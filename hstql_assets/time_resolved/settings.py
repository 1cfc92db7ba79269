"""Hold what may be chosen about time-resolved spectra."""

import math
from dataclasses import dataclass

from hstql_assets.lightcurves.settings import ExtractionSettings

# Columns of a resolution element: COS Instrument Handbook, section 1.2 and table 5.1 (6 of the FUV,
# 3 of the NUV); STIS Instrument Handbook, section 13.6 (about 2 low-resolution ones of the MAMAs).
RESOLUTION_COLUMNS = {"FUV": 6, "NUV": 3, "FUV-MAMA": 2, "NUV-MAMA": 2}


@dataclass(frozen=True)
class IntervalSettings:
    """How events become spectra in time.

    Parameters
    ----------
    interval_s : float
        Length of an interval in seconds; as near to it as equal ones can be.
    bin_columns : int or None
        Columns of the x1d in a wavelength bin; None for a resolution element.
    wave_min, wave_max, sun_altitude_max_deg, bad_proposals
        As `ExtractionSettings` has them.

    Raises
    ------
    ValueError
        If a value makes no sense.
    """

    interval_s: float = 180.0
    bin_columns: int | None = None
    wave_min: float | None = None
    wave_max: float | None = None
    sun_altitude_max_deg: float | None = None
    bad_proposals: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not (math.isfinite(self.interval_s) and self.interval_s > 0):
            raise ValueError(f"interval_s is {self.interval_s}: give more than 0 seconds.")
        if self.bin_columns is not None and self.bin_columns < 1:
            raise ValueError(f"bin_columns is {self.bin_columns}: give 1 or more.")
        self.extraction  # noqa: B018 - it raises what is wrong with the rest

    @property
    def extraction(self) -> ExtractionSettings:
        """The same as lightcurves take it; airglow stays, as in the x1d."""
        return ExtractionSettings(
            bin_s=self.interval_s,
            wave_min=self.wave_min,
            wave_max=self.wave_max,
            exclude_airglow=False,
            sun_altitude_max_deg=self.sun_altitude_max_deg,
            bad_proposals=self.bad_proposals,
        )

    def columns_of(self, detector: str) -> int:
        """Return the columns in a wavelength bin of a detector, such as ``FUV`` or ``NUV-MAMA``."""
        return self.bin_columns or RESOLUTION_COLUMNS[detector]
