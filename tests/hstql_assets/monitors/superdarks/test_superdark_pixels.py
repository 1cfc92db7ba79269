"""Thresholds that follow lost charge, cosmic rays at edges of blocks, frames of two times."""

from pathlib import Path

import numpy as np
import pytest

from builders.dark_frames import DarkTruth, make_truth, write_darks
from hstql_assets.monitors.superdarks.combining import stack_darks
from hstql_assets.monitors.superdarks.frames import describe_dark, read_blocks
from hstql_assets.monitors.superdarks.hot_pixels import find_thresholds
from hstql_assets.monitors.superdarks.rejection import FOR_CURRENT, FOR_HOT, spread, sum_frames
from hstql_assets.monitors.superdarks.selection import load_selections

HOT = 0.015


def test_thresholds_fall_as_charge_is_lost_and_never_below_the_lowest() -> None:
    rng = np.random.default_rng(4)
    rows, columns = 2000, 2000
    kept = np.linspace(1.0, 0.6, rows)
    rates = (0.004 * rng.pareto(1.5, (rows, columns)) * kept[:, None]).astype(np.float32)
    found = find_thresholds(rates, HOT, 0.002, 50)
    assert found == pytest.approx(HOT * kept, rel=0.04)
    hot = (rates > found[:, None]).sum(axis=1)
    assert hot[-200:].mean() == pytest.approx(hot[:200].mean(), rel=0.05)
    assert find_thresholds(rates, HOT, 0.012, 50).min() == pytest.approx(0.012)


@pytest.mark.parametrize("level", [0.0, 1.0, np.nan])
def test_without_hot_pixels_or_with_nothing_else_there_is_one_threshold(level: float) -> None:
    rates = np.full((400, 10), level, np.float32)
    assert set(find_thresholds(rates, HOT, 0.002, 50)) == {HOT}
    assert set(find_thresholds(rates[:60], HOT, 0.002, 50)) == {HOT}


def test_a_mask_spreads_over_a_disk_and_not_around_the_edge() -> None:
    mask = np.zeros((5, 7), np.bool_)
    mask[0, 6] = True
    found = spread(mask, 2.0)
    assert [tuple(one) for one in np.argwhere(found)] == [
        (0, 4), (0, 5), (0, 6), (1, 5), (1, 6), (2, 6)
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [1, 7, 64, 1000])
def test_blocks_give_what_the_whole_gives(rows: int, tmp_path: Path) -> None:
    flags = np.random.default_rng(4).choice([0, 4, 16, 512], (2, 40, 30)).astype(np.int16)
    files = write_darks(tmp_path, 6, make_truth(shape=(40, 30)), flags=flags)
    darks = [describe_dark(name, own[0]) for name, own in files.items()]
    (whole,) = read_blocks(darks, 1, 1000)
    times = np.full(6, 900.0, np.float32)
    variances = np.array([dark.variance(1, 3.1) for dark in darks], np.float32)
    kinds = times, variances, FOR_CURRENT, FOR_HOT
    expected = sum_frames(whole.values.copy(), whole.is_out.copy(), *kinds)
    lasting = whole.lasting.copy()
    for part in read_blocks(darks, 1, rows):
        np.testing.assert_array_equal(part.lasting[part.own], lasting[part.rows])
        for one, other in zip(sum_frames(part.values, part.is_out, *kinds), expected, strict=True):
            own, place = one.cut(part.own), other.cut(part.rows)
            np.testing.assert_array_equal(own.time, place.time)
            np.testing.assert_allclose(own.charge, place.charge, rtol=1e-5)


def test_frames_of_two_exposure_times_are_weighed_by_them(tmp_path: Path) -> None:
    truth = DarkTruth(np.full((2, 60, 60), 0.01), np.zeros((2, 60, 60), np.bool_))
    long = DarkTruth(truth.rates * 2.0, truth.is_hot)
    files = write_darks(tmp_path, 4, truth)
    cards: dict[int, dict[str, object]] = {index: {"EXPTIME": 1800.0} for index in range(4)}
    files |= write_darks(tmp_path, 4, long, changes=cards, name="ie01")
    darks = [describe_dark(name, own[0]) for name, own in files.items()]
    current = stack_darks(darks, 2, load_selections()["UVIS"]).current
    pulls = (current.rate - 0.01) / current.error
    assert float(np.nanmean(pulls)) == pytest.approx(0.0, abs=0.1)
    assert float(np.nanmax(current.time)) == 10_800.0


def test_a_pixel_without_any_frame_has_no_number() -> None:
    frames = np.ones((3, 4, 4), np.float32)
    is_out = np.zeros(frames.shape, np.bool_)
    is_out[:, 1, 1] = True
    ones = np.ones(3, np.float32)
    current, _ = sum_frames(frames, is_out, ones, ones, FOR_CURRENT, FOR_HOT)
    assert np.isnan(current.rate[1, 1])
    assert np.isnan(current.error[1, 1])
    assert np.isfinite(current.rate).sum() == 15
