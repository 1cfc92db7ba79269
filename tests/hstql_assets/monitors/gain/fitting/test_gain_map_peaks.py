"""The fit: known peaks are found within their errors, and what is no peak is not."""

from pathlib import Path

import numpy as np
import pytest
from astropy.modeling import fitting, models
from hypothesis import given
from hypothesis import strategies as st

from builders.gain_map_files import draw_histograms, expect_histogram
from hstql_assets.monitors.gain.fitting import superpixels
from hstql_assets.monitors.gain.fitting.cubes import Lit, count_events, empty_counts
from hstql_assets.monitors.gain.fitting.peaks import FIRST_HEIGHT, HEIGHTS, USUAL_WIDTH, fit_peaks
from hstql_assets.monitors.gain.fitting.superpixels import find_gains
from hstql_assets.science.symmetric_matrices import quadratic_form, solve_symmetric

NUMBER = 3000
# A Gaussian that became whole numbers is wider: by the variance of what was cut off, 1/12.
WIDTH = 1.05
SEEN_WIDTH = np.sqrt(WIDTH**2 + 1 / 12)
EVERYWHERE = np.ones((512, 2048), bool)


@pytest.mark.parametrize("background", [0.0, 0.2])
@pytest.mark.parametrize("mean", [4.0, 6.3, 11.5, 22.0])
@pytest.mark.parametrize(("events", "width"), [(30, SEEN_WIDTH), (100, None), (1000, None)])
def test_pulls_have_mean_0_and_deviation_1(
    events: int, width: float | None, mean: float, background: float
) -> None:
    rng = np.random.default_rng(events)
    peaks = fit_peaks(draw_histograms(rng, NUMBER, mean, events, WIDTH, background * events), width)
    good = peaks.is_peak
    assert good.mean() > 0.995
    pull = (peaks.mean[good] - mean) / peaks.mean_error[good]
    assert abs(pull.mean()) < 4 / np.sqrt(NUMBER)
    assert pull.std() == pytest.approx(1.0, abs=0.05)
    assert np.abs(peaks.mean[good] - mean).mean() < 0.5
    assert peaks.quality[good].mean() == pytest.approx(1.0, abs=0.25)
    if width is None:
        found = (peaks.width[good] - SEEN_WIDTH) / peaks.width_error[good]
        assert abs(found.mean()) < 0.35  # few events look narrower
        assert found.std() == pytest.approx(1.0, abs=0.1)
    else:
        assert np.isnan(peaks.width_error).all()


@pytest.mark.parametrize(
    ("mean", "events", "width", "bias"),
    [
        (3.0, 30, SEEN_WIDTH, 0.04), (2.5, 30, SEEN_WIDTH, 0.05),
        (3.0, 100, None, 0.04), (2.5, 100, None, 0.08),
        (3.0, 1000, None, 0.01), (2.5, 1000, None, 0.02), (2.0, 1000, None, 0.08),
    ],
)  # fmt: skip
def test_a_peak_cut_by_the_least_pulse_height_is_found_with_the_bias_that_is_stated(
    mean: float, events: int, width: float | None, bias: float
) -> None:
    rng = np.random.default_rng(7)
    peaks = fit_peaks(draw_histograms(rng, NUMBER, mean, events, WIDTH), width)
    good = peaks.is_peak
    assert good.mean() > 0.93
    assert abs(peaks.mean[good].mean() - mean) < bias
    pull = (peaks.mean[good] - mean) / peaks.mean_error[good]
    assert abs(pull.mean()) < 0.5
    assert pull.std() == pytest.approx(1.0, abs=0.25)


def test_without_noise_the_peak_is_where_it_was_put() -> None:
    means = np.linspace(3.0, 28.0, 51)
    exact = np.hstack([expect_histogram(mean, 1.4, 1e5, 1e3) for mean in means])
    peaks = fit_peaks(exact)
    assert peaks.is_peak.all()
    assert peaks.mean == pytest.approx(means, abs=2e-3)
    assert peaks.width == pytest.approx(np.full(51, np.sqrt(1.4**2 + 1 / 12)), abs=5e-3)
    assert peaks.area[5:-5] == pytest.approx(np.full(41, 1e5), rel=2e-3)


