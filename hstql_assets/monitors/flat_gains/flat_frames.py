"""Read a flat as counts without bias, amplifier by amplifier.

A calibrated flat is taken if its dark current and its flat field were left in (DARKCORR and
FLATCORR not COMPLETE), for both change mean and variance by unlike factors; its electrons are made
counts again by ATODGN. Otherwise the raw file is taken, less the level of its overscan. What the
infrared detector gives is the last read less the zeroth, and the drift of the reference pixels in
between: a calibrated one is a fit to all reads, whose noise is no longer that of photons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.batching.input_files import InputFile
from hstql_assets.images.detectors import Detector, find_detector
from hstql_assets.images.exposure_flag import tell_flag
from hstql_assets.images.layout import Area, lay_out
from hstql_assets.images.reading import ImageFile, ScienceImage, read_images
from hstql_assets.monitors.cameras.amplifier_numbers import HIGHEST_COUNT
from hstql_assets.monitors.cameras.amplifiers import WHOLE, Region, find_regions
from hstql_assets.monitors.cameras.exposure import RAW, find_gain
from hstql_assets.monitors.cameras.flags import SATURATED, has_flag
from hstql_assets.monitors.cameras.overscan import measure_overscan
from hstql_assets.monitors.flat_gains.pairs import Flat, Setup
from hstql_resources.fits.errors import NothingToMeasureError
from hstql_resources.fits.file_headers import FileHeaders
from hstql_resources.fits.header import Header
from hstql_resources.fits.header_values import finite

CALIBRATED = "flt"
FILETYPES = (RAW, CALIBRATED)
INFRARED = "IR"
# Steps after which mean and variance are no longer those of photons.
UNWANTED_STEPS = ("DARKCORR", "FLATCORR")


@dataclass(frozen=True, eq=False)
class AmplifierFlat:
    """What one amplifier read of a flat.

    Attributes
    ----------
    counts : ndarray, shape (rows, columns)
        Without bias.
    is_good : ndarray of bool, shape (rows, columns)
        Finite, without any flag, and not saturated.
    saturated : float
        Share of pixels that are saturated.
    roundings : int
        How often the counts were rounded.
    """

    counts: NDArray[np.float64]
    is_good: NDArray[np.bool_]
    saturated: float
    roundings: int


def describe_flat(rootname: str, headers: FileHeaders) -> Flat:
    """Return what the headers of a file of a flat say of it."""
    filters = (headers.find_word(name) for name in ("FILTER", "FILTER1", "FILTER2"))
    across, up = (finite(headers.find(f"BINAXIS{axis}")) or 1.0 for axis in (1, 2))
    setup = Setup(
        detector=headers.find_word("DETECTOR"),
        lamp=headers.find_word("SCLAMP"),
        filter_name=" ".join(name for name in filters if name),
        exposure_s=finite(headers.find("EXPTIME")) or 0.0,
        binning=(int(across), int(up)),
        gain_setting=finite(headers.find("CCDGAIN")),
        amplifiers=headers.find_word("CCDAMP"),
    )
    is_subarray = headers.find("SUBARRAY") is True
    remark = " ".join(tell_flag(headers.find("EXPFLAG"))) or None
    return Flat(rootname, finite(headers.find("EXPSTART")), is_subarray, setup, remark)


def is_plain(headers: FileHeaders) -> bool:
    """Tell whether a calibrated flat has its dark current and its flat field left in."""
    is_infrared = headers.find_word("DETECTOR") == INFRARED
    done = [headers.find_word(step) == "COMPLETE" for step in UNWANTED_STEPS]
    return not is_infrared and not any(done)


def read_flat(file: InputFile) -> Mapping[str, AmplifierFlat]:
    """Return what each amplifier read of a flat, by its name, A to D.

    Raises
    ------
    NothingToMeasureError
        If there is no bias level, no gain, or one read only.
    FitsError
        If the file cannot be read.
    """
    content = read_images(file.path, _is_wanted)
    detector = find_detector(file.instrument, content.detector)
    if detector is None:
        raise NothingToMeasureError(
            f"has DETECTOR {content.detector or '(none)'}, which is unknown"
        )
    if content.detector == INFRARED:
        return _read_ramp(content, detector)
    read = _read_raw if file.filetype == RAW else _read_calibrated
    found: dict[str, AmplifierFlat] = {}
    for image in content.images:
        for region in _find_regions(image, detector):
            found[region.amplifier] = read(image, region)
    return found


def _is_wanted(primary: Header, header: Header) -> bool:
    """Take of the reads of the infrared detector the last, which comes first, and the zeroth."""
    is_infrared = str(primary.values.get("DETECTOR") or "").strip().upper() == INFRARED
    return not is_infrared or header.version in (1, primary.values.get("NSAMP"))


def _find_regions(image: ScienceImage, detector: Detector) -> Sequence[Region]:
    chip = detector.chip_of(image.chip, image.version)
    shape = image.values.shape[0], image.values.shape[1]
    layout = lay_out(detector, shape, chip, image.binning, image.offset)
    regions = find_regions(detector, layout, chip, str(image.find("CCDAMP") or ""), image.binning)
    return [region for region in regions if region.amplifier != WHOLE]


def _read_raw(image: ScienceImage, region: Region) -> AmplifierFlat:
    level = _find_level(image, region.overscan)
    if level is None:
        raise NothingToMeasureError(
            f"has no overscan of amplifier {region.amplifier} to take the bias"
        )
    counts = region.light.cut(image.values)
    return _finish(counts - level, counts >= HIGHEST_COUNT, _cut_flags(image, region.light), 1)


def _read_calibrated(image: ScienceImage, region: Region) -> AmplifierFlat:
    gain = find_gain(image, region.amplifier)
    if (image.unit or "").upper() != "ELECTRONS" or gain is None:
        raise NothingToMeasureError(
            f"has BUNIT {image.unit} and ATODGN{region.amplifier} {gain}: its counts are not known"
        )
    flags = _cut_flags(image, region.light)
    values = region.light.cut(image.values).astype(np.float64) / gain
    is_full = np.zeros(values.shape, bool) if flags is None else has_flag(flags, SATURATED)
    return _finish(values, is_full, flags, 1)


def _read_ramp(content: ImageFile, detector: Detector) -> Mapping[str, AmplifierFlat]:
    if len(content.images) < 2:
        raise NothingToMeasureError("has one read, and light is the difference of two")
    last, zeroth = content.images[0], content.images[-1]
    if last.values.shape != zeroth.values.shape:
        raise NothingToMeasureError("has reads of different sizes")
    found: dict[str, AmplifierFlat] = {}
    for region in _find_regions(last, detector):
        drift = (_find_level(last, region.overscan) or 0.0) - (
            _find_level(zeroth, region.overscan) or 0.0
        )
        counts = region.light.cut(last.values)
        light = counts.astype(np.float64) - region.light.cut(zeroth.values) - drift
        flags = _cut_flags(last, region.light)
        found[region.amplifier] = _finish(light, counts >= HIGHEST_COUNT, flags, 2)
    return found


def _find_level(image: ScienceImage, overscan: Area | None) -> float | None:
    found = None if overscan is None else measure_overscan(overscan.cut(image.values))
    return None if found is None else found.level


def _cut_flags(image: ScienceImage, light: Area) -> NDArray[np.integer] | None:
    return None if image.flags is None else light.cut(image.flags)


def _finish(
    counts: NDArray[np.floating],
    is_full: NDArray[np.bool_],
    flags: NDArray[np.integer] | None,
    roundings: int,
) -> AmplifierFlat:
    """Put together what an amplifier read; all of shape (rows, columns)."""
    is_good = np.isfinite(counts) & ~is_full
    if flags is not None:
        is_good &= flags == 0
    return AmplifierFlat(counts.astype(np.float64), is_good, float(is_full.mean()), roundings)
