"""The points of a plot: bins, or means over some of them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.plots.points import break_lines, place_side_by_side, take_points

Make = Callable[..., CurveTable]


def test_a_short_lightcurve_is_shown_bin_by_bin(make_table: Make) -> None:
    table = make_table(exposures=2, bins=50)
    thinned = take_points(table, 100)
    assert thinned.bins_per_point == 1
    assert np.array_equal(thinned.points.net, table.net)
    assert np.array_equal(thinned.points.mjd, table.mjd_centre)


def test_a_long_one_is_shown_by_means_that_keep_counts_and_exposures(make_table: Make) -> None:
    table = make_table(exposures=3, bins=100)
    thinned = take_points(table, 75)
    points = thinned.points
    assert thinned.bins_per_point == 4
    assert thinned.width_s == 8.0
    assert len(points.mjd) == 75
    assert points.gross.sum() == table.gross.sum()
    for number in (1, 2, 3):
        mine, bins = points.dataset == number, table.dataset == number
        assert points.gross[mine].sum() == table.gross[bins].sum()
        assert np.isclose(points.net[mine].mean(), table.net[bins].mean())
        assert np.isclose(points.flux[mine].mean(), table.flux[bins].mean())
    assert np.isclose(points.mjd[0], table.mjd_centre[:4].mean(), rtol=0, atol=1e-10)
    assert np.isclose(points.error[0], np.sqrt((table.error[:4] ** 2).sum()))
    assert np.isclose(points.flux_error[0], np.sqrt((table.flux_error[:4] ** 2).sum()) / 4)


def test_net_has_its_own_error_which_is_not_that_of_counts(make_table: Make) -> None:
    table = make_table(exposures=1, bins=40)
    weighted = replace(table, net=1.5 * table.net, net_error=1.5 * table.net_error)
    short, long = (take_points(weighted, most).points for most in (100, 10))
    assert np.array_equal(short.net_error, weighted.net_error)
    assert np.isclose(long.net[0], weighted.net[:4].mean())
    assert np.isclose(long.net_error[0], np.sqrt((weighted.net_error[:4] ** 2).sum()) / 4)


def test_no_point_holds_bins_of_two_exposures(make_table: Make) -> None:
    table = make_table(exposures=5, bins=7)
    points = take_points(table, 12).points
    assert points.dataset.tolist() == [1] * 3 + [2] * 3 + [3] * 3 + [4] * 3 + [5] * 3
    assert np.allclose(points.gross[2], table.gross[6])


def test_time_that_was_not_live_gives_no_value_and_lowers_no_rate(make_table: Make) -> None:
    table = make_table(exposures=2, bins=30, dead=(8, 18))
    points = take_points(table, 15).points
    is_dead = np.isnan(points.net)
    assert is_dead.sum() == 4  # 8 bins of 10 in each exposure fill a point of 4
    assert np.isnan(points.gross[is_dead]).all()
    half_live = points.net[4]  # two bins of four
    assert np.isclose(half_live, table.counts[18:20].sum() / table.exposure_s[18:20].sum())


def test_side_by_side_there_is_no_time_between_exposures(make_table: Make) -> None:
    table = make_table(exposures=4, bins=25, apart_d=400)
    thinned = take_points(table, 1000)
    places_s, starts_s = place_side_by_side(thinned.points, thinned.width_s)
    assert starts_s.tolist() == [0.0, 50.0, 100.0, 150.0]
    assert np.allclose(np.diff(places_s), 2.0)
    assert places_s[0] == 1.0


def test_a_line_is_broken_between_exposures_and_where_nothing_was_live(make_table: Make) -> None:
    table = make_table(exposures=3, bins=10, dead=(4, 6))
    broken = break_lines(take_points(table, 1000).points)
    pieces = np.split(broken.net, np.flatnonzero(np.isnan(broken.net)))
    lengths = [int(np.isfinite(piece).sum()) for piece in pieces if np.isfinite(piece).any()]
    assert lengths == [4, 4, 4, 4, 4, 4]
    assert np.isfinite(broken.mjd).all()
    assert broken.dataset.dtype.kind == "i"
