"""FUV segments A and B together, what happens when one is bad, and the x1d that must fit them."""

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.corrtag_files import SENSITIVITY, Events, Observation
from hstql_assets.batching.bad_data import BadExposure, NothingToExtract, Reason
from hstql_assets.lightcurves.lightcurve import make_lightcurve
from hstql_assets.lightcurves.rates import Quality
from hstql_assets.lightcurves.settings import ExtractionSettings

ALL = ExtractionSettings(exclude_airglow=False)
ROWS = {"FUVA": 420.0, "FUVB": 480.0}


def steady(segment: str, count: int = 990) -> Events:
    """`count` source events, evenly from 1 s to 99 s, over all columns."""
    columns = np.linspace(100, 16000, count)
    return Events(np.linspace(1, 99, count), columns, np.full(count, ROWS[segment]))


@pytest.fixture
def pair(observation: Observation) -> list[Path]:
    return [observation.corrtag(steady(name), name) for name in ROWS]


def test_two_segments_add_their_counts(observation: Observation, pair: list[Path]) -> None:
    x1d = observation.x1d(("FUVA", "FUVB"))
    both = make_lightcurve(pair, x1d, ALL)
    each = [make_lightcurve([path], x1d, ALL) for path in pair]
    assert both.segments == ("FUVA", "FUVB")
    assert both.totals.gross == sum(one.totals.gross for one in each)
    np.testing.assert_allclose(both.bins.gross, each[0].bins.gross + each[1].bins.gross)


def test_the_flux_of_two_segments_is_the_mean_over_the_columns_of_both(
    observation: Observation,
) -> None:
    # A is three times as bright as B, and has columns half as often good.
    good = np.ones(16384)
    good[::2] = 0
    n = 3000
    odd = 101.0 + 2 * (np.arange(n) % 7000)
    bright = Events(np.linspace(1, 99, n), odd, np.full(n, ROWS["FUVA"]))
    pair = [observation.corrtag(bright, "FUVA"), observation.corrtag(steady("FUVB", 1000), "FUVB")]
    x1d = observation.x1d(("FUVA", "FUVB"), FUVA={"DQ_WGT": good})
    flux = make_lightcurve(pair, x1d, ALL).totals.flux
    assert flux == pytest.approx(4000 / (SENSITIVITY * (8192 + 16384) * 100))


def test_together_the_segments_are_live_when_both_are(observation: Observation) -> None:
    first = observation.but(good_times=((0, 80),)).corrtag(steady("FUVA"), "FUVA")
    second = observation.but(good_times=((30, 100),)).corrtag(steady("FUVB"), "FUVB")
    found = make_lightcurve([first, second], observation.x1d(("FUVA", "FUVB")), ALL)
    assert found.totals.exposure_s == 50
    assert found.totals.gross == pytest.approx(2 * 10.1 * 50, abs=3)
    assert len(found.bins.times_s) == 40
    assert (found.bins.quality[:15] & Quality.NO_LIVE_TIME).all()
    assert np.isnan(found.bins.gross[:15]).all()
    assert np.isfinite(found.bins.gross[15:]).all()


def test_a_segment_that_was_good_for_a_moment_does_not_cost_the_other_its_time(
    observation: Observation,
) -> None:
    first = observation.but(good_times=((0, 5),)).corrtag(steady("FUVA"), "FUVA")
    second = observation.corrtag(steady("FUVB"), "FUVB")
    found = make_lightcurve([first, second], observation.x1d(("FUVA", "FUVB")), ALL)
    assert (found.segments, found.totals.exposure_s) == (("FUVB",), 100)
    (problem,) = found.rejected
    assert (problem.filename, problem.reason) == (first.name, Reason.SHORT_EXPOSURE)
    assert problem.detail == f"it shares only 5 s of the 100 s of good time of {second.name}."


