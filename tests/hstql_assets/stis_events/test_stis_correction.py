"""Flats, bad pixels, dead time, wavelengths and orders, by events whose answer is known."""

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.quiet_reading import require_readable
from builders.stis_files import START, Row, Stis, events
from hstql_assets.batching.bad_data import BadData, Reason
from hstql_assets.stis_events.bad_pixels import ANY, BadPixels, draw_quality, encode_quality
from hstql_assets.stis_events.correction import CorrectedEvents, correct_events
from hstql_assets.stis_events.corrtags import write_corrtag
from hstql_assets.stis_events.dead_time import dead_time_factor
from hstql_assets.stis_events.making import make_corrtag
from hstql_assets.stis_events.orders import read_orders
from hstql_assets.stis_events.reference_data import load_references
from hstql_assets.stis_events.tags import read_tag
from hstql_assets.stis_events.traces import find_zones, rows_between

NAMES = {"PFLTFILE": "p.fits", "LFLTFILE": "l.fits", "BPIXTAB": "b.fits", "MLINTAB": "m.fits"}


def corrected(exposure: Stis, tag: Path, x1d: Path | None = None) -> CorrectedEvents:
    read = read_tag(tag)
    spectrum = None if x1d is None else read_orders(x1d, read.mode)
    return correct_events(read, load_references(read.primary, exposure.find), spectrum)


def naming(exposure: Stis, *keywords: str) -> Stis:
    names = {keyword: f"oref${NAMES[keyword]}" for keyword in keywords}
    return Stis(exposure.folder, primary={**exposure.primary, **names})


def test_flats_divide_and_belong_to_the_pixel_that_detected(exposure: Stis) -> None:
    exposure = naming(exposure, "PFLTFILE", "LFLTFILE")
    high, low = np.ones((2048, 2048)), np.ones((1024, 1024))
    high[9, 19] = 0.5  # y = 10, x = 20
    low[4, 9] = 0.8  # holds y = 9 and 10, x = 19 and 20
    exposure.image("p.fits", high)
    exposure.image("l.fits", low)
    # Doppler has moved the second from x = 20 to 40, and the third from 40 to 20.
    table = events(time=[1, 2, 3, 4], x=[20, 40, 20, 19], raw=[20, 20, 40, 19], y=[10, 10, 10, 9])
    result = corrected(exposure, exposure.tag(table))
    np.testing.assert_allclose(result.epsilon, [2.5, 2.5, 1.0, 1.25], rtol=1e-6)
    assert result.missing == ()
    assert not result.dq.any()


def test_a_dead_flat_is_a_bad_pixel_and_no_weight(exposure: Stis) -> None:
    exposure = naming(exposure, "PFLTFILE")
    flat = np.ones((1024, 1024))
    flat[0, 0], flat[1, 1], flat[2, 2] = 0.0, np.nan, -1.0
    exposure.image("p.fits", flat)
    table = events(time=[1, 2, 3, 4], x=[1, 3, 5, 7], y=[2, 4, 6, 8])
    result = corrected(exposure, exposure.tag(table))
    assert result.epsilon.tolist() == [0, 0, 0, 1]
    assert result.dq.tolist() == [512, 512, 512, 0]


def test_bad_pixels_are_those_of_the_mode(exposure: Stis) -> None:
    exposure = naming(exposure, "BPIXTAB")
    exposure.table(
        "b.fits",
        [
            {"OPT_ELEM": mode, "PIX1": x, "PIX2": y, "LENGTH": n, "AXIS": axis, "VALUE": value}
            for mode, x, y, n, axis, value in (
                ("G140L", 10, 20, 3, 1, 16), ("ANY", 12, 20, 2, 2, 8), ("G140M", 10, 20, 9, 1, 4),
                ("G140L", 1024, 1024, 5, 1, 32), ("G140L", 0, 5, 5, 1, 32),
            )
        ],
    )  # fmt: skip
    x = [19, 24, 25, 23, 2048, 1]
    y = [39, 40, 40, 41, 2048, 9]
    result = corrected(exposure, exposure.tag(events(time=np.arange(6), x=x, y=y)))
    assert result.dq.tolist() == [16, 24, 0, 8, 32, 0]


def test_bad_pixels_survive_being_written_as_rows() -> None:
    rng = np.random.default_rng(5)
    image = np.where(rng.random((1024, 1024)) < 0.01, rng.choice([4, 16], (1024, 1024)), 0)
    image[7] = 8
    rows = encode_quality(image)
    assert len(rows.value) < np.count_nonzero(image)
    np.testing.assert_array_equal(draw_quality(rows, "G140L"), image)
    nothing = encode_quality(np.zeros((1024, 1024), int))
    assert isinstance(nothing, BadPixels)
    assert len(nothing.value) == 0
    assert not draw_quality(nothing, ANY).any()


