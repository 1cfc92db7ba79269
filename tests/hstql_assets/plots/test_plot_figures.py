"""The static pictures: figures, thumbnails and periodograms."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageColor

from builders.curve_files import HOSTILE
from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.pages.colours import colour_of
from hstql_assets.pages.drawing import lettering
from hstql_assets.pages.drawing.scales import fit_scale
from hstql_assets.plots.figures import (
    BLUE,
    LEFT,
    LOWER,
    MOST_POINTS,
    RIGHT,
    UPPER,
    UPPER_BELOW_DATES,
    draw_curve,
    fit_values,
)
from hstql_assets.plots.periodogram_figure import UPPER as POWER
from hstql_assets.plots.periodogram_figure import draw_periodogram, take_highest
from hstql_assets.plots.points import take_points
from hstql_assets.plots.thumbnails import draw_thumbnail
from hstql_assets.statistics.periods import search_period
from hstql_assets.statistics.series import make_series

Make = Callable[..., CurveTable]


@pytest.fixture
def texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written into pictures, in order."""
    written: list[str] = []
    for name in ("_letter", "_turn"):
        render = getattr(lettering, name)

        def record(text: str, *args: Any, render: Callable[..., Any] = render) -> Any:
            written.append(text)
            return render(text, *args)

        monkeypatch.setattr(lettering, name, record)
    return written


def find(image: Image.Image, colour: str, box: tuple[int, int, int, int]) -> np.ndarray:
    """Return where in an area a colour is, shape (height, width)."""
    pixels = np.asarray(image.crop(box)).astype(int)
    return np.abs(pixels - ImageColor.getrgb(colour)).sum(axis=-1) < 30


def test_the_figure_of_an_exposure_has_gross_background_and_flux(
    make_table: Make, texts: list[str]
) -> None:
    table = make_table(is_composite=False)
    image = draw_curve(table)
    assert image.size == (1000, 500)
    assert {"gross", "background", "rate (counts s⁻¹)"} <= set(texts)
    assert "flux (10⁻¹⁴ erg s⁻¹ cm⁻² Å⁻¹)" in texts
    assert "time since 2014-12-09 00:00:00.000 UTC (s), bins of 2 s" in texts


def test_points_stand_at_their_flux_and_steps_at_their_rate(make_table: Make) -> None:
    table = make_table(is_composite=False)
    image = draw_curve(table)
    top, bottom = LOWER[1], LOWER[3]
    scale = fit_values(table.flux, table.flux_error)
    across = fit_scale(-0.01 * 120, 1.01 * 120)
    is_blue = find(image, BLUE, LOWER)
    for time_s, flux in zip(table.times_s + 1.0, table.flux, strict=True):
        x = int(across.place(time_s) * (RIGHT - LEFT))
        y = int((1 - scale.place(flux)) * (bottom - top))
        assert is_blue[y, x]
    red = np.asarray(image.crop(UPPER))[..., 0]
    highest = table.gross.max() / 2.0
    for time_s, gross in zip(table.times_s + 1.0, table.gross / 2.0, strict=True):
        x = int(across.place(time_s) * (RIGHT - LEFT))
        y = round((1 - gross / (1.25 * highest)) * (UPPER[3] - UPPER[1]))
        assert red[y - 1 : y + 1, x].min() < 150


def test_without_a_flux_the_net_rate_is_shown(make_table: Make, texts: list[str]) -> None:
    draw_curve(make_table(is_composite=False, has_flux=False))
    assert "net rate (counts s⁻¹)" in texts
    assert not [text for text in texts if text.startswith("flux")]


def test_exposures_of_a_composite_stand_side_by_side_in_their_colours(
    make_table: Make, texts: list[str]
) -> None:
    table = make_table(exposures=3, bins=40, apart_d=500)
    image = draw_curve(table)
    assert image.size == (1000, 500)
    third = (RIGHT - LEFT) / 3  # 40 x 2 s each, no years
    for number in (1, 2, 3):
        columns = np.flatnonzero(find(image, colour_of(number), UPPER_BELOW_DATES).any(axis=0))
        assert (number - 1) * third <= columns.min() < (number - 0.9) * third
        assert (number - 0.1) * third < columns.max() <= number * third
    scale = fit_values(table.net, table.net_error)
    is_second = find(image, colour_of(2), UPPER_BELOW_DATES)
    height = UPPER_BELOW_DATES[3] - UPPER_BELOW_DATES[1]
    for number, rate in enumerate(table.net[40:80]):
        x, y = int(third * (1 + (number + 0.5) / 40)), int((1 - scale.place(rate)) * height)
        assert is_second[y, x]
    assert [text for text in texts if text[:3] == "201"] == [
        "2014-12-09", "2016-04-22", "2017-09-04"
    ]  # fmt: skip
    assert any("3 exposures of 13902" in text for text in texts)
    assert any(text.startswith("flux (10⁻¹⁴ erg") for text in texts)
    assert any("bins of 2 s" in text for text in texts)