def test_segments_that_were_never_good_together_are_not_added(observation: Observation) -> None:
    first = observation.but(good_times=((0, 50),)).corrtag(steady("FUVA"), "FUVA")
    second = observation.but(good_times=((50, 100),)).corrtag(steady("FUVB"), "FUVB")
    found = make_lightcurve([first, second], observation.x1d(("FUVA", "FUVB")), ALL)
    assert (found.segments, found.totals.exposure_s) == (("FUVA",), 50)
    assert found.rejected[0].detail.startswith("it shares only 0 s of the 50 s")


def test_a_steady_source_has_a_steady_rate_through_gaps_and_partial_bins(
    observation: Observation,
) -> None:
    gaps = observation.but(good_times=((0.5, 20.7), (33.3, 71), (80, 97.9)))
    n = 100_000
    events = Events(np.linspace(0, 100, n), np.full(n, 8000.0), np.full(n, 420.0))
    found = make_lightcurve([gaps.corrtag(events)], None, ALL).bins
    live = found.exposure_s > 0
    np.testing.assert_allclose(found.net[live], n / 100, rtol=0.01)
    assert (found.quality[live & (found.exposure_s < 2)] & Quality.PARTLY_LIVE).all()
    assert np.isnan(found.net[~live]).all()
    assert live.sum() == 11 + 20 + 9


def test_one_bad_segment_is_left_out_and_recorded(
    observation: Observation, pair: list[Path]
) -> None:
    pair[1].write_bytes(pair[1].read_bytes()[:40000])
    found = make_lightcurve(pair, observation.x1d(("FUVA", "FUVB")), ALL)
    assert found.segments == ("FUVA",)
    (problem,) = found.rejected
    assert (problem.filename, problem.reason) == (pair[1].name, Reason.UNREADABLE)
    assert [file.filename for file in found.inputs] == [pair[0].name, "ltest01aq_x1d.fits"]


def test_a_segment_found_bad_while_counting_gives_the_other_its_own_time(
    observation: Observation,
) -> None:
    good = observation.corrtag(steady("FUVA"), "FUVA")
    events = steady("FUVB")
    falling = replace(events, time=events.time[::-1])
    short = observation.but(good_times=((0, 50),)).corrtag(falling, "FUVB")
    found = make_lightcurve([good, short], observation.x1d(("FUVA", "FUVB")), ALL)
    assert found.rejected[0].reason is Reason.NON_LINEAR_TIME
    assert found.totals.exposure_s == 100
    assert found.totals.gross == 990


def test_two_bad_segments_are_a_bad_exposure_with_both_reasons(
    observation: Observation, pair: list[Path]
) -> None:
    pair[0].write_bytes(b"")
    flagged = observation.but(events_header={"EXPFLAG": "INVALID"})
    flagged.corrtag(steady("FUVB"), "FUVB")
    with pytest.raises(BadExposure) as caught:
        make_lightcurve(pair, None)
    reasons = {problem.filename: problem.reason for problem in caught.value.problems}
    assert reasons == {pair[0].name: Reason.UNREADABLE, pair[1].name: Reason.EXPFLAG}


def test_bad_data_survive_the_way_out_of_a_worker(pair: list[Path]) -> None:
    pair[0].write_bytes(b"")
    with pytest.raises(BadExposure) as caught:
        make_lightcurve(pair[:1], None)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value) == f"{pair[0].name}: Unreadable: is empty."


def test_a_lightcurve_survives_it_too(observation: Observation, pair: list[Path]) -> None:
    found = make_lightcurve(pair, observation.x1d(("FUVA", "FUVB")))
    assert pickle.loads(pickle.dumps(found)).totals == found.totals


@pytest.mark.parametrize(
    ("keyword", "primary", "extension"),
    [
        ("EXPSTART", {}, {"EXPSTART": 58000.26}),
        ("OPT_ELEM", {"OPT_ELEM": "G160M"}, {}),
        ("CENWAVE", {"CENWAVE": 1327}, {}),
        ("DETECTOR", {"DETECTOR": "NUV"}, {}),
    ],
)
def test_the_x1d_of_another_exposure_makes_the_exposure_bad(
    observation: Observation,
    pair: list[Path],
    keyword: str,
    primary: dict[str, object],
    extension: dict[str, object],
) -> None:
    x1d = observation.but(primary=primary, events_header=extension).x1d()
    with pytest.raises(BadExposure) as caught:
        make_lightcurve(pair, x1d)
    (problem,) = caught.value.problems
    assert (problem.filename, problem.reason) == (x1d.name, Reason.MISMATCHED_X1D)
    assert problem.detail.startswith(keyword)


