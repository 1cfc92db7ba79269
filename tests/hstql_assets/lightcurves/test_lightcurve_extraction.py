"""Which events are counted, in which pixels, and what they are worth."""

import tracemalloc

import numpy as np
import pytest

from builders.corrtag_files import BOXES, SENSITIVITY, Events, Observation
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.fits.stream import BLOCK_ROWS

ALL = ExtractionSettings(exclude_airglow=False)


def lightcurve_of(
    observation: Observation,
    columns: list[float] | np.ndarray,
    rows: list[float] | np.ndarray,
    *,
    settings: ExtractionSettings = ALL,
    has_x1d: bool = True,
    rows_of_x1d: dict[str, dict[str, np.ndarray]] | None = None,
    **events: object,
) -> Lightcurve:
    """One event a second at the given pixels."""
    n = len(rows)
    times = 0.5 + 98 * np.arange(n) / n
    listed = Events(times, np.array(columns, float), np.array(rows, float), **events)  # type: ignore[arg-type]
    is_fuv = observation.detector == "FUV"
    path = observation.corrtag(listed, "FUVA" if is_fuv else "NUV")
    segments = ("FUVA",) if is_fuv else ("NUVA", "NUVB", "NUVC")
    x1d = observation.x1d(segments, **(rows_of_x1d or {})) if has_x1d else None
    return make_lightcurve([path], x1d, settings)


def test_a_pixel_reaches_from_half_below_to_half_above(observation: Observation) -> None:
    # The source is rows 410 to 430; 409.5 is the first that rounds up into it.
    rows = [409.49, 409.5, 430.49, 430.5]
    assert lightcurve_of(observation, [8000] * 4, rows).totals.gross == 2


def test_rows_and_columns_at_half_round_up_not_to_even(observation: Observation) -> None:
    good = np.ones(16384)
    good[[101, 102]] = 0
    found = lightcurve_of(
        observation,
        [100.49, 100.5, 101.5, 102.5],
        [420] * 4,
        rows_of_x1d={"FUVA": {"DQ_WGT": good}},
    )
    assert found.totals.gross == 2


@pytest.mark.parametrize(
    ("dq", "gross"), [(0, 1), (64, 0), (512, 0), (2048, 0), (8192, 1), (16, 1), (512 | 16, 0)]
)
def test_bursts_pulse_heights_and_bad_times_are_rejected_and_no_other_flag(
    observation: Observation, dq: int, gross: int
) -> None:
    found = lightcurve_of(observation, [8000] * 2, [420] * 2, dq=np.array([0, dq]))
    assert found.totals.gross == gross + 1


def test_without_x1d_the_flags_of_the_header_reject_too(observation: Observation) -> None:
    dq = np.array([0, 8192, 16, 512, 4])
    found = lightcurve_of(observation, [8000] * 5, [420] * 5, dq=dq, has_x1d=False)
    assert found.totals.gross == 2  # 4 is not in SDQFLAGS = 8346
    assert not found.is_flux_calibrated
    assert np.isnan(found.bins.flux).all()


def test_background_is_scaled_by_the_rows_of_each_column(observation: Observation) -> None:
    upper = np.full(16384, 430.0)
    upper[9000:] = 419.0  # 21 rows of source before, 10 rows after
    found = lightcurve_of(
        observation,
        [8000, 8000, 10000, 8000],
        [360, 480, 480, 420],
        rows_of_x1d={"FUVA": {"Y_UPPER_OUTER": upper}},
    )
    scales = np.array([21, 21, 10]) / 102
    assert found.totals.gross == 1
    assert found.totals.background == pytest.approx(scales.sum())
    assert found.totals.counts_error == pytest.approx(np.sqrt(1 + (scales**2).sum()))


def test_columns_that_the_x1d_excludes_count_for_neither(observation: Observation) -> None:
    good = np.ones(16384)
    good[8000] = 0
    found = lightcurve_of(
        observation, [8000, 8000, 8001], [420, 360, 420], rows_of_x1d={"FUVA": {"DQ_WGT": good}}
    )
    assert (found.totals.gross, found.totals.background) == (1, 0)


