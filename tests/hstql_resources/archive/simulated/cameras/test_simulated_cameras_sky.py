"""The sky in simulated camera images: its places, which way up, and in sums of several."""

import numpy as np
import pytest
from astropy.io import fits

from builders.camera_measures import measure_peak, read_truth

REJECTED_RAY = 8192
SKY = ("js0001a1q", "js0001a6q", "js0001a7q", "js0001a8q", "is0001a1q", "is0001a4q", "is0001a7q")


@pytest.mark.parametrize("rootname", SKY)
def test_bright_stars_are_where_the_truth_says_with_their_light(rootname, camera_files):
    truth = read_truth(camera_files, rootname)
    bright = [star for star in truth["stars"] if star["rate"] >= 300.0]
    assert bright
    is_rate = truth["detector"] == "IR"
    found = 0
    with fits.open(camera_files / f"{rootname}_flt.fits") as hdus:
        for star in bright:
            science = hdus["SCI", star["extver"]].data.astype(float)
            flags = hdus["DQ", star["extver"]].data
            box = np.s_[max(round(star["y"]) - 8, 0) : round(star["y"]) + 9,
                        max(round(star["x"]) - 8, 0) : round(star["x"]) + 9]  # fmt: skip
            near = [
                other
                for other in truth["stars"]
                if 0 < max(abs(other["x"] - star["x"]), abs(other["y"] - star["y"])) < 12
            ]
            if np.any(flags[box]) or science[box].shape != (17, 17) or near:
                continue
            light, x, y = measure_peak(science, star["x"], star["y"])
            expected = star["rate"] * (1.0 if is_rate else truth["exposure_time_s"])
            assert light == pytest.approx(expected, rel=0.03)
            assert (x, y) == pytest.approx((star["x"], star["y"]), abs=0.1)
            found += 1
    if truth["detector"] in {"IR", "SBC"}:
        assert found > 0


def test_the_sky_is_not_the_same_upside_down_or_in_a_mirror(camera_files):
    """Stars on the upper left in the shape of an L, the galaxy on the upper right."""
    truth = read_truth(camera_files, "js0001a1q")
    letter = [star for star in truth["stars"] if star["rate"] >= 300.0 and star["extver"] == 2]
    assert len(letter) == 7
    upright = [star for star in letter if abs(star["x"] - 76.3) < 1.0]
    assert len(upright) == 5
    foot = min(upright, key=lambda star: star["y"])
    beside = sorted(star["x"] for star in letter if abs(star["y"] - foot["y"]) < 1.0)
    assert len(beside) == 3
    assert beside[0] == foot["x"]
    column, row = truth["frames"][1]["galaxy"]
    assert column > 300
    with fits.open(camera_files / "js0001a1q_flt.fits") as hdus:
        image = np.where(hdus["DQ", 2].data == 0, hdus["SCI", 2].data, 0.0)
        light = image[round(row) - 6 : round(row) + 7, round(column) - 6 : round(column) + 7]
        assert np.median(light) > 10 * np.median(image)
        # It leans to the right: brighter there above the middle than below it.
        side = np.s_[round(column) + 15 : round(column) + 25]
        above = np.median(image[round(row) + 8 : round(row) + 18, side])
        below = np.median(image[round(row) - 18 : round(row) - 8, side])
        assert above > 2 * below


def test_a_subarray_is_cut_out_of_the_full_frame(camera_files):
    for part, whole, extver, corner in (
        ("js0001a8q", "js0001a1q", 2, (0, 128)),
        ("is0001a7q", "is0001a4q", 1, (0, 0)),
    ):
        full = {
            (star["x"], star["y"], star["rate"])
            for star in read_truth(camera_files, whole)["stars"]
            if star["extver"] == extver
        }
        cut = {
            (star["x"] + corner[0], round(star["y"] + corner[1], 3), star["rate"])
            for star in read_truth(camera_files, part)["stars"]
        }
        assert cut
        assert cut < full


def test_repaired_images_are_the_sum_without_the_rays(camera_files):
    with (
        fits.open(camera_files / "js0001010_crj.fits") as crj,
        fits.open(camera_files / "js0001a1q_flt.fits") as one,
        fits.open(camera_files / "js0001a2q_flt.fits") as two,
    ):
        for extver in (1, 2):
            struck = [hdus["DQ", extver].data & REJECTED_RAY > 0 for hdus in (one, two)]
            science = [hdus["SCI", extver].data for hdus in (one, two)]
            sums = crj["SCI", extver].data
            neither = ~struck[0] & ~struck[1]
            np.testing.assert_allclose(sums[neither], (science[0] + science[1])[neither], rtol=1e-5)
            first = struck[0] & ~struck[1]
            np.testing.assert_allclose(sums[first], 2 * science[1][first], rtol=1e-5)
            both = struck[0] & struck[1]
            assert np.count_nonzero(crj["DQ", extver].data & REJECTED_RAY) == both.sum()


def test_a_drizzled_image_has_the_chips_with_their_gap_as_rates(camera_files):
    with (
        fits.open(camera_files / "js0001010_drz.fits") as drz,
        fits.open(camera_files / "js0001a1q_flt.fits") as flt,
    ):
        science, weight = drz["SCI"].data, drz["WHT"].data
        assert science.shape == (2 * 256 + 6, 512)
        assert not weight[256:262].any()
        assert drz["CTX"].data.max() == 3
        assert weight.max() == pytest.approx(820.0)
        good = (flt["DQ", 2].data == 0) & (weight[262:] == weight.max())
        expected = np.median(flt["SCI", 2].data[good]) / 410.0
        assert np.median(science[262:][good]) == pytest.approx(expected, rel=0.05)
