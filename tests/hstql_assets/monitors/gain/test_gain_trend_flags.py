"""Superpixels that lost their gain: which, since when, and how many by chance."""

import numpy as np
import pytest
from scipy.special import ndtr

from builders.gain_trend_maps import FIRST_MJD, SHAPE, make_patch, make_pixels, write_map
from hstql_assets.monitors.gain.flagging import FalseFlags, Flagging
from hstql_assets.monitors.gain.gain_images import read_superpixels
from hstql_assets.monitors.gain.gain_trends import Lines
from hstql_resources.fits.errors import FitsError

NAN = np.nan


def flag(series, error=0.1, first_mjd=FIRST_MJD, row=240):
    """Return the flags of one superpixel with these gains, ten days apart; NaN is no gain."""
    flagging = Flagging()
    for number, gain in enumerate(series):
        flagging.add(first_mjd + 10.0 * number, make_pixels(make_patch([gain], row), error))
    return flagging.finish()


@pytest.mark.parametrize(
    ("series", "first"),
    [
        ([5.0, 4.0, 2.5, 2.0], 2),  # below by more than three errors: at once
        ([5.0, 4.0, 2.5, 5.0], 2),
        ([5.0, 2.9, 2.8, 2.5], 1),  # two that follow each other: from the first
        ([5.0, 2.9, 2.5, 2.0], 1),
        ([5.0, 2.9, NAN, 2.9], 1),  # without a measurement between them
        ([3.0, 3.0, 9.0, 9.0], 0),
        ([5.0, 2.9, 5.0, 2.9, 2.9], 3),
    ],
)
def test_a_superpixel_is_flagged_from_the_first_image_on(series, first):
    flags = flag(series)
    assert (flags.y.tolist(), flags.x.tolist()) == ([240], [100])
    assert flags.image.tolist() == [first]
    assert flags.mjd.tolist() == [FIRST_MJD + 10.0 * first]
    assert flags.gain.tolist() == [series[first]]
    assert flags.error.tolist() == [0.1]
    assert flags.waiting == 0
    assert flags.mask.sum() == 1


@pytest.mark.parametrize(
    ("series", "waiting"),
    [([5.0, 2.9, 5.0], 0), ([5.0, 5.0, 2.9], 1), ([2.9, NAN, NAN], 1), ([3.01, 3.01], 0), ([], 0)],
)
def test_one_doubtful_image_flags_nothing(series, waiting):
    flags = flag(series)
    assert len(flags.x) == 0
    assert flags.waiting == waiting


def test_flags_are_only_in_the_rows_of_spectra():
    assert [len(flag([2.0, 2.0], row=row).x) for row in (199, 200, 300, 301)] == [0, 1, 1, 0]


def test_images_until_2010_do_not_count():
    flags = flag([2.0, 2.0, 5.0, 2.9, 2.9], first_mjd=55197.0 - 10.0)
    assert flags.image.tolist() == [3]


@pytest.mark.parametrize(
    ("change", "is_measured"),
    [
        ({}, True),
        ({"counts": 29}, False),
        ({"counts": 30}, True),
        ({"quality": 14.0}, False),
        ({"quality": 14.0, "counts": 1000}, True),
        ({"quality": NAN}, False),
        ({"error": 0.0}, False),
        ({"error": np.inf}, False),
        ({"gain": 0.0}, False),
        ({"gain": -1.0}, False),
    ],
)
def test_only_gains_with_counts_and_a_good_fit_are_measured(tmp_path, change, is_measured):
    values = {"error": 0.1, "counts": 100, "quality": 1.0, "gain": 2.0} | change
    path = write_map(
        tmp_path / "m.fits",
        make_patch([values["gain"]]),
        values["error"],
        values["counts"],
        values["quality"],
    )
    pixels = read_superpixels(path)
    assert pixels.is_measured.sum() == is_measured
    assert np.isfinite(pixels.error).sum() == is_measured
    lit = np.flatnonzero(pixels.is_measured.any(axis=1))
    assert (lit.tolist() == [240]) is is_measured


def test_a_map_that_cannot_be_read_says_why(tmp_path):
    with pytest.raises(FitsError, match=r"no_gainmap\.fits cannot be read: No such file"):
        read_superpixels(tmp_path / "no_gainmap.fits")
    whole = write_map(tmp_path / "whole.fits", make_patch([5.0]))
    cut = tmp_path / "cut.fits"
    cut.write_bytes(whole.read_bytes()[:100])
    with pytest.raises(FitsError, match=r"cut\.fits cannot be read"):
        read_superpixels(cut)
    small = write_map(tmp_path / "small.fits", np.ones((4, 8)))
    with pytest.raises(FitsError, match="not 512 x 2048"):
        read_superpixels(small)


def make_lines(gain: np.ndarray) -> Lines:
    """Return level lines."""
    zero = np.zeros(SHAPE)
    return Lines(zero.astype(int), zero, gain, zero, zero, zero, zero)


def test_flags_by_chance_are_as_many_as_stated():
    rng = np.random.default_rng(9)
    gain = np.full(SHAPE, NAN)
    gain[200:300, 0:1000] = rng.uniform(3.0, 4.5, (100, 1000))  # 100,000, all above the limit
    lines, flagging = make_lines(gain), Flagging()
    false = FalseFlags(lines)
    for number in range(15):
        error = rng.uniform(0.05, 0.4, SHAPE)
        drawn = gain + error * rng.normal(size=SHAPE)
        drawn[rng.random(SHAPE) < 0.2] = NAN  # not measured in every image
        pixels = make_pixels(drawn, error)
        flagging.add(FIRST_MJD + number, pixels)
        false.add(FIRST_MJD + number, pixels)
    found, expected = len(flagging.finish().x), false.expected()
    assert expected > 3000
    # Three that follow each other are two pairs with one in common, so a little less than stated.
    assert 0.9 * expected < found < expected + 4.0 * np.sqrt(expected)


def test_gains_well_above_the_limit_are_not_flagged_by_chance():
    gain = np.full(SHAPE, NAN)
    gain[200:300] = 5.0
    false = FalseFlags(make_lines(gain))
    for number in range(15):
        false.add(FIRST_MJD + number, make_pixels(gain, 0.25))
    # 8 errors above: 15 images of 204,800 superpixels make not one in a million.
    assert false.expected() < 1e-6


def test_superpixels_below_the_limit_are_not_counted_as_false():
    gain = make_patch([[2.9, 3.5]])
    false = FalseFlags(make_lines(gain))
    for number in range(2):
        false.add(FIRST_MJD + number, make_pixels(gain, 0.5))
    low, sure = ndtr(-1.0), ndtr(-4.0)
    expected = 1.0 - (1.0 - sure) ** 2 * (1.0 - low**2)
    assert false.expected() == pytest.approx(expected, rel=1e-9)