def test_a_composite_of_500_exposures_says_what_its_points_are(
    make_table: Make, texts: list[str]
) -> None:
    table = make_table(exposures=500, bins=100, apart_d=3)
    assert draw_curve(table).size == (1000, 500)
    assert any("means of 9 bins of 2 s" in text for text in texts)
    assert len(take_points(table, MOST_POINTS).points.net) < 7000
    assert 3 < len([text for text in texts if text[:3] == "201"]) < 12


def test_a_composite_without_flux_shows_its_background(make_table: Make, texts: list[str]) -> None:
    draw_curve(make_table(exposures=2, has_flux=False))
    assert "background (counts in 2 s)" in texts


def test_long_errors_do_not_hide_the_course_of_the_values() -> None:
    values, errors = np.array([1.0, 2.0, np.nan]), np.array([0.5, 1e9, np.nan])
    scale = fit_values(values, errors)
    assert (scale.low, scale.high) == (pytest.approx(-0.2), pytest.approx(4.2))


@pytest.mark.parametrize(
    "name", ["$x_{1", "$$", r"\frac{1}{2}$a$", "A" * 40, HOSTILE, " ", r"_^%#&~{}\ $1$ |w| !?;:,"]
)
@pytest.mark.parametrize("is_composite", [True, False])
def test_an_odd_name_is_drawn_as_it_is(name: str, is_composite: bool, make_table: Make) -> None:
    draw_curve(make_table(is_composite=is_composite, target_name=name))


@pytest.mark.parametrize("is_composite", [True, False])
def test_a_lightcurve_without_live_time_is_drawn(is_composite: bool, make_table: Make) -> None:
    table = make_table(is_composite=is_composite, dead=(0, 60))
    draw_curve(table)
    draw_thumbnail(table)


@pytest.mark.parametrize("is_composite", [True, False])
def test_a_lightcurve_of_one_bin_is_drawn(is_composite: bool, make_table: Make) -> None:
    table = make_table(is_composite=is_composite, bins=1)
    draw_curve(table)
    draw_thumbnail(table)


def test_a_thumbnail_is_small_and_shows_each_exposure_in_its_colour(make_table: Make) -> None:
    png = draw_thumbnail(make_table(exposures=2))
    assert len(png) < 3000
    with Image.open(io.BytesIO(png)) as image:
        assert image.size == (240, 60)
        pixels = np.asarray(image.convert("RGB")).astype(int)
    is_blue = pixels[..., 2] > pixels[..., 0] + 40
    is_red = pixels[..., 0] > pixels[..., 2] + 40
    assert is_blue[:, :115].any()
    assert not is_blue[:, 125:].any()
    assert is_red[:, 125:].any()
    assert not is_red[:, :115].any()


def test_a_periodogram_shows_power_window_thresholds_and_the_best_period(
    make_table: Make, texts: list[str]
) -> None:
    search = search_period(make_series(make_table(exposures=2, bins=200, apart_d=0.2)))
    assert search is not None
    image = draw_periodogram(search, "a star")
    assert image.size == (1000, 500)
    assert {"a star", "power (share of the variance)", "window"} <= set(texts)
    assert "period (s; UTC, at the telescope)" in texts
    assert "false alarm probability 0.1 %" in texts
    assert any(text.startswith("orbit") for text in texts)
    assert any(text.startswith(f"highest peak {search.best.period_s:.6g}") for text in texts)
    periods_s = 1 / search.grid.frequency_hz
    scale = fit_scale(periods_s.min(), periods_s.max(), is_log=True)
    column = int(scale.place(search.best.period_s) * (POWER[2] - POWER[0]))
    assert find(image, BLUE, POWER)[:, column].any()


def test_no_peak_is_lost_where_many_frequencies_share_a_column() -> None:
    random = np.random.default_rng(3)
    frequency_hz = np.linspace(1e-6, 0.25, 200_000)
    power = random.random(200_000) * 0.1
    power[[1000, 150_000]] = 0.9, 0.8
    periods_s, highest = take_highest(frequency_hz, power)
    assert len(periods_s) <= 1500
    for index in (1000, 150_000):
        at = np.argmin(np.abs(periods_s * frequency_hz[index] - 1))
        assert periods_s[at] == 1 / frequency_hz[index]
        assert highest[at] == power[index]
