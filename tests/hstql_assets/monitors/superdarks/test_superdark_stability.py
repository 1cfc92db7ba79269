"""Pixels that vary are told from steady ones, whatever cosmic rays add."""

import numpy as np
import pytest
from numpy.typing import NDArray

from hstql_assets.monitors.superdarks.stability import choose_ranks, find_limit, find_unstable

SHAPE = (200, 250)


def expose(number: int, rates: NDArray[np.float64], rays: float, seed: int) -> NDArray[np.float32]:
    """Expose darks of 900 s: read noise of 3.1 electrons, and rays of some hundred."""
    rng = np.random.default_rng(seed)
    shape = (number, *rates.shape[-2:])
    charge = rng.poisson(np.broadcast_to(rates * 900.0, shape)) + rng.normal(0.0, 3.1, shape)
    charge += (rng.random(shape) < rays) * rng.exponential(500.0, shape)
    return charge.astype(np.float32)


def find(frames: NDArray[np.float32], chance: float = 1e-5) -> NDArray[np.bool_]:
    times = np.full(len(frames), 900.0, np.float32)
    variances = np.full(len(frames), 3.1**2, np.float32)
    is_out = np.zeros(frames.shape, np.bool_)
    return find_unstable(frames, is_out, times, variances, chance, 0.05)


@pytest.mark.parametrize("number", [5, 8, 14, 20])
def test_the_limit_is_what_noise_exceeds_by_its_chance(number: int) -> None:
    low, high = choose_ranks(number)
    noise = np.sort(np.random.default_rng(number).standard_normal((200_000, number)), axis=1)
    for chance in (0.01, 0.001):
        found = (noise[:, high] - noise[:, low] > find_limit(number, chance)).mean()
        assert found == pytest.approx(chance, rel=0.35)


@pytest.mark.parametrize("number", [5, 10, 20])
def test_steady_pixels_under_cosmic_rays_are_hardly_ever_taken_for_unstable(number: int) -> None:
    rates = np.full(SHAPE, 0.003)
    rates[::5] = 2.0  # and hot ones, steadily
    assert find(expose(number, rates, 0.04, number)).mean() < 1e-3


@pytest.mark.parametrize(("number", "share"), [(8, 0.55), (14, 0.7), (20, 0.9)])
def test_pixels_that_are_hot_in_half_of_the_darks_are_found(number: int, share: float) -> None:
    rng = np.random.default_rng(number)
    rates = 0.003 + 0.1 * (rng.random((number, *SHAPE)) < 0.5)
    assert find(expose(number, rates, 0.04, number)).mean() > share


def test_one_that_becomes_hot_between_the_darks_is_unstable_in_these_days() -> None:
    rates = np.where(np.arange(12)[:, None, None] < 6, 0.003, 0.2) * np.ones((12, 20, 20))
    assert find(expose(12, rates, 0.04, 3)).all()


@pytest.mark.parametrize("number", [1, 2])
def test_of_few_darks_nothing_can_be_said(number: int) -> None:
    frames = np.arange(number, dtype=np.float32)[:, None, None] * np.full((number, 3, 3), 1e5)
    assert not find(frames.astype(np.float32)).any()


def test_what_is_saturated_in_most_darks_is_not_judged() -> None:
    frames = expose(6, np.full((4, 4), 0.003), 0.0, 1)
    is_out = np.ones(frames.shape, np.bool_)
    ones = np.ones(6, np.float32)
    assert not find_unstable(frames, is_out, ones, ones, 1e-5, 0.05).any()
