"""The files of simulated STIS exposures, read back with astropy and counted by hand."""

import json
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.places import REAL_ARCHIVE
from hstql_resources.archive.simulated import SimulatedArchive
from hstql_resources.archive.simulated.stis.catalogue import locate

REAL_TAG = REAL_ARCHIVE / "odlm" / "odlm18040" / "odlm18040_tag.fits.gz"
REAL_X1D = REAL_ARCHIVE / "oblh" / "oblh01040" / "oblh01040_x1d.fits"

FIRST_ORDER, ECHELLE, REPEATED = (locate(index).rootname for index in (0, 1, 6))
REFERENCES = ("pfl", "lfl", "bpx", "lin")


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("stis")
    archive = SimulatedArchive(21)
    for products in archive.list_products(archive.find_rootnames("stis")).values():
        archive.fetch(products, folder)
    for name in REFERENCES:
        assert archive.fetch_reference(f"sim_fuv_{name}.fits", folder)
    return folder


def flat_weights(files: Path, events: fits.FITS_rec) -> np.ndarray:
    """Return one over the flat fields at the events: hi-res pixels, two to a lo-res one."""
    flat = fits.getdata(files / "sim_fuv_pfl.fits", 1).astype(float)
    flat *= fits.getdata(files / "sim_fuv_lfl.fits", 1)
    return 1.0 / flat[(events["AXIS2"] - 1) // 2, (events["DETAXIS1"] - 1) // 2]


def good_events(tag: fits.HDUList, extver: int) -> np.ndarray:
    """Return which events are in the good time of their repeat."""
    time_s = tag["EVENTS", extver].data["TIME"]
    intervals = tag["GTI", extver].data.tolist()
    return np.any([(time_s >= start) & (time_s < stop) for start, stop in intervals], axis=0)


def count_box(x1d_row, events, weights, offset: float, height: float) -> np.ndarray:
    """Sum weights in a box along the trace: rows at its ends count by the part inside."""
    column, row = (events["AXIS1"] + 1) // 2, (events["AXIS2"] + 1) // 2
    keep = (column >= 1) & (column <= 1024)
    column, row, weights = column[keep], row[keep], weights[keep]
    middle = x1d_row["EXTRLOCY"].astype(float)[column - 1] + offset
    inside = height / 2 + 0.5 - np.abs(row - middle)
    return np.bincount(column - 1, weights * np.clip(inside, 0.0, 1.0), minlength=1024)


def test_every_file_passes_verification_and_says_that_it_is_simulated(files):
    paths = [path for path in sorted(files.glob("*.fits")) if path.name.startswith("os")]
    assert len(paths) == 7 * 5
    for path in paths:
        with fits.open(path) as hdus:
            hdus.verify("exception")
            assert hdus[0].header["SIMULATD"] is True
            assert hdus[0].header["FILENAME"] == path.name
            assert hdus[0].header["ROOTNAME"] == path.name[:9]
            assert hdus[0].header["NEXTEND"] == len(hdus) - 1


def test_a_tag_file_is_less_than_a_megabyte(files):
    sizes = [path.stat().st_size for path in files.glob("*_tag.fits")]
    assert len(sizes) == 7
    assert max(sizes) < 1_000_000


def test_times_are_scaled_ticks_in_order_within_the_exposure(files):
    for path in sorted(files.glob("*_tag.fits")):
        with fits.open(path) as tag:
            for events in (hdu for hdu in tag if hdu.name == "EVENTS"):
                assert events.columns["TIME"].format == "1J"
                assert events.header["TSCAL1"] == 0.000125
                time_s = events.data["TIME"]
                assert np.all(np.diff(time_s) >= 0)
                ticks = time_s / 0.000125
                assert np.abs(ticks - np.rint(ticks)).max() < 1e-3
                assert 0 <= time_s[0] < 1
                span_s = (events.header["EXPEND"] - events.header["EXPSTART"]) * 86400
                assert span_s - 1 < time_s[-1] < span_s


def test_positions_are_hi_res_pixels_from_one_and_differ_by_the_doppler_shift(files):
    for path in sorted(files.glob("*_tag.fits")):
        with fits.open(path) as tag:
            events, header = tag["EVENTS"].data, tag["EVENTS"].header
            assert all(events[name].dtype == np.dtype(">i2") for name in ("AXIS1", "AXIS2"))
            for name in ("AXIS2", "DETAXIS1"):
                assert events[name].min() >= 1
                assert events[name].max() <= 2048
            inside = (events["DETAXIS1"] > 10) & (events["DETAXIS1"] < 2039)
            shift = (events["DETAXIS1"].astype(int) - events["AXIS1"])[inside]
            assert np.abs(shift).max() <= header["DOPPMAG"]
            expected = 4 if tag[0].header["OPT_ELEM"] == "E140M" else 0
            assert header["DOPPMAG"] == expected


def test_exposure_time_is_the_sum_of_the_good_time(files):
    rows = []
    for path in sorted(files.glob("*_tag.fits")):
        with fits.open(path) as tag, fits.open(files / f"{path.name[:9]}_x1d.fits") as x1d:
            total_s = 0.0
            for extver in range(1, tag[0].header["NRPTEXP"] + 1):
                good = tag["GTI", extver].data
                exposure_time_s = tag["EVENTS", extver].header["EXPTIME"]
                assert np.sum(good["STOP"] - good["START"]) == pytest.approx(exposure_time_s)
                assert x1d["SCI", extver].header["EXPTIME"] == exposure_time_s
                total_s += exposure_time_s
                rows.append(len(good))
            assert tag[0].header["TEXPTIME"] == pytest.approx(total_s)
    assert set(rows) == {1, 2}


def test_events_go_on_in_the_gap_of_the_good_time(files):
    with fits.open(files / f"{FIRST_ORDER}_tag.fits") as tag:
        gap_start, gap_stop = tag["GTI"].data["STOP"][0], tag["GTI"].data["START"][1]
        time_s = tag["EVENTS"].data["TIME"]
        lost = np.count_nonzero((time_s > gap_start) & (time_s < gap_stop))
        rate = len(time_s) / time_s[-1]
    assert lost == pytest.approx(rate * (gap_stop - gap_start), rel=0.1)


def test_a_repeat_has_its_own_events_good_time_spectrum_and_image(files):
    with fits.open(files / f"{REPEATED}_tag.fits") as tag:
        names = [(hdu.name, hdu.ver) for hdu in tag[1:]]
        assert names == [("EVENTS", 1), ("GTI", 1), ("EVENTS", 2), ("GTI", 2)]
        first, second = tag["EVENTS", 1].header, tag["EVENTS", 2].header
        assert second["EXPSTART"] > first["EXPEND"]
        assert first["EXPNAME"] != second["EXPNAME"]
        assert tag["EVENTS", 2].data["TIME"][0] < 1.0
        counts = [len(tag["EVENTS", extver].data) for extver in (1, 2)]
    with fits.open(files / f"{REPEATED}_x1d.fits") as x1d:
        assert [(hdu.name, hdu.ver) for hdu in x1d[1:]] == [("SCI", 1), ("SCI", 2)]
        assert x1d["SCI", 2].header["EXPSTART"] == second["EXPSTART"]
    with fits.open(files / f"{REPEATED}_raw.fits") as raw:
        assert [raw["SCI", extver].data.sum(dtype=int) for extver in (1, 2)] == counts


@pytest.mark.parametrize("rootname", [FIRST_ORDER, ECHELLE, REPEATED])
def test_gross_is_the_weighted_count_of_good_events_in_the_box(files, rootname):
    with (
        fits.open(files / f"{rootname}_tag.fits") as tag,
        fits.open(files / f"{rootname}_x1d.fits") as x1d,
    ):
        for extver in range(1, tag[0].header["NRPTEXP"] + 1):
            events = tag["EVENTS", extver].data[good_events(tag, extver)]
            weights = flat_weights(files, events)
            exposure_time_s = tag["EVENTS", extver].header["EXPTIME"]
            for row in x1d["SCI", extver].data:
                counted = count_box(row, events, weights, 0.0, row["EXTRSIZE"])
                # EXTRLOCY is in single precision.
                np.testing.assert_allclose(row["GROSS"] * exposure_time_s, counted, atol=2e-3)
                assert counted.sum() > 300


def test_background_is_that_of_two_unequal_boxes_scaled_to_the_source_box(files):
    with fits.open(files / f"{FIRST_ORDER}_tag.fits") as tag:
        events = tag["EVENTS"].data[good_events(tag, 1)]
        exposure_time_s = tag["EVENTS"].header["EXPTIME"]
    row = fits.getdata(files / f"{FIRST_ORDER}_x1d.fits")[0]
    assert row["BK1SIZE"] != row["BK2SIZE"]
    x, y = (events["DETAXIS1"] + 1) // 2, (events["AXIS2"] + 1) // 2
    weights = np.where((x == 620) & (y >= 430) & (y <= 432), 0.0, flat_weights(files, events))
    both = sum(
        count_box(row, events, weights, row[f"BK{box}OFFST"], row[f"BK{box}SIZE"]).sum()
        for box in "12"
    )
    expected = both * row["EXTRSIZE"] / (row["BK1SIZE"] + row["BK2SIZE"])
    measured = row["BACKGROUND"].sum(dtype=float) * exposure_time_s
    # The running mean over 101 columns moves some of the counts at the ends.
    assert measured == pytest.approx(expected, rel=0.05)


def test_net_and_flux_follow_from_gross_background_and_a_smooth_sensitivity(files):
    for path in sorted(files.glob("*_x1d.fits")):
        for row in fits.getdata(path):
            net = row["GROSS"].astype(float) - row["BACKGROUND"]
            np.testing.assert_allclose(row["NET"], net, atol=1e-6)
            (column,) = np.nonzero(np.abs(row["NET"]) > 1e-4)
            sensitivity = row["NET"][column].astype(float) / row["FLUX"][column]
            assert np.all(sensitivity > 0)
            assert np.abs(np.diff(np.log(sensitivity)) / np.diff(column)).max() < 0.01
            errors = row["NET_ERROR"][column].astype(float) / row["ERROR"][column]
            np.testing.assert_allclose(errors, sensitivity, rtol=1e-3)


def test_the_box_is_at_a2center_in_the_middle_and_follows_the_tilt(files):
    for rootname, orders in ((FIRST_ORDER, 1), (ECHELLE, 20)):
        table = fits.getdata(files / f"{rootname}_x1d.fits")
        assert len(table) == orders
        np.testing.assert_array_equal(table["A2CENTER"], table["EXTRLOCY"][:, 512])
        rise = table["EXTRLOCY"][:, -1] - table["EXTRLOCY"][:, 0]
        assert np.all((rise > 4.0) & (rise < 9.0))
    spacing = np.diff(table["A2CENTER"])
    assert np.all((spacing > 18.0) & (spacing < 30.0))
    np.testing.assert_allclose(table["BK1OFFST"][:-1], spacing / 2, atol=1e-3)
    np.testing.assert_allclose(table["BK2OFFST"][1:], -spacing / 2, atol=1e-3)


def test_no_background_box_touches_a_source_box(files):
    table = fits.getdata(files / f"{ECHELLE}_x1d.fits")
    centres, half = table["A2CENTER"].astype(float), table["EXTRSIZE"][0] / 2
    for box in "12":
        middles = centres + table[f"BK{box}OFFST"]
        nearest = np.abs(middles[:, np.newaxis] - centres).min(axis=1)
        assert np.all(nearest > half + table[f"BK{box}SIZE"] / 2)


def test_flags_of_the_spectrum_are_those_of_its_own_mode(files):
    dq = fits.getdata(files / f"{FIRST_ORDER}_x1d.fits")[0]["DQ"]
    assert np.all(dq[300:338] & 512)
    assert not np.any(dq[345:] & 512)  # the rows of G140M would be here
    assert np.any(dq & 1024)


def test_the_spectrum_is_on_the_detector_where_the_x1d_says(files):
    for rootname in (FIRST_ORDER, ECHELLE):
        image = fits.getdata(files / f"{rootname}_raw.fits", "SCI").astype(float)
        for row in fits.getdata(files / f"{rootname}_x1d.fits"):
            for half in (slice(256, 512), slice(512, 768)):
                middle = row["EXTRLOCY"][half].mean()
                first = round(middle) - 8
                profile = image[first - 1 : first + 16, half].sum(axis=1)
                profile -= np.sort(profile)[:4].mean()
                centroid = np.average(np.arange(first, first + 17), weights=profile)
                assert centroid == pytest.approx(middle, abs=0.6)


def test_a_wavecal_is_of_a_lamp_and_not_in_time_tag_mode(files):
    header = fits.getheader(files / f"{FIRST_ORDER}_wav.fits")
    assert (header["TARGNAME"], header["OBSMODE"]) == ("WAVEHITM", "ACCUM")
    assert header["SCLAMP"] != "NONE"
    assert fits.getdata(files / f"{FIRST_ORDER}_wav.fits", "SCI").sum() > 1000


def test_shifts_are_unknown_before_calibration_and_known_after(files):
    assert fits.getval(files / f"{ECHELLE}_tag.fits", "SHIFTA2", 1) == 0.0
    shift2 = fits.getval(files / f"{ECHELLE}_x1d.fits", "SHIFTA2", 1)
    assert shift2 != 0.0
    order = fits.getdata(files / f"{ECHELLE}_x1d.fits")[0]
    assert order["A2CENTER"] == pytest.approx(250.0 + shift2, abs=1e-4)


def test_the_truth_is_json_with_the_law_where_cos_has_it(files):
    truth = json.loads((files / f"{ECHELLE}_truth.json").read_text())
    assert truth["variability"]["kind"] == "sinusoidal"
    assert [len(repeat["orders"]) for repeat in truth["repeats"]] == [20]


@pytest.mark.skipif(not REAL_TAG.exists(), reason="no real files here")
def test_keywords_and_columns_of_events_are_those_of_a_real_tag(files):
    with fits.open(REAL_TAG) as real, fits.open(files / f"{FIRST_ORDER}_tag.fits") as tag:
        for index in (0, 1, 2):
            extra = set(tag[index].header) - set(real[index].header) - {"SIMULATD", "RIPTAB"}
            assert not extra
        for name in ("OBSMODE", "OBSTYPE", "DETECTOR", "INSTRUME"):
            assert tag[0].header[name] == real[0].header[name].strip()
        for name in ("EVENTS", "GTI"):
            assert tag[name].columns.names == real[name].columns.names
            assert tag[name].columns.formats == real[name].columns.formats
            assert tag[name].columns.units == real[name].columns.units
        assert tag["EVENTS"].header["SDQFLAGS"] == real["EVENTS"].header["SDQFLAGS"]


@pytest.mark.skipif(not REAL_X1D.exists(), reason="no real files here")
def test_columns_of_spectra_are_those_of_a_real_x1d(files):
    with fits.open(REAL_X1D) as real, fits.open(files / f"{ECHELLE}_x1d.fits") as x1d:
        for part in ("names", "formats", "units"):
            assert getattr(x1d[1].columns, part) == getattr(real[1].columns, part)
        assert not set(x1d[1].header) - set(real[1].header)