def test_a_peak_that_leans_is_found_at_its_mode_and_not_at_its_mean() -> None:
    """As real ones do: 15 % of the events are two pulse heights below the others."""
    rng = np.random.default_rng(13)
    leaning = draw_histograms(rng, 500, 8.0, 850, 0.9) + draw_histograms(rng, 500, 6.0, 150, 0.9)
    peaks = fit_peaks(leaning)
    mode = 7.97  # of the sum of the two
    assert mode - 0.15 < peaks.mean.mean() < mode
    assert peaks.mean.mean() == pytest.approx(fit_by_astropy(leaning.sum(axis=1)), abs=0.1)
    mean = (leaning * HEIGHTS).sum() / leaning.sum()
    assert mean == pytest.approx(7.7, abs=0.02)
    assert peaks.quality.mean() > 1.5


def test_real_peaks_are_where_least_squares_have_them(real_archive: Path) -> None:
    paths = [*real_archive.glob("ldfd/*/*_rawtag_a.fits.gz")]
    lit = sum((count_events(path)[0] for path in paths[1:]), count_events(paths[0])[0])
    counts = np.stack([lit.draw(plane) for plane in lit.counts])
    histograms = counts[2:31, :, ::16].reshape(29, -1)
    histograms = histograms[:, histograms.sum(axis=0) >= 60][:, ::2]
    assert histograms.shape[1] > 60
    peaks = fit_peaks(histograms)
    difference = peaks.mean - [fit_by_astropy(one) for one in histograms.T]
    assert abs(difference.mean()) < 0.1  # of all pulse heights alike it would be 0.2
    assert np.mean(np.abs(difference) < peaks.mean_error) > 0.9


def fit_by_astropy(histogram: np.ndarray) -> float:
    """The mean of a Gaussian of width 1.05 by least squares without weights."""
    highest = HEIGHTS[histogram.argmax(), 0]
    model = models.Gaussian1D(histogram.max(), highest, USUAL_WIDTH, fixed={"stddev": True})
    fitter = fitting.LevMarLSQFitter()
    return float(fitter(model, HEIGHTS[:, 0], histogram.astype(float)).mean.value)


def test_it_agrees_with_a_fit_by_astropy_where_there_are_many_events() -> None:
    histograms = draw_histograms(np.random.default_rng(2), 40, 8.3, 20_000)
    peaks = fit_peaks(histograms)
    for i in range(histograms.shape[1]):
        mean = fit_by_astropy(histograms[:, i])
        assert peaks.mean[i] == pytest.approx(mean, abs=peaks.mean_error[i])


@pytest.mark.parametrize(("events", "width"), [(20.0, None), (1.5, USUAL_WIDTH)])
def test_of_events_of_all_pulse_heights_alike_one_in_10000_has_a_peak(
    events: float, width: float | None
) -> None:
    flat = np.random.default_rng(3).poisson(events, (29, 20_000)).astype(np.uint32)
    assert np.count_nonzero(fit_peaks(flat, width).is_peak) <= 6  # 2 are expected


@pytest.mark.parametrize("column", [np.zeros(29), np.eye(29)[0], np.eye(29)[28] * 1e6])
def test_no_events_or_those_of_one_pulse_height_never_fail(column: np.ndarray) -> None:
    peaks = fit_peaks(column[:, np.newaxis])
    assert np.isfinite(peaks.mean).all()
    assert np.isfinite(peaks.quality).all()
    assert not peaks.is_peak.any()


def test_nothing_is_fitted_to_nothing() -> None:
    assert fit_peaks(np.zeros((29, 0), np.uint32)).mean.shape == (0,)


@given(
    st.lists(st.integers(0, 10**6), min_size=29, max_size=29),
    st.sampled_from([None, 0.7, 1.05]),
)
def test_any_histogram_gives_finite_numbers(values: list[int], width: float | None) -> None:
    peaks = fit_peaks(np.array(values, np.uint32)[:, np.newaxis], width)
    assert 1.0 <= peaks.mean[0] <= 30.0
    assert np.isfinite([peaks.width[0], peaks.area[0], peaks.quality[0]]).all()
    if peaks.is_peak[0]:
        assert 0.0 < peaks.mean_error[0] < 30.0


def test_a_histogram_has_the_same_peak_whatever_is_fitted_beside_it() -> None:
    histograms = draw_histograms(np.random.default_rng(5), 5000, 7.0, 80)
    together = fit_peaks(histograms)
    alone = fit_peaks(histograms[:, 4500:4501])
    assert alone.mean[0] == pytest.approx(together.mean[4500], rel=1e-12)
    assert alone.mean_error[0] == pytest.approx(together.mean_error[4500], rel=1e-12)


