"""The pixels of simulated ACS and WFC3 exposures hold what their truth says was put in."""

import numpy as np
import pytest
from astropy.io import fits

from builders.camera_measures import clip, read_truth

HOT, BAD, SINGLE_RAY, REJECTED_RAY = 16, 4, 4096, 8192
# Amplifiers of each detector by extension: lower left, lower right, upper left, upper right.
AMPLIFIERS = {
    "WFC": {1: "CDCD", 2: "ABAB"},
    "UVIS": {1: "CDCD", 2: "ABAB"},
    "HRC": {1: "CCCC"},
}
LEFT = {"WFC": 3, "UVIS": 3, "HRC": 2}  # columns of overscan at a binning of 8
SKY = ("js0001a1q", "js0001a6q", "js0001a7q", "js0001a8q", "is0001a1q", "is0001a4q", "is0001a7q")
DARKS = ("js0001a4q", "js0001abq", "is0001a5q", "is0001a8q")
BIASES = ("js0001a5q", "is0001a6q", "js0001aaq")


@pytest.mark.parametrize("rootname", BIASES)
def test_bias_level_and_read_noise_of_each_amplifier_are_those_of_the_truth(rootname, camera_files):
    truth = read_truth(camera_files, rootname)
    names = AMPLIFIERS[truth["detector"]]
    with fits.open(camera_files / f"{rootname}_raw.fits") as hdus:
        for extver, amplifiers in names.items():
            pixels = hdus["SCI", extver].data.astype(float)
            # The right half has a virtual column less or more: the middle is left out.
            quarter = pixels.shape[1] // 4
            for name, part in zip(
                amplifiers[:2], (pixels[:, :quarter], pixels[:, -quarter:]), strict=True
            ):
                level, noise = part.mean(), part.std()
                expected = np.hypot(truth["read_noise_e"][name] / truth["gain"][name], 12**-0.5)
                error = expected / np.sqrt(part.size)
                assert abs(level - truth["bias_dn"][name]) < 5 * error
                assert abs(noise - expected) < 5 * error
    flt = fits.getdata(camera_files / f"{rootname}_flt.fits", 1)
    assert abs(flt.mean()) < 1.0


@pytest.mark.parametrize("rootname", ["js0001a1q", "js0001a6q", "is0001a4q", "js0001a8q"])
def test_overscan_has_the_bias_level_whatever_is_beside_it(rootname, camera_files):
    truth = read_truth(camera_files, rootname)
    with fits.open(camera_files / f"{rootname}_raw.fits") as hdus:
        for extver, amplifiers in AMPLIFIERS[truth["detector"]].items():
            if ("SCI", extver) not in hdus:
                continue
            name = "A" if rootname == "js0001a8q" else amplifiers[0]
            overscan = hdus["SCI", extver].data[:, : LEFT[truth["detector"]]]
            error = truth["read_noise_e"][name] / truth["gain"][name] / np.sqrt(overscan.size)
            assert abs(overscan.mean(dtype=float) - truth["bias_dn"][name]) < 5 * error


def test_virtual_rows_are_above_the_lower_chip_and_below_the_upper_one(camera_files):
    """The dead column is darker than its neighbours where the sky is, and not in the rows."""
    for rootname in ("js0001a1q", "is0001a4q"):
        truth = read_truth(camera_files, rootname)
        with fits.open(camera_files / f"{rootname}_raw.fits") as hdus:
            for frame, rows in zip(truth["frames"], (slice(-2, None), slice(2)), strict=True):
                pixels = hdus["SCI", frame["extver"]].data.astype(float)
                virtual = pixels[rows, 10:200].mean()
                light = np.median(pixels[10:-10, 10:200])
                name = AMPLIFIERS[truth["detector"]][frame["extver"]][0]
                assert abs(virtual - truth["bias_dn"][name]) < 1.0
                assert light > virtual + 5.0
                assert pixels.shape[0] == frame["rows"] + 2


@pytest.mark.parametrize("rootname", DARKS)
def test_dark_current_is_that_of_the_truth(rootname, camera_files):
    truth = read_truth(camera_files, rootname)
    time_s = 1.0 if truth["detector"] == "IR" else truth["exposure_time_s"]
    with fits.open(camera_files / f"{rootname}_flt.fits") as hdus:
        science = [hdu.data[hdus["DQ", hdu.ver].data == 0] for hdu in hdus if hdu.name == "SCI"]
    kept = clip(np.concatenate(science).astype(float))
    rate, error = kept.mean() / time_s, kept.std() / np.sqrt(kept.size) / time_s
    # The level of the overscan has an error of its own; few of the weakest rays stay.
    level = 0.3 / truth["exposure_time_s"]
    assert truth["dark_rate_e_per_s"] - 5 * error - level < rate
    assert rate < truth["dark_rate_e_per_s"] + 5 * error + 2 * level


