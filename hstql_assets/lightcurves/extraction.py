"""Events in, sums per time bin out.

Each event is worth something by the pixel that it fell in, so the worth is looked up: an image
holds a code per pixel (in which sources and backgrounds it lies), and small tables hold, per code
and column, what an event counts there. The events go by in blocks; the memory does not grow with
their number.

Rejected are events whose DQ has a bit of SERIOUS_DQ (burst, pulse height, bad time), which CalCOS
never extracts; without an x1d also those of SDQFLAGS, since nothing else tells of bad pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.quality import TimeOrder, not_finite
from hstql_assets.lightcurves.regions import ROWS, Region, is_selected
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.time_bins import TimeBins

BURST, PULSE_HEIGHT, BAD_TIME = 64, 512, 2048
SERIOUS_DQ = BURST | PULSE_HEIGHT | BAD_TIME


@dataclass(frozen=True)
class BinSums:
    """What the events of a file add up to in each time bin; arrays have the shape (bins,).

    Parameters
    ----------
    gross : numpy.ndarray
        Events in the source regions.
    background : numpy.ndarray
        Events in the background regions, each times its scale.
    variance : numpy.ndarray
        Poisson variance of gross - background: gross + sum of scale^2 over background events.
    flux : numpy.ndarray
        Sum of EPSILON x flux_per_count of the source less that of the scaled background,
        erg/cm2/Angstrom.
    flux_variance : numpy.ndarray
        Poisson variance of `flux`.
    flux_columns : int
        Columns that `flux` is the sum over.
    wave_min, wave_max : float
        Shortest and longest wavelength counted, Angstrom; NaN if none.
    """

    gross: np.ndarray
    background: np.ndarray
    variance: np.ndarray
    flux: np.ndarray
    flux_variance: np.ndarray
    flux_columns: int
    wave_min: float
    wave_max: float


def add_sums(parts: Sequence[BinSums]) -> BinSums:
    """Add up the files of one exposure, in the same bins."""
    return BinSums(
        gross=np.sum([part.gross for part in parts], axis=0),
        background=np.sum([part.background for part in parts], axis=0),
        variance=np.sum([part.variance for part in parts], axis=0),
        flux=np.sum([part.flux for part in parts], axis=0),
        flux_variance=np.sum([part.flux_variance for part in parts], axis=0),
        flux_columns=sum(part.flux_columns for part in parts),
        wave_min=float(np.fmin.reduce([part.wave_min for part in parts])),
        wave_max=float(np.fmax.reduce([part.wave_max for part in parts])),
    )


class _PixelWorth:
    """What one event is worth in each pixel: all regions of a file, laid over each other.

    A pixel's code has the bit 2k if it is in the source of region k, and 2k + 1 if it is in its
    background. A pixel may be in the background of several stripes; then its worth is the sum,
    and the square of the sum is its part of the variance.
    """

    def __init__(self, regions: tuple[Region, ...]) -> None:
        self.columns = len(regions[0].is_used)
        self.x_offset = regions[0].x_offset
        codes = 4 ** len(regions)
        # A border of one pixel with the code 0: what lies outside the image is in no region.
        self.bordered_code = np.zeros((ROWS + 2, self.columns + 2), np.uint8)
        self.background = np.zeros((codes, self.columns))
        self.flux = np.zeros((codes, self.columns))
        self.gross = np.zeros(codes)
        code = np.arange(codes)
        for k, region in enumerate(regions):
            self._lay(region.source, region.is_used, 1 << 2 * k)
            for box in region.background:
                self._lay(box, region.is_used, 2 << 2 * k)
            is_source, is_background = (code >> 2 * k) & 1, (code >> 2 * k + 1) & 1
            self.gross += is_source
            self.background += np.outer(is_background, region.scale)
            flux = np.nan_to_num(region.flux_per_count)
            self.flux += np.outer(is_source, flux) - np.outer(is_background, region.scale * flux)

    def _lay(self, rows: tuple[np.ndarray, np.ndarray], is_used: np.ndarray, bit: int) -> None:
        lower, upper = rows
        if not is_used.any():
            return
        first, last = int(lower[is_used].min()), int(upper[is_used].max())
        row = np.arange(first, last + 1)[:, None]
        inside = (row >= lower) & (row <= upper) & is_used
        self.bordered_code[first + 1 : last + 2, 1:-1] |= inside * np.uint8(bit)


def sum_events(
    events: EventFile, regions: tuple[Region, ...], bins: TimeBins, settings: ExtractionSettings
) -> BinSums:
    """Count the events of a file in its regions and in time.

    Parameters
    ----------
    events : EventFile
        The file.
    regions : tuple of Region
        Its regions, at least one.
    bins : TimeBins
        The time bins, and when they are live.
    settings : ExtractionSettings
        Wavelength limits and airglow; used for events only where there is no x1d.

    Returns
    -------
    BinSums

    Raises
    ------
    BadData
        Unreadable, Non-linear time or Singular event: what is seen only in the events.
    """
    worth = _PixelWorth(regions)
    order = TimeOrder(events)
    sums = np.zeros((5, bins.count))
    reject = SERIOUS_DQ if has_spectrum(regions) else SERIOUS_DQ | events.sdq_flags
    span = _column_span(regions)
    for block in events.blocks():
        times = events.layout.column(block, "TIME")
        order.show(times)
        bin_index = bins.index(times)
        kept = (events.layout.column(block, "DQ") & reject) == 0
        kept &= bin_index >= 0
        code, column = _pixels(events, block, worth)
        kept &= code > 0
        if not has_spectrum(regions):
            wavelength = events.layout.column(block, "WAVELENGTH")
            kept &= is_selected(wavelength, events.exposure.detector, settings)
            span = np.append(span, wavelength[kept])
            span = np.array([span.min(), span.max()]) if len(span) else span
        chosen = np.flatnonzero(kept)
        epsilon = events.layout.column(block, "EPSILON")[chosen]
        _add(sums, worth, bin_index[chosen], code[chosen], column[chosen], epsilon)
    order.finish()
    gross, background, variance, flux, flux_variance = sums
    if not np.isfinite(flux).all():  # only EPSILON can do that: all else is finite
        raise not_finite(events, "EPSILON")
    return BinSums(
        gross=gross,
        background=background,
        variance=variance,
        flux=flux,
        flux_variance=flux_variance,
        flux_columns=sum(int(np.sum(region.is_calibrated)) for region in regions),
        wave_min=float(span[0]) if len(span) else np.nan,
        wave_max=float(span[1]) if len(span) else np.nan,
    )


def has_spectrum(regions: tuple[Region, ...]) -> bool:
    """Whether the regions come from an x1d: all of a file do, or none."""
    return regions[0].wavelength is not None


def _column_span(regions: tuple[Region, ...]) -> np.ndarray:
    used = [r.wavelength[r.is_used] for r in regions if r.wavelength is not None]
    waves = np.concatenate([np.empty(0), *used])
    return np.array([waves.min(), waves.max()]) if len(waves) else waves


def _pixels(
    events: EventFile, block: np.ndarray, worth: _PixelWorth
) -> tuple[np.ndarray, np.ndarray]:
    """Code and image column of the pixel of each event; code 0 outside the image."""
    x = events.layout.column(block, "XFULL")
    y = events.layout.column(block, "YFULL")
    if worth.x_offset:
        x += worth.x_offset
    column, row = _nearest_pixel(x, worth.columns), _nearest_pixel(y, ROWS)
    place = row  # in place: new arrays of this size take three times as long
    place += 1
    place *= worth.columns + 2
    place += column
    place += 1
    return _look_up(worth.bordered_code, place), column


def _nearest_pixel(position: np.ndarray, pixels: int) -> np.ndarray:
    """Pixel of each position; -1 or `pixels` for one outside of 0 to `pixels` - 1."""
    # fmax and fmin, because a NaN has to go outside the image too.
    pixel: np.ndarray = np.fmax(position, -1.0)
    np.fmin(pixel, pixels, out=pixel)
    pixel += 0.5
    np.floor(pixel, out=pixel)
    return pixel.astype(np.intp)


def _look_up(table: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Entries of a table by flat index, all within it: fast, because nothing is checked."""
    entries: np.ndarray = table.ravel().take(place, mode="clip")
    return entries


@np.errstate(invalid="ignore")  # what is no number shows in the sums
def _add(
    sums: np.ndarray,
    worth: _PixelWorth,
    bin_index: np.ndarray,
    code: np.ndarray,
    column: np.ndarray,
    epsilon: np.ndarray,
) -> None:
    """Add the chosen events of a block to the sums, in the order of `BinSums`."""
    if not len(bin_index):
        return
    place = code.astype(np.intp)
    gross = _look_up(worth.gross, place)
    place *= worth.columns
    place += column
    background = _look_up(worth.background, place)
    flux = _look_up(worth.flux, place)
    flux *= epsilon
    # Events come in the order of time: those of a bin stand together. Adding up each run is ten
    # times as fast as a histogram.
    runs = np.append(0, np.flatnonzero(bin_index[1:] != bin_index[:-1]) + 1)
    # An event's part of the variance is the square of what it adds to the sum.
    weights = (gross, background, (gross - background) ** 2, flux, flux**2)
    for row, weight in zip(sums, weights, strict=True):
        row[bin_index[runs]] += np.add.reduceat(weight, runs)
