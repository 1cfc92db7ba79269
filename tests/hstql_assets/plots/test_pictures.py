"""Pictures and plots of ordinary and of impossible lightcurves."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hstql_assets.batching.pictures import BLOCKS, COLUMNS, GAP, draw_steps
from hstql_assets.batching.showing import describe_outcome
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.rates import BinValues
from hstql_assets.plots.drawing import PlotTask, plot_lightcurve
from hstql_resources.filesystem import Filesystem

KEY = "ls000103q"
SHOWN_BYTES = 600


@pytest.fixture(scope="module")
def lightcurve(simulated: Path) -> Lightcurve:
    return make_lightcurve([simulated / f"{KEY}_corrtag_a.fits"], simulated / f"{KEY}_x1d.fits")


def change_bins(lightcurve: Lightcurve, change: Callable[[np.ndarray], np.ndarray]) -> Lightcurve:
    bins = {name: change(values) for name, values in vars(lightcurve.bins).items()}
    times = replace(lightcurve.barycentric, bjd=change(lightcurve.barycentric.bjd))
    return replace(lightcurve, bins=BinValues(**bins), barycentric=times)


def rename(lightcurve: Lightcurve, name: str) -> Lightcurve:
    return replace(lightcurve, exposure=replace(lightcurve.exposure, target_name=name))


def plot(lightcurve: Lightcurve, folder: Path) -> dict[str, object]:
    """Write a lightcurve, plot it and return what the user interface shows."""
    filesystem = Filesystem(folder)
    path = filesystem.lightcurve("a-star", KEY)
    with filesystem.write(path) as temporary:
        write_lightcurve(lightcurve, temporary)
    outcome = plot_lightcurve(PlotTask(KEY, path, filesystem))
    assert outcome.status == "made", outcome.reason
    with Image.open(filesystem.lightcurve_plots("a-star", KEY).picture) as image:
        assert image.size == (1000, 500)
    return describe_outcome(outcome)


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
    shown = plot(noisy, tmp_path)
    assert len(str(shown)) < SHOWN_BYTES
    assert "image" not in str(shown)


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


def test_a_step_picture_shows_the_shape() -> None:
    high_then_low = draw_steps(np.repeat([8.0, 1.0], 48), "counts")
    assert high_then_low.line == BLOCKS[7] * (COLUMNS // 2) + BLOCKS[1] * (COLUMNS // 2)
    with_a_gap = draw_steps(np.array([1.0, np.nan, -1.0]), "counts")
    assert with_a_gap.line == BLOCKS[7] + GAP + BLOCKS[0]
    peak = np.zeros(4800)
    peak[1234] = 5.0
    assert draw_steps(peak, "power", np.max).line.count(BLOCKS[7]) == 1


@given(
    st.lists(st.floats(-1e30, 1e30) | st.just(float("nan")) | st.just(float("inf")), max_size=2000),
    st.sampled_from([1.0, 1e278, 5e-324]),
)
def test_any_series_can_be_drawn(values: list[float], scale: float) -> None:
    picture = draw_steps(np.array(values) * scale, "anything")
    assert len(picture.line) == min(len(values), COLUMNS)
    assert len(json.dumps(picture.line)) < SHOWN_BYTES
