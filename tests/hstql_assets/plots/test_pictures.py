"""Pictures and plots of ordinary and of impossible lightcurves."""

import base64
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hstql_assets.batching.pictures import HEIGHT, WIDTH, Picture, draw_sky, draw_steps
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.rates import BinValues
from hstql_assets.plots.drawing import PlotTask, plot_lightcurve
from hstql_resources.filesystem import Filesystem

KEY = "ls000103q"
SHOWN_BYTES = 60_000


@pytest.fixture(scope="module")
def lightcurve(simulated: Path) -> Lightcurve:
    return make_lightcurve([simulated / f"{KEY}_corrtag_a.fits"], simulated / f"{KEY}_x1d.fits")


def change_bins(lightcurve: Lightcurve, change: Callable[[np.ndarray], np.ndarray]) -> Lightcurve:
    bins = {name: change(values) for name, values in vars(lightcurve.bins).items()}
    return replace(lightcurve, bins=BinValues(**bins))


def rename(lightcurve: Lightcurve, name: str) -> Lightcurve:
    return replace(lightcurve, exposure=replace(lightcurve.exposure, target_name=name))


def open_image(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.png))


def plot(lightcurve: Lightcurve, folder: Path) -> Picture:
    """Write a lightcurve, plot it and return the picture of the user interface."""
    filesystem = Filesystem(folder)
    path = filesystem.lightcurve("a-star", KEY)
    with filesystem.write(path) as temporary:
        write_lightcurve(lightcurve, temporary)
    outcome = plot_lightcurve(PlotTask(KEY, path, filesystem))
    assert outcome.status == "made", outcome.reason
    with Image.open(filesystem.lightcurve_plots("a-star", KEY).picture) as image:
        assert image.size == (1000, 500)
    picture = outcome.metadata["picture"]
    assert isinstance(picture, Picture)
    return picture


def test_a_plot_of_a_full_lightcurve_is_small_in_the_user_interface(
    lightcurve: Lightcurve, tmp_path: Path
) -> None:
    random = np.random.default_rng(5)
    noisy = change_bins(lightcurve, lambda values: np.tile(values, 20))
    noisy = replace(
        noisy,
        bins=replace(
            noisy.bins,
            times_s=2.0 * np.arange(len(noisy.bins.times_s)),
            gross=random.poisson(50, len(noisy.bins.gross)).astype(float),
        ),
    )
    assert len(base64.b64encode(plot(noisy, tmp_path).png)) < SHOWN_BYTES


def to_nan(values: np.ndarray) -> np.ndarray:
    return values if values.dtype.kind == "i" else values * np.nan


@pytest.mark.parametrize("is_calibrated", [True, False])
def test_a_lightcurve_without_any_value_is_plotted(
    is_calibrated: bool, lightcurve: Lightcurve, tmp_path: Path
) -> None:
    empty = change_bins(lightcurve, to_nan)
    empty = replace(empty, bins=replace(empty.bins, times_s=lightcurve.bins.times_s))
    if not is_calibrated:
        empty = replace(empty, totals=replace(empty.totals, flux=np.nan), wave_min=np.nan)
    plot(empty, tmp_path)


def test_a_lightcurve_of_one_bin_is_plotted(lightcurve: Lightcurve, tmp_path: Path) -> None:
    plot(change_bins(lightcurve, lambda values: values[:1]), tmp_path)


@pytest.mark.parametrize(
    "name",
    ["$x_{1", "$$", r"\frac{1}{2}$a$", "A" * 40, r"_^%#&~{}\ $1$ <b> 'x' \"y\" [z] |w| !?;:,", " "],
)
def test_a_plot_of_an_odd_name_shows_it_as_it_is(
    name: str, lightcurve: Lightcurve, tmp_path: Path
) -> None:
    plot(rename(lightcurve, name), tmp_path)


def test_a_lightcurve_file_that_cannot_be_read_is_bad_and_its_old_plot_goes(
    lightcurve: Lightcurve, tmp_path: Path
) -> None:
    plot(lightcurve, tmp_path)
    filesystem = Filesystem(tmp_path)
    path = filesystem.lightcurve("a-star", KEY)
    path.write_bytes(path.read_bytes()[:4000])
    outcome = plot_lightcurve(PlotTask(KEY, path, filesystem))
    assert outcome.status == "bad"
    assert f"{KEY}_curve.fits" in outcome.reason
    assert not filesystem.lightcurve_plots("a-star", KEY).picture.exists()


def test_a_step_picture_shows_the_shape(lightcurve: Lightcurve) -> None:
    high_then_low = draw_steps(np.repeat([10.0, 1.0], 50), "counts")
    image = open_image(high_then_low).convert("RGB")
    assert image.size == (WIDTH, HEIGHT)

    def top(x: int) -> int:
        return next(y for y in range(HEIGHT) if image.getpixel((x, y))[0] < 100)

    assert top(WIDTH // 4) < HEIGHT // 4 < 3 * HEIGHT // 4 < top(3 * WIDTH // 4)


@given(
    st.lists(st.floats(-1e30, 1e30) | st.just(float("nan")) | st.just(float("inf")), max_size=2000)
)
def test_any_series_can_be_drawn(values: list[float]) -> None:
    picture = draw_steps(np.array(values), "anything")
    assert open_image(picture).size == (WIDTH, HEIGHT)
    assert len(picture.png) < SHOWN_BYTES


@pytest.mark.parametrize(
    ("ra_deg", "dec_deg", "x", "y"),
    [(0.0, 0.0, 120, 60), (0.0, 90.0, 120, 3), (90.0, 0.0, 58, 60), (270.0, 0.0, 182, 60)],
)
def test_a_position_is_marked_on_the_sky_with_east_to_the_left(
    ra_deg: float, dec_deg: float, x: int, y: int
) -> None:
    image = open_image(draw_sky(ra_deg, dec_deg)).convert("RGB")
    red, green, _ = image.getpixel((x, y))
    assert red > 150
    assert green < 100


def test_every_caption_says_what_is_to_be_seen() -> None:
    assert draw_sky(332.42, -4.64).caption.startswith("RA 332.4200, Dec -4.6400 deg")
