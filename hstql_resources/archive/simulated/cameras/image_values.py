"""State what the headers of image extensions say: coordinates, readout, photometry, statistics."""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cameras.catalogue import Exposure
from hstql_resources.archive.simulated.cameras.distortion import distort, distortion_of
from hstql_resources.archive.simulated.cameras.frames import Frame
from hstql_resources.archive.simulated.cameras.scene import SKY_RATE, find_pixel
from hstql_resources.archive.simulated.cameras.standard_stars import StandardPlace
from hstql_resources.archive.simulated.cameras.star_light import find_reference, take_aim
from hstql_resources.archive.simulated.sky.fitsfile import Values

SERIOUS_FLAGS = 31743


def coordinate_values(exposure: Exposure, frame: Frame, is_raw: bool) -> Values:
    """Return where the pixels of a frame are on the sky, and on the detector.

    Parameters
    ----------
    is_raw : bool
        Whether the image has its overscan or reference pixels.

    Notes
    -----
    LTV and LTM follow IRAF: image pixel = LTM x detector pixel + LTV, at the centres.
    """
    target = exposure.target
    ra_deg, dec_deg = _find_reference(exposure, frame)
    left, below = (frame.left, frame.below) if is_raw else (0, 0)
    half = (1.0 - 1.0 / frame.binning) / 2.0
    column, row = frame.corner
    # The reference pixel is the middle of the mosaic, wherever that is from here.
    x, y = find_pixel(frame, 0.5, 0.5)
    angle = np.deg2rad(exposure.roll_deg)
    cosine, sine = _turn_scale(exposure)
    return {
        "CRPIX1": x + left + 1.0,
        "CRPIX2": y + below + 1.0,
        "CRVAL1": ra_deg,
        "RA_APER": target.ra_deg,
        **dict.fromkeys(("CRVAL2", "LATPOLE"), dec_deg),
        "DEC_APER": target.dec_deg,
        "CTYPE1": "RA---TAN",
        "CTYPE2": "DEC--TAN",
        "CD1_1": -cosine,
        **dict.fromkeys(("CD1_2", "CD2_1"), sine),
        "CD2_2": cosine,
        "LTV1": left - column + half,
        "LTV2": below - row + half,
        "RAW_LTV1": frame.left - column + half,
        "RAW_LTV2": frame.below - row + half,
        **dict.fromkeys(("LTM1_1", "LTM2_2"), 1.0 / frame.binning),
        "ORIENTAT": exposure.roll_deg if exposure.roll_deg <= 180.0 else exposure.roll_deg - 360.0,
        "PA_APER": exposure.roll_deg,
        "MDRIZSKY": SKY_RATE * exposure.exposure_s,
        "VAFACTOR": 1.0 + 1.0e-4 * float(np.cos(angle)),
    }


def _turn_scale(exposure: Exposure) -> tuple[float, float]:
    """Return cosine and sine of the roll, times the size of a pixel [deg]."""
    angle = np.deg2rad(exposure.roll_deg)
    scale_deg = exposure.detector.scale_arcsec * exposure.binning / 3600.0
    return scale_deg * float(np.cos(angle)), scale_deg * float(np.sin(angle))


def _find_reference(exposure: Exposure, frame: Frame) -> tuple[float, float]:
    """Return where the middle of the mosaic points to [deg], so that a standard star is hit."""
    target = exposure.target
    if not isinstance(exposure.place, StandardPlace):
        return target.ra_deg, target.dec_deg
    aim, (x, y) = take_aim(exposure, frame), find_pixel(frame, 0.5, 0.5)
    across, up = distort(exposure, aim.told_x - x, aim.told_y - y)
    cosine, sine = _turn_scale(exposure)
    plane_deg = -cosine * across + sine * up, sine * across + cosine * up
    return find_reference(plane_deg, target.ra_deg, target.dec_deg)


def distortion_values(exposure: Exposure, coordinates: Values) -> Values:
    """Return the distortion of an image, and the coordinates before it was known."""
    frame_scale = exposure.detector.scale_arcsec * exposure.binning
    original = ("CRPIX1", "CRPIX2", "CRVAL1", "CRVAL2", "CD1_1", "CD1_2", "CD2_1", "CD2_2")
    return {
        "CTYPE1": "RA---TAN-SIP",
        "CTYPE2": "DEC--TAN-SIP",
        **{f"{keyword}{which}": coordinates[keyword] for keyword in original for which in "OA"},
        **dict.fromkeys(("LATPOLEA", "LATPOLEO"), coordinates["CRVAL2"]),
        "HDRNAMEA": f"{exposure.rootname}_flt_IDC_simulated",
        **{
            f"{axis}_{i}_{j}": coefficient
            for (axis, i, j), coefficient in distortion_of(exposure).items()
        },
        **dict.fromkeys(("IDCSCALE", "OCX11", "OCY10"), frame_scale),
        "IDCXREF": float(coordinates["CRPIX1"]),
        "IDCYREF": float(coordinates["CRPIX2"]),
        "OCX10": float(coordinates["CD1_1"]) * 1.0e-3,
        "OCY11": float(coordinates["CD2_1"]) * 1.0e-3,
    }


def readout_values(exposure: Exposure, frame: Frame) -> Values:
    """Return which part of the detector was read, in unbinned pixels of the raw frame."""
    detector, window = exposure.detector, frame.window
    virtual = 0 if frame.chip.virtual_above else detector.virtual_rows
    if window is not None:
        around = 2 if detector.border_rows else 1
        rows = window.rows + 2 * detector.border_rows
        size = (window.columns + around * detector.physical, rows)
        centre = (size[0] // 2, virtual + window.row + window.rows // 2)
    else:
        size = (
            detector.columns + 2 * detector.physical + detector.virtual_columns,
            detector.rows + detector.virtual_rows + 2 * detector.border_rows,
        )
        centre = (size[0] // 2 + 1, size[1] // 2 + 1)
    return {
        "CENTERA1": centre[0],
        "CENTERA2": centre[1],
        "SIZAXIS1": size[0],
        "SIZAXIS2": size[1],
        **dict.fromkeys(("BINAXIS1", "BINAXIS2"), frame.binning),
        "CCDCHIP": frame.chip.number,
        "NCOMBINE": 1,
    }


def describe_pixels(
    pixels: NDArray[np.generic],
    flags: NDArray[np.int16] | None = None,
    error: NDArray[np.float32] | None = None,
) -> Values:
    """Return the statistics of the good pixels, of an image or of its errors.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns)
        What is described.
    flags : ndarray, same shape, optional
        Data quality; without it all pixels are good.
    error : ndarray, same shape, optional
        For the signal to noise.
    """
    chosen = pixels if flags is None else pixels[(flags & SERIOUS_FLAGS) == 0]
    if chosen.size == 0:
        low = high = mean = 0.0
    else:
        low, high = float(chosen.min()), float(chosen.max())
        mean = float(chosen.mean(dtype=np.float64))
    values: Values = {
        "NGOODPIX": int(chosen.size),
        "GOODMIN": low,
        "GOODMAX": high,
        "GOODMEAN": mean,
        **dict.fromkeys(("SNRMIN", "SNRMAX", "SNRMEAN", "MEANDARK", "MEANBLEV", "MEANFLSH"), 0.0),
    }
    if error is not None:
        ratio = pixels / np.maximum(error, np.float32(1.0e-6))
        values |= {
            "SNRMIN": float(ratio.min()),
            "SNRMAX": float(ratio.max()),
            "SNRMEAN": float(ratio.mean(dtype=np.float64)),
        }
    return values
