"""Read a dark of the infrared detector as the rate of each pixel with its error.

From the flt, which is calwf3's fit to all reads; else from the ima, or from the raw file less its
reference pixels, by a fit of our own: the mean rise between reads, without those that a hit is in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.batching.input_files import InputFile
from hstql_assets.images.detectors import DETECTORS, Detector
from hstql_assets.images.layout import Area, Layout, lay_out
from hstql_assets.images.ramps import INFRARED, RAW, Ramp, read_ramp
from hstql_assets.images.reading import ScienceImage, read_images, read_values, shape_of
from hstql_assets.monitors.cameras.amplifiers import WHOLE, find_regions
from hstql_assets.monitors.cameras.flags import has_flag
from hstql_assets.monitors.cameras.ramp_charge import find_gains, gather_charge
from hstql_assets.monitors.ir_bias_levels.reference_levels import measure_levels
from hstql_assets.monitors.superdarks.frames import Dark
from hstql_resources.fits.errors import FitsError, NothingToMeasureError
from hstql_resources.fits.file_headers import iterate_hdus

FLT = "flt"
FILETYPES = (FLT, "ima", RAW)  # the better first
# Lost, filled in, saturated in all reads, hit in all reads. What the table of bad pixels says of a
# pixel does not count: it is to be found out anew.
LOST = 1 | 2 | 256 | 8192
FULL_COUNTS = 60_000.0  # of a read that is not calibrated; what is above may be saturated
HIT_SIGMAS = 5.0
LONG = 0.5  # of the longest gap between reads: others say too little of the rate of a pixel

(_DETECTOR,) = (one for one in DETECTORS if (one.instrument, one.name) == ("wfc3", INFRARED))

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class DarkRates:
    """What a dark says of each pixel that sees light.

    Attributes
    ----------
    rates, errors : ndarray of float32, shape (rows, columns)
        Electrons/s; NaN where it says nothing.
    regions : mapping of str to Area
        The pixels of each amplifier.
    """

    rates: Floats
    errors: Floats
    regions: Mapping[str, Area]


def read_rates(file: InputFile, read_noise_e: float) -> DarkRates:
    """Read a dark.

    Parameters
    ----------
    file : InputFile
        One of `FILETYPES`.
    read_noise_e : float
        Of one read, where the headers of a ramp do not say it [electron].

    Raises
    ------
    NothingToMeasureError
        If it has one read, no reference pixels, or an unknown unit.
    FitsError, OSError
        If it cannot be read.
    """
    if file.filetype == FLT:
        return _read_fitted(file, _DETECTOR)
    return _read_ramp(file, _DETECTOR, read_noise_e)


def find_light_shape(dark: Dark) -> tuple[int, int]:
    """Return rows and columns of what sees light, by the headers of a dark."""
    image = dark.science[min(dark.science)]
    binning = int(dark.number("BINAXIS1") or 1), int(dark.number("BINAXIS2") or 1)
    offset = dark.number("LTV1") or 0.0, dark.number("LTV2") or 0.0
    return lay_out(_DETECTOR, image.shape, _DETECTOR.chips[0], binning, offset).shape


def fit_rises(
    charge: Sequence[Floats], times_s: Sequence[float], read_noise_e: float
) -> tuple[Floats, Floats]:
    """Return the rate of each pixel and its error, electrons/s; NaN if all its rises are hits.

    Parameters
    ----------
    charge : sequence of ndarray, shape (rows, columns)
        Charge in each read [electron].
    times_s : sequence of float
        Of the reads [s].
    read_noise_e : float
        Of one read [electron].

    Notes
    -----
    A rise is a hit if it is above the usual one of the pixel by 5 sigma; usual is the median over
    long gaps, or the smaller of two. Each hit parts the ramp, and adds the noise of two reads.
    """
    gaps_s = np.diff(np.asarray(times_s, np.float32))
    rises = np.diff(np.stack(charge), axis=0)
    is_long = gaps_s >= LONG * gaps_s.max()
    rates = rises[is_long] / gaps_s[is_long, None, None]
    usual = np.median(rates, axis=0) if len(rates) > 2 else rates.min(axis=0)
    steps_s = gaps_s[:, None, None]
    noise = np.sqrt(2.0 * read_noise_e**2 + np.maximum(usual, 0.0) * steps_s)
    is_kept = rises - usual * steps_s <= HIT_SIGMAS * noise
    time_s = (is_kept * steps_s).sum(axis=0)
    parts = 1.0 + np.count_nonzero(~is_kept, axis=0)
    rise = np.where(is_kept, rises, 0.0).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = 2.0 * read_noise_e**2 * parts + np.maximum(rise, 0.0)
        rate, error = rise / time_s, np.sqrt(variance) / time_s
    error[time_s == 0.0] = np.nan
    return rate.astype(np.float32), error.astype(np.float32)


def _read_fitted(file: InputFile, detector: Detector) -> DarkRates:
    content = read_images(file.path, lambda _, header: header.version == 1)
    if not content.images:
        raise FitsError("has no science image")
    image = content.images[0]
    layout = _lay_out(detector, image)
    scale = _find_scale(image, detector, layout)
    rates = image.values.astype(np.float32) * scale
    errors = _read_errors(file, rates.shape) * scale
    if image.flags is not None:
        rates[has_flag(image.flags, LOST)] = np.nan
    return _cut(image, layout, detector, rates, errors)


def _read_ramp(file: InputFile, detector: Detector, read_noise_e: float) -> DarkRates:
    ramp = read_ramp(file.path)
    image = ramp.reads[-1]
    layout = _lay_out(detector, image)
    charge, _ = gather_charge(ramp, detector)
    is_lost = np.zeros(image.values.shape, bool)
    if file.filetype == RAW:
        charge = _take_levels_off(ramp, detector, layout, charge)
        is_lost |= image.values >= FULL_COUNTS
    for read in ramp.reads:
        if read.flags is not None:
            is_lost |= has_flag(read.flags, LOST & ~8192)
    noises = [noise for name in "ABCD" if (noise := image.find_number(f"READNSE{name}", 0.0)) > 0.0]
    noise = sum(noises) / len(noises) if noises else read_noise_e
    rates, errors = fit_rises(charge, ramp.times_s, noise)
    rates[is_lost] = np.nan
    return _cut(image, layout, detector, rates, errors)


def _take_levels_off(
    ramp: Ramp, detector: Detector, layout: Layout, charge: Sequence[Floats]
) -> list[Floats]:
    """Return charge [electron] without what the level of the reference pixels rose by."""
    gains = find_gains(ramp.reads[0], detector, layout)
    steps = [one.step.size or 0.0 for one in measure_levels(ramp, detector)
             if one.amplifier == WHOLE]  # fmt: skip
    return [
        own - gains * np.float32(level) for own, level in zip(charge, np.cumsum(steps), strict=True)
    ]


def _lay_out(detector: Detector, image: ScienceImage) -> Layout:
    rows, columns = image.values.shape
    return lay_out(detector, (rows, columns), detector.chips[0], image.binning, image.offset)


def _find_scale(image: ScienceImage, detector: Detector, layout: Layout) -> Floats | np.float32:
    """Return electrons/s for a value of 1."""
    unit = (image.unit or "").upper().replace(" ", "")
    kind, _, per = unit.partition("/")
    exposure_s = image.find_number("EXPTIME", 0.0)
    if kind not in ("ELECTRONS", "COUNTS") or per not in ("", "S") or exposure_s <= 0.0:
        raise NothingToMeasureError(
            f"has BUNIT {image.unit or '(none)'} and EXPTIME {exposure_s:g}", "Unit"
        )
    scale = np.float32(1.0 if per else 1.0 / exposure_s)
    return scale if kind == "ELECTRONS" else find_gains(image, detector, layout) * scale


def _read_errors(file: InputFile, shape: tuple[int, ...]) -> Floats:
    for header, source in iterate_hdus(file.path):
        if header.name == "ERR" and header.version == 1 and shape_of(header) == shape:
            return read_values(header, source, (shape[0], shape[1])).astype(np.float32)
    raise FitsError("has no errors of its rates")


def _cut(
    image: ScienceImage, layout: Layout, detector: Detector, rates: Floats, errors: Floats
) -> DarkRates:
    """Return what sees light; a pixel without an error says nothing."""
    light = layout.take_light(rates).copy()
    error = layout.take_light(errors)
    light[~(np.isfinite(light) & np.isfinite(error) & (error > 0.0))] = np.nan
    up, across = layout.science[0].row, layout.science[0].column
    found = find_regions(
        detector, layout, detector.chips[0], str(image.find("CCDAMP") or ""), image.binning
    )
    regions = {
        one.amplifier: Area(one.light.row - up, one.light.end_row - up,
                            one.light.column - across, one.light.end_column - across)
        for one in found
    }  # fmt: skip
    return DarkRates(light, error, regions)
