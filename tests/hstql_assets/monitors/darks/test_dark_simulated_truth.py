"""Two years of simulated darks: what was put in comes out."""

import json
from functools import cache

import numpy as np
import pytest

from hstql_assets.batching.input_files import InputFile
from hstql_assets.monitors.darks.measure import make_dark_rates as measure
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_resources.archive.simulated.cos_monitoring.archive_contents import DARKS
from hstql_resources.archive.simulated.cos_monitoring.darks import (
    ACCEPTED,
    ANOMALY_LATITUDE_DEG,
    ANOMALY_LONGITUDE_DEG,
    GROWTH_PER_YEAR,
    anomaly_factor,
    dark_rate,
    make_dark_exposure,
    temperature_c,
)
from hstql_resources.archive.simulated.cos_monitoring.epochs import YEAR_DAYS

SEED, EPOCHS = 20090511, 60
DETECTORS = ("FUVA", "FUVB", "NUV")


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """Rows of all exposures of sixty epochs, and the columns of those of the main regions."""
    folder = tmp_path_factory.mktemp("darks")
    made = []
    for index in range(DARKS.count(EPOCHS)):
        make = DARKS.open_exposure(SEED, index)
        files = []
        for name in DARKS.list_filenames(index):
            if name.endswith(".fits"):
                (folder / name).write_bytes(make(name))
                filetype = name.removesuffix(".fits").partition("_")[2]
                files.append(InputFile(name, filetype, folder / name))
        outcome = measure(ExposureTask(DARKS.locate(index).rootname, tuple(files), None))
        assert (outcome.status, outcome.bad_files) == ("made", ())
        made += outcome.rows["dark_rates"]
        for file in files:
            file.path.unlink()
    return made


def columns(rows, detector, region=None):
    region = region or ("whole" if detector == "NUV" else "main")
    chosen = [row for row in rows if (row["detector"], row["region"]) == (detector, region)]
    chosen = [row for row in chosen if row["live_time_s"] > 0.0]
    return {name: np.array([row[name] for row in chosen]) for name in chosen[0]}


def expected_counts(found, detector):
    """What the law says of each stretch."""
    law = np.array([dark_rate(detector, start_of(root)) for root in found["rootname"]])
    factor = anomaly_factor(found["latitude_deg"], found["longitude_deg"])
    return law * factor * found["live_time_s"] * found["pixels"]


@cache
def start_of(rootname):
    return DARKS.locate(DARKS.find_index(rootname)).start_mjd


@pytest.mark.parametrize("detector", DETECTORS)
def test_the_dark_rate_of_two_years_is_unbiased_to_a_percent(rows, detector):
    found = columns(rows, detector)
    out = ~found["is_in_saa"].astype(bool)
    counts, expected = found["counts"][out], expected_counts(found, detector)[out]
    assert 1.0 / np.sqrt(expected.sum()) < 0.004  # or the test could not tell
    assert counts.sum() / expected.sum() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("region", ["main", "inner", "bottom", "top", "left", "right"])
@pytest.mark.parametrize("detector", ["FUVA", "FUVB"])
def test_every_region_has_the_rate_that_was_put_in(rows, detector, region):
    found = columns(rows, detector, region)
    expected = expected_counts(found, detector).sum()
    assert abs(found["counts"].sum() - expected) < 4.0 * np.sqrt(expected)


@pytest.mark.parametrize("detector", DETECTORS)
def test_deviations_are_as_large_as_the_errors_say(rows, detector):
    found = columns(rows, detector)
    exposure = found["live_time_s"] * found["pixels"]
    far = found["live_time_s"] > 20.0
    pulls = (found["rate"] - expected_counts(found, detector) / exposure) / found["rate_error"]
    pulls = pulls[far]
    assert np.mean(pulls**2) == pytest.approx(1.0, abs=4.0 * np.sqrt(2.0 / pulls.size))
    assert abs(np.mean(pulls)) < 4.0 / np.sqrt(pulls.size) + 0.02


@pytest.mark.parametrize("detector", DETECTORS)
def test_the_rate_grows_as_it_should(rows, detector):
    found = columns(rows, detector)
    out = ~found["is_in_saa"].astype(bool)
    years = (found["mid_mjd"][out] - 58484.0) / YEAR_DAYS
    slope, start = np.polyfit(years, found["rate"][out], 1, w=1.0 / found["rate_error"][out])
    assert slope / start == pytest.approx(GROWTH_PER_YEAR[detector], abs=0.02)


@pytest.mark.parametrize("detector", DETECTORS)
def test_the_anomaly_is_where_it_was_put(rows, detector):
    found = columns(rows, detector)
    law = np.array([dark_rate(detector, start_of(root)) for root in found["rootname"]])
    excess = found["rate"] / law - 1.0
    inside = found["is_in_saa"].astype(bool)
    weights = np.clip(excess[inside], 0.3, None) - 0.3
    longitude = np.average(found["longitude_deg"][inside], weights=weights)
    latitude = np.average(found["latitude_deg"][inside], weights=weights)
    assert longitude == pytest.approx(ANOMALY_LONGITUDE_DEG, abs=3.0)
    assert latitude == pytest.approx(ANOMALY_LATITUDE_DEG, abs=3.0)
    assert np.median(excess[~inside]) == pytest.approx(0.0, abs=0.02)


@pytest.mark.parametrize("detector", ["FUVA", "FUVB"])
def test_the_share_of_good_pulse_heights_is_found(rows, detector):
    found = columns(rows, detector)
    share, total = found["counts"].sum() / found["all_counts"].sum(), found["all_counts"].sum()
    assert share == pytest.approx(ACCEPTED[detector], abs=4.0 * np.sqrt(0.2 / total))


def test_live_time_is_exact_also_with_a_gap(rows):
    live_s: dict[str, float] = {}
    for row in rows:
        if row["region"] in ("main", "whole") and row["detector"] != "FUVB":
            live_s[row["rootname"]] = live_s.get(row["rootname"], 0.0) + row["live_time_s"]
    with_gap = 0
    for rootname, found_s in live_s.items():
        exposure = make_dark_exposure(SEED, DARKS.locate(DARKS.find_index(rootname)))
        with_gap += exposure.gap is not None
        assert found_s == pytest.approx(exposure.exposure_time_s, abs=1e-6)
    assert with_gap >= 10


def test_positions_are_those_of_the_orbit(rows):
    found = columns(rows, "NUV")
    for rootname in sorted(set(found["rootname"]))[:20]:
        exposure = make_dark_exposure(SEED, DARKS.locate(DARKS.find_index(rootname)))
        mine = found["rootname"] == rootname
        time_s = (found["mid_mjd"][mine] - exposure.place.start_mjd) * 86400.0
        apart = found["longitude_deg"][mine] - exposure.orbit.longitude_at(time_s)
        assert np.abs((apart + 180.0) % 360.0 - 180.0).max() < 0.01
        assert found["latitude_deg"][mine] == pytest.approx(
            exposure.orbit.latitude_at(time_s), abs=0.01
        )


def test_temperatures_are_those_of_the_telemetry(rows):
    for row in rows[::97]:
        assert row["temperature_c"] == temperature_c(row["detector"], start_of(row["rootname"]))


def test_the_truth_beside_the_files_says_what_was_put_in():
    name = DARKS.locate(4).rootname
    truth = json.loads(DARKS.open_exposure(SEED, 4)(f"{name}_truth.json"))
    assert truth["rates"]["FUVA"] == dark_rate("FUVA", start_of(name))
    assert len(truth["good_intervals_s"]) == 2
