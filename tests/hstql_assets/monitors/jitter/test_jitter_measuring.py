"""Jitter files: a known pointing recovered, real files read independently, and bad ones."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from builders.jitter_files import (
    FILL,
    KEY,
    NAMES,
    jitter_table,
    measure,
    rows_of,
    write_jif,
    write_jit,
)
from hstql_assets.monitors.jitter.statistics import combine_axis, covered_time
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.sky.fitsfile import Image, make_file
from hstql_resources.fits.errors import UNREADABLE
from hstql_resources.tables import JitterStatistics

SAMPLES_PER_ROW = 120  # 40 Hz for 3 s


@given(
    rows=st.integers(1, 300),
    fast=st.floats(0.0, 0.02),
    drift=st.floats(-0.05, 0.05),
    seed=st.integers(0, 1000),
)
@examples(max_examples=60)
def test_the_rms_is_that_of_all_samples_though_only_averages_are_given(
    rows: int, fast: float, drift: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    size = rows * SAMPLES_PER_ROW
    pointing = rng.normal(0.001, fast, size) + drift * np.linspace(0.0, 1.0, size)
    parts = pointing.reshape(rows, SAMPLES_PER_ROW)
    found = combine_axis(parts.mean(axis=1), parts.std(axis=1), np.ptp(parts, axis=1))
    assert found.mean == pytest.approx(pointing.mean(), abs=1e-12)
    assert found.rms == pytest.approx(pointing.std(), rel=1e-9, abs=1e-12)
    # The peaks of a stretch need not be symmetric about its average.
    true = float(np.ptp(pointing))
    assert found.range == pytest.approx(true, abs=float(np.ptp(parts, axis=1).max()) + 1e-12)


def test_nothing_is_known_of_no_samples() -> None:
    nothing = np.array([])
    found = combine_axis(nothing, nothing, nothing)
    assert (found.mean, found.rms, found.range) == (None, None, None)
    assert covered_time(nothing) is None
    assert covered_time(np.array([2.95])) == 2.95
    assert covered_time(2.95 + 3.0 * np.arange(100)) == pytest.approx(300.0)


def test_a_row_for_each_table_of_an_association_with_every_column(tmp_path: Path) -> None:
    jit = write_jit(
        tmp_path / "ljit01010_jit.fits",
        jitter_table({"SI_V2_AVG": [0.001, 0.003], "SI_V2_RMS": [0.002, 0.004]}),
        jitter_table({"SI_V3_AVG": [0.01, 0.01], "SI_V3_P2P": [0.02, 0.03]}, "ljit01abj", 2),
    )
    jif = write_jif(tmp_path / "ljit01010_jif.fits", {"ljit01abj": "2017.181:05:00:08"})
    outcome = measure(jit, jif, key="ljit01010")
    first, second = rows_of(outcome)
    for row in (first, second):
        assert set(row) == set(JitterStatistics.__table__.columns.keys())
        assert (row["rootname"], row["samples"]) == ("ljit01010", 2)
        assert row["seconds"] == pytest.approx(6.0)
    assert (first["ext"], first["exposure"], first["start_mjd"]) == (1, "ljit01aaj", None)
    assert first["v2_mean_arcsec"] == pytest.approx(0.002)
    assert first["v2_rms_arcsec"] == pytest.approx(np.sqrt((4.0 + 16.0) / 2.0 + 1.0) * 1e-3)
    assert first["v2_range_arcsec"] == pytest.approx(0.002)
    assert (second["ext"], second["exposure"]) == (2, "ljit01abj")
    assert second["start_mjd"] == pytest.approx(57934.2084259, abs=1e-6)
    assert second["v3_range_arcsec"] == pytest.approx(0.03)
    assert "RMS 3.32 mas along V2" in str(outcome.metadata["ljit01aaj"])


def test_fill_values_are_left_out(tmp_path: Path) -> None:
    columns = {name: [0.001, FILL, 0.003, np.nan] for name in NAMES}
    (row,) = rows_of(measure(write_jit(tmp_path / f"{KEY}_jit.fits", jitter_table(columns))))
    assert row["samples"] == 2
    assert row["v3_mean_arcsec"] == pytest.approx(0.002)
    assert row["seconds"] == pytest.approx(12.0)


@pytest.mark.parametrize("values", [[FILL, FILL], []])
def test_without_a_value_the_numbers_are_null(tmp_path: Path, values: list[float]) -> None:
    table = jitter_table({name: np.array(values) for name in NAMES})
    outcome = measure(write_jit(tmp_path / f"{KEY}_jit.fits", table))
    (row,) = rows_of(outcome)
    assert row["samples"] == 0
    names = ("mean", "rms", "range")
    assert {row[f"{axis}_{name}_arcsec"] for axis in ("v2", "v3") for name in names} == {None}
    assert "no sample" in str(outcome.metadata["ljit01aaj"])


def test_the_plan_of_the_same_exposure_knows_start_and_kind(tmp_path: Path) -> None:
    jit = write_jit(tmp_path / "ljit01aaj_jit.fits", jitter_table({"SI_V2_AVG": [0.0, 0.0]}))
    spt = tmp_path / f"{KEY}_spt.fits"
    plan = {"ROOTNAME": KEY, "PSTRTIME": "2019.001:12:00:00", "OPMODE": "ACQ/IMAGE"}
    spt.write_bytes(make_file(plan, [Image("SUPPORT", None, {})]))
    (row,) = rows_of(measure(jit, spt))
    assert row["start_mjd"] == 58484.5
    assert row["image_type"] == "ACQ/IMAGE"
    jif = write_jif(tmp_path / "ljit01aaj_jif.fits", {"ljit01aaj": "2019.001:12:03:36"})
    (row,) = rows_of(measure(jit, spt, jif))
    assert row["start_mjd"] == pytest.approx(58484.5025)
    dark = write_jit(jit, jitter_table({"SI_V2_AVG": [0.0, 0.0]}), target="DARK")
    (row,) = rows_of(measure(dark))
    assert (row["image_type"], row["start_mjd"]) == ("DARK", None)


def test_bad_jitter_files_say_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / f"{KEY}_jit.fits"
    content = write_jit(path, jitter_table({"SI_V2_AVG": np.zeros(500)})).read_bytes()
    no_column = write_jit(path, jitter_table({"SI_V2_AVG": [0.0], "SI_V3_RMS": None})).read_bytes()
    for damaged, what in {
        content[:9000]: "ends after",
        content[:2000]: "ends within a header",
        b"": "is empty",
        no_column: "has no column SI_V3_RMS",
        make_file({"ROOTNAME": KEY}, []): "has no table",
    }.items():
        path.write_bytes(damaged)
        outcome = measure(path)
        assert outcome.status == "bad"
        (bad,) = outcome.bad_files
        assert (bad.filename, bad.reason) == (path.name, UNREADABLE)
        assert what in bad.detail
    path.unlink()
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(content)[:-100])
    assert measure(packed).status == "bad"
    packed.unlink()
    assert measure(packed).status == "missing"
    assert measure().status == "none"


def test_a_damaged_jif_is_told_and_does_no_harm(tmp_path: Path) -> None:
    jit = write_jit(tmp_path / f"{KEY}_jit.fits", jitter_table({"SI_V2_AVG": [0.0, 0.0]}))
    jif = tmp_path / f"{KEY}_jif.fits"
    jif.write_bytes(b"nothing")
    outcome = measure(jit, jif)
    assert rows_of(outcome)[0]["start_mjd"] is None
    assert [bad.filename for bad in outcome.bad_files] == [jif.name]


def test_simulated_files_have_the_jitter_that_was_put_in(tmp_path: Path) -> None:
    archive = SimulatedArchive(3)
    key, products = next(iter(archive.list_products(archive.find_rootnames("cos")).items()))
    archive.fetch([one for one in products if "_jit" in one.filename], tmp_path)
    (path,) = tmp_path.glob("*_jit.fits")
    (row,) = rows_of(measure(path, key=key))
    spread = np.hypot(0.002, np.hypot(0.002, 0.0004))
    assert row["v2_rms_arcsec"] == pytest.approx(spread, rel=0.1)
    assert row["v3_mean_arcsec"] == pytest.approx(0.0, abs=0.0005)


@pytest.mark.parametrize("name", ["ldfd/ldfd01010", "ldfd/ldfd01vlj", "ldxe/ldxe02010"])
def test_real_files_have_what_astropy_reads(real_archive: Path, name: str) -> None:
    folder = real_archive / name
    paths = sorted(one for one in folder.iterdir() if "_jit." in one.name or "_jif." in one.name)
    rows = rows_of(measure(*paths, key=folder.name))
    (jit,) = (one for one in paths if "_jit." in one.name)
    with fits.open(jit) as hdus:
        assert len(rows) == len(hdus) - 1
        for row, hdu in zip(rows, hdus[1:], strict=True):
            assert row["exposure"] == hdu.header["EXPNAME"]
            good = hdu.data[hdu.data["SI_V2_AVG"] < 1e30]
            assert row["samples"] == len(good)
            for axis in ("V2", "V3"):
                average = good[f"SI_{axis}_AVG"].astype(float)
                within = good[f"SI_{axis}_RMS"].astype(float)
                variance = np.mean(within**2) + average.var()
                assert row[f"{axis.lower()}_mean_arcsec"] == pytest.approx(average.mean())
                assert row[f"{axis.lower()}_rms_arcsec"] == pytest.approx(np.sqrt(variance))


def test_real_associations_agree_with_the_summary_of_their_jif(real_archive: Path) -> None:
    """V2_RMS and V3_RMS there are those of the guide star, in mas, and a little larger."""
    folder = real_archive / "ldfd/ldfd01010"
    rows = rows_of(measure(*folder.glob("*_ji?.fits*"), key="ldfd01010"))
    with fits.open(next(folder.glob("*_jif.fits*"))) as hdus:
        for row, hdu in zip(rows, hdus[1:], strict=True):
            for axis in ("V2", "V3"):
                ratio = 1e3 * row[f"{axis.lower()}_rms_arcsec"] / hdu.header[f"{axis}_RMS"]
                assert 0.75 < ratio < 1.05
    starts = [57934.20843387, 57934.22344572, 57934.26873461, 57934.28628091]  # EXPSTART
    assert [row["start_mjd"] for row in rows] == pytest.approx(starts, abs=1.5 / 86400.0, rel=0)
    assert [row["seconds"] for row in rows] == pytest.approx(
        [1116.0, 1117.0, 1411.0, 1411.0], abs=0.2
    )