@pytest.mark.parametrize("true", [10.0, 3.0e4, 2.5e5])
def test_the_dead_time_is_undone(true: float) -> None:
    tau = 1.3e-6
    observed = true * np.exp(-tau * true)
    assert dead_time_factor(observed, tau) * observed == pytest.approx(true, rel=1e-12)
    assert dead_time_factor(0.0, tau) == 1.0
    with pytest.raises(ValueError, match="more than"):
        dead_time_factor(0.4 / tau, tau)


@pytest.mark.parametrize(
    ("limit", "factor", "missing"),
    [(1000.0, 1.1183255915896297, ()), (5.0, 1.0, ("MLINTAB=m.fits: 10 counts/s are above",))],
)
def test_the_dead_time_is_in_epsilon_up_to_its_limit(
    exposure: Stis, limit: float, factor: float, missing: tuple[str, ...]
) -> None:
    exposure = naming(exposure, "MLINTAB")
    # 1000 events in 100 s; x = 10 exp(0.01 x) has the solution 100 x 0.11183..., the
    # value of Lambert's W at -0.1, taken from a table.
    rows = [{"DETECTOR": d, "TAU": t, "GLOBAL_LIMIT": limit} for d, t in
            (("NUV-MAMA", 1.0), ("FUV-MAMA", 0.01))]  # fmt: skip
    path = exposure.table("m.fits", rows)
    fits.setval(path, "DETECTOR", value="ANY")
    table = events(time=np.linspace(0, 100, 1000), x=100, y=100)
    result = corrected(exposure, exposure.tag(table))
    np.testing.assert_allclose(result.epsilon, factor, rtol=1e-6)
    assert len(result.missing) == len(missing)
    assert all(a.startswith(b) for a, b in zip(result.missing, missing, strict=True))


def test_references_that_cannot_be_used_are_named_with_the_reason(exposure: Stis) -> None:
    exposure = naming(exposure, *NAMES)
    exposure.image("p.fits", np.full((1024, 1024), 0.5), OPT_ELEM="G230L")
    exposure.image("l.fits", np.full((512, 512), 0.5))
    exposure.table("m.fits", [{"DETECTOR": "NUV-MAMA", "TAU": 0.1, "GLOBAL_LIMIT": 1.0}])
    result = corrected(exposure, exposure.tag(events(time=[1, 2], x=5, y=5)))
    assert result.missing == (
        "PFLTFILE=p.fits: wrong mode, OPT_ELEM is G230L, not G140L",
        "LFLTFILE=l.fits: its image has the shape (512, 512), neither 1024 nor 2048 a side",
        "BPIXTAB=b.fits: not found",
        "MLINTAB=m.fits: wrong mode, has no row for FUV-MAMA",
    )
    assert result.epsilon.tolist() == [1, 1]
    assert result.dead_time_factors == ()


def test_a_reference_that_is_cut_is_named(exposure: Stis) -> None:
    exposure = naming(exposure, "PFLTFILE")
    path = exposure.image("p.fits", np.ones((1024, 1024)))
    path.write_bytes(path.read_bytes()[:100_000])
    (missing,) = corrected(exposure, exposure.tag(events(time=[1, 2], x=5, y=5))).missing
    assert missing.startswith("PFLTFILE=p.fits: cannot be read")


def test_first_order_wavelengths_are_those_of_half_columns(exposure: Stis) -> None:
    x1d = exposure.x1d(Row(wave=(1500.0, 0.4), tilt=20.0))
    table = events(time=np.arange(6), x=[1, 2, 3, 1025, 2048, 0], y=[1, 800, 2048, 800, 800, 800])
    result = corrected(exposure, exposure.tag(table), x1d)
    # The pixel x is centred on (x + 0.5) / 2, column 1 has 1500; no extrapolation at the edges.
    expected = [1500.0, 1500.1, 1500.3, 1500 + 0.4 * 511.75, 1500 + 0.4 * 1023, 0]
    np.testing.assert_allclose(result.wavelength, expected, rtol=1e-12)
    assert result.order.tolist() == [1, 1, 1, 1, 1, 0]


def test_an_echelle_event_is_of_the_nearest_order_or_of_none(exposure: Stis) -> None:
    rows = [
        Row(order=87, centre=300.0, tilt=10.0, wave=(1400.0, 0.01)),
        Row(order=88, centre=320.0, tilt=10.0, wave=(1380.0, 0.01)),
        Row(order=89, centre=360.0, tilt=10.0, wave=(1360.0, 0.01)),
    ]
    echelle = Stis(exposure.folder, primary={"OPT_ELEM": "E140M"})
    x1d = echelle.x1d(*rows)

    def order_at(column: int, low_row: float) -> int:
        table = events(time=[1], x=2 * column, y=round(2 * low_row))
        return int(corrected(echelle, echelle.tag(table), x1d).order[0])

    assert [order_at(512, y) for y in (289, 291, 309, 311, 339, 341, 379, 381)] == [
        0, 87, 87, 88, 88, 89, 89, 0,
    ]  # fmt: skip
    # The trace is 5 rows lower at the first column, and 5 higher at the last.
    assert [order_at(1, 304), order_at(1, 306), order_at(1024, 314), order_at(1024, 316)] == [
        87, 88, 87, 88,
    ]  # fmt: skip


