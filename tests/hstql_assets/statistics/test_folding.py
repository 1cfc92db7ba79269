"""Of which period a peak is a harmonic."""

import numpy as np
import pytest

from builders.made_curves import make_curve, sinusoid
from hstql_assets.statistics.folding import find_fold
from hstql_assets.statistics.red_noise import Levels

PERIOD_S = 56.9
WHITE = Levels(1 / 300, 0.25, np.log([1e-4, 0.25]), np.ones(2))


@pytest.mark.parametrize("seed", range(5))
def test_phases_that_are_missing_at_a_multiple_do_not_make_it_the_period(seed: int) -> None:
    """The hole is a sixth of four periods, of which the exposure covers one and a half."""
    series = make_curve(
        np.random.default_rng(seed), 56, bins=186, law=sinusoid(PERIOD_S, 0.35), hole=(85, 104)
    )
    values = series.rates - np.average(series.rates, weights=series.weights)
    fold = find_fold(series, values, 1 / PERIOD_S, [], WHITE)
    assert fold.frequency_hz == pytest.approx(1 / PERIOD_S)
    assert fold.shape == "sinusoid"
    assert fold.powers.sum() < 0.5 * np.sum((values / series.errors) ** 2)