def test_systems_of_equations_are_solved_as_by_numpy() -> None:
    factors = np.random.default_rng(6).normal(size=(50, 4, 4))
    matrices = factors @ factors.transpose(0, 2, 1) + np.eye(4)
    right = np.random.default_rng(7).normal(size=(50, 4))
    expected = np.linalg.solve(matrices, right[:, :, np.newaxis])[:, :, 0]
    found = solve_symmetric(matrices.transpose(1, 2, 0), right.T).T
    assert found == pytest.approx(expected, rel=1e-9)
    squares = quadratic_form(matrices.transpose(1, 2, 0), right.T)
    assert squares == pytest.approx(np.einsum("ni,nij,nj->n", right, matrices, right), rel=1e-9)


def cube_of(histograms: np.ndarray, noise: int = 0) -> np.ndarray:
    """A cube with the histograms in the first superpixels of row 100."""
    counts = empty_counts()
    last = FIRST_HEIGHT + len(histograms)
    counts[FIRST_HEIGHT:last, 100, : histograms.shape[1]] = histograms
    counts[0, 100, : histograms.shape[1]] = noise
    return counts


def test_only_superpixels_with_30_events_of_good_pulse_height_are_fitted() -> None:
    histograms = np.zeros((29, 3), np.uint32)
    histograms[5:8] = [[9, 10, 10], [10, 10, 10], [10, 10, 10]]
    gains = find_gains(Lit.of(cube_of(histograms, noise=1000)), EVERYWHERE)
    assert (gains.fitted, gains.x.tolist(), gains.y.tolist()) == (2, [1, 2], [100, 100])
    assert gains.counts.tolist() == [30, 30]
    assert gains.all_counts.tolist() == [1030, 1030]


def test_superpixels_that_are_not_wanted_have_no_gain() -> None:
    counts = cube_of(draw_histograms(np.random.default_rng(8), 10, 7.0, 200))
    wanted = EVERYWHERE.copy()
    wanted[100, 4:] = False
    assert find_gains(Lit.of(counts), wanted).x.tolist() == [0, 1, 2, 3]


def test_the_width_of_faint_superpixels_is_that_of_the_bright_ones() -> None:
    rng = np.random.default_rng(9)
    bright = draw_histograms(rng, 200, 9.0, 1000, width=1.5)
    faint = draw_histograms(rng, 200, 9.0, 60, width=1.5)
    gains = find_gains(Lit.of(cube_of(np.hstack([bright, faint]))), EVERYWHERE)
    assert gains.held_width == pytest.approx(np.sqrt(1.5**2 + 1 / 12), abs=0.02)
    is_held = np.isnan(gains.peaks.width_error)
    assert is_held.tolist() == [False] * 200 + [True] * 200
    assert set(gains.peaks.width[is_held]) == {gains.held_width}
    pull = (gains.peaks.mean - 9.0) / gains.peaks.mean_error
    assert pull[is_held].std() == pytest.approx(1.0, abs=0.2)


def test_few_bright_superpixels_tell_no_width() -> None:
    few = draw_histograms(np.random.default_rng(10), superpixels.FEWEST_WIDTHS - 1, 9.0, 500, 1.6)
    assert find_gains(Lit.of(cube_of(few)), EVERYWHERE).held_width == USUAL_WIDTH


def test_a_peak_of_noise_below_another_one_is_not_taken_for_the_gain() -> None:
    rng = np.random.default_rng(11)
    sagged = draw_histograms(rng, 300, 2.6, 600)
    both = sagged + draw_histograms(rng, 300, 9.0, 150)
    alone = find_gains(Lit.of(cube_of(sagged)), EVERYWHERE)
    assert (len(alone.x), alone.with_two) == (300, 0)
    assert alone.peaks.mean.mean() == pytest.approx(2.6, abs=0.05)
    double = find_gains(Lit.of(cube_of(both)), EVERYWHERE)
    assert double.with_two == 300
    assert len(double.x) == 0


def test_the_higher_of_two_peaks_is_the_gain_where_it_is_the_larger_one() -> None:
    rng = np.random.default_rng(12)
    both = draw_histograms(rng, 200, 2.2, 100) + draw_histograms(rng, 200, 9.0, 800)
    gains = find_gains(Lit.of(cube_of(both)), EVERYWHERE)
    assert len(gains.x) == 200
    assert np.median(gains.peaks.mean) == pytest.approx(9.0, abs=0.1)
