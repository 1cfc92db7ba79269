"""The files of the simulated archive, read back with astropy."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.places import REAL_ARCHIVE
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.cos.catalogue import locate
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table, make_file

REJECTED = 64 | 512 | 2048

G130M, G230L, G140L = (locate(index).rootname for index in (0, 3, 6))
CONSTANT_WITH_BAD_TIME, NUV_WITH_BAD_TIME, SINE_WITH_BURST = (
    locate(index).rootname for index in (0, 5, 10)
)
ROWS = [
    (G130M, 0, "corrtag_a"),
    (G130M, 1, "corrtag_b"),
    (G140L, 0, "corrtag_a"),
    (G230L, 0, "corrtag"),
    (G230L, 1, "corrtag"),
    (G230L, 2, "corrtag"),
    (NUV_WITH_BAD_TIME, 0, "corrtag"),
    (SINE_WITH_BURST, 1, "corrtag_b"),
]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("simulated")
    archive = SimulatedArchive(12)
    for products in archive.list_products(archive.find_rootnames("cos")).values():
        archive.fetch(products, folder)
    return folder


def accepted_positions(events: fits.FITS_rec) -> tuple[np.ndarray, np.ndarray]:
    keep = events["DQ"] & REJECTED == 0
    columns = np.rint(events["XFULL"][keep]).astype(int)
    return columns, np.rint(events["YFULL"][keep]).astype(int)


def box_limits(header: fits.Header, letter: str, columns: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the first row of the source box at columns, and its height, from the header."""
    middle = 537 if header["X_OFFSET"] else 8192
    height = header[f"SP_HGT_{letter}"]
    row = header[f"SP_LOC_{letter}"] + header[f"SP_SLP_{letter}"] * (columns - middle)
    return np.floor(row - height // 2 + 0.5), height


def test_every_fits_file_passes_verification_and_says_that_it_is_simulated(files):
    paths = sorted(files.glob("*.fits"))
    assert len(paths) == 6 * 5 + 6 * 4
    for path in paths:
        with fits.open(path) as hdus:
            hdus.verify("exception")
            assert hdus[0].header["SIMULATD"] is True
            assert hdus[0].header["FILENAME"] == path.name
            assert hdus[0].header["NEXTEND"] == len(hdus) - 1


@pytest.mark.parametrize(("rootname", "row", "corrtag"), ROWS)
def test_gross_counts_are_the_accepted_events_between_the_limits(files, rootname, row, corrtag):
    with fits.open(files / f"{rootname}_{corrtag}.fits") as hdus:
        columns, rows = accepted_positions(hdus["EVENTS"].data)
        header = hdus["EVENTS"].header
    spectrum = fits.getdata(files / f"{rootname}_x1d.fits")[row]
    first, height = box_limits(header, spectrum["SEGMENT"][-1], columns)
    last = first + height - 1
    elements = columns + header["X_OFFSET"]
    if rootname in (G130M, SINE_WITH_BURST):
        first, last = (spectrum[f"Y_{side}_OUTER"][elements] for side in ("LOWER", "UPPER"))
    inside = (rows >= first) & (rows <= last)
    counted = np.bincount(elements[inside], minlength=spectrum["NELEM"])
    np.testing.assert_array_equal(counted, spectrum["GCOUNTS"])
    assert counted.sum() > 1000


@pytest.mark.parametrize(("rootname", "row", "corrtag"), ROWS)
def test_background_is_that_of_the_two_boxes_scaled_by_rows(files, rootname, row, corrtag):
    with fits.open(files / f"{rootname}_{corrtag}.fits") as hdus:
        _, rows = accepted_positions(hdus["EVENTS"].data)
        header = hdus["EVENTS"].header
    spectrum = fits.getdata(files / f"{rootname}_x1d.fits")[row]
    letter = spectrum["SEGMENT"][-1]
    in_boxes = 0
    for box in "12":
        half = header[f"B_HGT{box}_{letter}"] // 2
        in_boxes += np.count_nonzero(np.abs(rows - header[f"B_BKG{box}_{letter}"]) <= half)
    source_rows = np.median(
        spectrum["BACKGROUND"][spectrum["BACKGROUND"] > 0]
        / spectrum["BACKGROUND_PER_PIXEL"][spectrum["BACKGROUND"] > 0]
    )
    box_rows = header[f"B_HGT1_{letter}"] + header[f"B_HGT2_{letter}"]
    expected = in_boxes * source_rows / box_rows
    assert spectrum["BACKGROUND"].sum() * spectrum["EXPTIME"] == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(("rootname", "row", "corrtag"), ROWS)
def test_net_is_gross_less_background_over_the_enclosed_fraction(files, rootname, row, corrtag):
    spectrum = fits.getdata(files / f"{rootname}_x1d.fits")[row]
    with_limits = "ACTUAL_EE" in spectrum.array.names
    enclosed = spectrum["ACTUAL_EE"] if with_limits else np.ones(spectrum["NELEM"])
    expected = (spectrum["GROSS"] - spectrum["BACKGROUND"]) / enclosed
    # The flat field, 3 % from pixel to pixel, is in NET and not in GROSS.
    allowed = 0.0301 * spectrum["GROSS"] / enclosed + 1e-9
    assert np.all(np.abs(spectrum["NET"] - expected) <= allowed)
    assert spectrum["NET"].sum() == pytest.approx(expected.sum(), rel=2e-3)


def test_box_spectra_of_fuv_have_no_limits_and_all_others_have(files):
    columns = {name: fits.getdata(files / f"{name}_x1d.fits").names for name in (G130M, G140L)}
    assert len(columns[G140L]) == 13
    assert set(columns[G140L]) < set(columns[G130M])
    assert fits.getdata(files / f"{G230L}_x1d.fits").names == columns[G130M]
    limits = fits.getdata(files / f"{G130M}_x1d.fits")["Y_LOWER_OUTER"]
    assert len(np.unique(limits[0])) > 1


def test_serious_flags_take_the_weight_of_a_column_though_it_has_events(files):
    for name in (G130M, G140L, G230L):
        spectrum = fits.getdata(files / f"{name}_x1d.fits")[0]
        serious = fits.getval(files / f"{name}_x1d.fits", "SDQFLAGS", 1)
        np.testing.assert_array_equal(spectrum["DQ_WGT"] == 0, spectrum["DQ"] & serious != 0)
        low_response = spectrum["DQ"] & 16 != 0
        assert spectrum["GCOUNTS"][low_response].sum() > 0
        assert np.any(spectrum["DQ"][spectrum["DQ_WGT"] == 1] & 4)


def test_exposure_time_is_the_sum_of_the_last_good_time_table(files):
    for path in sorted(files.glob("*_corrtag*.fits")):
        with fits.open(path) as hdus:
            last = max((h for h in hdus if h.name == "GTI"), key=lambda hdu: hdu.ver)
            exposure_time_s = hdus["EVENTS"].header["EXPTIME"]
            assert np.sum(last.data["STOP"] - last.data["START"]) == pytest.approx(exposure_time_s)
        spectrum_path = files / f"{path.name[:9]}_x1d.fits"
        assert np.all(fits.getdata(spectrum_path)["EXPTIME"] == exposure_time_s)


@pytest.mark.parametrize(
    ("rootname", "corrtag", "flag"),
    [
        (CONSTANT_WITH_BAD_TIME, "corrtag_a", 2048),
        (NUV_WITH_BAD_TIME, "corrtag", 2048),
        (SINE_WITH_BURST, "corrtag_b", 64),
    ],
)
def test_a_gap_has_two_tables_of_good_time_and_flags_its_events(files, rootname, corrtag, flag):
    with fits.open(files / f"{rootname}_{corrtag}.fits") as hdus:
        assert [hdu.ver for hdu in hdus if hdu.name == "GTI"] == [1, 2]
        assert len(hdus["GTI", 1].data) == 1
        (_, gap_start), (gap_stop, _) = hdus["GTI", 2].data.tolist()
        events = hdus["EVENTS"].data
        # TIME is the start of a tick in single precision: half a tick inside is unambiguous.
        in_gap = (events["TIME"] + 0.016 > gap_start) & (events["TIME"] + 0.016 < gap_stop)
        np.testing.assert_array_equal(events["DQ"] & (64 | 2048) != 0, in_gap)
        assert np.all(events["DQ"][in_gap] & flag)
        assert np.count_nonzero(in_gap) > 100
        sun_altitude = hdus["TIMELINE"].data["SUN_ALT"]
        assert sun_altitude.min() < 0 < sun_altitude.max()


def test_events_are_in_the_order_of_time_and_on_the_clock(files):
    for path in sorted(files.glob("*_corrtag*.fits")):
        with fits.open(path) as hdus:
            time_s = hdus["EVENTS"].data["TIME"]
            assert np.all(np.diff(time_s) >= 0)
            assert time_s.dtype.itemsize == 4
            ticks = time_s.astype(float) / 0.032
            assert np.abs(ticks - np.rint(ticks)).max() < 0.01
            assert time_s[-1] < hdus["GTI", 1].data["STOP"][0]


def test_positions_never_end_in_a_half_so_that_all_ways_of_rounding_agree(files):
    for path in sorted(files.glob("*_corrtag*.fits")):
        events = fits.getdata(path, "EVENTS")
        assert not np.any(events["XFULL"] % 1 == 0.5)
        assert not np.any(events["YFULL"] % 1 == 0.5)


def test_corrected_positions_differ_by_the_shifts_of_the_header(files):
    with fits.open(files / f"{G130M}_corrtag_a.fits") as hdus:
        events, header = hdus["EVENTS"].data, hdus["EVENTS"].header
        velocity = hdus["TIMELINE"].data["RADIAL_VEL"]
    np.testing.assert_allclose(events["XDOPP"] - events["XFULL"], header["SHIFT1A"], atol=2e-3)
    np.testing.assert_allclose(events["YCORR"] - events["YFULL"], header["SHIFT2A"], atol=1e-3)
    shift = events["XCORR"] - events["XDOPP"]
    largest = np.abs(velocity).max() / 299792.458 * 1430.0 / 0.009966
    assert 0.5 < np.abs(shift).max() <= largest + 2e-3
    assert np.abs(events["RAWX"] - events["XCORR"]).max() <= 0.5


def test_pulse_heights_out_of_bounds_are_flagged_on_the_fuv_detector_alone(files):
    fuv = fits.getdata(files / f"{G130M}_corrtag_a.fits", "EVENTS")
    outside = (fuv["PHA"] < 2) | (fuv["PHA"] > 23)
    np.testing.assert_array_equal(fuv["DQ"] & 512 != 0, outside)
    assert outside.any()
    assert not outside.all()
    assert not np.any(fits.getdata(files / f"{G230L}_corrtag.fits", "EVENTS")["DQ"] & 512)


def test_jitter_files_bear_the_jitter_rootname_of_their_exposure(files):
    with fits.open(files / f"{G130M}_jit.fits") as hdus:
        assert hdus[0].header["ROOTNAME"] == G130M[:8] + "j"
        assert len(hdus[1].columns) == 28


@pytest.mark.parametrize(
    ("real", "simulated"),
    [
        ("ld9m/ld9m10ujq/ld9m10ujq_corrtag_a.fits", f"{G130M}_corrtag_a.fits"),
        ("ld9m/ld9m10ujq/ld9m10ujq_x1d.fits", f"{G130M}_x1d.fits"),
        ("ldfd/ldfd01vlj/ldfd01vlj_jit.fits.gz", f"{G130M}_jit.fits"),
        ("ldfd/ldfd01vnq/ldfd01vnq_spt.fits.gz", f"{G130M}_spt.fits"),
        ("ldfd/ldfd01010/ldfd01010_x1dsum1.fits.gz", f"{G140L}_x1d.fits"),
    ],
)
def test_extensions_and_columns_are_those_of_real_files(files, real, simulated):
    if not (REAL_ARCHIVE / real).exists():
        pytest.skip("the real files are not beside the repository")
    with fits.open(REAL_ARCHIVE / real) as expected, fits.open(files / simulated) as made:
        named = [hdu for hdu in made if (hdu.name, hdu.ver) != ("GTI", 2)]
        assert [hdu.name for hdu in named] == [hdu.name for hdu in expected]
        for real_hdu, made_hdu in zip(expected, named, strict=True):
            if isinstance(real_hdu, fits.BinTableHDU):
                assert made_hdu.columns.names == real_hdu.columns.names
                assert made_hdu.columns.units == real_hdu.columns.units
                assert made_hdu.data.dtype.descr == real_hdu.data.dtype.descr


def test_cards_say_what_they_were_given(tmp_path):
    keywords = {
        "TEXT": "Halley's comet",
        "EMPTY": "",
        "YES": True,
        "COUNT": -3,
        "TINY": 1e-15,
        "MJD": 58030.123456789,
    }
    (tmp_path / "cards.fits").write_bytes(
        make_file(keywords, [Table("T", [Column("A", "2E", [[1.0, 2.0]], "count /s")])])
    )
    with fits.open(tmp_path / "cards.fits") as hdus:
        hdus.verify("exception")
        assert {keyword: hdus[0].header[keyword] for keyword in keywords} == keywords
        assert hdus["T"].data["A"].tolist() == [[1.0, 2.0]]
        assert hdus["T"].columns.units == ["count /s"]


def test_a_value_too_long_for_a_card_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        make_file({"LONG": "x" * 70}, [])
