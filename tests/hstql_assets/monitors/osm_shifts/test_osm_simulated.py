"""The simulated lamp exposures: whole files, known truth, the same for the same seed."""

import json
from io import BytesIO

import numpy as np
import pytest
from astropy.io import fits

from hstql_resources.archive.simulated.cos_monitoring.archive_contents import LAMPS
from hstql_resources.archive.simulated.cos_monitoring.lamp_exposures import (
    DURATION_S,
    LampPlace,
)
from hstql_resources.archive.simulated.cos_monitoring.lamp_law import LAWS

REAL_COLUMNS = [
    "SEGMENT", "TIME", "EXPTIME", "LAMP_ON", "LAMP_OFF", "NELEM", "WAVELENGTH", "NET", "GROSS",
    "BACKGROUND", "SHIFT_DISP", "SHIFT_XDISP", "SPEC_FOUND", "CHI_SQUARE", "N_DEG_FREEDOM",
]  # fmt: skip


def open_file(index: int, ending: str, seed: int = 3) -> bytes:
    name = f"{LampPlace.locate(index).rootname}_{ending}"
    assert name in LAMPS.list_filenames(index)
    return LAMPS.open_exposure(seed, index)(name)


def test_names_lead_back_to_their_exposures() -> None:
    names = [LampPlace.locate(index).rootname for index in range(LAMPS.count(300))]
    assert len(set(names)) == 600
    assert [LAMPS.find_index(name) for name in names] == list(range(600))
    assert {name[:2] for name in names} == set(LampPlace.letters.values())
    for other in ("ls000101q", "lw000001q", "lw000102q", "lwzzzz01q", "lw00010", "nothing at"):
        assert LAMPS.find_index(other) is None


@pytest.mark.parametrize("index", [0, 1, 6, 7])
def test_files_are_whole_and_have_the_columns_of_real_ones(index: int) -> None:
    place = LampPlace.locate(index)
    for ending in ("lampflash.fits", "spt.fits"):
        content = open_file(index, ending)
        assert len(content) < 1_000_000
        with fits.open(BytesIO(content)) as hdus:
            hdus.verify("exception")
            header = hdus[0].header
            assert header["SIMULATD"] is True
            assert header["ROOTNAME"] == place.rootname
            assert header["TARGNAME"] == "ANY"
            assert header["FILENAME"] == f"{place.rootname}_{ending}"
    with fits.open(BytesIO(open_file(index, "lampflash.fits"))) as hdus:
        header, table = hdus[0].header, hdus["LAMPFLASH"]
        assert table.columns.names == REAL_COLUMNS
        assert (header["FPPOS"], header["FPOFFSET"]) == (place.fppos, place.fppos - 3)
        assert header["OPT_ELEM"] == place.law.opt_elem
        assert table.header["EXPSTART"] == place.start_mjd
        segments = table.data["SEGMENT"].tolist()
        assert len(segments) == place.flashes * len(place.law.segments)
        assert segments == (sorted(segments) if place.detector == "FUV"
                            else list(place.law.segments) * place.flashes)  # fmt: skip


@pytest.mark.parametrize("index", [0, 3, 10, 13])
def test_the_truth_is_what_the_file_shows(index: int) -> None:
    truth = json.loads(open_file(index, "truth.json"))
    law = LAWS[truth["detector"]]
    with fits.open(BytesIO(open_file(index, "lampflash.fits"))) as hdus:
        shown = hdus[1].data["SHIFT_DISP"]
    true = np.array([flash["true_disp"] for flash in truth["flashes"]])
    assert np.abs(shown - true).max() < 5.0 * law.noise
    for flash in truth["flashes"]:
        expected = (
            law.fp_pixel_shift(flash["segment"], truth["fppos"])
            + law.place_at(flash["segment"], truth["start_mjd"])
            + truth["scatter_pixels"][0]
            + law.drift_at(np.array(truth["since_move_s"] + flash["time_s"]))
        )
        assert flash["true_disp"] == pytest.approx(expected)


def test_an_exposure_is_a_function_of_seed_and_index() -> None:
    assert open_file(5, "lampflash.fits") == open_file(5, "lampflash.fits")
    assert open_file(5, "lampflash.fits") != open_file(5, "lampflash.fits", seed=4)
    assert open_file(5, "truth.json") != open_file(7, "truth.json")


def test_the_exposures_of_an_epoch_follow_each_other() -> None:
    for epoch in range(50):
        pair = sorted(
            (LampPlace.locate(2 * epoch + which) for which in (0, 1)), key=lambda p: p.start_mjd
        )
        first, second = pair
        assert first.is_first
        assert not second.is_first
        gap_s = (second.start_mjd - first.start_mjd) * 86400.0 - DURATION_S
        assert gap_s == pytest.approx(second.since_move_s, abs=1e-3)
        assert second.start_date >= first.start_date


def test_the_time_since_a_move_does_not_go_with_the_date() -> None:
    places = [LampPlace.locate(index) for index in range(0, 400, 2)]
    pairs = [(place.start_mjd, np.log(place.since_move_s)) for place in places]
    assert abs(np.corrcoef(np.array(pairs).T)[0, 1]) < 0.15
    assert min(place.since_move_s for place in places) < 130.0
    assert max(place.since_move_s for place in places) > 700.0
