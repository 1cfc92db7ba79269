"""What does not fit together in the inputs of a lightcurve is told, or refuses them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.corrtag_files import Events, Observation
from builders.lightcurve_reading import read_lightcurve
from hstql_assets.batching.bad_data import BadExposure, Reason
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve

N = 200


def some_events() -> Events:
    return Events(np.linspace(0.5, 99.5, N), np.full(N, 8000.0), np.full(N, 420.0))


def make(observation: Observation, events: Events | None = None) -> Lightcurve:
    path = observation.corrtag(events or some_events())
    return make_lightcurve([path], observation.x1d())


def refuse(observation: Observation, events: Events) -> tuple[Reason, str]:
    with pytest.raises(BadExposure) as caught:
        make(observation, events)
    (problem,) = caught.value.problems
    return problem.reason, problem.detail


def test_a_good_exposure_has_no_remark(observation: Observation) -> None:
    assert make(observation).remarks == ()
    assert make(observation.but(good_times=((0.0, 40.0), (40.0, 100.4)))).remarks == ()


def test_events_outside_the_good_times_are_told_unless_they_are_flagged(
    observation: Observation,
) -> None:
    halved = observation.but(good_times=((0.0, 50.0),))
    curve = make(halved)
    assert curve.totals.gross == N / 2
    assert curve.remarks == (
        "ltest01aq_corrtag_a.fits: 100 of 200 events are outside the good times (GTI) without the "
        "flag of bad time, and do not count.",
    )
    events = some_events()
    assert make(halved, replace(events, dq=np.where(events.time > 50, 2048, 0))).remarks == ()


def test_events_that_are_all_outside_the_good_times_are_no_measurement(
    observation: Observation,
) -> None:
    late = replace(some_events(), time=some_events().time + 1.5 * 86400)
    reason, detail = refuse(observation, late)
    assert reason is Reason.OUTSIDE_GTI
    assert "all 200 events are outside the good times" in detail


def test_events_that_are_all_flagged_are_no_measurement(observation: Observation) -> None:
    reason, detail = refuse(observation, replace(some_events(), dq=64))
    assert (reason, "rejects all 200 events" in detail) == (Reason.NO_EVENTS, True)


@pytest.mark.parametrize("epsilon", [0.0, -1.0, 1e6])
def test_weights_that_no_pipeline_writes(observation: Observation, epsilon: float) -> None:
    reason, _ = refuse(observation, replace(some_events(), epsilon=epsilon))
    assert reason is Reason.EPSILON
    some = np.where(np.arange(N) < 5, epsilon, 1.0)
    (remark,) = make(observation, replace(some_events(), epsilon=some)).remarks
    assert "5 of 200 events have an EPSILON that is not from 0.1 to 10" in remark
    flagged = replace(some_events(), epsilon=some, dq=np.where(some == 1, 0, 512))
    assert make(observation, flagged).remarks == ()


@pytest.mark.parametrize(
    ("column", "row"), [(1e30, 420), (np.nan, 420), (8000, -5000), (8000, 2e4)]
)
def test_positions_off_the_detector(observation: Observation, column: float, row: float) -> None:
    nowhere = replace(some_events(), column=np.full(N, column), row=np.full(N, float(row)))
    assert refuse(observation, nowhere)[0] is Reason.OFF_DETECTOR
    x, y = (np.where(np.arange(N) < 3, odd, good) for odd, good in ((column, 8000), (row, 420.0)))
    (remark,) = make(observation, replace(some_events(), column=x, row=y)).remarks
    assert "3 of 200 events are far off the detector" in remark


@pytest.mark.parametrize(
    ("good_times", "exposure_s", "words"),
    [
        (((0.0, 60.0), (90.0, 80.0)), 60, "1 of 2 rows of GTI stop before they start"),
        (((0.0, 60.0), (40.0, 100.0)), 100, "rows of GTI overlap by 20.0 s"),
        (((0.0, 105.0),), 105, "good times go 5.0 s beyond EXPSTART or EXPEND"),
        (((-4.0, 100.0),), 100, "good times go 4.0 s beyond EXPSTART or EXPEND"),
    ],
)
def test_rows_of_gti_that_do_not_fit(
    observation: Observation, good_times: tuple[tuple[float, float], ...], exposure_s: float,
    words: str,
) -> None:  # fmt: skip
    curve = make(observation.but(good_times=good_times))
    assert curve.totals.exposure_s == exposure_s
    assert any(words in remark for remark in curve.remarks)


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ({"EXPTIME": 300.0}, "EXPTIME is 300.0 s, but its good times add up to 100.0 s"),
        ({"EXPTIME": 300.0, "EXPTIMEB": 300.0, "EXPTIMEA": 100.0}, None),  # of the other segment
        ({"EXPTIMEA": 50.0}, "EXPTIMEA is 50.0 s, but its good times add up to 100.0 s"),
        ({"EXPTIMEA": "long"}, None),
        ({"EXPTIME": 100.9}, None),
    ],
)
def test_the_exposure_time_is_held_against_the_good_times(
    observation: Observation, header: dict[str, object], told: str | None
) -> None:
    remarks = make(observation.but(events_header=header)).remarks
    assert [told in remark for remark in remarks if told] == ([True] if told else [])
    assert bool(remarks) == bool(told)


def test_two_extensions_of_one_name_and_version_are_refused(observation: Observation) -> None:
    for name, kind, repeated in (("corrtag_a", "EVENTS", 1), ("corrtag_a", "GTI", 1)):
        path, x1d = observation.corrtag(some_events()), observation.x1d()
        with fits.open(path, mode="append") as hdus:
            hdus.append(hdus[kind].copy())
        with pytest.raises(BadExposure, match=f"two extensions {kind}, version {repeated}"):
            make_lightcurve([path], x1d)
        assert name in path.name
    path = observation.corrtag(some_events())
    with fits.open(x1d, mode="append") as hdus:
        hdus.append(hdus[1].copy())
    with pytest.raises(BadExposure, match="two extensions SCI, version 1"):
        make_lightcurve([path], x1d)


def test_columns_that_were_never_extracted_are_not_good(observation: Observation) -> None:
    zero = np.where(np.arange(16384) < 12000, 0.0, 1.0)
    measured = {"GROSS": zero, "NET": zero, "ERROR": zero}
    path = observation.corrtag(some_events())
    curve = make_lightcurve([path], observation.x1d(FUVA=measured))
    assert curve.wave_min == 1200 + 0.02 * 12000
    assert curve.totals.gross == 0
    measured["ERROR"] = np.ones(16384)
    assert make_lightcurve([path], observation.x1d(FUVA=measured)).totals.gross == N


def test_few_good_columns_are_told(observation: Observation) -> None:
    good = np.where(np.arange(16384) < 20, 1.0, 0.0)
    path = observation.corrtag(some_events())
    (remark,) = make_lightcurve([path], observation.x1d(FUVA={"DQ_WGT": good})).remarks
    assert remark == "ltest01aq_corrtag_a.fits: only 0.12% of the columns of FUVA are good."


def test_a_segment_that_ends_early_says_what_is_left_out_of_the_other(
    observation: Observation,
) -> None:
    """60 of 100 s of both are worth more than 100 s of one; 40 s are not."""
    whole, x1d = observation.corrtag(some_events()), observation.x1d(("FUVA", "FUVB"))
    events = some_events()
    for end, segments, words in (
        (60.0, ("FUVA", "FUVB"), "_a.fits: 40.0 s of 100.0 s of good time (40%) are left out"),
        (40.0, ("FUVA",), "_b.fits is left out: Short Exposure: it shares only 40 s of the 100 s"),
    ):
        kept = replace(events, time=events.time * end / 100)
        short = observation.but(good_times=((0.0, end),)).corrtag(kept, "FUVB")
        curve = make_lightcurve([whole, short], x1d)
        assert curve.segments == segments
        (remark,) = curve.remarks
        assert words in remark


def test_remarks_stand_in_the_file(observation: Observation, tmp_path: Path) -> None:
    curve = make(observation.but(good_times=((0.0, 50.0),)))
    write_lightcurve(curve, tmp_path / "curve.fits")
    assert fits.getheader(tmp_path / "curve.fits")["REMARK1"] == curve.remarks[0]
    assert read_lightcurve(tmp_path / "curve.fits").remarks == curve.remarks


def test_an_image_of_cos_has_the_counts_of_the_half_without_the_lamp(tmp_path: Path) -> None:
    image = Observation(
        tmp_path, "NUV", primary={"OBSTYPE": "IMAGING", "OPT_ELEM": "MIRRORA", "CENWAVE": 0}
    )
    rows = np.where(np.arange(N) < 50, 700.0, 200.0)
    events = Events(np.linspace(0.5, 99.5, N), np.linspace(-3.0, 1020.0, N), rows, wavelength=0.0)
    curve = make_lightcurve([image.corrtag(events, "NUV")], None)
    assert curve.totals.gross == 150
    assert (curve.segments, curve.exposure.cenwave, curve.remarks) == (("NUV",), 0, ())
    assert not curve.is_flux_calibrated
    assert not curve.is_background_subtracted
