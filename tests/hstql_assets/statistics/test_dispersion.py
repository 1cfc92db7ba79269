"""Constant sources are called variable as rarely as stated, and what varies is called so."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from builders.made_curves import BIN_S, VISITS_S, make_table, sinusoid
from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.science.steady_blocks import find_steady_blocks
from hstql_assets.statistics.dispersion import SIGNIFICANT, find_chance

MEANS = (0.05, 0.5, 5.0, 50.0)
ORBITS_S = tuple(5750.0 * orbit for orbit in range(5))
SCALE = 0.7  # what an event of the background region counts in that of the source
SEED = np.random.default_rng(1)
SAMPLINGS = {
    "one exposure": make_table(SEED, 1, bins=700, hole=(200, 290)),
    "five orbits": make_table(SEED, 1, bins=200, starts_s=ORBITS_S, hole=(60, 75)),
    "20 bins": make_table(SEED, 1, bins=20),
}
COURSE = (1.5, 0.8, 1.0, 0.7)
LONG = make_table(SEED, 1, bins=1400, hole=(500, 600))


def draw(rng: np.random.Generator, table: CurveTable, mean: float, background: str) -> CurveTable:
    """Draw the events of a constant source again, over a background as strong as it."""
    is_full = table.is_full
    part = (table.times_s * len(COURSE) / (table.times_s.max() + BIN_S)).astype(int)
    course = np.array(COURSE)[part] if background == "in steps" else np.ones(len(part))
    expected = np.where(is_full, mean * course * (background != "none"), 0.0)
    measured = SCALE * rng.poisson(expected / SCALE)  # events in the background region
    if background in ("in steps", "steady"):
        block = part * (background == "in steps") + len(COURSE) * table.dataset
        mean_of_block = np.bincount(block, measured) / np.maximum(np.bincount(block, is_full), 1)
        measured = np.where(is_full, mean_of_block[block], 0.0)
    events = np.where(is_full, rng.poisson(mean * is_full + expected), np.nan)
    return replace(table, gross=events, background=np.where(is_full, measured, np.nan))


def count_alarms(number: int) -> tuple[int, int]:
    """Return how many of how many constant sources, of every mean, are called variable."""
    rng = np.random.default_rng(2026)
    chances = [
        find_chance(draw(rng, table, mean, background))
        for table in SAMPLINGS.values()
        for mean in MEANS
        for background in ("none", "steady", "in steps", "events")
        for _ in range(number)
    ]
    assert None not in chances
    return sum(chance < SIGNIFICANT for chance in chances), len(chances)


def test_constant_sources_are_called_variable_no_more_often_than_stated() -> None:
    alarms, number = count_alarms(8)
    assert alarms <= stats.binom.ppf(0.99, number, SIGNIFICANT)


@pytest.mark.full
def test_of_ten_thousand_constant_sources_ten_are_called_variable() -> None:
    alarms, number = count_alarms(300)
    assert number == 14_400
    assert alarms <= stats.binom.ppf(0.99, number, SIGNIFICANT)


def draw_rising(rng: np.random.Generator, mean: float) -> CurveTable:
    """Draw a constant source over a background that rises eightfold, in the steps that it shows."""
    table = LONG
    course = np.where(table.is_full, np.exp(2.1 * table.times_s / table.times_s.max()), 0.0)
    background = 5 * mean * course / course[table.is_full].mean()
    measured = rng.poisson(background * 5).astype(float)
    live_s = np.nan_to_num(table.exposure_s)
    blocks = find_steady_blocks(measured, live_s)
    level = np.bincount(blocks, measured) / np.maximum(np.bincount(blocks, live_s), BIN_S) / 5
    return replace(
        table,
        gross=rng.poisson(mean * table.is_full + background).astype(float),
        background=level[blocks] * live_s,
    )


def test_a_background_that_rises_smoothly_makes_no_constant_source_variable() -> None:
    rng = np.random.default_rng(8)
    chances = [find_chance(draw_rising(rng, mean)) for mean in (5, 50) for _ in range(80)]
    alarms = sum(chance < SIGNIFICANT for chance in chances)
    assert alarms <= stats.binom.ppf(0.99, len(chances), SIGNIFICANT)


def test_the_probability_is_used_up_where_counts_are_many() -> None:
    rng = np.random.default_rng(5)
    table = SAMPLINGS["one exposure"]
    chances = np.array([find_chance(draw(rng, table, 5.0, "none")) for _ in range(300)])
    assert 0.05 < np.mean(chances < 0.1) < 0.13


def step(t: np.ndarray) -> np.ndarray:
    return np.where(t > 700, 3.0, 0.2)


def flare(t: np.ndarray) -> np.ndarray:
    return np.asarray(1 + 12 * np.exp(-np.abs(t - 700) / 20))


@pytest.mark.parametrize(
    ("mean", "law"),
    [(0.05, step), (0.5, sinusoid(300, 0.9)), (5, flare), (5, sinusoid(40, 0.5)),
     (50, sinusoid(11, 0.15))],
)  # fmt: skip
def test_what_varies_is_called_variable(mean: float, law: Callable) -> None:
    rng = np.random.default_rng(3)
    chances = [find_chance(make_table(rng, mean, bins=700, law=law)) for _ in range(20)]
    assert sum(chance < SIGNIFICANT for chance in chances) >= 18


def test_what_changes_from_visit_to_visit_only_is_not() -> None:
    rng = np.random.default_rng(4)
    table = make_table(rng, [50.0, 70.0, 30.0, 40.0, 60.0], bins=200, starts_s=VISITS_S)
    assert find_chance(table) > SIGNIFICANT


def test_pairs_are_those_of_poisson_at_two_events() -> None:
    """Two events in one of 400 bins: a probability of 1 / 400, and four lengths are tried."""
    table = make_table(np.random.default_rng(1), 0, bins=400)
    gross = np.where(np.arange(400) == 77, 2.0, 0.0)
    chance = find_chance(replace(table, gross=gross))
    assert chance == pytest.approx(4 / 400, rel=0.5)


@pytest.mark.parametrize(("bins", "mean"), [(0, 5), (3, 5), (40, 0)])
def test_too_few_bins_or_events_tell_nothing(bins: int, mean: float) -> None:
    chance = find_chance(make_table(np.random.default_rng(1), mean, bins=bins))
    assert chance is None if bins < 4 else chance == 1.0
