"""The static pictures: figures, thumbnails and periodograms."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from builders.curve_files import HOSTILE
from hstql_assets.lightcurves.table import CurveTable
from hstql_assets.pages.colours import COLOURS, colour_of
from hstql_assets.pages.figure_files import save_figure
from hstql_assets.plots.figures import draw_curve
from hstql_assets.plots.periodogram_figure import draw_periodogram, take_highest
from hstql_assets.plots.thumbnails import draw_thumbnail
from hstql_assets.statistics.periods import search_period
from hstql_assets.statistics.series import make_series
from hstql_resources.filesystem import Filesystem

Make = Callable[..., CurveTable]


def save(figure: Figure) -> tuple[int, int]:
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=100)
    with Image.open(buffer) as image:
        return image.size


def test_the_figure_of_an_exposure_has_gross_background_and_flux(make_table: Make) -> None:
    table = make_table(is_composite=False)
    figure = draw_curve(table)
    upper, lower = figure.axes
    assert [text.get_text() for text in upper.get_legend().get_texts()] == ["gross", "background"]
    assert upper.get_ylabel() == "rate (counts s$^{-1}$)"
    assert lower.get_ylabel().startswith("flux (erg")
    assert lower.get_xlabel() == "time since 2014-12-09 00:00:00.000 UTC (s), bins of 2 s"
    (line,) = [line for line in lower.lines if line.get_marker() == "."]
    assert np.array_equal(line.get_ydata(), table.flux)
    assert save(figure) == (1000, 500)


def test_without_a_flux_the_net_rate_is_shown(make_table: Make) -> None:
    _, lower = draw_curve(make_table(is_composite=False, has_flux=False)).axes
    assert lower.get_ylabel() == "net rate (counts s$^{-1}$)"


def test_exposures_of_a_composite_stand_side_by_side_in_their_colours(make_table: Make) -> None:
    table = make_table(exposures=3, bins=40, apart_d=500)
    figure = draw_curve(table)
    upper, lower = figure.axes
    assert upper.get_xlim() == (0.0, 240.0)  # 3 x 40 x 2 s, no years
    drawn = {
        line.get_color(): line.get_ydata() for line in upper.lines if line.get_color() in COLOURS
    }
    assert {colour: len(values) for colour, values in drawn.items()} == {
        colour_of(number): 40 for number in (1, 2, 3)
    }
    assert np.array_equal(drawn[colour_of(2)], table.net[40:80])
    dates = [text.get_text() for text in upper.texts]
    assert dates == ["2014-12-09", "2016-04-22", "2017-09-04"]
    assert "3 exposures of 13902" in figure.get_suptitle()
    assert lower.get_ylabel().startswith("flux (erg")
    assert "bins of 2 s" in lower.get_xlabel()
    assert save(figure) == (1000, 500)


def test_a_composite_of_500_exposures_says_what_its_points_are(make_table: Make) -> None:
    table = make_table(exposures=500, bins=100, apart_d=3)
    figure = draw_curve(table)
    upper, lower = figure.axes
    assert "means of 9 bins of 2 s" in lower.get_xlabel()
    assert sum(len(line.get_xdata()) for line in upper.lines if line.get_color() in COLOURS) < 7000
    assert 3 < len(upper.texts) < 12
    assert save(figure) == (1000, 500)


def test_a_composite_without_flux_shows_its_background(make_table: Make) -> None:
    _, lower = draw_curve(make_table(exposures=2, has_flux=False)).axes
    assert lower.get_ylabel() == "background (counts in 2 s)"


@pytest.mark.parametrize(
    "name", ["$x_{1", "$$", r"\frac{1}{2}$a$", "A" * 40, HOSTILE, " ", r"_^%#&~{}\ $1$ |w| !?;:,"]
)
@pytest.mark.parametrize("is_composite", [True, False])
def test_an_odd_name_is_drawn_as_it_is(name: str, is_composite: bool, make_table: Make) -> None:
    save(draw_curve(make_table(is_composite=is_composite, target_name=name)))


@pytest.mark.parametrize("is_composite", [True, False])
def test_a_lightcurve_without_live_time_is_drawn(is_composite: bool, make_table: Make) -> None:
    table = make_table(is_composite=is_composite, dead=(0, 60))
    save(draw_curve(table))
    draw_thumbnail(table)


@pytest.mark.parametrize("is_composite", [True, False])
def test_a_lightcurve_of_one_bin_is_drawn(is_composite: bool, make_table: Make) -> None:
    table = make_table(is_composite=is_composite, bins=1)
    save(draw_curve(table))
    draw_thumbnail(table)


def test_a_picture_is_what_matplotlib_itself_would_write(
    make_table: Make, filesystem: Filesystem
) -> None:
    table = make_table(exposures=2, bins=200, apart_d=0.2)
    search = search_period(make_series(table))
    assert search is not None
    path = filesystem.home / "plots" / "picture.png"
    for draw in (lambda: draw_curve(table), lambda: draw_periodogram(search, "a star")):
        save_figure(draw(), path, filesystem)
        buffer = io.BytesIO()
        draw().savefig(buffer, dpi=100, metadata={"Software": None})
        assert path.read_bytes() == buffer.getvalue()


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


def test_a_periodogram_shows_power_window_thresholds_and_the_best_period(make_table: Make) -> None:
    search = search_period(make_series(make_table(exposures=2, bins=200, apart_d=0.2)))
    assert search is not None
    figure = draw_periodogram(search, "a star")
    upper, lower = figure.axes
    assert upper.get_xscale() == "log"
    assert lower.get_xlabel() == "period (s; UTC, at the telescope)"
    labels = [text.get_text() for text in upper.get_legend().get_texts()]
    assert any("0.1 %" in label for label in labels)
    assert any(label.startswith("orbit") for label in labels)
    assert any(label.startswith(f"highest peak {search.best.period_s:.6g}") for label in labels)
    assert save(figure) == (1000, 500)


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