@pytest.mark.parametrize("nowhere", [np.nan, np.inf, 1e30, -1.0])
def test_a_column_whose_rows_are_not_on_the_detector_counts_for_neither(
    observation: Observation, nowhere: float
) -> None:
    upper, lower = np.full(16384, 430.0), np.full(16384, 410.0)
    upper[8000] = lower[8001] = nowhere
    rows = {"FUVA": {"Y_UPPER_OUTER": upper, "Y_LOWER_OUTER": lower}}
    found = lightcurve_of(
        observation, [8000, 8000, 8001, 8001, 8002], [420, 360, 420, 360, 420], rows_of_x1d=rows
    )
    assert (found.totals.gross, found.totals.background) == (1, 0)


def test_airglow_and_limits_act_on_the_wavelength_of_the_column(observation: Observation) -> None:
    # 1200 + 0.02 * column Angstrom: airglow is 400 to 1250 and 4900 to 5600.
    columns = [0, 399, 400, 1250, 1251, 4900, 5600, 5601]
    events = {"wavelength": 1250.0}  # not looked at where there is an x1d
    assert lightcurve_of(observation, columns, [420] * 8, **events).totals.gross == 8
    dark = ExtractionSettings()
    assert lightcurve_of(observation, columns, [420] * 8, settings=dark, **events).totals.gross == 4
    narrow = ExtractionSettings(wave_min=1298, wave_max=1312, exclude_airglow=False)
    found = lightcurve_of(observation, columns, [420] * 8, settings=narrow)
    assert found.totals.gross == 2
    assert (found.wave_min, found.wave_max) == (1298, 1312)


def test_without_x1d_limits_act_on_the_wavelength_of_the_event(observation: Observation) -> None:
    waves = np.array([900.0, 1200, 1215, 1300, 1500, 1900])
    found = lightcurve_of(
        observation, [8000] * 6, [420] * 6, wavelength=waves, has_x1d=False,
        settings=ExtractionSettings(),
    )  # fmt: skip
    assert found.totals.gross == 2
    assert (found.wave_min, found.wave_max) == (1200, 1500)


def test_flux_is_weighted_by_epsilon_sensitivity_and_enclosed_light(
    observation: Observation,
) -> None:
    found = lightcurve_of(
        observation,
        [8000, 8000],
        [420, 360],
        epsilon=np.array([1.25, 0.5]),
        rows_of_x1d={"FUVA": {"ACTUAL_EE": np.full(16384, 0.8)}},
    )
    per_count = 1 / (SENSITIVITY * 0.8 * 16384 * 100)
    assert found.totals.gross == 1
    assert found.totals.flux == pytest.approx((1.25 - 0.5 * 21 / 102) * per_count)
    assert found.totals.flux_error == pytest.approx(np.hypot(1.25, 0.5 * 21 / 102) * per_count)


def test_columns_of_unknown_sensitivity_count_but_have_no_flux(observation: Observation) -> None:
    flux = np.full(16384, 1 / SENSITIVITY)
    flux[:8192] = 1.0  # what CalCOS writes outside its sensitivity table
    found = lightcurve_of(
        observation, [100, 10000], [420, 420], rows_of_x1d={"FUVA": {"FLUX": flux}}
    )
    assert found.totals.gross == 2
    assert found.totals.flux == pytest.approx(1 / (SENSITIVITY * 8192 * 100))


def test_a_column_without_net_counts_takes_the_sensitivity_of_its_neighbours(
    observation: Observation,
) -> None:
    net = np.ones(16384)
    net[8000:8003] = 0
    sensitivity = np.linspace(1, 2, 16384) * 1e12
    rows = {"FUVA": {"NET": net, "FLUX": net / sensitivity}}
    found = lightcurve_of(observation, [8001, 300], [420, 700], rows_of_x1d=rows)
    assert found.totals.flux == pytest.approx(1 / (sensitivity[8001] * 16384 * 100))


def test_boxcar_takes_the_boxes_of_the_header_along_the_slope(observation: Observation) -> None:
    slope = 0.01
    boxcar = observation.but(algorithm="BOXCAR", slope=slope)
    rng = np.random.default_rng(7)
    columns, rows = rng.uniform(-20, 16400, 20000), rng.uniform(300, 560, 20000)
    found = lightcurve_of(boxcar, columns, rows)
    gross, background = count_by_hand(columns, rows, boxcar, "A", slope, 16384, 0)
    assert found.totals.gross == gross
    assert found.totals.background == pytest.approx(background)


