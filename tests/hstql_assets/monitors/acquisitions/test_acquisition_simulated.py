"""Simulated acquisitions: whole files, and what was put in found again."""

import json
import warnings
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.made_acquisitions import gather, measure
from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.acquisitions.offsets import find_offsets
from hstql_assets.monitors.acquisitions.trend import summarize_acquisitions
from hstql_assets.monitors.framework.monitor import TrendContext
from hstql_resources.archive.simulated.cos_monitoring.acquisitions import (
    BLIND_SCATTER_ARCSEC,
    FAILED_VISIT,
    JUMP_MJD,
    OUTLIER_VISIT,
    SLOPES,
    AcquisitionPlace,
    lamp_pixel,
    make_acquisition,
    pointing_offset,
)
from hstql_resources.archive.simulated.cos_monitoring.archive_contents import ACQUISITION
from hstql_resources.archive.simulated.cos_monitoring.epochs import MAXIMUM_EPOCHS

SEED, EPOCHS = 20090511, 120
NOWHERE = TrendContext(None, None, None)  # type: ignore[arg-type]


def write(folder: Path, index: int, seed: int = SEED) -> dict[str, Path]:
    """Write the files of an exposure, by type."""
    make = ACQUISITION.open_exposure(seed, index)
    paths = {}
    for name in ACQUISITION.list_filenames(index):
        path = folder / name
        path.write_bytes(make(name))
        paths[name.split("_")[1].split(".")[0]] = path
    return paths


def measure_exposure(folder: Path, index: int):  # type: ignore[no-untyped-def]
    paths = write(folder, index)
    files = [InputFile(paths[kind].name, kind, paths[kind]) for kind in ("rawacq", "spt")]
    return measure(*files, key=ACQUISITION.locate(index).rootname), json.loads(
        paths["truth"].read_text()
    )


@pytest.mark.parametrize("index", range(3))
def test_files_are_good_fits_that_say_they_are_simulated(tmp_path: Path, index: int) -> None:
    for path in write(tmp_path, index).values():
        assert path.stat().st_size < 2.2e6
        if path.suffix == ".json":
            continue
        with warnings.catch_warnings(), fits.open(path) as hdus:
            warnings.simplefilter("error")
            hdus.verify("exception")
            assert hdus[0].header["SIMULATD"] is True
            assert hdus[0].header["FILENAME"] == path.name
            assert len(hdus) == hdus[0].header["NEXTEND"] + 1
            for hdu in hdus:
                assert hdu.data is not None or hdu.header["NAXIS"] == 0


def test_an_image_shows_the_target_where_the_slew_says(tmp_path: Path) -> None:
    paths = write(tmp_path, 0)
    with fits.open(paths["rawacq"]) as hdus:
        header, image = hdus[0].header, hdus[1].data.astype(float)
        assert image.shape == (1024, 1024)
        assert image.sum() == hdus[1].header["NEVENTS"] > 2000
    row, column = np.unravel_index(image.argmax(), image.shape)
    assert (column, row) == (
        pytest.approx(header["ACQCENTX"], abs=3.0), pytest.approx(header["ACQCENTY"], abs=3.0),
    )  # fmt: skip
    scale = 0.0235
    assert header["ACQSLEWX"] == pytest.approx(
        scale * (header["ACQCENTX"] - header["ACQPREFX"]), abs=0.004
    )


def test_what_was_put_in_is_measured(tmp_path: Path) -> None:
    for index in range(ACQUISITION.count(8)):
        outcome, truth = measure_exposure(tmp_path, index)
        assert outcome.status == "made"
        (row,) = outcome.rows["acquisitions"]
        assert (row["slew_x_arcsec"], row["slew_y_arcsec"]) == (truth["slew_x"], truth["slew_y"])
        assert (row["fgs"], row["exposure_type"]) == (truth["sensor"], truth["kind"])
        assert row["exp_start_mjd"] == truth["start_mjd"]
        assert (row["status"] == "Failure") is truth["is_failed"]
        lamps = [(lamp["shift_disp"], lamp["shift_xdisp"]) for lamp in outcome.rows["osm_shifts"]]
        assert lamps == ([tuple(truth["lamp"])] if truth["lamp"] else [])
        if lamps:
            expected = lamp_pixel(str(row["opt_elem"]), truth["start_mjd"])
            assert lamps[0] == pytest.approx(expected, abs=0.051)
        if row["exposure_type"] == "ACQ/IMAGE" and not (truth["is_outlier"] or truth["is_failed"]):
            expected = truth["offset_v2_arcsec"], truth["offset_v3_arcsec"]
            found = (-row["v2_arcsec"], -row["v3_arcsec"])
            assert found == pytest.approx(expected, abs=5 * BLIND_SCATTER_ARCSEC)


