"""Find which COS pixels are source and background, and what an event in each is worth.

A pixel is (row, column) of the corrected image: ``floor(YFULL + 0.5)`` and ``floor(XFULL +
X_OFFSET + 0.5)``, as CalCOS bins events into the image from which it extracts the x1d. Summed
over an exposure, the events in the source region are therefore GCOUNTS of the x1d, to the count.

Source rows: Y_LOWER_OUTER to Y_UPPER_OUTER of the x1d (TWOZONE, from lifetime position 3 on); else
a box of SP_HGT rows along the trace through SP_LOC, with the slope SP_SLP (BOXCAR, or no x1d).
Background rows: boxes of B_HGT1 and B_HGT2 rows around B_BKG1 and B_BKG2. The header gives all
positions in the middle of the detector. The conventions of pixels were checked against CalCOS
3.6.2; for the method see the COS Data Handbook, section 3.4 (X1DCORR, BACKCORR).

Which columns are used: those with DQ_WGT > 0 in the x1d and with rows of source and background on
the detector, within the wavelength limits, not in an airglow window; for source and background
alike.
"""

import math
from dataclasses import dataclass

import numpy as np

from hstql_assets.batching.bad_data import BadData, Reason
from hstql_assets.lightcurves.events import EventFile, Exposure
from hstql_assets.lightcurves.regions import Region, Rows, invert_sensitivity, scale_rows
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.spectrum import SegmentSpectrum, Spectrum
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import integer, number

ROWS = 1024
DETECTOR_COLUMNS = {"FUV": 16384, "NUV": 1024}
# CalCOS adds columns on both sides of the NUV image, for the shifts of the spectrum.
IMAGE_COLUMNS = {"FUV": 16384, "NUV": 1274}
X_OFFSET = {"FUV": 0, "NUV": 100}
STRIPES = ("NUVA", "NUVB", "NUVC")
MAX_X_OFFSET = 1000  # columns
BOXES = {"SP_LOC": "SP_HGT", "B_BKG1": "B_HGT1", "B_BKG2": "B_HGT2"}  # middle and height
UNDEFINED = -999.0


@dataclass(frozen=True, kw_only=True)
class CosRegion(Region):
    """Source and background of one segment or stripe; rows are the first and the last, inclusive.

    Parameters
    ----------
    segment : str
        ``FUVA``, ``FUVB``, ``NUVA``, ``NUVB`` or ``NUVC``.
    x_offset : int
        Image column of detector column 0.
    """

    segment: str
    x_offset: int

    @property
    def name(self) -> str:
        """Segment or stripe."""
        return self.segment


def make_regions(
    events: EventFile, spectrum: Spectrum | None, settings: ExtractionSettings
) -> tuple[CosRegion, ...]:
    """Find the extraction regions of an event file: one for a FUV segment, up to three for NUV.

    Parameters
    ----------
    events : EventFile
        The file.
    spectrum : Spectrum or None
        The x1d of the exposure. Without it all columns are used, and none is flux-calibrated.
    settings : ExtractionSettings
        Wavelength limits and airglow.

    Returns
    -------
    tuple of CosRegion
        A NUV stripe without box or x1d row is not among them.

    Raises
    ------
    BadData
        Unreadable, if the header defines no region; Mismatched x1d, if the x1d has no row for the
        segment.
    """
    try:
        return _make_regions(events, spectrum, settings)
    except FitsError as error:
        raise BadData.unreadable(events.path, error) from error


def _make_regions(
    events: EventFile, spectrum: Spectrum | None, settings: ExtractionSettings
) -> tuple[CosRegion, ...]:
    segments = (events.segment,) if events.exposure.detector == "FUV" else STRIPES
    undefined = {name: _undefined_keyword(events.header, name[-1]) for name in segments}
    defined = [name for name in segments if undefined[name] is None]
    if not defined:
        raise BadData(
            events.path.name,
            Reason.UNREADABLE,
            f"{undefined[segments[0]]} is undefined: the header does not say where the spectrum "
            "and its background are.",
        )
    if spectrum is None:
        return tuple(_region(events, name, None, settings) for name in defined)
    rows = {name: spectrum.segments[name] for name in defined if name in spectrum.segments}
    if not rows:
        has = ", ".join(spectrum.segments) or "none"
        raise BadData(
            events.path.name,
            Reason.MISMATCHED_X1D,
            f"{spectrum.path.name} has no spectrum of {' or '.join(defined)} (it has {has}).",
        )
    return tuple(_region(events, name, row, settings) for name, row in rows.items())


def _undefined_keyword(header: Header, letter: str) -> str | None:
    """Return the first keyword that a segment or stripe lacks; None if it has all its boxes."""
    keywords = [f"{name}_{letter}" for box in BOXES.items() for name in box]
    return next((key for key in keywords if number(header, key, UNDEFINED) == UNDEFINED), None)


