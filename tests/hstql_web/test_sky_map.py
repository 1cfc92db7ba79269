"""The map of the sky: places where they belong, cells of equal area, colours by counts."""

import re

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from hstql_resources.sky_index import ORDER as FINEST
from hstql_resources.sky_index import index_place
from hstql_web.queries.sky import CELLS, ORDER
from hstql_web.sky_map import HEIGHT, PLANES, WIDTH, draw_sky, locate


@pytest.mark.parametrize(
    ("ra", "dec", "x", "y"),
    [
        (0, 0, WIDTH / 2, HEIGHT / 2), (360, 0, WIDTH / 2, HEIGHT / 2), (90, 0, WIDTH / 4, 180),
        (179.999, 0, 0, HEIGHT / 2), (180.001, 0, WIDTH, HEIGHT / 2), (123, 90, WIDTH / 2, 0),
        (77, -90, WIDTH / 2, HEIGHT), (270, 0, 3 * WIDTH / 4, 180),
    ],
)  # fmt: skip
def test_places_are_where_mollweide_has_them(ra: float, dec: float, x: float, y: float) -> None:
    assert locate(ra, dec) == pytest.approx((x, y), abs=0.1)


def outlines(path: str) -> list[np.ndarray]:
    return [np.array([point.split() for point in re.findall(r"\S+ \S+", part)], float)
            for part in re.findall(r"M([^z]*)z", path)]  # fmt: skip


def area(points: np.ndarray) -> float:
    x, y = points.T
    return abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1))) / 2


def test_the_cells_fill_the_sky_once_and_each_alike() -> None:
    for order in (2, 3, 4):
        sky = draw_sky(np.full(CELLS, 1), order)
        parts = [area(one) for _, path in sky.cells for one in outlines(path)]
        assert sum(parts) == pytest.approx(np.pi * WIDTH * HEIGHT / 4, rel=0.02)
        # Those at the seam are in two parts.
        each = np.pi * WIDTH * HEIGHT / 4 / (12 * 4**order)
        assert np.median(parts) == pytest.approx(each, rel=0.1)


@pytest.mark.parametrize("place", [(83.8, -5.4), (180.0, 10.0), (0.0, 89.9), (359.99, -45.0)])
def test_an_exposure_is_in_the_cell_where_its_place_is(place: tuple[float, float]) -> None:
    counts = np.zeros(CELLS, np.int64)
    counts[index_place(*place) >> 2 * (FINEST - ORDER)] = 5
    sky = draw_sky(counts, 4)
    (path,) = [path for _, path in sky.cells if path]
    points = np.concatenate(outlines(path))
    assert np.hypot(*(points - locate(*place)).T).min() < 20
    assert sky.exposures == 5


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=5))
def test_more_exposures_have_no_lighter_colour(numbers: list[int]) -> None:
    counts = np.zeros(CELLS, np.int64)
    counts[: 4 * len(numbers) : 4] = numbers
    classes = {number for number, path in draw_sky(counts, 4).cells if path}
    expected = {sum(one >= least for least in (1, 3, 10, 30, 100, 300)) for one in numbers} - {0}
    assert classes == expected


def test_nothing_counted_is_a_sky_without_cells() -> None:
    sky = draw_sky(None, 3)
    assert not any(path for _, path in sky.cells)
    assert sky.grid
    assert sky.exposures == 0


def test_the_galactic_pole_is_where_it_is() -> None:
    pole = SkyCoord(b=90, l=0, unit="deg", frame="galactic").icrs
    assert PLANES["galactic plane"] == pytest.approx((pole.ra.deg, pole.dec.deg), abs=1e-3)