def test_a_truncated_x1d_makes_the_exposure_bad(observation: Observation, pair: list[Path]) -> None:
    x1d = observation.x1d(("FUVA", "FUVB"))
    x1d.write_bytes(x1d.read_bytes()[:100_000])
    with pytest.raises(BadExposure) as caught:
        make_lightcurve(pair, x1d)
    (problem,) = caught.value.problems
    assert (problem.reason, problem.detail) == (
        Reason.UNREADABLE,
        "ends after 0 of 2 rows of sci.",
    )


@pytest.mark.parametrize("name", ["NET", "Y_UPPER_OUTER"])
def test_an_x1d_without_a_column_makes_the_exposure_bad(
    observation: Observation, pair: list[Path], name: str
) -> None:
    x1d = observation.x1d(("FUVA", "FUVB"))
    with fits.open(x1d) as hdus:
        kept = [column for column in hdus[1].columns if column.name != name]
        hdus[1] = fits.BinTableHDU.from_columns(kept, hdus[1].header)
        hdus.writeto(x1d, overwrite=True)
    with pytest.raises(BadExposure, match=f"no column {name}"):
        make_lightcurve(pair, x1d)


def test_a_segment_that_the_x1d_does_not_have_is_left_out(
    observation: Observation, pair: list[Path]
) -> None:
    found = make_lightcurve(pair, observation.x1d(("FUVA",)))
    assert found.segments == ("FUVA",)
    assert found.rejected[0].reason is Reason.MISMATCHED_X1D
    assert found.rejected[0].filename == pair[1].name


def test_wavelengths_that_no_column_has_leave_nothing_and_never_a_curve_of_zeros(
    observation: Observation, pair: list[Path]
) -> None:
    settings = ExtractionSettings(wave_min=1700, wave_max=1750)
    for x1d, what in ((observation.x1d(("FUVA", "FUVB")), "column"), (None, "event")):
        with pytest.raises(NothingToExtract, match=f"no good {what} from 1700 to 1750"):
            make_lightcurve(pair, x1d, settings)


def test_an_x1d_without_a_good_column_is_at_fault_itself(
    observation: Observation, pair: list[Path]
) -> None:
    nowhere = {"DQ_WGT": np.zeros(16384)}
    x1d = observation.x1d(("FUVA", "FUVB"), FUVA=nowhere, FUVB=nowhere)
    with pytest.raises(BadExposure) as caught:
        make_lightcurve(pair, x1d)
    (problem,) = caught.value.problems
    assert (problem.filename, problem.reason) == (x1d.name, Reason.MISMATCHED_X1D)
    assert problem.detail == "DQ_WGT of FUVA, FUVB is 0 everywhere: no column is good."


@pytest.mark.parametrize("row", [np.nan, np.inf, -np.inf, 1e30, -5, 1024])
@pytest.mark.parametrize("name", ["Y_LOWER_OUTER", "Y_UPPER_OUTER"])
def test_an_x1d_whose_limits_are_nowhere_on_the_detector_is_at_fault(
    observation: Observation, pair: list[Path], name: str, row: float
) -> None:
    x1d = observation.x1d(("FUVA",), FUVA={name: np.full(16384, row)})
    with pytest.raises(BadExposure, match=r"Y_LOWER_OUTER and Y_UPPER_OUTER") as caught:
        make_lightcurve(pair[:1], x1d)
    assert caught.value.problems[0].filename == x1d.name


@pytest.mark.parametrize("later_s", [0.1, 0.86, 21600])
def test_files_that_begin_at_two_times_are_not_added(
    observation: Observation, later_s: float
) -> None:
    first = observation.corrtag(steady("FUVA"), "FUVA")
    later = observation.but(exp_start=58000.25 + later_s / 86400).corrtag(steady("FUVB"), "FUVB")
    found = make_lightcurve([first, later], None)
    assert found.segments == ("FUVA",)
    assert found.rejected[0].detail.startswith(f"begins {later_s:.3f} s after {first.name}: ")


