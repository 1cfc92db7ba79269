"""Read an exposure of the infrared detector as the charge that its pixels held at the end.

An flt is a fit to all reads: its rate times the exposure time is the charge, also of pixels that
were full before the end. While the telescope scanned, light lay on a pixel for a moment only: then
the last read of the ima is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hstql_assets.batching.input_files import InputFile
from hstql_assets.images.detectors import find_detector
from hstql_assets.images.exposure_flag import tell_flag
from hstql_assets.images.layout import lay_out
from hstql_assets.images.reading import ImageFile, ScienceImage, read_images
from hstql_assets.monitors.cameras.exposure import describe_exposure, find_gain
from hstql_assets.monitors.cameras.flags import SATURATED, has_flag
from hstql_resources.fits.errors import FitsError, NothingToMeasureError
from hstql_resources.times import SECONDS_PER_DAY

FILETYPES = ("flt", "ima")  # the better first
INFRARED = "IR"
_AROUND = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]


@dataclass(frozen=True, eq=False)
class IrFrame:
    """The pixels of an exposure that see light, and when it was.

    Attributes
    ----------
    file : InputFile
        Where it is from.
    image : ScienceImage
        As it stands there.
    rates : ndarray of float32, shape (rows, columns)
        Electrons/s; those that are no number are NaN.
    flags : ndarray of int or None, shape (rows, columns)
        Data quality.
    rate_per_value : float
        Electrons/s that a value of 1 in the file stands for.
    row, column : int
        Where on the detector its lower left pixel lies, from 0.
    binning : tuple of int
        Columns and rows of the detector in a pixel.
    start_mjd, end_mjd : float
        MJD UTC.
    exposure_s : float
        Time that the rates are over, s.
    is_scanned : bool
        Whether the telescope moved over the sky.
    """

    file: InputFile
    image: ScienceImage
    rates: NDArray[np.float32]
    flags: NDArray[np.integer] | None
    rate_per_value: float
    row: int
    column: int
    binning: tuple[int, int]
    start_mjd: float
    end_mjd: float
    exposure_s: float
    is_scanned: bool

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is odd about it."""
        return tell_flag(self.image.find("EXPFLAG"))

    @property
    def middle_mjd(self) -> float:
        """The middle of the exposure."""
        return (self.start_mjd + self.end_mjd) / 2.0

    def find_charge(self, saturation_e: float) -> NDArray[np.float32]:
        """Return electrons at the end, shape (rows, columns); NaN where it is not known.

        A pixel that is flagged as saturated held at least `saturation_e`, and no less than the
        brightest pixel around: where all reads are saturated, there is no rate.
        """
        charge = self.rates * np.float32(self.exposure_s)
        if self.flags is None:
            return charge
        rows, columns = np.nonzero(has_flag(self.flags, SATURATED))
        if rows.size:
            padded = np.pad(charge, 1, constant_values=np.nan)
            around = [padded[rows + 1 + up, columns + 1 + across] for up, across in _AROUND]
            charge[rows, columns] = np.fmax(np.fmax.reduce(around), np.float32(saturation_e))
        return charge


def read_frame(files: Mapping[str, InputFile], gain_e: float) -> IrFrame:
    """Read an exposure from its flt, or from its ima if there is no flt that can be read.

    Parameters
    ----------
    files : mapping of str to InputFile
        By type, one at least of `FILETYPES`.
    gain_e : float
        Electrons per count where a file in counts gives no gain.

    Raises
    ------
    NothingToMeasureError
        If times or unit are missing.
    FitsError
        If the file cannot be read, or is of another detector.
    OSError
        If it is not there.
    """
    first, *others = (files[kind] for kind in FILETYPES if kind in files)
    try:
        return _read(first, gain_e)
    except FitsError:
        if not others:
            raise
        return _read(others[0], gain_e)


def read_charge_frame(frame: IrFrame, files: Mapping[str, InputFile], gain_e: float) -> IrFrame:
    """Return the frame that tells the charge: of a scan that of the ima, if there is one.

    Parameters and errors are those of `read_frame`, with what that returned.
    """
    is_wanted = frame.is_scanned and frame.file.filetype != "ima" and "ima" in files
    return _read(files["ima"], gain_e) if is_wanted else frame


def _read(file: InputFile, gain_e: float) -> IrFrame:
    content = read_images(file.path, lambda _, header: header.version == 1)
    detector = find_detector("wfc3", content.detector)
    if content.detector != INFRARED or detector is None:
        raise FitsError(f"has DETECTOR {content.detector or '(none)'}, not {INFRARED}")
    if not content.images:
        raise FitsError("has no science image")
    image = content.images[0]
    shape = image.values.shape[0], image.values.shape[1]
    layout = lay_out(detector, shape, 1, image.binning, image.offset)
    exposure_s, start_mjd, end_mjd = _find_times(file, image)
    per_value = _find_rate_per_value(file, image, gain_e)
    rates = layout.take_light(image.values).astype(np.float32) * np.float32(per_value)
    rates[~np.isfinite(rates)] = np.nan
    return IrFrame(
        file,
        image,
        rates,
        None if image.flags is None else layout.take_light(image.flags),
        per_value,
        layout.row,
        layout.column,
        image.binning,
        start_mjd,
        end_mjd,
        exposure_s,
        _is_scanned(content),
    )


def _find_times(file: InputFile, image: ScienceImage) -> tuple[float, float, float]:
    """Return exposure time, s, start and end, MJD UTC."""
    whole_s = image.find_number("EXPTIME", 0.0)
    time_s = image.find_number("SAMPTIME", 0.0) if file.filetype == "ima" else whole_s
    start_mjd = image.find_number("EXPSTART", 0.0)
    if time_s <= 0.0 or start_mjd <= 0.0:
        raise NothingToMeasureError(
            f"has no exposure time or start: {time_s:g} s, MJD {start_mjd:g}", "no time"
        )
    end_mjd = image.find_number("EXPEND", 0.0)
    return time_s, start_mjd, max(end_mjd, start_mjd + whole_s / SECONDS_PER_DAY)


def _find_rate_per_value(file: InputFile, image: ScienceImage, gain_e: float) -> float:
    gains = [gain for name in "ABCD" if (gain := find_gain(image, name))]
    gain = sum(gains) / len(gains) if gains else gain_e
    found = describe_exposure(image, file.filetype).rate_per_value(gain)
    if found is None:
        raise NothingToMeasureError(f"has BUNIT {image.unit}: its charge is not known", "no unit")
    return found


def _is_scanned(content: ImageFile) -> bool:
    kind = str(content.primary.values.get("SCAN_TYP") or "N").strip().upper()
    return kind not in ("N", "")
