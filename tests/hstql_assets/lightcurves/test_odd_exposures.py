"""Exposures with little in them, and x1d files with something wrong: a product that says so.

Each case is made into a file, which is read, measured and drawn as all are.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from builders.corrtag_files import SENSITIVITY, Events, Observation
from builders.quiet_reading import require_readable
from hstql_assets.batching.bad_data import BadExposure, Reason
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.table import read_curve_table
from hstql_assets.plots.figures import draw_curve
from hstql_assets.statistics.measuring import StatisticsTask, measure_lightcurve

COLUMNS = 16384
ODD = np.arange(COLUMNS) % 2 == 1
# 155 counts of background in 100 s, and the NET of 1,000 source events.
X1D = {
    "GROSS": np.full(COLUMNS, 7.5e-4),
    "BACKGROUND_PER_PIXEL": np.full(COLUMNS, 5e-6),
    "NET": np.full(COLUMNS, 6e-4),
    "FLUX": np.full(COLUMNS, 6e-4 / SENSITIVITY),
}


def events(source: int, background: int, end_s: float = 100.0) -> Events:
    rng = np.random.default_rng(4)
    count = source + background
    rows = rng.permutation([420.0] * source + [360.0] * background)
    return Events(np.sort(rng.uniform(0, end_s, count)), rng.integers(100, 16000, count), rows)


def spoil(**columns: float) -> dict[str, np.ndarray]:
    """Give every other column of the x1d these values."""
    whole = {**X1D, "ACTUAL_EE": np.ones(COLUMNS), "DQ_WGT": np.ones(COLUMNS)}
    return {**X1D, **{name: np.where(ODD, value, whole[name]) for name, value in columns.items()}}


@dataclass(frozen=True)
class Odd:
    """An exposure, its x1d (None: there is none), and what its header says of it."""

    events: Events
    x1d: dict[str, np.ndarray] | None = field(default_factory=lambda: X1D)
    changes: dict[str, Any] = field(default_factory=dict)
    source: str = "x1d"
    note: str = ""
    remark: str = ""
    live_bins: int = 50
    is_calibrated: bool = True


NAN_SPECTRUM = dict.fromkeys(("BACKGROUND_PER_PIXEL", "NET", "FLUX"), np.nan)
ONE_BIN = {"good_times": ((50.0, 52.0),), "events_header": {"EXPTIME": 2.0}}
SHORT = {"good_times": ((0.0, 1.5),), "exp_time": 1.5}
CASES = {
    "one event in the source": Odd(
        events(1, 1), source="events", note="1 source events are counted",
    ),
    "two events and no x1d": Odd(events(2, 0), None, source="events", is_calibrated=False),
    "no background event": Odd(events(1000, 0)),
    "no background event, no x1d": Odd(events(1000, 0), None, source="events",
                                       is_calibrated=False),
    "no source event": Odd(events(0, 1000), source="events", note="0 source events are counted"),
    "half of the events of the x1d": Odd(
        events(500, 300), source="events", note="no usable background", remark="source events",
    ),
    "NET of another background": Odd(
        events(1000, 300), {**X1D, "GROSS": np.full(COLUMNS, 5.9872e-4)}, note="NET of the x1d is",
    ),
    "NaN in the background": Odd(
        events(1000, 300), spoil(BACKGROUND_PER_PIXEL=np.nan), source="events",
        note="no usable background",
    ),
    "NaN in background, NET and FLUX": Odd(
        events(1000, 300), spoil(**NAN_SPECTRUM), source="events", note="no numbers in columns",
    ),
    "nothing but NaN": Odd(
        events(1000, 300), {name: np.full(COLUMNS, np.nan) for name in X1D}, source="events",
        note="no numbers in columns", is_calibrated=False,
    ),
    "ACTUAL_EE 0 in half of the columns": Odd(
        events(1000, 300), spoil(ACTUAL_EE=0.0), remark="8,192 columns of FUVA",
    ),
    "ACTUAL_EE infinite in half": Odd(
        events(1000, 300), spoil(ACTUAL_EE=np.inf), remark="8,192 columns of FUVA",
    ),
    "DQ_WGT NaN in half": Odd(events(1000, 300), spoil(DQ_WGT=np.nan)),
    "live in one bin of fifty": Odd(events(1000, 300), changes=ONE_BIN, live_bins=1),
    "one bin, and it is short": Odd(events(18, 4, 1.5), changes=SHORT, live_bins=1),
    "one live bin, and no event in it": Odd(
        Events(np.array([5.0, 50.5, 51.0]), np.full(3, 8000.0), np.array([420.0, 99.0, 99.0])),
        changes=ONE_BIN, live_bins=1,
    ),
    "no position": Odd(events(1000, 300), changes={"primary": {"RA_TARG": None, "DEC_TARG": None}}),
}  # fmt: skip


def write(folder: Path, odd: Odd) -> tuple[Lightcurve, Path]:
    observation = Observation(folder).but(**odd.changes)
    path = observation.corrtag(odd.events)
    x1d = None if odd.x1d is None else observation.x1d(("FUVA",), FUVA=odd.x1d)
    made = make_lightcurve([path], x1d)
    write_lightcurve(made, folder / "ltest01aq_curve.fits")
    return made, folder / "ltest01aq_curve.fits"


@pytest.mark.parametrize("name", CASES)
def test_an_odd_exposure_is_a_product_that_says_what_it_is(name: str, tmp_path: Path) -> None:
    odd = CASES[name]
    made, path = write(tmp_path, odd)
    header = fits.getheader(path)
    assert header["BACKSRC"] == odd.source
    assert odd.note in header.get("XNOTE", "")
    assert odd.remark in str(header.get("REMARK1"))
    assert header["FLUXCAL"] is odd.is_calibrated
    bins = made.bins
    live = bins.exposure_s > 0
    assert live.sum() == odd.live_bins
    for values in (bins.error, bins.net_error, *([bins.flux_error] if odd.is_calibrated else ())):
        assert (values[live] > 0).all()
    for values in (bins.gross, bins.counts, bins.net):
        assert np.isfinite(values[live]).all()
        assert np.isnan(values[~live]).all()
    (row,) = measure_lightcurve(StatisticsTask("ltest01aq", path)).rows["statistics"]
    assert row["total"] == int(np.nansum(bins.counts))
    if odd.live_bins == 1:
        require_readable(path)
        assert row["best_period_s"] is None
        assert "fully live bins, fewer than 10" in str(row["deliver_reason"])
        draw_curve(read_curve_table(path))


def test_columns_that_enclose_no_light_count_for_neither(tmp_path: Path) -> None:
    for folder, name in enumerate(("ACTUAL_EE 0 in half of the columns", "DQ_WGT NaN in half")):
        (tmp_path / str(folder)).mkdir()
        made, _ = write(tmp_path / str(folder), CASES[name])
        lit = CASES[name].events
        counted = (lit.column % 2 == 0) & (lit.row == 420)
        for first, last in made.settings.find_airglow(made.exposure):
            wave = 1200.0 + 0.02 * lit.column
            counted &= (wave < first) | (wave > last)
        assert made.totals.gross == counted.sum()


def test_a_position_that_is_missing_is_missing_in_the_header_and_the_reason_there(
    tmp_path: Path,
) -> None:
    _, path = write(tmp_path, CASES["no position"])
    assert not {"RA_TARG", "RA_OBJ"} & {*fits.getheader(path), *fits.getheader(path, 1)}
    assert "RA_TARG is missing" in fits.getheader(path)["BJDNOTE"]
    assert np.isnan(fits.getdata(path, 1)["BJD_TDB"]).all()


Spoil = Callable[[Observation], tuple[Path, Path]]


def alone(observation: Observation) -> tuple[Path, Path]:
    return observation.corrtag(events(1, 0)), observation.x1d()


def of_another_segment(observation: Observation) -> tuple[Path, Path]:
    return observation.corrtag(events(100, 0)), observation.x1d(("FUVB",))


def of_another_exposure(observation: Observation) -> tuple[Path, Path]:
    later = observation.but(exp_start=observation.exp_start + 1.0 / 24)
    return observation.corrtag(events(100, 0)), later.x1d()


def without_light(observation: Observation) -> tuple[Path, Path]:
    nothing = {**X1D, "ACTUAL_EE": np.zeros(COLUMNS)}
    return observation.corrtag(events(100, 0)), observation.x1d(("FUVA",), FUVA=nothing)


@pytest.mark.parametrize(
    ("make", "reason", "words"),
    [
        (alone, Reason.SINGULAR_EVENT, "has one event, at "),
        (of_another_segment, Reason.MISMATCHED_X1D, "has no spectrum of FUVA (it has FUVB)"),
        (of_another_exposure, Reason.MISMATCHED_X1D, "it is of another exposure"),
        (without_light, Reason.MISMATCHED_X1D, "ACTUAL_EE of FUVA is 0 everywhere"),
    ],
)
def test_what_cannot_be_measured_has_a_named_reason(
    make: Spoil, reason: Reason, words: str, tmp_path: Path
) -> None:
    path, x1d = make(Observation(tmp_path))
    with pytest.raises(BadExposure) as caught:
        make_lightcurve([path], x1d)
    (problem,) = caught.value.problems
    assert problem.reason is reason
    assert words in problem.detail


def test_stripes_that_the_x1d_does_not_have_are_told(tmp_path: Path) -> None:
    observation = Observation(tmp_path, detector="NUV", algorithm="BOXCAR")
    rng = np.random.default_rng(5)
    lit = Events(np.sort(rng.uniform(0, 100, 500)), rng.uniform(10, 1000, 500), np.full(500, 180.0))
    made = make_lightcurve([observation.corrtag(lit, "NUV")], observation.x1d(("NUVA",)))
    assert made.segments == ("NUVA",)
    assert made.remarks == ("ltest01aq_x1d.fits has no spectrum of NUVB and NUVC: left out.",)
