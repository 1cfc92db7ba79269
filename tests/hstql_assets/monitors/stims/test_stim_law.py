"""The simulated stims: where the law has them, and how often they pulse."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from hstql_assets.monitors.stims.boxes import boxes_of_constants, boxes_of_header
from hstql_assets.monitors.stims.windows import live_times, make_edges, usual_rate
from hstql_resources.archive.simulated.cos_monitoring.epochs import DAYS, FIRST_MJD
from hstql_resources.archive.simulated.cos_monitoring.stims import (
    STIM_SIGMA_PIXELS,
    draw_stims,
    stim_position,
    stim_rate,
)
from hstql_resources.archive.simulated.cos_raw.instrument import STIMS


@pytest.mark.parametrize("segment", ["FUVA", "FUVB"])
@pytest.mark.parametrize("stim", [1, 2])
def test_stims_stay_in_the_boxes_of_the_simulated_brftab(segment: str, stim: int) -> None:
    mjd = np.linspace(FIRST_MJD, FIRST_MJD + DAYS, 50_000)
    x, y = stim_position(segment, stim, mjd)
    expected = STIMS[segment].first if stim == 1 else STIMS[segment].second
    assert np.abs(x - expected[0]).max() < 60.0 - 8.0 * STIM_SIGMA_PIXELS[0]
    assert np.abs(y - expected[1]).max() < 20.0 - 8.0 * STIM_SIGMA_PIXELS[1]
    assert np.ptp(x) > 5.0


@pytest.mark.parametrize(("duration_s", "rate"), [(3.0, 2000.0), (50.0, 30.0), (1000.0, 2.0)])
def test_each_stim_pulses_at_half_of_the_rate(duration_s: float, rate: float) -> None:
    assert stim_rate(duration_s) == usual_rate(duration_s) == rate
    events = draw_stims(np.random.default_rng(1), "FUVA", FIRST_MJD, duration_s)
    is_left = events.x < 8000
    assert is_left.sum() == pytest.approx(duration_s * rate / 2.0, abs=1)
    assert (~is_left).sum() == pytest.approx(duration_s * rate / 2.0, abs=1)
    assert np.all(np.diff(events.time_s) > 0.0)
    assert 0.0 <= events.time_s[0] < events.time_s[-1] < duration_s


def test_the_same_stream_gives_the_same_events() -> None:
    one, two = (draw_stims(np.random.default_rng(3), "FUVB", 58500.0, 200.0) for _ in range(2))
    assert np.array_equal(one.x, two.x)
    assert np.array_equal(one.y, two.y)


def test_stretches_have_about_120_pulses_and_cover_the_exposure() -> None:
    for duration_s, number in (
        (1881.2, 16),
        (1330.0, 11),
        (60.0, 8),
        (9.0, 50),
        (0.1, 1),
        (60e3, 50),
    ):
        edges = make_edges(duration_s, usual_rate(duration_s))
        assert len(edges) - 1 == number
        assert (edges[0], edges[-1]) == (0.0, duration_s)
        assert np.diff(edges) == pytest.approx(duration_s / number)
    assert make_edges(0.0, 2.0).tolist() == [0.0]
    assert len(make_edges(1000.0, 0.0)) == 2


def test_live_time_is_what_good_time_intervals_leave_of_a_stretch() -> None:
    edges = np.array([0.0, 10.0, 20.0, 30.0])
    intervals = np.array([(-5.0, 4.0), (6.0, 12.0), (29.0, 40.0)])
    assert live_times(edges, intervals).tolist() == [8.0, 2.0, 1.0]
    assert live_times(edges, np.empty((0, 2))).tolist() == [0.0, 0.0, 0.0]


def test_the_constants_are_on_the_detector() -> None:
    """FUVA as in ldfd01vnq; FUVB as the header of lbovnn010 has them, of the year 2011."""
    for segment, *places in (
        ("FUVA", (408.6, 975.2), (16045.7, 22.6)),
        ("FUVB", (404.968, 969.255), (16033.162, 17.12)),
    ):
        boxes = boxes_of_constants(segment)
        assert boxes.source == "constants"
        for box, (x, y) in zip((boxes.first, boxes.second), places, strict=True):
            assert box.left + 20 < x < box.right - 20
            assert box.bottom + 8 < y < box.top - 8


def test_the_constants_are_those_that_real_headers_repeat(real_archive: Path) -> None:
    (path,) = real_archive.glob("lbov/lbovnn010/*_x1dsum.fits*")
    header = fits.getheader(path, 1)
    for segment in ("FUVA", "FUVB"):
        found, constants = boxes_of_header(header, segment), boxes_of_constants(segment)
        assert found is not None
        assert (found.first, found.second) == (constants.first, constants.second)
