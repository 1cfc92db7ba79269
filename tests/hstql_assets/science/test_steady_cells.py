"""Errors of cells of time and wavelength: pulls of 1 at any brightness, and an error for each."""

import numpy as np
import pytest

from hstql_assets.science.steady_cells import expect_cells

INTERVALS, CELLS, SEEDS = 17, 1500, 6
LINE = np.exp(-0.5 * ((np.arange(CELLS) - 500) / 3) ** 2)
SPECTRA = {"flat": np.ones(CELLS), "a line": 1 + 30 * LINE, "a slope": np.geomspace(2, 0.2, CELLS)}
COURSES = {name: np.ones(INTERVALS) for name in ("constant", "eclipse", "flare")}
COURSES["eclipse"][6:9] = 0.1
COURSES["flare"][5:7] = 8, 3
LIVE_S = np.full(INTERVALS, 180.0)
COLUMNS = np.full(CELLS, 6.0)
ALL = np.ones(CELLS, bool)


@pytest.mark.parametrize("spectrum", SPECTRA)
@pytest.mark.parametrize("course", COURSES)
def test_pulls_of_cells_are_1(course: str, spectrum: str) -> None:
    for mean in (0.05, 0.5, 5, 50):
        expected = mean * np.outer(COURSES[course], SPECTRA[spectrum])
        pulls = []
        for seed in range(SEEDS):
            counts = np.random.default_rng(seed).poisson(expected).astype(float)
            variance = expect_cells(counts, LIVE_S, COLUMNS, ALL)
            assert (variance > 0).all()
            pulls.append((counts - expected) / np.sqrt(variance))
        assert np.std(pulls) == pytest.approx(1, abs=0.03)
        assert abs(np.mean(pulls)) < 0.015


def test_a_line_that_flares_alone_has_the_errors_of_its_own_counts() -> None:
    expected = np.full((INTERVALS, CELLS), 2.0)
    expected[5, 498:503] = 100
    counts = np.random.default_rng(1).poisson(expected).astype(float)
    variance = expect_cells(counts, LIVE_S, COLUMNS, ALL)
    np.testing.assert_allclose(variance[5, 498:503], counts[5, 498:503] + 0.5)
    # Nor does it make the errors beside it larger.
    assert np.median(variance[5, 700:]) < 2.5


def test_where_nothing_was_live_or_used_nothing_is_expected() -> None:
    live_s, columns = LIVE_S.copy(), COLUMNS.copy()
    live_s[3], columns[:7] = 0, 0
    counts = np.random.default_rng(2).poisson(3.0, (INTERVALS, CELLS)).astype(float)
    counts[3], counts[:, :7] = 0, 0
    variance = expect_cells(counts, live_s, columns, ALL)
    assert not variance[3].any()
    assert not variance[:, :7].any()
    assert (np.delete(variance, 3, 0)[:, 7:] > 0).all()


def test_no_event_at_all_still_has_errors() -> None:
    variance = expect_cells(np.zeros((1, 5)), np.ones(1), np.ones(5), np.zeros(5, bool))
    assert (variance > 0).all()
