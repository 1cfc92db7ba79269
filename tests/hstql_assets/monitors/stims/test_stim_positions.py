"""A stim among events: known places recovered, under backgrounds, and where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from hstql_assets.monitors.stims.boxes import Box
from hstql_assets.monitors.stims.positions import Place, find_stim

BOX = Box.around(383.0, 33.0, 60.0, 20.0)
SIGMA = (1.5, 0.55)


def draw(
    rng: np.random.Generator, x: float, y: float, pulses: int, others: int = 0, slope: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Pulses around a place, and events over the box, denser to the right with a slope."""
    places = np.rint(rng.normal((x, y), SIGMA, (pulses, 2))).astype(int)
    columns = np.arange(BOX.left, BOX.right + 1)
    weights = 1.0 + slope * (columns - columns.mean()) / np.ptp(columns)
    far = rng.choice(columns, others, p=weights / weights.sum())
    rows = rng.integers(BOX.bottom, BOX.top + 1, others)
    return np.append(places[:, 0], far), np.append(places[:, 1], rows)


def find(*events: np.ndarray) -> Place:
    place = find_stim(*events, BOX)
    assert place is not None
    return place


@given(
    x=st.floats(BOX.left + 12.0, BOX.right - 12.0),
    y=st.floats(BOX.bottom + 6.0, BOX.top - 6.0),
    others=st.integers(0, 2000),
    seed=st.integers(0, 1000),
)
@examples(max_examples=60)
def test_a_stim_is_found_to_a_tenth_of_a_pixel_whatever_is_even_around_it(
    x: float, y: float, others: int, seed: int
) -> None:
    place = find(*draw(np.random.default_rng(seed), x, y, 3000, others))
    assert abs(place.x - x) < max(0.1, 5.0 * place.x_error)
    assert abs(place.y - y) < max(0.1, 5.0 * place.y_error)
    assert place.x_error < 0.05
    assert place.y_error < 0.03


@pytest.mark.parametrize("others", [0, 300, 3000])
def test_errors_are_those_of_repeated_measurements(others: int) -> None:
    rng = np.random.default_rng(5)
    places = [find(*draw(rng, 390.3, 30.6, 120, others)) for _ in range(400)]
    for name, truth in (("x", 390.3), ("y", 30.6)):
        found = np.array([getattr(place, name) for place in places])
        errors = np.array([getattr(place, f"{name}_error") for place in places])
        pulls = (found - truth) / errors
        assert pulls.std() == pytest.approx(1.0, abs=0.15)
        assert found.mean() == pytest.approx(truth, abs=4.0 * errors.mean() / np.sqrt(400.0))


def test_an_even_background_does_not_pull_the_place_to_the_middle_of_the_box() -> None:
    """A plain mean of the box, as CalCOS takes it, is wrong by eight pixels here."""
    rng = np.random.default_rng(6)
    x, y = draw(rng, 425.0, 20.0, 2000, 500)
    place = find(x, y)
    assert abs(place.x - 425.0) < 5.0 * place.x_error
    assert abs(np.mean(x) - 425.0) > 5.0
    per_pixel = 500.0 / (121.0 * 41.0)
    assert place.background == pytest.approx(per_pixel * 21.0 * 11.0, rel=0.25)
    assert place.counts == pytest.approx(2000 + place.background, abs=25)


def test_a_background_that_doubles_over_the_box_pulls_by_less_than_its_error() -> None:
    rng = np.random.default_rng(7)
    places = [find(*draw(rng, 383.4, 33.2, 120, 300, slope=0.67)) for _ in range(300)]
    bias = np.mean([place.x for place in places]) - 383.4
    assert abs(bias) < 0.1 < np.mean([place.x_error for place in places])


def test_a_hot_spot_weaker_than_the_stim_does_not_move_it() -> None:
    rng = np.random.default_rng(8)
    x, y = draw(rng, 400.0, 33.0, 120)
    x, y = np.append(x, np.full(60, 350)), np.append(y, np.full(60, 25))
    place = find(x, y)
    assert abs(place.x - 400.0) < 5.0 * place.x_error


@pytest.mark.parametrize("number", [0, 1, 4, 50, 1000, 20_000])
def test_a_background_alone_is_no_stim(number: int) -> None:
    rng = np.random.default_rng(9)
    found = [find_stim(*draw(rng, 0.0, 0.0, 0, number), BOX) for _ in range(50)]
    assert found == [None] * 50


def test_a_few_pulses_are_a_stim_with_a_large_error() -> None:
    place = find(*draw(np.random.default_rng(10), 383.0, 33.0, 8))
    assert place.counts == 8
    assert 0.2 < place.x_error < 1.5
    assert find_stim(np.array([383] * 4), np.array([33] * 4), BOX) is None


def test_pulses_that_all_fall_on_one_pixel_have_the_error_of_its_width() -> None:
    place = find(np.full(9, 383), np.full(9, 33))
    assert (place.x, place.y) == (383.0, 33.0)
    assert place.x_error == pytest.approx(np.sqrt(1.0 / 12.0) / 9.0)


def test_a_box_is_cut_at_the_rows_that_hold_what_is_out_of_range() -> None:
    box = Box.around(16000.0, 10.0, 500.0, 30.0)
    assert (box.left, box.right, box.bottom, box.top) == (15500, 16383, 1, 40)
    with pytest.raises(ValueError, match="off the detector"):
        Box.around(20000.0, 500.0, 60.0, 20.0)
