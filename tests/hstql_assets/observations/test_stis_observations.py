"""The steps on files of STIS: the real exposure without exposure time, and simulated ones."""

from dataclasses import replace
from pathlib import Path

import pytest
from astropy.io import fits

from builders.pipeline import Pipeline
from hstql_assets.observations.inputs import locate_retrievals
from hstql_assets.science.airglow import find_airglow
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.tables import BadData, File, Lightcurve, Observation

NO_TIME = "odlm18040"


@pytest.fixture
def stis(pipeline: Pipeline) -> Pipeline:
    return replace(pipeline, instrument="stis")


def test_good_events_without_exposure_time_are_bad_data_that_say_so(
    stis: Pipeline, real_archive: Path
) -> None:
    decisions = stis.on(DirectoryArchive(real_archive)).extract([NO_TIME])
    assert decisions["calibrated_files"][NO_TIME].status == "made"
    assert decisions["header_tables"][NO_TIME].metadata["partition_sets"] == "stis_timetag_rootname"
    assert decisions["lightcurves"][NO_TIME].status == "bad"
    (row,) = stis.rows(BadData)
    assert (row["filename"], row["reason"]) == (f"{NO_TIME}_corrtag.fits", "Short Exposure")
    assert row["detail"] == (
        "EXPTIME is 0 s, less than 1 s, and the GTI table is empty, although the table has "
        "162,916 events from 0.060 to 2726.186 s."
    )
    assert stis.rows(Lightcurve) == []
    (observation,) = stis.rows(Observation)
    assert observation["is_moving_target"] is False
    assert observation["obs_mode"] == "TIME-TAG"


def test_the_corrtag_lies_at_home_and_names_the_references_that_it_lacks(
    stis: Pipeline, real_archive: Path
) -> None:
    stis.on(DirectoryArchive(real_archive)).extract([NO_TIME])
    path = stis.home / "files" / NO_TIME[:4] / NO_TIME / f"{NO_TIME}_corrtag.fits"
    header = fits.getheader(path)
    assert [header[f"MISREF{i}"] for i in range(1, 5)] == [
        "PFLTFILE=mbj1658bo_pfl.fits: not found",
        "LFLTFILE=m1b2139no_lfl.fits: not found",
        "BPIXTAB=uce15153o_bpx.fits: not found",
        "MLINTAB=j9r16559o_lin.fits: not found",
    ]
    rows = {row["filetype"]: row for row in stis.rows(File)}
    assert (rows["corrtag"]["kind"], rows["corrtag"]["path"]) == ("calibrated", str(path))
    assert Path(str(rows["tag"]["path"])).is_relative_to(real_archive)


def test_running_again_changes_nothing_and_a_corrtag_without_its_tag_goes(
    stis: Pipeline, real_archive: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "archive" / NO_TIME[:4] / NO_TIME
    archive.mkdir(parents=True)
    for source in (real_archive / NO_TIME[:4] / NO_TIME).iterdir():
        (archive / source.name).symlink_to(source)
    stis.extract([NO_TIME])
    corrtag = [name for name in stis.files() if name.endswith("_corrtag.fits")]
    rows = stis.rows(File)
    stis.extract([NO_TIME])
    assert (stis.rows(File), corrtag) == (rows, [
        name for name in stis.files() if name.endswith("_corrtag.fits")
    ])  # fmt: skip
    (archive / f"{NO_TIME}_tag.fits.gz").unlink()
    decisions = stis.extract([NO_TIME])
    assert decisions["calibrated_files"][NO_TIME].status == "none"
    assert not any("corrtag" in name for name in stis.files())
    assert "corrtag" not in {row["filetype"] for row in stis.rows(File)}


def test_a_tag_that_cannot_be_read_is_bad_data(stis: Pipeline, tmp_path: Path) -> None:
    folder = tmp_path / "archive" / "otst" / "otst01010"
    folder.mkdir(parents=True)
    (folder / "otst01010_tag.fits").write_bytes(b"no FITS at all")
    outcome = stis.extract(["otst01010"])["calibrated_files"]["otst01010"]
    assert outcome.status == "bad"
    (row,) = stis.rows(BadData)
    assert (row["filename"], row["reason"]) == ("otst01010_tag.fits", "Unreadable")


def test_calibrated_files_wait_for_the_events(stis: Pipeline, real_archive: Path) -> None:
    clients = replace(stis.clients, archive=DirectoryArchive(real_archive))
    (outcome,) = locate_retrievals(clients, "calibrated", [NO_TIME])
    assert outcome.status == "waiting"
    assert "stis/raw_files has not been made" in str(outcome.reason)


@pytest.fixture
def simulated_stis(stis: Pipeline) -> Pipeline:
    return stis.on(SimulatedArchive(24))


def test_simulated_exposures_become_lightcurves_with_the_references_of_their_archive(
    simulated_stis: Pipeline,
) -> None:
    keys = simulated_stis.clients.archive.find_rootnames("stis")[:2]
    decisions = simulated_stis.extract(keys)
    assert {one.status for one in decisions["lightcurves"].values()} == {"made"}
    rows = simulated_stis.rows(Lightcurve)
    assert [row["missing_references"] for row in rows] == [None, None]
    assert all(row["is_background_subtracted"] and row["is_flux_calibrated"] for row in rows)
    assert [name for name in simulated_stis.files() if name.startswith("references/")]


@pytest.mark.parametrize("number", [0, 1])
def test_the_mean_flux_is_that_of_the_spectrum(simulated_stis: Pipeline, number: int) -> None:
    key = simulated_stis.clients.archive.find_rootnames("stis")[number]
    simulated_stis.extract([key])
    (row,) = simulated_stis.rows(Lightcurve)
    path = simulated_stis.home / "files" / key[:4] / key / f"{key}_x1d.fits"
    with fits.open(path) as hdus:
        table, flags = hdus[1].data, hdus[1].header["SDQFLAGS"]
        wave, flux = table["WAVELENGTH"], table["FLUX"]
        used = (table["DQ"] & flags) == 0
        mode = hdus[0].header["OPT_ELEM"], hdus[0].header["APERTURE"]
        for start, stop in find_airglow("STIS", *mode):
            used &= (wave < start) | (wave > stop)
        mean = flux[used].mean(dtype=float)
    # The spectrum takes the background as smooth along the columns, so the two differ a little.
    assert row["mean_flux"] == pytest.approx(mean, rel=0.005)