def test_zones_share_the_detector_without_overlap() -> None:
    rng = np.random.default_rng(1)
    centres = np.sort(rng.uniform(20, 1000, (40, 1)) + rng.uniform(-2, 2, (40, 1024)), axis=0)
    claimed = np.zeros((2048, 1024), int)
    for first, end in find_zones(centres[rng.permutation(40)]):
        row = np.arange(2048)[:, None]
        claimed += (row >= first) & (row < end)
    assert claimed.max() == 1


def test_an_interval_has_two_high_resolution_rows_to_a_row() -> None:
    centre = np.array([400.0, 400.25, 400.5, 1.0, 1024.0, np.nan])
    first, end = rows_between(centre - 5.5, centre + 5.5)
    assert (end - first).tolist() == [22, 22, 22, 12, 12, 0]
    assert (first[0], end[0]) == (788, 810)  # pixels 789 to 810: rows 395 to 405


@pytest.mark.parametrize(("primary", "expected"), [({}, np.nan), ({"OBSTYPE": "IMAGING"}, 0.0)])
def test_without_a_spectrum_there_is_no_wavelength(
    exposure: Stis, primary: dict[str, object], expected: float
) -> None:
    exposure = Stis(exposure.folder, primary=primary)
    result = corrected(exposure, exposure.tag(events(time=[1, 2], x=5, y=5)))
    np.testing.assert_array_equal(result.wavelength, [expected, expected])
    assert result.order.tolist() == [0, 0]


def test_several_event_tables_are_one_list_in_the_order_of_time(exposure: Stis) -> None:
    tables = events(time=[3.0, 1.0], x=5, y=5), events(time=[0.5, 0.75], x=7, y=7)
    # The file has the later exposure first; times within a table stay as they are.
    tag = read_tag(exposure.tag(*tables, starts_s=(1000.0, 0.0)))
    result = correct_events(tag, load_references(tag.primary, exposure.find), None)
    np.testing.assert_allclose(result.time_s, [0.5, 0.75, 1003.0, 1001.0], atol=1e-5)
    assert result.xcorr.tolist() == [7, 7, 5, 5]
    np.testing.assert_allclose(
        tag.good_times_s[np.argsort(tag.good_times_s[:, 0])], [[0, 100], [1000, 1100]], atol=1e-5
    )
    assert tag.start_mjd == START


def test_an_event_table_without_its_spectrum_is_a_mismatch(exposure: Stis) -> None:
    table = events(time=[1, 2], x=5, y=5)
    tag = exposure.tag(table, table, starts_s=(0.0, 200.0))
    with pytest.raises(BadData) as caught:
        make_corrtag(tag, exposure.x1d(Row()), exposure.find, exposure.folder / "c.fits")
    assert caught.value.reason is Reason.MISMATCHED_X1D
    assert "has 1 SCI tables, but the events were in 2" in caught.value.detail


def test_the_file_is_the_same_but_for_its_name_whenever_it_is_written(exposure: Stis) -> None:
    exposure = naming(exposure, "PFLTFILE")
    tag = read_tag(exposure.tag(events(time=[1, 2], x=5, y=5)))
    before = tag.path.read_bytes()
    result = correct_events(tag, load_references(tag.primary, exposure.find), None)
    first, second, other = (exposure.folder / name for name in ("1.fits", "2.fits", "a/1.fits"))
    other.parent.mkdir()
    for path in (first, second, other):
        write_corrtag(tag, result, None, path)
        require_readable(path)
    assert first.read_bytes() == other.read_bytes()
    with fits.open(first, checksum=True) as one, fits.open(second, checksum=True) as two:
        ignored = ["FILENAME", "CHECKSUM"]
        assert fits.FITSDiff(one, two, ignore_keywords=ignored).identical
        assert one[0].header["MISREF1"] == "PFLTFILE=p.fits: not found"
        assert one[0].header["WAVESRC"] == "NONE"
        assert one[0].header["DATE"] == fits.getheader(tag.path).get("DATE", "2017-09-04T06:00:00")
        assert one[1].columns.names == [
            "TIME", "RAWX", "RAWY", "XCORR", "YCORR", "EPSILON", "WAVELENGTH", "DQ", "ORDER",
        ]  # fmt: skip
    assert tag.path.read_bytes() == before


@pytest.mark.parametrize("cut", [100, 3000, 12_000])
def test_a_tag_that_is_cut_is_unreadable(exposure: Stis, cut: int) -> None:
    path = exposure.tag(events(time=np.arange(5000) / 50, x=5, y=5))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(BadData) as caught:
        read_tag(path)
    assert caught.value.reason is Reason.UNREADABLE


def test_ticks_become_seconds(exposure: Stis) -> None:
    times = [0.000125, 0.5, 99.999875]
    tag = read_tag(exposure.tag(events(time=times, x=5, y=5)))
    np.testing.assert_allclose(tag.tables[0].times_s, times, rtol=1e-12)
