"""Real acquisitions, with values as astropy reads them."""

from pathlib import Path

import pytest
from astropy.io import fits

from builders.made_acquisitions import measure
from hstql_assets.batching.input_files import InputFile

# Exposure, guidance sensor, and what the lamp was found at [pixel].
EXPOSURES = {
    "lbhx1epiq": ("F1", 313.0),
    "ldng05huq": ("F2", 318.0),
    "ldfd01vlq": ("F1", 351.0),
    "lb4l02m2q": ("F3", None),
    "ldng01chq": ("F1", None),
    "lb4l02m1q": ("F3", None),
    "ldi405e3q": ("F2", None),
}
PRIMARY = {
    "slew_x_arcsec": "ACQSLEWX", "slew_y_arcsec": "ACQSLEWY", "proposal_id": "PROPOSID",
    "obs_type": "OBSTYPE", "shutter": "SHUTTER", "lamp_events": "LAMPEVNT", "status": "ACQSTAT",
    "extended": "EXTENDED", "line_number": "LINENUM", "aperture": "APERTURE",
    "opt_elem": "OPT_ELEM", "life_adj": "LIFE_ADJ", "cenwave": "CENWAVE", "detector": "DETECTOR",
    "exposure_type": "EXPTYPE", "target_name": "TARGNAME",
}  # fmt: skip


@pytest.mark.parametrize("rootname", EXPOSURES)
def test_a_real_acquisition_has_the_values_of_its_headers(
    real_archive: Path, rootname: str
) -> None:
    folder = real_archive / rootname[:4] / rootname
    paths = {kind: folder / f"{rootname}_{kind}.fits.gz" for kind in ("rawacq", "spt")}
    files = (InputFile(path.stem, kind, path) for kind, path in paths.items())
    outcome = measure(*files, key=rootname)
    assert outcome.status == "made"
    (row,) = outcome.rows["acquisitions"]
    with fits.open(paths["rawacq"]) as rawacq, fits.open(paths["spt"]) as spt:
        for column, keyword in PRIMARY.items():
            assert row[column] == rawacq[0].header.get(keyword), keyword
        assert row["exp_start_mjd"] == rawacq[1].header["EXPSTART"]
        assert row["events"] == rawacq[1].header.get("NEVENTS")
        assert row["guide_star"] == spt[0].header["DGESTAR"]
        assert row["second_guide_star"] == spt[0].header["SGESTAR"]
        assert row["obset_id"] == spt[0].header["OBSET_ID"]
        along = rawacq[0].header.get("LAMPMXCR")
    sensor, lamp = EXPOSURES[rootname]
    assert row["fgs"] == sensor
    lamps = [one["shift_disp"] for one in outcome.rows["osm_shifts"]]
    # The lamp is also in a keyword of the image, in another system of axes.
    assert lamps == ([] if lamp is None else [lamp]) == ([] if along is None else [along])


def test_the_real_kinds_lack_the_slew_that_they_do_not_measure(real_archive: Path) -> None:
    found = {}
    for rootname in EXPOSURES:
        path = real_archive / rootname[:4] / rootname / f"{rootname}_rawacq.fits.gz"
        (row,) = measure(InputFile(path.stem, "rawacq", path), key=rootname).rows["acquisitions"]
        slews = tuple(row[name] is not None for name in ("slew_x_arcsec", "slew_y_arcsec"))
        found.setdefault(row["exposure_type"], set()).add(slews)
    assert found == {
        "ACQ/IMAGE": {(True, True)},
        "ACQ/PEAKD": {(True, False)},
        "ACQ/PEAKXD": {(False, True)},
    }
