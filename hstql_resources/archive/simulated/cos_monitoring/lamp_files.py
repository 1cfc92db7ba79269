"""Make the files of an exposure with flashes of the lamp: lampflash, references, truth."""

import json
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.columns import fill_columns
from hstql_resources.archive.simulated.cos.headers import Tally, fill_exposure, fill_primary
from hstql_resources.archive.simulated.cos.instrument import Detector
from hstql_resources.archive.simulated.cos_monitoring.lamp_exposures import (
    FLASH_S,
    Flash,
    LampExposure,
    LampPlace,
)
from hstql_resources.archive.simulated.cos_monitoring.lamp_law import FPOFFSETS, LAWS
from hstql_resources.archive.simulated.cos_raw.reference_file import Reference
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table, Values, make_file

ELEMENTS = 1024  # of a spectrum; those of FUV are binned by 16, to keep the files small
PIXELS: dict[Detector, int] = {"FUV": 16384, "NUV": 1024}
LINES = 24
BACKGROUND = 0.002  # counts/s per element
_SECTIONS: dict[Detector, str] = {"FUV": "BOTH", "NUV": "N/A"}


def reference_name(detector: Detector, kind: str) -> str:
    """Return the name of the reference file `lamp` or `wcp` of a detector."""
    return f"sim_cos_{detector.lower()}_flash_{kind}.fits"


def make_lampflash(exposure: LampExposure, filename: str) -> bytes:
    """Return a lampflash file with the columns of real ones."""
    place = exposure.place
    flashes = exposure.flashes()
    values: Values = {
        "FPPOS": place.fppos,
        "FPOFFSET": place.fppos - 3,
        "LAMPTAB": f"lref${reference_name(place.detector, 'lamp')}",
        "WCPTAB": f"lref${reference_name(place.detector, 'wcp')}",
        "NUMFLASH": place.flashes,
    }
    for segment in place.law.segments:
        own = [flash for flash in flashes if flash.segment == segment]
        values["SHIFT1" + segment[-1]] = float(np.mean([flash.shift_disp for flash in own]))
        values["SHIFT2" + segment[-1]] = float(np.mean([flash.shift_xdisp for flash in own]))
    nothing = {readout.segment: Tally(0) for readout in exposure.configuration.readouts}
    cards = fill_exposure(exposure, nothing, values)
    primary = fill_primary(exposure, filename, _SECTIONS[place.detector], values)
    return make_file(primary, [Table("LAMPFLASH", _make_columns(place, flashes), cards)])


def state_lamp_truth(exposure: LampExposure) -> str:
    """Return what an exposure should show, as the text of a JSON file."""
    place = exposure.place
    law = asdict(place.law) | {"fp_pixel_shifts": dict(place.law.fp_pixel_shifts)}
    truth = {
        "rootname": place.rootname,
        "detector": place.detector,
        "seed": exposure.seed,
        "start_mjd": place.start_mjd,
        "fppos": place.fppos,
        "since_move_s": place.since_move_s,
        "scatter_pixels": exposure.scatter,
        "law": law,
        "flashes": [asdict(flash) for flash in exposure.flashes()],
    }
    return json.dumps(truth, indent=1, default=dict) + "\n"


def make_lamp_reference(filename: str) -> bytes | None:
    """Return LAMPTAB or WCPTAB of a detector by its name; None for any other name."""
    makers = {"lamp": _make_lamptab, "wcp": _make_wcptab}
    for detector in LAWS:
        for kind, make in makers.items():
            if filename == reference_name(detector, kind):
                return make(detector).to_bytes(filename, detector)
    return None


def _make_columns(place: LampPlace, flashes: Sequence[Flash]) -> list[Column]:
    rows = len(flashes)
    stripes = {stripe.segment: stripe for stripe in place.configuration.stripes}
    pixels = PIXELS[place.detector]
    middle = (np.arange(ELEMENTS) + 0.5) * pixels / ELEMENTS
    net = np.array([_draw_lines(flash.segment, flash.shift_disp, pixels) for flash in flashes])
    wavelengths = [
        stripes[flash.segment].wavelength_at(middle - flash.shift_disp) for flash in flashes
    ]
    values = {
        "EXPTIME": [FLASH_S] * rows,
        "NELEM": [ELEMENTS] * rows,
        "WAVELENGTH": wavelengths,
        "NET": net,
        "GROSS": net + BACKGROUND,
        "BACKGROUND": np.full(net.shape, BACKGROUND),
    }
    return fill_columns("cos_monitoring/flashes", values, flashes)


def _draw_lines(segment: str, shift: float, pixels: int) -> NDArray[np.float64]:
    """Return the net spectrum of the lamp [counts/s], shape (ELEMENTS,).

    The lines belong to the lamp: no exposure and no seed changes them.
    """
    rng = np.random.default_rng([ord(letter) for letter in segment])
    middles = rng.uniform(0.05, 0.95, LINES) * ELEMENTS + shift * ELEMENTS / pixels
    strengths = rng.uniform(0.5, 8.0, LINES)
    deviation = (np.arange(ELEMENTS)[:, np.newaxis] - middles) / 1.5
    return np.asarray((strengths * np.exp(-0.5 * deviation**2)).sum(axis=1))


def _make_lamptab(detector: Detector) -> Reference:
    law = LAWS[detector]
    keys = [(segment, offset) for segment in law.segments for offset in FPOFFSETS]
    shifts = [law.fp_pixel_shift(segment, offset + 3) for segment, offset in keys]
    spectra = [
        _draw_lines(segment, shift, PIXELS[detector])
        for (segment, _), shift in zip(keys, shifts, strict=True)
    ]
    values = {
        "SEGMENT": [segment for segment, _ in keys],
        "OPT_ELEM": [law.opt_elem] * len(keys),
        "CENWAVE": [law.cenwave] * len(keys),
        "FPOFFSET": [offset for _, offset in keys],
        "FP_PIXEL_SHIFT": shifts,
        "INTENSITY": spectra,
    }
    columns = fill_columns("cos_monitoring/LAMPTAB", values)
    return Reference("TEMPLATE CAL LAMP SPECTRA TABLE", [Table("LAMPTAB", columns)])


def _make_wcptab(detector: Detector) -> Reference:
    columns = fill_columns("cos_monitoring/WCPTAB", {}, [LAWS[detector]])
    return Reference("WAVECAL PARAMETERS REFERENCE TABLE", [Table("WCPTAB", columns)])