@cache
def simulate_rows() -> tuple[dict[str, object], ...]:
    """Return the rows of many epochs, from the exposures without writing files."""
    rows = []
    for index in range(ACQUISITION.count(EPOCHS)):
        one = make_acquisition(SEED, ACQUISITION.locate(index))
        x, y = one.slew_x, one.slew_y
        both = x is not None and y is not None
        rows.append(
            {
                "rootname": one.place.rootname, "exposure_type": one.place.kind,
                "exp_start_mjd": one.place.start_mjd, "proposal_id": 90000, "detector": "NUV",
                "line_number": f"01.00{one.place.number + 1}", "opt_elem": one.opt_elem,
                "aperture": one.aperture, "life_adj": 4, "shutter": "Open", "extended": "NO",
                "obs_type": "IMAGING" if one.place.number == 0 else "SPECTROSCOPIC",
                "status": "Failure" if one.is_failed else "Success", "events": 6000.0,
                "lamp_events": 3000.0, "slew_x_arcsec": x, "slew_y_arcsec": y,
                "v2_arcsec": (x + y) / 2**0.5 if both else None,
                "v3_arcsec": (x - y) / 2**0.5 if both else None, "fgs": one.place.sensor,
            }
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda row: row["exp_start_mjd"]))


def test_slopes_and_jumps_of_all_sensors_are_recovered() -> None:
    found = find_offsets(gather(*simulate_rows()))
    assert len(found) == 18
    pulls = []
    for one in found:
        line, axis = one.line, ("V2", "V3").index(one.axis)
        assert line is not None
        truth = pointing_offset(one.sensor, line.reference_mjd)[axis]
        pulls.append((line.offset - truth) / line.offset_error)
        pulls.append((line.slope - SLOPES[one.sensor][axis]) / line.slope_error)
        assert line.scatter == pytest.approx(BLIND_SCATTER_ARCSEC, rel=0.6)
    assert np.abs(pulls).max() < 4.0
    assert np.std(pulls) == pytest.approx(1.0, abs=0.35)
    edges = {one.stretch.end_mjd for one in found} | {one.stretch.start_mjd for one in found}
    assert edges >= set(JUMP_MJD)


def test_the_outlier_and_the_failure_are_listed_and_nothing_else() -> None:
    report = summarize_acquisitions(gather(*simulate_rows()), NOWHERE)
    table = next(part for part in report.sections if part.title.startswith("Far"))
    expected = {
        AcquisitionPlace(3 * FAILED_VISIT).rootname: "failed",
        AcquisitionPlace(3 * OUTLIER_VISIT).rootname: "far",
    }
    assert {row[0]: row[-1] for row in table.rows} == expected


def test_more_epochs_change_none_of_the_first_and_a_seed_gives_the_same_bytes() -> None:
    name = f"{ACQUISITION.locate(6).rootname}_rawacq.fits"
    contents = {ACQUISITION.open_exposure(SEED, 6)(name) for _ in range(2)}
    assert len(contents) == 1
    assert ACQUISITION.open_exposure(SEED + 1, 6)(name) not in contents
    assert ACQUISITION.count(5) == 15


def test_rootnames_lead_back_to_their_exposures() -> None:
    last = ACQUISITION.count(MAXIMUM_EPOCHS) - 1
    names = [ACQUISITION.locate(index).rootname for index in range(last + 1)]
    assert len(set(names)) == len(names)
    assert {name[:2] for name in names} == {"la"}
    assert all(len(name) == 9 for name in names)
    for index in (0, 1, 2, 3, 89, 90, last):
        assert ACQUISITION.find_index(names[index]) == index
    for name in ("la000000q", "la00zz01q", "ls000101q", "la000104q", "notaname"):
        assert ACQUISITION.find_index(name) is None
    assert ACQUISITION.locate(0).start_date == date(2019, 1, 1)
    assert ACQUISITION.locate(3).start_date == date(2020, 12, 31)
