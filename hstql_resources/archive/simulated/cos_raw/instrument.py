"""Describe what raw data show of COS beyond spectra: lamp, stims, distortion, flat field.

The spectra lie where XTRACTAB has them, the star below the lamp: CalCOS takes it for granted.
Everything that a reference file says about the detector comes from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.instrument import (
    G130M,
    G230L,
    Configuration,
    Detector,
    Readout,
    Stripe,
)
from hstql_resources.archive.simulated.instrument_data import load_data

FPPOS_OF_ZERO = 3  # the FPPOS at which FPOFFSET is 0
FPOFFSETS = (-2, -1, 0, 1)
TDS_FACTOR = 0.9  # what is left of the sensitivity of FLUXTAB, at all times
FLAT_AMPLITUDE = 0.04
FLAT_PERIOD = 8  # pixels; a short pattern compresses well
DISTORTION_AMPLITUDE = 0.3  # pixels
_NUV_ROWS_DOWN = 363.0  # from where the calibrated files have the spectra to the star's aperture
# CalCOS looks for the backgrounds in the profile of a star, too: near, and the profile stays small.
_FUV_BACKGROUND_ROWS, _FUV_BACKGROUND_HEIGHT = 32.0, 11


@dataclass(frozen=True)
class Lamp:
    """The wavelength calibration lamp, which flashes during an exposure.

    Attributes
    ----------
    rows_above : float
        From the spectrum of the star to that of the lamp [rows].
    sigma_x, sigma_y : float
        Gaussian widths of a line [pixel].
    rate : float
        Count/s in one spectrum while it is on.
    lines : int
        How many lines there are in one spectrum.
    margin : int
        How many columns at the ends have none.
    fp_step : float
        Columns that the spectrum moves from one FP-POS to the next.
    """

    rows_above: float
    sigma_x: float
    sigma_y: float
    rate: float
    lines: int
    margin: int
    fp_step: float


@dataclass(frozen=True)
class Stims:
    """Two electronic pulses of a FUV segment at known places.

    Attributes
    ----------
    first, second : tuple of float
        Column and row [pixel].
    rate : float
        Pulse/s of each.
    """

    first: tuple[float, float]
    second: tuple[float, float]
    rate: float = 30.0


LAMPS = load_data("cos_raw/lamps", dict[Detector, Lamp])
STIMS: Mapping[str, Stims] = MappingProxyType(
    {
        "FUVA": Stims((383.0, 33.0), (15994.0, 984.0)),
        "FUVB": Stims((386.0, 37.0), (16012.0, 992.0)),
    }
)
HIGH_VOLTAGES: Mapping[str, int] = MappingProxyType({"FUVA": 167, "FUVB": 163})


def _lower(readout: Readout) -> Readout:
    """Move the stripes of the NUV detector, and the flaws on them, to the aperture of the star."""
    rows = round(_NUV_ROWS_DOWN)
    return replace(
        readout,
        stripes=tuple(replace(one, row=one.row - _NUV_ROWS_DOWN) for one in readout.stripes),
        flaws=tuple(
            flaw
            if flaw.bottom == 0
            else replace(flaw, bottom=flaw.bottom - rows, top=flaw.top - rows)
            for flaw in readout.flaws
        ),
    )


def _narrow(readout: Readout) -> Readout:
    """Move the backgrounds of a FUV segment close to its spectrum."""
    stripes = tuple(
        replace(
            one,
            background_rows=(one.row - _FUV_BACKGROUND_ROWS, one.row + _FUV_BACKGROUND_ROWS),
            background_height=_FUV_BACKGROUND_HEIGHT,
        )
        for one in readout.stripes
    )
    return replace(readout, stripes=stripes)


CONFIGURATIONS: Mapping[Detector, Configuration] = MappingProxyType(
    {
        "FUV": replace(G130M, readouts=tuple(_narrow(readout) for readout in G130M.readouts)),
        "NUV": replace(G230L, readouts=tuple(_lower(readout) for readout in G230L.readouts)),
    }
)


def lamp_lines(detector: Detector, stripe: Stripe) -> tuple[tuple[float, float], ...]:
    """Return column [pixel] and relative strength of the lines of the lamp in one spectrum.

    They belong to the lamp: no exposure and no seed changes them.
    """
    lamp = LAMPS[detector]
    columns = CONFIGURATIONS[detector].readouts[0].columns
    rng = np.random.default_rng([ord(letter) for letter in stripe.segment])
    x = np.sort(rng.uniform(lamp.margin, columns - lamp.margin, lamp.lines))
    strength = rng.uniform(20.0, 100.0, lamp.lines)
    return tuple((float(one), float(two)) for one, two in zip(x, strength, strict=True))


def lamp_row(detector: Detector, stripe: Stripe) -> float:
    """Return the row of the lamp's spectrum in mid-detector [pixel]."""
    return stripe.row + LAMPS[detector].rows_above


def flat_at(x: NDArray[np.int64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the flat field in pixels x and y, shape (n,); the mean of its inverse is 1."""
    turn = 2.0 * np.pi / FLAT_PERIOD
    inverse = 1.0 + FLAT_AMPLITUDE * np.sin(turn * x) * np.cos(turn * y)
    flat: NDArray[np.float64] = 1.0 / inverse
    return flat


def distortion_at(x: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """Return how far to the right of x FUV events are read [pixel], shape (n,)."""
    shift: NDArray[np.float64] = DISTORTION_AMPLITUDE * np.sin(2.0 * np.pi * x / columns)
    return shift
