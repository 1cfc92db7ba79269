"""The checks: each refuses what it should, with its numbers, and in order."""

from dataclasses import replace

import numpy as np
import pytest

from builders.corrtag_files import Events, Observation
from hstql_assets.batching.bad_data import BadData, BadExposure, Reason
from hstql_assets.lightcurves.lightcurve import make_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.fits.stream import BLOCK_ROWS


def at(times: list[float] | np.ndarray) -> Events:
    n = len(times)
    return Events(np.array(times, dtype=float), np.full(n, 8000.0), np.full(n, 420.0))


def problem_of(
    observation: Observation, events: Events, settings: ExtractionSettings | None = None
) -> BadData:
    with pytest.raises(BadExposure) as caught:
        make_lightcurve([observation.corrtag(events)], None, settings)
    return caught.value.problems[0]


def test_reasons_are_spelled_as_in_hstlc() -> None:
    assert [str(reason) for reason in Reason][:6] == [
        "Bad EXPFLAG", "Non-linear time", "No events", "Singular event", "Bad Proposal",
        "Short Exposure",
    ]  # fmt: skip


def test_an_interrupted_exposure_has_a_bad_flag(observation: Observation) -> None:
    interrupted = observation.but(events_header={"EXPFLAG": "INTERRUPTED"})
    problem = problem_of(interrupted, at([1, 2]))
    assert problem.reason is Reason.EXPFLAG
    assert "'INTERRUPTED'" in problem.detail


def test_falling_time_is_not_linear(observation: Observation) -> None:
    problem = problem_of(observation, at([1, 5, 4, 6]))
    assert problem.reason is Reason.NON_LINEAR_TIME
    assert problem.detail == "TIME goes from 5.000 s to 4.000 s at event 3."


def test_falling_time_is_seen_across_the_border_of_two_blocks(observation: Observation) -> None:
    times = np.full(BLOCK_ROWS + 5, 50.0)
    times[:BLOCK_ROWS] = 60.0
    problem = problem_of(observation, at(times))
    assert problem.reason is Reason.NON_LINEAR_TIME
    assert f"event {BLOCK_ROWS + 1:,}" in problem.detail


@pytest.mark.parametrize(
    "times",
    [
        [1, 2, np.nan, 4],
        [np.nan, 1, 2],
        [1, 2, np.nan],
        [1, 2, np.inf],
        [-np.inf, 1],
        [1, np.inf, 4],
    ],
)
def test_times_that_are_no_finite_numbers_are_unreadable(
    observation: Observation, times: list[float]
) -> None:
    problem = problem_of(observation, at(times))
    assert problem.reason is Reason.UNREADABLE
    assert problem.detail == f"TIME is not a finite number in 1 of {len(times)} events."


def test_a_time_far_beyond_the_exposure_is_in_no_bin(observation: Observation) -> None:
    settings = ExtractionSettings(bin_s=0.001)
    found = make_lightcurve([observation.corrtag(at([1, 2, 3e38]))], None, settings)
    assert found.totals.gross == 2


@pytest.mark.parametrize("epsilon", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("has_x1d", [True, False])
def test_weights_that_are_no_finite_numbers_are_unreadable(
    observation: Observation, epsilon: float, has_x1d: bool
) -> None:
    weights = np.ones(4000)
    weights[[7, 8, 2000, 3999]] = epsilon
    events = replace(at(np.linspace(1, 99, 4000)), epsilon=weights)
    events.row[8] = 360  # background, which is taken away: infinity less infinity
    x1d = observation.x1d() if has_x1d else None
    with pytest.raises(BadExposure) as caught:
        make_lightcurve([observation.corrtag(events)], x1d)
    (problem,) = caught.value.problems
    assert problem.reason is Reason.UNREADABLE
    assert problem.detail == "EPSILON is not a finite number in 4 of 4,000 events."


def test_a_table_without_rows_has_no_events(observation: Observation) -> None:
    assert problem_of(observation, at([])).reason is Reason.NO_EVENTS


def test_one_time_for_all_events_is_singular(observation: Observation) -> None:
    problem = problem_of(observation, at([3, 3, 3]))
    assert problem.reason is Reason.SINGULAR_EVENT
    assert "all 3 events have the one TIME 3 s" in problem.detail


def test_a_listed_proposal_is_refused_and_no_other(observation: Observation) -> None:
    settings = ExtractionSettings(bad_proposals=frozenset({99999}))
    assert problem_of(observation, at([1, 2]), settings).reason is Reason.PROPOSAL
    make_lightcurve([observation.corrtag(at([1, 2]))], None)


def test_no_exposure_time_with_good_events_is_short_and_says_so(observation: Observation) -> None:
    zero = observation.but(exp_time=0.0, good_times=())
    problem = problem_of(zero, at([0.5, 7, 90]))
    assert problem.reason is Reason.SHORT_EXPOSURE
    assert problem.detail == (
        "EXPTIME is 0 s, less than 1 s, and the GTI table is empty, although the table "
        "has 3 events from 0.500 to 90.000 s."
    )


def test_no_good_time_is_a_short_exposure(observation: Observation) -> None:
    problem = problem_of(observation.but(good_times=()), at([1, 2]))
    assert problem.reason is Reason.SHORT_EXPOSURE
    assert "EXPTIME is 0 s" in problem.detail
    exposed = observation.but(good_times=(), events_header={"EXPTIME": 100.0})
    problem = problem_of(exposed, at([1, 2]))
    assert problem.reason is Reason.SHORT_EXPOSURE
    assert "GTI" in problem.detail


def test_good_time_before_the_start_alone_is_a_short_exposure(observation: Observation) -> None:
    problem = problem_of(observation.but(good_times=((-0.9, 0.5),)), at([0.1, 0.2]))
    assert problem.reason is Reason.SHORT_EXPOSURE
    assert problem.detail == "only 0.5 s of its good time are after EXPSTART."


@pytest.mark.parametrize(
    ("good_times", "exp_time", "said"),
    [
        (
            ((0, 100), (9e6, 9e6 + 10)),
            100.0,
            "from 0.000 to 9000010.000 s, but EXPEND is 100.000 s after",
        ),
        (((-50, 50),), 100.0, "from -50.000 to 50.000 s"),
        (((0, np.nan),), 100.0, "no numbers"),
        (((0, np.inf),), 100.0, "no numbers"),
    ],
)
def test_good_times_that_do_not_fit_the_exposure_are_unreadable(
    observation: Observation,
    good_times: tuple[tuple[float, float], ...],
    exp_time: float,
    said: str,
) -> None:
    other = observation.but(good_times=good_times, events_header={"EXPTIME": exp_time})
    problem = problem_of(other, at([1, 2]))
    assert problem.reason is Reason.UNREADABLE
    assert said in problem.detail


def test_good_times_may_run_over_the_exposure_and_differ_from_exptime(
    observation: Observation,
) -> None:
    near = observation.but(good_times=((-0.5, 100.5),), events_header={"EXPTIME": 90.0})
    assert make_lightcurve([near.corrtag(at([1, 2]))], None).totals.exposure_s == 100.5


def test_the_flag_is_checked_before_all_else(observation: Observation) -> None:
    wrong = observation.but(good_times=(), events_header={"EXPFLAG": "NO DATA"})
    assert problem_of(wrong, at([])).reason is Reason.EXPFLAG


def test_having_no_events_is_told_before_the_exposure_time(observation: Observation) -> None:
    assert problem_of(observation.but(good_times=()), at([])).reason is Reason.NO_EVENTS
