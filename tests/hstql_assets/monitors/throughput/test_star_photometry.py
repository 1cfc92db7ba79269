"""The light of stars against what was put in, as a pupil makes it, and what bad exposures get."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.time import Time
from astropy.wcs import WCS

from builders.star_files import BLUE, EPOCH, IR, UVIS1, UVIS2, change, make_star, measure
from hstql_assets.images.reading import read_images
from hstql_assets.monitors.throughput.aperture import Sky, measure_sky, sum_light, weigh_circle
from hstql_assets.monitors.throughput.pixel_areas import measure_areas
from hstql_assets.monitors.throughput.selection import load_stars, load_throughput
from hstql_assets.monitors.throughput.star_finding import find_bright
from hstql_assets.monitors.throughput.star_place import move_star

Change = Callable[[fits.HDUList], None]


@pytest.mark.parametrize(
    ("index", "instrument", "share", "percent"),
    [
        (UVIS2, "wfc3", "within_10", 1.0),
        (UVIS1, "wfc3", "within_10", 1.0),
        (BLUE, "wfc3", "within_10", 1.0),
        (IR, "wfc3", "within_3", 1.5),
        (0, "acs", "within_10", 1.0),
    ],
)
def test_the_light_is_what_was_put_in_within_four_errors(
    index: int, instrument: str, share: str, percent: float, tmp_path: Path
) -> None:
    epoch = 1 if instrument == "acs" else EPOCH
    for number in range(2):  # each a star of its own
        file, truth = make_star(tmp_path, index + epoch * number, instrument=instrument)
        outcome = measure(file)
        assert outcome.status == "made", outcome.reason
        (row,) = outcome.rows["throughput"]
        true = truth["standard"]["rate_e_per_s"] * truth["standard"][share]
        assert abs(row["rate"] - true) < 4.0 * row["rate_error"]
        assert 4.0 * row["rate_error"] < percent / 100.0 * 1.5 * true
        assert row["pixel_area"] == pytest.approx(truth["standard"]["pixel_area"], abs=2e-5)
        (star,) = truth["stars"]
        away = np.hypot(row["image_column"] - star["x"], row["image_row"] - star["y"])
        assert away < 0.4  # the image is not even: its coma moves the centroid
        parts = [row[name] for name in ("photon_error", "read_error", "sky_error")]
        assert row["rate_error"] == pytest.approx(np.hypot(np.hypot(*parts[:2]), parts[2]))
        assert outcome.remarks == ()


def test_areas_are_those_of_quadrangles_on_the_sky(tmp_path: Path) -> None:
    file, _ = make_star(tmp_path, UVIS2)
    (image,) = read_images(file.path).images
    x, y = np.array([3.0, 100.0, 360.0]), np.array([5.0, 200.0, 360.0])
    with fits.open(file.path) as hdus:
        coordinates, scale = WCS(hdus["SCI", 1].header), hdus["SCI", 1].header["IDCSCALE"]
    corners = [
        coordinates.all_pix2world(x + across, y + up, 0)
        for across, up in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))
    ]
    stretch = np.cos(np.deg2rad(corners[0][1]))
    east, north = (
        [(corners[end][axis] - corners[end - 2][axis]) * 3600.0 for end in (2, 3)]
        for axis in (0, 1)
    )
    sky = np.abs(east[0] * north[1] - east[1] * north[0]) * stretch / 2.0 / scale**2
    found = measure_areas(image, x, y)
    assert found is not None
    np.testing.assert_allclose(found, sky, rtol=2e-4)
    assert np.ptp(found) > 1e-4  # not the same everywhere


def test_proper_motion_is_that_of_astropy() -> None:
    star, mjd = load_stars()["GRW+70 5824"], 51544.5 + 20 * 365.25
    start = SkyCoord(
        star.ra_deg * u.deg,
        star.dec_deg * u.deg,
        distance=1.0 * u.kpc,
        pm_ra_cosdec=star.pm_ra_mas * u.mas / u.yr,
        pm_dec=star.pm_dec_mas * u.mas / u.yr,
        obstime=Time(51544.5, format="mjd"),
    )
    later = start.apply_space_motion(new_obstime=Time(mjd, format="mjd"))
    found = SkyCoord(*move_star(star, mjd), unit="deg")
    assert found.separation(later) < 1.0 * u.mas
    assert start.separation(later) > 8.0 * u.arcsec  # 200 pixels of UVIS


def _set(**cards: object) -> Change:
    return lambda hdus: hdus[0].header.update(cards)


def _set_extension(**cards: object) -> Change:
    return lambda hdus: hdus["SCI", 1].header.update(cards)


def _find_peak(hdus: fits.HDUList) -> tuple[int, int]:
    data = hdus["SCI", 1].data
    row, column = np.unravel_index(int(np.argmax(data)), data.shape)
    return int(row), int(column)


def _flag(flag: int, away: int = 0) -> Change:
    def mark(hdus: fits.HDUList) -> None:
        row, column = _find_peak(hdus)
        hdus["DQ", 1].data[row, column + away] |= flag

    return mark


def _hit(hdus: fits.HDUList) -> None:
    hdus["SCI", 1].data[_find_peak(hdus)] += 200_000.0


def _add_star(away: int, share: float) -> Change:
    def add(hdus: fits.HDUList) -> None:
        data = hdus["SCI", 1].data
        data += share * np.roll(data, away, axis=1)

    return add


def _keep(rows: slice, columns: slice) -> Change:
    """Cut a smaller subarray."""

    def cut(hdus: fits.HDUList) -> None:
        for hdu in hdus[1:]:
            hdu.data = hdu.data[rows, columns].copy()
            hdu.header["CRPIX1"] -= columns.start
            hdu.header["CRPIX2"] -= rows.start
            hdu.header["LTV1"] = hdu.header.get("LTV1", 0.0) - columns.start
            hdu.header["LTV2"] = hdu.header.get("LTV2", 0.0) - rows.start

    return cut


def _drop_coordinates(hdus: fits.HDUList) -> None:
    header = hdus["SCI", 1].header
    for name in ("CTYPE1", "CTYPE2"):
        header[name] = "PIXEL"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (_set(EXPFLAG="INDETERMINATE"), "Exposure not as planned: {} has EXPFLAG INDETERMINATE."),
        (_set(SCAN_TYP="C"), "Spatial scan: {} has SCAN_TYP C."),
        (_set(FLATCORR="OMIT"), "No flat field: {} has FLATCORR OMIT."),
        (_set(TARGNAME="NGC-6752"), "No standard star: {} is of NGC-6752."),
        (_set(DETECTOR="HRC"), "No such detector: {} is of HRC."),
        (_set(EXPTIME=0.0), "No exposure time: {} has EXPTIME 0.0."),
        (_set_extension(BUNIT="JY"), "Unknown unit: {} has BUNIT JY."),
        (_set_extension(BINAXIS1=2, BINAXIS2=2), "Another binning: {} is binned 2 x 2"),
        (_drop_coordinates, "No coordinates: {} has none"),
        (_set_extension(CRVAL2=12.0), "Star off the chip: {} should have the star at"),
        (_set_extension(CRPIX1=2500.0), "Star off the chip: {} should have the star at"),
        (_flag(256), "Saturated: {} has 1 such pixels in the aperture."),
        (_flag(2048, 8), "Saturated: {} has 1 such pixels in the aperture."),
        (_flag(4, 1), "Bad pixels in the core: {} has 1 such pixels in the core"),
        (_flag(8192), "Cosmic ray in the core: {} has 1 such pixels in the core"),
        (_flag(4096, 2), "Cosmic ray in the core: {} has 1 such pixels in the core"),
        (_hit, "Cosmic ray in the core: {} has"),
        (_add_star(20, 0.5), "Two stars: {} has another one 20 pixels from it with"),
        (_add_star(6, 0.3), "Two stars: {} has another one 6 pixels from it with"),
        (_keep(slice(120, 250), slice(120, 250)), "No sky: {} has 0% of the ring for the sky"),
        (lambda hdus: hdus["SCI", 1].data.fill(0.0), "No star: {} has none within"),
        (lambda hdus: hdus["SCI", 1].data.fill(np.nan), "No star: {} has none within"),
    ],
)  # fmt: skip
def test_an_exposure_that_cannot_be_trusted_has_a_named_reason(
    changed: Change, reason: str, tmp_path: Path
) -> None:
    file, _ = make_star(tmp_path, UVIS2)
    outcome = measure(change(file, changed))
    assert outcome.status == "none"
    assert (outcome.reason or "").startswith(reason.format(file.filename)), outcome.reason


def test_a_star_at_the_edge_is_off_the_chip_and_a_part_of_a_ring_is_enough(tmp_path: Path) -> None:
    file, truth = make_star(tmp_path, UVIS2)
    (star,) = truth["stars"]
    first = int(star["x"]) - 5
    change(file, _keep(slice(0, 368), slice(first, 368)))
    outcome = measure(file)
    assert (outcome.reason or "").startswith("Star off the chip:"), outcome.reason
    assert "pixels from the edge, and the aperture has 10" in (outcome.reason or "")
    file, _ = make_star(tmp_path, UVIS2)
    whole = measure(file).rows["throughput"][0]
    first = int(star["x"]) - 14
    (part,) = measure(change(file, _keep(slice(0, 368), slice(first, 368)))).rows["throughput"]
    assert part["sky_pixels"] < 0.6 * whole["sky_pixels"]
    assert part["rate"] == pytest.approx(whole["rate"], abs=3.0 * whole["sky_error"])


def test_units_make_no_difference(tmp_path: Path) -> None:
    file, _ = make_star(tmp_path, BLUE)  # of 1.5 s
    electrons = measure(file).rows["throughput"][0]

    def to_rates(hdus: fits.HDUList) -> None:
        hdus["SCI", 1].data /= 1.5
        hdus["SCI", 1].header["BUNIT"] = "ELECTRONS/S"

    rates = measure(change(file, to_rates)).rows["throughput"][0]

    def to_counts(hdus: fits.HDUList) -> None:
        hdus["SCI", 1].data /= hdus[0].header["ATODGNC"]
        hdus["SCI", 1].header["BUNIT"] = "COUNTS/S"

    counts = measure(change(file, to_counts)).rows["throughput"][0]
    for other in (rates, counts):
        for name in ("rate", "rate_error", "photon_error", "sky_level"):
            assert other[name] == pytest.approx(electrons[name], rel=1e-4), name
    outcome = measure(change(file, _set(ATODGNC=0.0)))
    assert (outcome.reason or "").startswith("No gain:")


def test_hits_around_the_core_are_counted_and_without_a_distortion_it_is_said(
    tmp_path: Path,
) -> None:
    file, _ = make_star(tmp_path, UVIS2)
    (before,) = measure(file).rows["throughput"]
    change(file, _flag(8192, 7))
    change(file, _flag(16, -7))
    (row,) = measure(file).rows["throughput"]
    assert row["cosmic_ray_pixels"] == before["cosmic_ray_pixels"] + 1
    assert row["flagged_pixels"] == before["flagged_pixels"] + 1
    change(file, _set_extension(A_ORDER=0, B_ORDER=0))
    outcome = measure(file)
    assert outcome.rows["throughput"][0]["pixel_area"] is None
    assert outcome.remarks == (
        f"{file.filename} has no distortion: pixels are taken as nominal ones.",
    )
    file.path.write_bytes(b"no FITS")
    assert measure(file).status == "bad"
    file.path.unlink()
    assert measure(file).status == "missing"


def test_the_file_with_corrected_charge_transfer_is_preferred(tmp_path: Path) -> None:
    flt, _ = make_star(tmp_path, UVIS2)
    flc, _ = make_star(tmp_path, UVIS2, filetype="flc")
    assert measure(flt, flc).rows["throughput"][0]["filetype"] == "flc"


@pytest.mark.parametrize("radius", [0.3, 3.0, 10.0])
def test_a_circle_has_its_area_wherever_it_lies(radius: float) -> None:
    for x, y in ((15.0, 15.0), (15.5, 14.5), (14.7, 15.23)):
        weights = weigh_circle((31, 31), x, y, radius)
        assert weights.sum() == pytest.approx(np.pi * radius**2, rel=0.15 if radius < 1 else 2e-3)
        assert weights.max() <= 1.0


def test_errors_are_those_of_a_hundred_stars() -> None:
    rng = np.random.default_rng(5)
    row, column = np.indices((60, 60))
    image = 4000.0 * np.exp(-np.hypot(column - 30.2, row - 29.6) / 2.0)
    weights, areas = weigh_circle((60, 60), 30.2, 29.6, 10.0), np.full((60, 60), 1.02)
    true = float((weights * areas * image).sum())
    pulls = []
    for _ in range(100):
        pixels = rng.poisson(image + 8.0) + rng.normal(0.0, 3.1, image.shape)
        sky = measure_sky(pixels, np.ones(image.shape, bool), (30.2, 29.6), 24.0, 29.0)
        assert sky is not None
        light = sum_light(pixels, areas, weights, sky, 3.1)
        pulls.append((light.total - true) / light.error)
    assert 0.75 < np.std(pulls) < 1.25
    assert abs(np.mean(pulls)) < 0.5
    nothing = measure_sky(image, np.zeros(image.shape, bool), (30.0, 30.0), 24.0, 29.0)
    assert nothing is None
    dark = sum_light(np.zeros((60, 60)), areas, weights, Sky(0.0, 0.0, 1, 1.0), 3.1)
    assert (dark.total, dark.error, dark.peak) == (0.0, 0.0, float("inf"))


def test_a_hot_pixel_and_a_flagged_one_are_no_star() -> None:
    rng = np.random.default_rng(6)
    pixels = rng.normal(0.0, 3.0, (80, 80))
    row, column = np.indices(pixels.shape)
    is_bad, is_hit = np.zeros(pixels.shape, bool), np.zeros(pixels.shape, bool)
    pixels[20, 20] += 5000.0
    assert find_bright(pixels, is_bad, is_hit, (40.0, 40.0), 35.0, 4.0) is None
    pixels += 900.0 * np.exp(-((column - 50.3) ** 2 + (row - 44.1) ** 2) / 2.0 / 1.3**2)
    found = find_bright(pixels, is_bad, is_hit, (40.0, 40.0), 35.0, 4.0)
    assert found is not None
    assert (found.x, found.y) == pytest.approx((50.3, 44.1), abs=0.05)
    assert found.second < 0.1
    pixels[60:62, 60:63] += 5000.0  # a long hit, brighter than the star
    found = find_bright(pixels, is_bad, is_hit, (40.0, 40.0), 35.0, 4.0)
    assert found is not None
    assert round(found.x) == 61
    is_hit[60:62, 60:63] = True
    found = find_bright(pixels, is_bad, is_hit, (40.0, 40.0), 35.0, 4.0)
    assert found is not None
    assert (round(found.x), found.second) == (50, 0.0)
    assert find_bright(pixels, is_bad, is_hit, (10.0, 10.0), 8.0, 4.0) is None  # out of reach
    assert find_bright(pixels, is_bad, is_hit, (500.0, 500.0), 8.0, 4.0) is None


def test_tables_name_all_stars_once_and_limits_are_in_order() -> None:
    names = [name for star in load_stars().values() for name in star.names]
    assert len(set(names)) == len(names)
    assert all(name == name.upper() for name in names)
    for selection in load_throughput().values():
        assert selection.target_names == tuple(names)
        assert selection.core_px <= selection.aperture_px < selection.sky_inner_px
        assert selection.sky_inner_px < selection.sky_outer_px
        assert selection.lowest_slope < selection.highest_slope