@pytest.mark.parametrize("rootname", [*DARKS, *SKY])
def test_hot_pixels_are_flagged_and_counted_in_the_truth(rootname, camera_files):
    truth = read_truth(camera_files, rootname)
    with fits.open(camera_files / f"{rootname}_flt.fits") as hdus:
        for frame in truth["frames"]:
            flags = hdus["DQ", frame["extver"]].data
            assert np.count_nonzero(flags & HOT) == frame["hot_pixels"]
    if truth["detector"] == "SBC":
        assert truth["frames"][0]["hot_pixels"] == 0
    else:
        assert sum(frame["hot_pixels"] for frame in truth["frames"]) > 20


def test_hot_pixels_stay_hot_and_become_more(camera_files):
    flags = {}
    for rootname in ("js0001a4q", "js0001a9q"):
        with fits.open(camera_files / f"{rootname}_flt.fits") as hdus:
            flags[hdus[0].header["EXPSTART"]] = hdus["DQ", 1].data & HOT > 0
    early, late = (flags[mjd] for mjd in sorted(flags))
    assert late[early].all()
    assert late.sum() > 1.05 * early.sum()


@pytest.mark.parametrize("rootname", [*SKY, *DARKS])
def test_cosmic_rays_are_flagged_as_the_pipelines_do(rootname, camera_files):
    truth = read_truth(camera_files, rootname)
    expected = {"js0001a1q": REJECTED_RAY}.get(rootname, SINGLE_RAY)
    if truth["detector"] == "IR" or truth["image_type"] == "DARK":
        expected = 0
    assert truth["cosmic_ray_flag"] == expected
    with fits.open(camera_files / f"{rootname}_flt.fits") as hdus:
        for frame in truth["frames"]:
            flagged = np.count_nonzero(hdus["DQ", frame["extver"]].data & (SINGLE_RAY | 8192))
            assert flagged == (frame["cosmic_ray_pixels"] if expected else 0)
            pixels = frame["rows"] * frame["columns"]
            assert frame["cosmic_ray_fraction"] == frame["cosmic_ray_pixels"] / pixels


def test_the_fraction_of_struck_pixels_is_that_of_the_detector(camera_files):
    for rootname, rate in (("js0001a4q", 2.0e-5), ("is0001a5q", 2.0e-5)):
        truth = read_truth(camera_files, rootname)
        fraction = np.mean([frame["cosmic_ray_fraction"] for frame in truth["frames"]])
        # Tracks that cross count once, and some leave the detector.
        assert fraction == pytest.approx(rate * truth["exposure_time_s"], rel=0.05)


def test_the_dead_column_sees_nothing_and_is_flagged(camera_files):
    for rootname in ("js0001a1q", "js0001a6q", "is0001a4q"):
        for frame in read_truth(camera_files, rootname)["frames"]:
            with fits.open(camera_files / f"{rootname}_flt.fits") as hdus:
                flags = hdus["DQ", frame["extver"]].data
                columns = np.unique(np.nonzero(flags & BAD)[1])
                assert columns.tolist() == [frame["bad_column"]]
                science = hdus["SCI", frame["extver"]].data
                dead = np.median(science[:, frame["bad_column"]])
                assert dead < np.median(science) - 5.0


def test_calibrated_pixels_are_the_raw_ones_without_bias_times_the_gain(camera_files):
    truth = read_truth(camera_files, "js0001a4q")
    with (
        fits.open(camera_files / "js0001a4q_raw.fits") as raw,
        fits.open(camera_files / "js0001a4q_flt.fits") as flt,
    ):
        header = flt[0].header
        counts = raw["SCI", 2].data[2:, 3:259].astype(float)
        electrons = (counts - header["BIASLEVA"]) * truth["gain"]["A"]
        np.testing.assert_allclose(flt["SCI", 2].data[:, :256], electrons, atol=0.05)
        noise = truth["read_noise_e"]["A"]
        expected = np.sqrt(np.maximum(electrons, 0.0) + noise**2)
        np.testing.assert_allclose(flt["ERR", 2].data[:, :256], expected, atol=0.05)