def test_nuv_stripes_are_counted_in_the_shifted_columns_of_the_image(
    observation: Observation,
) -> None:
    nuv = observation.but(detector="NUV", algorithm="BOXCAR", slope=-0.004)
    rng = np.random.default_rng(8)
    columns, rows = rng.uniform(-120, 1200, 20000), rng.uniform(80, 520, 20000)
    found = lightcurve_of(nuv, columns, rows)
    by_hand = [count_by_hand(columns, rows, nuv, x, -0.004, 1274, 100) for x in "ABC"]
    assert found.segments == ("NUVA", "NUVB", "NUVC")
    assert found.totals.gross == sum(gross for gross, _ in by_hand)
    assert found.totals.background == pytest.approx(sum(scaled for _, scaled in by_hand))


@pytest.mark.parametrize("stripe", [(-999.0,) * 6, (400, 57, 466, -999, 126, -999)])
@pytest.mark.parametrize("has_x1d", [True, False])
def test_a_nuv_stripe_without_box_is_absent(
    observation: Observation, stripe: tuple[float, ...], has_x1d: bool
) -> None:
    boxes = BOXES["NUV"] | {"C": stripe}
    nuv = observation.but(detector="NUV", algorithm="BOXCAR", boxes=boxes)
    found = lightcurve_of(nuv, [500] * 3, [180, 280, 400], has_x1d=has_x1d)
    assert found.segments == ("NUVA", "NUVB")
    assert found.totals.gross == 2


def count_by_hand(
    columns: np.ndarray, rows: np.ndarray, obs: Observation, letter: str, slope: float,
    image_columns: int, offset: int,
) -> tuple[int, float]:  # fmt: skip
    """Source events and scaled background, event by event, from the conventions of CalCOS."""
    loc, height, bkg1, height1, bkg2, height2 = BOXES[obs.detector][letter]
    detector_columns = 16384 if obs.detector == "FUV" else 1024

    def is_in(y: int, x: int, at: float, rows_of_box: float, middle: float) -> bool:
        at_left_edge = at - slope * middle
        first = int(np.floor(at_left_edge - rows_of_box // 2 + slope * (x - offset) + 0.5))
        return first <= y < first + rows_of_box

    gross, background = 0, 0
    for column, row in zip(np.float32(columns), np.float32(rows), strict=True):
        x, y = int(np.floor(column + offset + 0.5)), int(np.floor(row + 0.5))
        if not 0 <= x < image_columns:
            continue
        gross += is_in(y, x, loc, height, image_columns // 2 - offset)
        background += is_in(y, x, bkg1, height1, detector_columns / 2)
        background += is_in(y, x, bkg2, height2, detector_columns / 2)
    return gross, background * height / (height1 + height2)


def test_memory_does_not_grow_with_the_number_of_events(observation: Observation) -> None:
    def peak_bytes(blocks: int) -> int:
        n = blocks * BLOCK_ROWS
        events = Events(np.linspace(0, 99, n), np.full(n, 8000.0), np.full(n, 420.0))
        path = observation.corrtag(events)
        tracemalloc.start()
        try:
            assert make_lightcurve([path], None, ALL).totals.gross == n
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak_bytes(12) < 1.3 * peak_bytes(4)  # two threads do not meet alike in each run


@pytest.mark.parametrize(("source", "first", "second"), [(30, 60, 60), (30, 100, 40)])
def test_an_even_light_is_all_background_whatever_the_heights_of_the_boxes(
    observation: Observation, source: int, first: int, second: int
) -> None:
    # hstlc made four times too much of the first case, and three times of the second.
    boxes = {"A": (420.0, source, 280.0, first, 560.0, second)}
    boxcar = observation.but(algorithm="BOXCAR", boxes=boxes)
    rng = np.random.default_rng(11)
    count = 200_000
    rows, columns = rng.uniform(200, 640, count), rng.uniform(0, 16383, count)
    found = lightcurve_of(boxcar, columns, rows).totals
    expected = count * source / 440
    scale = source / (first + second)
    assert found.gross == pytest.approx(expected, abs=5 * np.sqrt(expected))
    assert found.background == pytest.approx(expected, abs=5 * np.sqrt(expected * scale))
    assert abs(found.counts) < 5 * np.sqrt(expected * (1 + scale))
