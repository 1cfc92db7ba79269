"""The numbers of extracted spectra: real files against astropy, and files with known content."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.spectrum_files import UNIT, write_cos_x1d, write_stis_x1d, write_tables
from hstql_assets.batching.input_files import FilesTask, InputFile
from hstql_assets.batching.pictures import Picture
from hstql_assets.spectra.extracted import read_extracted
from hstql_assets.spectra.measuring import measure_spectra
from hstql_assets.spectra.numbers import measure_spectrum
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.filenames import parse_filename

KEY = "lspe01aaq"
FLUX = np.array([[1.0, 2.0, 3.0, 6.0], [5.0, -1.0, 4.0, 0.0]]) * 1e-14


def measure(*paths: Path) -> tuple[str, list[dict], dict[str, str]]:
    """Return the status, the rows, and the reason for each bad file."""
    files = tuple(InputFile(path.name, path.stem.partition("_")[2], path) for path in paths)
    outcome = measure_spectra(FilesTask(KEY, files))
    rows = [dict(row) for row in outcome.rows.get("spectrum_statistics", ())]
    return outcome.status, rows, {bad.filename: bad.reason for bad in outcome.bad_files}


def measure_one(path: Path) -> dict:
    status, (row,), bad = measure(path)
    assert (status, bad) == ("made", {})
    return row


def real_spectra(archive: Path) -> list[Path]:
    directory = DirectoryArchive(archive)
    keys = [*directory.find_rootnames("cos"), *directory.find_rootnames("stis")]
    products = [p for found in directory.list_products(keys).values() for p in found]
    return [
        Path(product.location)
        for product in products
        if parse_filename(product.filename).filetype.startswith(("x1d", "sx1"))
    ]


def expect(path: Path) -> dict[str, object]:
    """Return the numbers as astropy and a plain reading of the table give them."""
    with fits.open(path, memmap=False) as hdus:
        tables = [hdu for hdu in hdus[1:] if hdu.name == "SCI"]
        flux = np.concatenate([hdu.data["FLUX"].ravel() for hdu in tables]).astype(float)
        wave = np.concatenate([hdu.data["WAVELENGTH"].ravel() for hdu in tables])
        net = np.concatenate([hdu.data["NET"].ravel() for hdu in tables]).astype(float)
        good = np.concatenate(
            [
                hdu.data["DQ_WGT"].ravel() > 0
                if "DQ_WGT" in hdu.columns.names
                else hdu.data["DQ"].ravel() & (hdu.header["SDQFLAGS"] & ~(2048 | 16384)) == 0
                for hdu in tables
            ]
        )
        return {
            "spectra": sum(len(hdu.data) for hdu in tables),
            "pixels": flux.size,
            "good_pixels": good.sum(),
            "wave_min": wave.min(),
            "wave_max": wave.max(),
            "flux_mean": np.sum(flux[good]) / good.sum(),
            "flux_max": flux[good].max(),
            "flux_std": np.sqrt(np.mean((flux[good] - flux[good].mean()) ** 2)),
            "flux_mean_all": flux.mean(),
            "flux_max_all": flux.max(),
            "flux_std_all": np.std(flux),
            # Real files with two tables have two exposures of one length.
            "net_count_per_s": net[good].sum() / len(tables),
            "flux_unit": tables[0].columns["FLUX"].unit,
            "is_flux_calibrated": hdus[0].header["FLUXCORR"] == "COMPLETE",
        }


def test_every_real_spectrum_has_the_numbers_that_astropy_gives(real_archive: Path) -> None:
    paths = real_spectra(real_archive)
    assert len(paths) >= 40
    for path in paths:
        row, expected = measure_one(path), expect(path)
        for column, value in expected.items():
            found = row[column]
            if isinstance(found, float):
                assert found == pytest.approx(float(value), rel=1e-12), (path.name, column)
            else:
                assert found == value, (path.name, column)


def test_cosmo_had_the_numbers_of_all_pixels_in_single_precision(real_archive: Path) -> None:
    for path in real_spectra(real_archive):
        flux = fits.getdata(path, 1)["FLUX"]
        row = measure_one(path)
        if row["pixels"] != flux.size:  # COSMO did not read beyond the first table
            continue
        assert row["flux_max_all"] == flux.max()
        assert row["flux_mean_all"] == pytest.approx(float(flux.mean()), rel=2e-5)
        assert row["flux_std_all"] == pytest.approx(float(flux.std()), rel=2e-5)


def test_every_real_spectrum_has_good_pixels_though_all_flags_are_set(real_archive: Path) -> None:
    """The CCD spectra of proposal 12473 have the flag 2048 in every pixel."""
    parts = [
        row["good_pixels"] / row["pixels"] for row in map(measure_one, real_spectra(real_archive))
    ]
    assert min(parts) > 0.5


def test_a_simulated_spectrum_shows_the_flux_that_was_put_in(tmp_path: Path) -> None:
    archive = SimulatedArchive(3)
    (key, *_) = archive.find_rootnames("cos")
    (x1d,) = [p for p in archive.list_products([key])[key] if p.filename.endswith("x1d.fits")]
    archive.fetch([x1d], tmp_path)
    table = fits.getdata(tmp_path / x1d.filename)
    row = measure_one(tmp_path / x1d.filename)
    good = table["DQ_WGT"] > 0
    assert row["flux_mean"] == pytest.approx(table["FLUX"][good].mean(dtype=float))
    assert 0 < row["flux_mean"] < row["flux_max"] < 1e-10


def test_pixels_without_weight_are_counted_but_not_good(tmp_path: Path) -> None:
    weight = np.array([[1, 1, 0, 0], [1, 1, 1, 0]])
    row = measure_one(write_cos_x1d(tmp_path / f"{KEY}_x1d.fits", FLUX, weight))
    good = np.array([1.0, 2.0, 5.0, -1.0, 4.0]) * 1e-14
    assert (row["spectra"], row["pixels"], row["good_pixels"]) == (2, 8, 5)
    assert row["flux_mean"] == pytest.approx(good.mean())
    assert row["flux_max"] == pytest.approx(5e-14)
    assert row["flux_std"] == pytest.approx(good.std())
    assert row["flux_mean_all"] == pytest.approx(FLUX.mean())
    assert row["flux_max_all"] == pytest.approx(6e-14)
    assert row["net_count_per_s"] == pytest.approx(11.0)
    assert (row["wave_min"], row["wave_max"]) == (1100.0, 1500.0)
    assert (row["flux_unit"], row["is_flux_calibrated"]) == (UNIT, True)
    assert (row["rootname"], row["filetype"]) == (KEY, "x1d")


def test_only_the_elements_in_use_are_pixels(tmp_path: Path) -> None:
    flux = np.array([[1.0, 2.0, 99.0], [3.0, 99.0, 99.0]])
    waves = np.array([[1200.0, 1201.0, 0.0], [1100.0, 0.0, 0.0]])
    used = np.array([2, 1])
    path = write_cos_x1d(tmp_path / f"{KEY}_x1d.fits", flux, NELEM=used, WAVELENGTH=waves)
    row = measure_one(path)
    assert (row["pixels"], row["flux_max_all"]) == (3, 3.0)
    assert (row["wave_min"], row["wave_max"]) == (1100.0, 1201.0)


def test_pixels_without_a_flux_are_not_good_and_do_not_spoil_the_others(tmp_path: Path) -> None:
    flux = FLUX.copy()
    flux[0, 3], flux[1, 0] = np.nan, np.inf
    row = measure_one(write_cos_x1d(tmp_path / f"{KEY}_x1d.fits", flux))
    rest = np.array([1.0, 2.0, 3.0, -1.0, 4.0, 0.0]) * 1e-14
    assert (row["pixels"], row["good_pixels"]) == (8, 6)
    assert row["flux_mean"] == pytest.approx(rest.mean())
    assert row["flux_std_all"] == pytest.approx(rest.std())


@pytest.mark.parametrize(
    ("flag", "is_good"), [(0, True), (16, False), (512, False), (1024, True), (2048, True),
                          (2048 | 16, False)]
)  # fmt: skip
def test_of_stis_the_serious_flags_count_but_not_that_of_the_background(
    flag: int, is_good: bool, tmp_path: Path
) -> None:
    quality = np.array([[0, flag]])
    path = tmp_path / f"{KEY}_x1d.fits"
    row = measure_one(write_stis_x1d(path, [(np.array([[1.0, 3.0]]), quality)], 31743))
    assert row["good_pixels"] == 1 + is_good
    assert row["flux_mean"] == (2.0 if is_good else 1.0)
    assert row["is_flux_calibrated"] is None


def test_all_tables_of_a_file_are_measured_together(tmp_path: Path) -> None:
    no_flags = np.zeros((2, 3), int)
    tables = [(np.full((2, 3), value), no_flags) for value in (1.0, 3.0)]
    row = measure_one(write_stis_x1d(tmp_path / f"{KEY}_x1d.fits", tables, 31743))
    assert (row["spectra"], row["pixels"], row["flux_mean"], row["flux_std"]) == (4, 12, 2.0, 1.0)


def test_exposures_of_one_file_are_not_added_up_as_one_rate(tmp_path: Path) -> None:
    """Two pixels of 1 count/s in each: 2 counts/s, whatever the number of tables."""
    path = tmp_path / f"{KEY}_x1d.fits"
    write_stis_x1d(path, [(np.ones((1, 2)), np.zeros((1, 2), int))] * 3, 31743)
    with fits.open(path, mode="update") as hdus:
        for hdu, exp_time, net in zip(
            hdus[1:], (100.0, 100.0, 200.0), (1.0, 1.0, 3.0), strict=True
        ):
            hdu.header["EXPTIME"] = exp_time
            hdu.data["NET"] = net
    assert measure_one(path)["net_count_per_s"] == 2 * (1 + 1 + 2 * 3) / 4
    with fits.open(path, mode="update") as hdus:
        del hdus[2].header["EXPTIME"]
    assert measure_one(path)["net_count_per_s"] == pytest.approx(2 * (1 + 1 + 3) / 3)


def test_an_order_that_was_never_extracted_is_left_out_and_told(real_archive: Path) -> None:
    path = real_archive.parent / "found" / "o4vt" / "o4vt02040" / "o4vt02040_x1d.fits"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    outcome = measure_spectra(FilesTask(KEY, (InputFile(path.name, "x1d", path),)))
    (row,) = outcome.rows["spectrum_statistics"]
    assert row["flux_mean"] == pytest.approx(9.889e-12, rel=1e-4)
    assert outcome.remarks == (
        "1 of 44 spectra of o4vt02040_x1d.fits were never extracted (GROSS, NET and ERROR are 0) "
        "and are left out.",
    )


def test_a_spectrum_of_flagged_pixels_only_has_no_flux_but_a_row(tmp_path: Path) -> None:
    path = tmp_path / f"{KEY}_x1d.fits"
    row = measure_one(write_cos_x1d(path, FLUX, np.zeros_like(FLUX)))
    names = ("flux_mean", "flux_max", "flux_std", "net_count_per_s")
    assert [row[name] for name in names] == [None] * 4
    assert row["good_pixels"] == 0
    assert row["flux_mean_all"] == pytest.approx(FLUX.mean())


def test_a_gzipped_file_gives_the_same_numbers_under_its_plain_name(tmp_path: Path) -> None:
    path = write_cos_x1d(tmp_path / f"{KEY}_x1d.fits", FLUX)
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert measure_spectrum(read_extracted(packed)) == measure_spectrum(read_extracted(path))
    outcome = measure_spectra(FilesTask(KEY, (InputFile(path.name, "x1d", packed),)))
    assert outcome.rows["spectrum_statistics"][0]["filename"] == path.name


def test_the_user_interface_gets_a_sentence_and_a_picture(tmp_path: Path) -> None:
    path = write_cos_x1d(tmp_path / f"{KEY}_x1d.fits", FLUX)
    metadata = measure_spectra(FilesTask(KEY, (InputFile(path.name, "x1d", path),))).metadata
    assert metadata[path.name] == (
        "spectra: 2, 8 of 8 pixels good, 1100.0 to 1500.0 Angstrom, "
        "mean flux 2.5e-14 erg/s/cm2/Angstrom (deviation 2.3e-14)"
    )
    assert isinstance(metadata["picture"], Picture)
    assert "1100.0 to 1500.0 Angstrom" in metadata["picture"].caption


def write_all_nan(path: Path) -> None:
    write_cos_x1d(path, np.full((2, 4), np.nan))


def write_empty(path: Path) -> None:
    write_cos_x1d(path, np.empty((0, 4)))


def write_without_flux(path: Path) -> None:
    columns = [fits.Column(name, "4E") for name in ("WAVELENGTH", "NET", "DQ")]
    write_tables(path, [columns], {"DETECTOR": "FUV"})


def write_without_flags(path: Path) -> None:
    columns = [
        fits.Column(name, "4E", array=np.ones((1, 4))) for name in ("WAVELENGTH", "FLUX", "NET")
    ]
    write_tables(path, [columns], {"DETECTOR": "FUV"})


def write_texts(path: Path) -> None:
    columns = [fits.Column(name, "4A", array=["x"]) for name in ("WAVELENGTH", "FLUX", "NET")]
    write_tables(path, [columns], {"DETECTOR": "FUV"})


def write_without_table(path: Path) -> None:
    fits.PrimaryHDU().writeto(path)


def write_truncated(path: Path) -> None:
    write_cos_x1d(path, np.ones((3, 4000)))
    path.write_bytes(path.read_bytes()[:-60_000])


@pytest.mark.parametrize(
    ("write", "reason", "word"),
    [
        (write_all_nan, "No flux", "None of the 8 pixels"),
        (write_empty, "No spectrum", "without a pixel"),
        (write_without_flux, "Unreadable", "no column FLUX"),
        (write_without_flags, "Unreadable", "no column DQ"),
        (write_texts, "Unreadable", "no numbers"),
        (write_without_table, "Unreadable", "no table of spectra"),
        (write_truncated, "Unreadable", "ends after 2 of 3 rows of sci"),
        (lambda path: path.write_text("<html>"), "Unreadable", "not FITS"),
        (lambda path: path.write_bytes(b""), "Unreadable", "is empty"),
        (Path.mkdir, "Unreadable", "is no file, and was not opened: it is a folder"),
    ],
)
def test_a_bad_file_is_named_with_its_reason_and_the_good_one_is_measured(
    write: Callable[[Path], None], reason: str, word: str, tmp_path: Path
) -> None:
    bad = tmp_path / f"{KEY}_x1d.fits"
    write(bad)
    outcome = measure_spectra(FilesTask(KEY, (InputFile(bad.name, "x1d", bad),)))
    assert outcome.status == "bad"
    (problem,) = outcome.bad_files
    assert (problem.filename, problem.reason) == (bad.name, reason)
    assert word in problem.detail
    assert str(outcome.reason).count(bad.name) == 1

    good = write_cos_x1d(tmp_path / f"{KEY}_x1dsum.fits", FLUX)
    status, rows, problems = measure(bad, good)
    assert (status, problems) == ("made", {bad.name: reason})
    assert [row["filename"] for row in rows] == [good.name]


def test_a_file_that_is_gone_proves_nothing_against_the_row_that_there_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        measure(tmp_path / f"{KEY}_x1d.fits")