def test_an_undefined_region_is_bad_data(observation: Observation) -> None:
    nowhere = observation.but(boxes={"A": (-999.0,) * 6})
    with pytest.raises(BadExposure, match="SP_LOC_A is undefined"):
        make_lightcurve([nowhere.corrtag(steady("FUVA"))], None)


@pytest.mark.parametrize(
    ("keyword", "value", "said"),
    [
        ("B_HGT1_A", -999, "B_HGT1_A is undefined"),
        ("B_HGT2_A", 10**9, "not from 0 to 1024 rows"),
        ("SP_HGT_A", -5, "not from 0 to 1024 rows"),
        ("SP_LOC_A", 1e30, "outside the detector"),
        ("X_OFFSET", 10**9, "not from 0 to 1000 columns"),
    ],
)
def test_a_box_that_cannot_be_makes_no_background_of_zero(
    observation: Observation, keyword: str, value: float, said: str
) -> None:
    path = observation.but(events_header={keyword: value}).corrtag(steady("FUVA"))
    with pytest.raises(BadExposure, match=said) as caught:
        make_lightcurve([path], None)
    assert caught.value.problems[0].reason is Reason.UNREADABLE


def test_a_limit_of_the_sun_needs_a_timeline(observation: Observation) -> None:
    with pytest.raises(BadExposure, match="TIMELINE"):
        make_lightcurve(
            [observation.corrtag(steady("FUVA"))], None, ExtractionSettings(sun_altitude_max_deg=0)
        )


def test_the_time_of_a_high_sun_is_not_live(observation: Observation) -> None:
    sun = np.arange(0, 101.0, 10), np.where(np.arange(11) < 5, 30.0, -30.0)
    path = observation.but(sun=sun).corrtag(steady("FUVA"))
    found = make_lightcurve([path], None, ExtractionSettings(sun_altitude_max_deg=0))
    assert found.totals.exposure_s == pytest.approx(55)
    assert found.totals.gross == pytest.approx(10.1 * 54, abs=2)
    with pytest.raises(NothingToExtract, match=r"100 s .* below -40 degrees for 0 s"):
        make_lightcurve([path], None, ExtractionSettings(sun_altitude_max_deg=-40))


@pytest.mark.parametrize(
    "wrong",
    [
        {"bin_s": 0}, {"bin_s": -2.0}, {"bin_s": float("nan")}, {"wave_min": -1.0},
        {"wave_min": 1500.0, "wave_max": 1400.0}, {"wave_min": 5000.0}, {"wave_max": 900.0},
        {"sun_altitude_max_deg": 120.0},
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"bin_s|wave_min|sun_altitude_max_deg"):
        ExtractionSettings(**wrong)  # type: ignore[arg-type]


def test_too_many_bins_are_refused(pair: list[Path]) -> None:
    for bin_s, count in ((1e-6, "100,000,000"), (1e-310, "inf")):
        with pytest.raises(NothingToExtract, match=f"would be {count}, .* choose wider ones"):
            make_lightcurve(pair, None, ExtractionSettings(bin_s=bin_s))


def test_a_modulated_source_comes_back_with_its_period_and_amplitude(
    observation: Observation,
) -> None:
    rng = np.random.default_rng(20)
    times = np.sort(rng.uniform(0, 100, 400_000))
    kept = rng.random(len(times)) < (1 + 0.3 * np.sin(2 * np.pi * times / 12.5)) / 1.3
    n = int(kept.sum())
    events = Events(times[kept], rng.uniform(100, 16000, n), np.full(n, 420.0))
    found = make_lightcurve([observation.corrtag(events)], None, ExtractionSettings(bin_s=0.5))
    net, centre = found.bins.net, found.bins.times_s + 0.25
    wave = np.exp(2j * np.pi * centre / 12.5)
    assert 2 * abs(np.mean((net / net.mean() - 1) * wave)) == pytest.approx(0.3, abs=0.01)
