"""Simulated ramps of the IR detector: reads, reference pixels, noise."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.camera_measures import clip, read_truth


def test_the_last_read_of_a_ramp_comes_first_and_charge_only_grows(camera_files):
    with (
        fits.open(camera_files / "is0001a1q_ima.fits") as ima,
        fits.open(camera_files / "is0001a1q_raw.fits") as raw,
    ):
        names = ["SCI", "ERR", "DQ", "SAMP", "TIME"]
        reads = ima[0].header["NSAMP"]
        assert [hdu.name for hdu in ima[1:]] == [hdu.name for hdu in raw[1:]] == names * reads
        times = [ima["SCI", extver].header["SAMPTIME"] for extver in range(1, reads + 1)]
        assert times == sorted(times, reverse=True)
        assert times[0] == pytest.approx(ima[0].header["EXPTIME"], abs=1e-5)
        assert times[-1] == 0.0
        assert [ima["TIME", v].header["PIXVALUE"] for v in range(1, reads + 1)] == times
        truth = read_truth(camera_files, "is0001a1q")
        offsets = truth["reference_offsets_dn"][::-1]
        levels = [
            np.median(raw["SCI", extver].data[1:-1, 1:-1]) - offsets[extver - 1]
            for extver in range(1, reads + 1)
        ]
        assert levels == sorted(levels, reverse=True)
        assert not ima["SCI", reads].data.any()
        rays = [ima["DQ", extver].data & 8192 > 0 for extver in range(1, reads + 1)]
        for later, earlier in pairwise(rays):
            assert later[earlier].all()
        assert rays[0].sum() == truth["frames"][0]["cosmic_ray_pixels"] > 50


def test_reference_pixels_of_a_ramp_see_no_light(camera_files):
    truth = read_truth(camera_files, "is0001a1q")
    with fits.open(camera_files / "is0001a1q_raw.fits") as raw:
        pixels = raw["SCI", 1].data.astype(float)
    for name, part in (("B", np.s_[:102, 0]), ("A", np.s_[102:, 0])):
        assert abs(pixels[part].mean() - truth["bias_dn"][name]) < 5 * 27 / np.sqrt(102)
    for name, part in (("C", np.s_[:102, -1]), ("D", np.s_[102:, -1])):
        assert abs(pixels[part].mean() - truth["bias_dn"][name]) < 5 * 27 / np.sqrt(102)
    with fits.open(camera_files / "is0001a1q_flt.fits") as flt:
        assert flt["SCI", 1].shape == (pixels.shape[0] - 2, pixels.shape[1] - 2)


def test_the_noise_between_two_reads_of_a_ramp_is_that_of_the_truth(camera_files):
    truth = read_truth(camera_files, "is0001a8q")
    with fits.open(camera_files / "is0001a8q_raw.fits") as raw:
        difference = raw["SCI", 3].data.astype(float) - raw["SCI", 4].data
        good = raw_good(camera_files, "is0001a8q_ima.fits")
        part = clip(difference[1:102, 1:102][good[1:102, 1:102]])
        time_s = fits.getheader(camera_files / "is0001a8q_ima.fits", 11)["SAMPTIME"]
    gain, noise = truth["gain"]["B"], truth["read_noise_e"]["B"]
    shot = truth["dark_rate_e_per_s"] * time_s
    expected = np.sqrt(2 * noise**2 + shot) / gain
    assert part.std() == pytest.approx(expected, rel=0.05)


def raw_good(camera_files: Path, filename: str) -> np.ndarray:
    with fits.open(camera_files / filename) as hdus:
        return hdus["DQ", 1].data == 0