def _region(
    events: EventFile, segment: str, row: SegmentSpectrum | None, settings: ExtractionSettings
) -> CosRegion:
    detector = events.exposure.detector
    columns = IMAGE_COLUMNS[detector] if row is None else len(row.wavelength)
    x_offset = integer(events.header, "X_OFFSET", X_OFFSET[detector])
    if not 0 <= x_offset <= MAX_X_OFFSET:
        raise FitsError(f"X_OFFSET is {x_offset}, not from 0 to {MAX_X_OFFSET} columns")
    source, background = _rows(events, segment[-1], row, columns, x_offset)
    background_rows = np.sum([_height(box) for box in background], axis=0)
    is_used = is_good = (_height(source) > 0) & (background_rows > 0)
    net_per_count, flux_per_net = np.ones(columns), np.full(columns, np.nan)
    if row is not None:
        is_good = is_good & row.is_good & np.isfinite(row.wavelength)
        is_used = is_good & is_selected(row.wavelength, events.exposure, settings)
        net_per_count = 1 / np.where(row.enclosed_fraction > 0, row.enclosed_fraction, 1.0)
        flux_per_net = invert_sensitivity(row.sensitivity)
    return CosRegion(
        segment=segment,
        x_offset=x_offset,
        source=source,
        background=background,
        is_good=is_good,
        is_used=is_used,
        scale=scale_rows(_height(source), background_rows),
        net_per_count=net_per_count,
        flux_per_net=flux_per_net,
        wavelength=None if row is None else row.wavelength,
        rates=None if row is None else row.rates,
    )


def is_selected(
    wavelength: np.ndarray, exposure: Exposure, settings: ExtractionSettings
) -> np.ndarray:
    """Tell which wavelengths are within the limits and windows and, if asked, outside airglow.

    Parameters
    ----------
    wavelength : numpy.ndarray, shape (n,)
        Angstrom.
    exposure : Exposure
        Its detector has limits that hold where the settings have none, its mode airglow.
    settings : ExtractionSettings

    Returns
    -------
    numpy.ndarray of bool, shape (n,)
    """
    lower, upper = settings.wavelength_limits(exposure.detector)
    selected = (wavelength >= lower) & (wavelength <= upper)
    if settings.windows:
        selected &= np.logical_or.reduce(
            [(wavelength >= start) & (wavelength <= stop) for start, stop in settings.windows]
        )
    for start, stop in settings.find_airglow(exposure):
        selected &= (wavelength < start) | (wavelength > stop)
    return np.asarray(selected)


def _rows(
    events: EventFile, letter: str, row: SegmentSpectrum | None, columns: int, x_offset: int
) -> tuple[Rows, tuple[Rows, ...]]:
    header, detector = events.header, events.exposure.detector
    slope = number(header, f"SP_SLP_{letter}", 0.0)
    slope = 0.0 if slope == UNDEFINED else slope
    if not math.isfinite(slope):
        raise FitsError(f"SP_SLP_{letter} is {slope}: no slope of a spectrum")
    x = np.arange(columns) - x_offset
    # Both are called the middle; for NUV they differ by 25 columns, and so does CalCOS.
    source_middle = columns // 2 - x_offset
    background_middle = DETECTOR_COLUMNS[detector] // 2

    def box(location: str, middle: int) -> Rows:
        rows = integer(header, f"{BOXES[location]}_{letter}")
        centre = number(header, f"{location}_{letter}") + slope * (x - middle)
        if not 0 <= rows <= ROWS:
            raise FitsError(f"{BOXES[location]}_{letter} is {rows}, not from 0 to {ROWS} rows")
        # TWOZONE takes as many rows on either side of the centre: one more, if they are even.
        return _clipped(centre, rows, rows | 1 if events.algorithm == "TWOZONE" else rows)

    if row is not None and row.limits is not None:
        source = _on_detector(*row.limits)
    else:
        source = box("SP_LOC", source_middle)
    return source, (box("B_BKG1", background_middle), box("B_BKG2", background_middle))


def _on_detector(lower: np.ndarray, upper: np.ndarray) -> Rows:
    """Turn limits, shape (columns,), into whole rows; none where they are off the detector."""
    # Compared as floats: 1e30 as a 32-bit integer may be any row. Nothing is true of NaN.
    is_real = (lower >= 0) & (lower <= upper) & (upper < ROWS)
    return (
        np.where(is_real, lower, 0).astype(np.int32),
        np.where(is_real, upper, -1).astype(np.int32),
    )


def _clipped(centre: np.ndarray, height: int, rows: int) -> Rows:
    """Return the rows of a box about a centre (rows, shape (columns,)) that are on the detector."""
    first = np.floor(centre + 0.5) - height // 2
    lower, upper = np.clip(first, 0, ROWS), np.clip(first + rows - 1, -1, ROWS - 1)
    return lower.astype(np.int32), upper.astype(np.int32)


def _height(rows: Rows) -> np.ndarray:
    height: np.ndarray = np.maximum(rows[1] - rows[0] + 1, 0)
    return height
