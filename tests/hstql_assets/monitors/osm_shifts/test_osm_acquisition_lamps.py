"""Lamps in acquisition images: what real files say, and where there are none."""

from dataclasses import replace
from pathlib import Path

import pytest
from astropy.io import fits

from hstql_assets.monitors.osm_shifts.acquisition_lamps import shift_of_acquisition
from hstql_resources.fits.file_headers import FileHeaders, read_headers
from hstql_resources.fits.header import Header
from hstql_resources.tables import OsmShift

KEY = "ldng05huq"


def test_real_acquisitions_give_the_pixels_of_their_headers(real_archive: Path) -> None:
    made = {}
    for path in real_archive.glob("*/*/*_rawacq.fits*"):
        spt = Path(str(path).replace("rawacq", "spt"))
        key = path.name[:9]
        row = shift_of_acquisition(key, read_headers(path, "rawacq"), read_headers(spt, "spt"))
        primary, support = fits.getheader(path, 0), fits.getheader(spt, 1)
        if not support["LQTAYCOR"] > 0:
            assert row is None
            continue
        assert row["shift_disp"] == 1023 - support["LQTAYCOR"]
        assert row["shift_xdisp"] == 1023 - support["LQTAXCOR"]
        assert row["exp_start_mjd"] == fits.getheader(path, 1)["EXPSTART"]
        assert row["opt_elem"] == primary["OPT_ELEM"]
        assert (row["segment"], row["flash"], row["filetype"]) == ("NUV", 1, "rawacq")
        assert row["filename"] == f"{key}_rawacq.fits"
        assert set(row) == set(OsmShift.__table__.columns.keys())
        made[key] = row["shift_disp"]
    assert made == {"lbhx1epiq": 313.0, "ldfd01vlq": 351.0, "ldng05huq": 318.0}


def headers_of(filetype: str, *values: dict[str, object]) -> FileHeaders:
    headers = tuple(Header(number, dict(one)) for number, one in enumerate(values))
    return FileHeaders(f"{KEY}_{filetype}.fits.gz", filetype, headers)


RAWACQ = headers_of("rawacq", {"DETECTOR": "NUV", "OPT_ELEM": "MIRRORA "}, {"EXPSTART": 58000.5})


@pytest.mark.parametrize("along", [0.0, -1.0, None, "none", True])
def test_without_a_lamp_there_is_no_row(along: object) -> None:
    spt = headers_of("spt", {}, {"LQTAYCOR": along, "LQTAXCOR": 372.0})
    assert shift_of_acquisition(KEY, RAWACQ, spt) is None


def test_without_an_spt_there_is_no_row() -> None:
    assert shift_of_acquisition(KEY, RAWACQ, None) is None
    assert shift_of_acquisition(KEY, RAWACQ, headers_of("spt", {"LQTAYCOR": 700.0})) is None


def test_later_extensions_of_the_same_name_do_not_count() -> None:
    spt = headers_of(
        "spt", {}, {"LQTAYCOR": 700, "LQTAXCOR": 210}, {"LQTAYCOR": 1.0, "LQTAXCOR": 1.0}
    )
    row = shift_of_acquisition(KEY, RAWACQ, spt)
    assert (row["shift_disp"], row["shift_xdisp"]) == (323.0, 813.0)
    assert row["opt_elem"] == "MIRRORA"
    assert row["is_found"] is None
    assert isinstance(row["shift_disp"], float)


def test_what_the_headers_do_not_say_is_null() -> None:
    bare = replace(RAWACQ, headers=())
    row = shift_of_acquisition(KEY, bare, headers_of("spt", {}, {"LQTAYCOR": 700.0}))
    assert row["exp_start_mjd"] is row["opt_elem"] is row["shift_xdisp"] is row["cenwave"] is None
