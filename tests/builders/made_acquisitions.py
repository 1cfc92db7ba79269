"""Acquisitions with known content: files as COS has them, and rows of the table."""

from pathlib import Path

import numpy as np
from astropy.io import fits

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.acquisitions.history import COLUMNS, Acquisitions, collect
from hstql_assets.monitors.acquisitions.measure import measure_acquisition
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_resources.references import References

Values = dict[str, object]
KEY = "lacq0001q"
IMAGE = {
    "EXPTYPE": "ACQ/IMAGE", "PROPOSID": 12289, "LINENUM": "1E.001", "TARGNAME": "GJ-436",
    "DETECTOR": "NUV", "OPT_ELEM": "MIRRORB", "CENWAVE": 0, "APERTURE": "PSA", "LIFE_ADJ": 1,
    "OBSTYPE": "IMAGING", "SHUTTER": "Open", "ACQSTAT": "Success", "EXTENDED": "NO",
    "LAMPEVNT": 686, "ACQSLEWX": 0.653, "ACQSLEWY": -0.304, "FPPOS": 3,
}  # fmt: skip
EXPOSURE = {"EXPSTART": 55692.66989162, "NEVENTS": 16670}
PLAN = {"DGESTAR": "N4YJ000260F1", "SGESTAR": "N4YJ000034F2", "OBSET_ID": "1E"}
SUPPORT = {"LQTAYCOR": 710.0, "LQTAXCOR": 210.0}


def write_rawacq(
    folder: Path, changes: Values | None = None, exposure: Values | None = None
) -> InputFile:
    """Write a rawacq file; a change to None leaves a keyword out."""
    path = folder / f"{KEY}_rawacq.fits"
    first = fits.PrimaryHDU(header=_header(IMAGE | (changes or {})))
    image = fits.ImageHDU(np.zeros((64, 64), np.int16), _header(EXPOSURE | (exposure or {})), "SCI")
    fits.HDUList([first, image]).writeto(path)
    return InputFile(path.name, "rawacq", path)


def write_spt(
    folder: Path, changes: Values | None = None, support: Values | None = None
) -> InputFile:
    """Write an spt file; a change to None leaves a keyword out."""
    path = folder / f"{KEY}_spt.fits"
    first = fits.PrimaryHDU(header=_header(PLAN | (changes or {})))
    second = fits.ImageHDU(None, _header(SUPPORT | (support or {})), "SUPPORT")
    fits.HDUList([first, second]).writeto(path)
    return InputFile(path.name, "spt", path)


def measure(*files: InputFile, key: str = KEY) -> Outcome:
    """Measure what these files are of."""
    return measure_acquisition(ExposureTask(key, files, References(None, None)))


def acquisition(mjd: float, **changes: object) -> dict[str, object]:
    """Return the columns of an acquisition image that shows the pointing."""
    return {
        "rootname": f"l{mjd * 1e3:08.0f}"[:9], "exposure_type": "ACQ/IMAGE", "exp_start_mjd": mjd,
        "proposal_id": 12289, "line_number": "01.001", "detector": "NUV", "opt_elem": "MIRRORA",
        "aperture": "PSA", "life_adj": 1, "obs_type": "IMAGING", "shutter": "Open",
        "status": "Success", "extended": "NO", "events": 6000.0, "lamp_events": 3000.0,
        "slew_x_arcsec": 0.1, "slew_y_arcsec": 0.1, "v2_arcsec": 0.1, "v3_arcsec": 0.1,
        "fgs": "F1", **changes,
    }  # fmt: skip


def gather(*rows: dict[str, object]) -> Acquisitions:
    """Return rows as a trend reads them."""
    return collect([row[name] for name in COLUMNS] for row in rows)


def _header(values: dict[str, object]) -> fits.Header:
    return fits.Header({key: value for key, value in values.items() if value is not None})
