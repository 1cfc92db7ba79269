"""Find how far off the telescope points with each guidance sensor, and how that changes.

The offset is what the slew took away: minus the slew, along V2 and V3 [arcsec]. Only the first
acquisition image of a visit tells it, and only of a target whose place is well known.
"""

from dataclasses import dataclass

import numpy as np

from hstql_assets.monitors.acquisitions.guidance import SENSORS, Stretch, list_stretches
from hstql_assets.monitors.acquisitions.history import Acquisitions, Flags, Floats

DAYS_PER_YEAR = 365.25
FEWEST_EVENTS = 2000.0
FEWEST_LAMP_EVENTS = 500.0
LONGEST_SLEW_ARCSEC = 2.0
FEWEST_FOR_LINE = 3  # of fewer the scatter about a line is unknown
AXES = ("V2", "V3")


@dataclass(frozen=True)
class OffsetLine:
    """A straight line through the offsets of one sensor, axis and stretch of time.

    Attributes
    ----------
    exposures : int
        Number of offsets.
    reference_mjd : float
        Their mean time, at which offset and slope are independent, MJD UTC.
    offset, offset_error : float
        Of the line at that time [arcsec], and its 1-sigma error.
    slope, slope_error : float
        Change of the offset [arcsec/yr], years of 365.25 d.
    scatter : float
        Standard deviation of the offsets about the line [arcsec].
    """

    exposures: int
    reference_mjd: float
    offset: float
    offset_error: float
    slope: float
    slope_error: float
    scatter: float

    def at(self, mjd: Floats) -> Floats:
        """Return the line [arcsec] at times of shape (n,), MJD UTC."""
        return self.offset + self.slope * (mjd - self.reference_mjd) / DAYS_PER_YEAR

    def error_at(self, mjd: float) -> float:
        """Return the 1-sigma error of the line at a time [arcsec]."""
        years = (mjd - self.reference_mjd) / DAYS_PER_YEAR
        return float(np.hypot(self.offset_error, self.slope_error * years))


@dataclass(frozen=True, eq=False)
class SensorOffsets:
    """The offsets of one sensor along one axis in one stretch of time.

    Attributes
    ----------
    sensor, axis : str
        F1, F2 or F3; V2 or V3.
    stretch : Stretch
    mjd, offset : ndarray, shape (n,)
        Start of each exposure [MJD UTC], and its offset [arcsec].
    rootnames : tuple of str, shape (n,)
    line : OffsetLine or None
        None if there are too few.
    """

    sensor: str
    axis: str
    stretch: Stretch
    mjd: Floats
    offset: Floats
    rootnames: tuple[str, ...]
    line: OffsetLine | None


def is_blind_pointing(images: Acquisitions) -> Flags:
    """Tell which acquisitions show how well the telescope points by itself, shape (n,).

    Notes
    -----
    COSMO's choice. Images of point sources in which the target has at least 2000 events and the
    lamp 500, with a slew below 2 arcsec, that succeeded with the shutter open. The line number in
    the proposal ends in 1: before it nothing of the visit has corrected the pointing.
    """
    lines = np.array([line.endswith("1") for line in images.line_number], np.bool_)
    chosen: Flags = (
        (images.exposure_type == "ACQ/IMAGE")
        & (images.obs_type == "IMAGING")
        & (images.events >= FEWEST_EVENTS)
        & (np.hypot(images.v2_arcsec, images.v3_arcsec) < LONGEST_SLEW_ARCSEC)
        & (images.shutter == "Open")
        & (images.lamp_events >= FEWEST_LAMP_EVENTS)
        & (images.status == "Success")
        & (images.extended == "NO")
        & np.isfinite(images.exp_start_mjd)
        & lines
    )
    return chosen


def find_offsets(acquisitions: Acquisitions) -> list[SensorOffsets]:
    """Return the offsets by sensor, axis and stretch of time; only those with any."""
    blind = acquisitions.where(is_blind_pointing(acquisitions))
    found = []
    for sensor in SENSORS:
        for stretch in list_stretches(sensor):
            is_in = (blind.exp_start_mjd >= stretch.start_mjd) & (
                blind.exp_start_mjd < stretch.end_mjd
            )
            group = blind.where((blind.fgs == sensor) & is_in)
            if not len(group):
                continue
            for axis, slew in zip(AXES, (group.v2_arcsec, group.v3_arcsec), strict=True):
                mjd, offset = group.exp_start_mjd, -slew
                line = fit_line(mjd, offset)
                found.append(
                    SensorOffsets(sensor, axis, stretch, mjd, offset, group.rootnames, line)
                )
    return found


def fit_line(mjd: Floats, offset: Floats) -> OffsetLine | None:
    """Fit a straight line to offsets by least squares.

    Parameters
    ----------
    mjd, offset : ndarray, shape (n,)
        Times [MJD UTC] and offsets [arcsec], all with the same error, which is taken from their
        scatter: the coordinates of targets are worse than the measurement of a slew.

    Returns
    -------
    OffsetLine or None
        None of fewer than three, or if all have the same time.
    """
    size = len(mjd)
    if size < FEWEST_FOR_LINE:
        return None
    reference = float(mjd.mean())
    years = (mjd - reference) / DAYS_PER_YEAR
    spread = float(years @ years)
    if spread <= 0.0:
        return None
    mean, slope = float(offset.mean()), float(years @ offset) / spread
    residuals = offset - mean - slope * years
    scatter = float(np.sqrt(residuals @ residuals / (size - 2)))
    error, slope_error = scatter / np.sqrt(size), scatter / np.sqrt(spread)
    return OffsetLine(size, reference, mean, float(error), slope, float(slope_error), scatter)
