"""The six checks: each refuses what it should, with its numbers, and in order."""

import numpy as np
import pytest
from corrtag_files import Events, Observation

from hstql_assets.lightcurves.bad_data import BadData, BadExposure, Reason
from hstql_assets.lightcurves.events import BLOCK_EVENTS
from hstql_assets.lightcurves.lightcurve import make_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings


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
    times = np.full(BLOCK_EVENTS + 5, 50.0)
    times[:BLOCK_EVENTS] = 60.0
    problem = problem_of(observation, at(times))
    assert problem.reason is Reason.NON_LINEAR_TIME
    assert f"event {BLOCK_EVENTS + 1:,}" in problem.detail


def test_a_time_that_is_no_number_is_not_linear(observation: Observation) -> None:
    problem = problem_of(observation, at([1, 2, np.nan, 4]))
    assert problem.reason is Reason.NON_LINEAR_TIME


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
        "EXPTIME is 0 s, less than 1 s, although the table has 3 events from 0.500 to 90.000 s."
    )


def test_no_good_time_is_a_short_exposure(observation: Observation) -> None:
    problem = problem_of(observation.but(good_times=()), at([1, 2]))
    assert problem.reason is Reason.SHORT_EXPOSURE
    assert "GTI" in problem.detail


def test_the_flag_is_checked_before_all_else(observation: Observation) -> None:
    wrong = observation.but(exp_time=0.0, events_header={"EXPFLAG": "NO DATA"})
    assert problem_of(wrong, at([])).reason is Reason.EXPFLAG


def test_having_no_events_is_told_before_the_exposure_time(observation: Observation) -> None:
    assert problem_of(observation.but(exp_time=0.0), at([])).reason is Reason.NO_EVENTS
