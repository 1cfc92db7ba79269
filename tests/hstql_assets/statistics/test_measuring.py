"""The statistics of a lightcurve file, over the bins that were live throughout."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hstql_assets.batching.pictures import Picture
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.rates import Quality
from hstql_assets.statistics.measuring import StatisticsTask, measure_lightcurve

KEY = "ls000103q"
SEVEN = ("total", "mean", "mu", "stdev", "poisson_factor", "pearson_r", "pearson_p")


@pytest.fixture(scope="module")
def lightcurve(simulated: Path) -> Lightcurve:
    return make_lightcurve([simulated / f"{KEY}_corrtag_a.fits"], simulated / f"{KEY}_x1d.fits")


def measure_file(
    lightcurve: Lightcurve, counts: list[float], quality: list[int], folder: Path
) -> dict[str, object]:
    """Write a lightcurve with these counts and return its row."""
    n = len(counts)
    bins = {name: values[:n] for name, values in vars(lightcurve.bins).items()}
    bins |= {"counts": np.array(counts), "quality": np.array(quality, np.int32)}
    path = folder / f"{KEY}_curve.fits"
    barycentric = replace(lightcurve.barycentric, bjd=lightcurve.barycentric.bjd[:n])
    cut = replace(lightcurve, bins=type(lightcurve.bins)(**bins), barycentric=barycentric)
    write_lightcurve(cut, path)
    outcome = measure_lightcurve(StatisticsTask(KEY, path))
    assert outcome.status == "made"
    assert isinstance(outcome.metadata["picture"], Picture)
    (row,) = outcome.rows["statistics"]
    assert (row["filename"], row["rootname"], row["kind"]) == (path.name, KEY, "individual")
    return dict(row)


def test_the_total_is_of_all_bins_and_the_rest_of_the_full_ones(
    lightcurve: Lightcurve, tmp_path: Path
) -> None:
    counts = [10.0, 12.0, 3.0, np.nan, 8.0, 10.0, 1.0]
    quality = [
        0, Quality.NO_FLUX, Quality.PARTLY_LIVE, Quality.NO_LIVE_TIME | Quality.PARTLY_LIVE, 0, 0,
        Quality.PARTLY_LIVE | Quality.NO_FLUX,
    ]  # fmt: skip
    row = measure_file(lightcurve, counts, quality, tmp_path)
    full = np.array([10.0, 12.0, 8.0, 10.0])
    assert row["total"] == 44
    assert row["mean"] == pytest.approx(10.0)
    assert row["mu"] == pytest.approx(np.sqrt(10.0))
    assert row["stdev"] == pytest.approx(full.std())
    assert row["poisson_factor"] == pytest.approx(full.std() / np.sqrt(10.0))
    expected = np.corrcoef(full, [0, 1, 4, 5])[0, 1]
    assert row["pearson_r"] == pytest.approx(expected)


def test_a_short_last_bin_does_not_make_a_constant_source_variable(
    lightcurve: Lightcurve, tmp_path: Path
) -> None:
    counts = np.random.default_rng(3).poisson(400, 100).astype(float)
    quality = [0] * 100
    steady = measure_file(lightcurve, list(counts), quality, tmp_path)
    counts[-1], quality[-1] = 4.0, Quality.PARTLY_LIVE
    cut = measure_file(lightcurve, list(counts), quality, tmp_path)
    assert cut["poisson_factor"] == pytest.approx(steady["poisson_factor"], abs=0.02)
    assert steady["poisson_factor"] == pytest.approx(1.0, abs=0.15)


def test_without_a_full_bin_there_is_the_total_only(lightcurve: Lightcurve, tmp_path: Path) -> None:
    row = measure_file(lightcurve, [5.0], [Quality.PARTLY_LIVE], tmp_path)
    assert [row[name] for name in SEVEN] == [5, None, None, None, None, None, None]


def test_a_lightcurve_without_any_live_bin_has_a_total_of_0(
    lightcurve: Lightcurve, tmp_path: Path
) -> None:
    row = measure_file(lightcurve, [np.nan, np.nan], [Quality.NO_LIVE_TIME] * 2, tmp_path)
    assert [row[name] for name in SEVEN] == [0, None, None, None, None, None, None]


def test_an_injected_rise_is_a_correlation_with_time(
    lightcurve: Lightcurve, tmp_path: Path
) -> None:
    rise = np.random.default_rng(4).poisson(100 + 2.0 * np.arange(100)).astype(float)
    row = measure_file(lightcurve, list(rise), [0] * 100, tmp_path)
    assert row["pearson_r"] > 0.9
    assert row["pearson_p"] < 1e-10


def test_a_file_that_cannot_be_read_is_bad_and_named(tmp_path: Path) -> None:
    path = tmp_path / f"{KEY}_curve.fits"
    outcome = measure_lightcurve(StatisticsTask(KEY, path))
    assert outcome.status == "bad"
    assert [bad.filename for bad in outcome.bad_files] == [path.name]
    assert "No such file" in str(outcome.reason)
