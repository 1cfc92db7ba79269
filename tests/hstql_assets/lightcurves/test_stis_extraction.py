"""Lightcurves of STIS: which events are source and background, and what they are worth."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from builders.lightcurve_reading import read_lightcurve
from builders.stis_files import SENSITIVITY, Row, Stis, events
from hstql_assets.batching.bad_data import BadExposure, Reason
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.rates import Quality
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.stis_events.making import make_corrtag
from hstql_assets.stis_events.traces import rows_between


def corrtag(exposure: Stis, tag: Path, x1d: Path | None) -> Path:
    path = exposure.folder / f"{exposure.rootname}_corrtag.fits"
    make_corrtag(tag, x1d, exposure.find, path)
    return path


def lightcurve_of(
    exposure: Stis,
    table: dict[str, np.ndarray],
    x1d: Path | None,
    settings: ExtractionSettings | None = None,
) -> Lightcurve:
    return make_lightcurve([corrtag(exposure, exposure.tag(table), x1d)], x1d, settings)


def at(rows: list[int], columns: list[int] | int = 1000) -> dict[str, np.ndarray]:
    """One event a second, or more, in high-resolution pixels."""
    return events(time=0.5 + 98 * np.arange(len(rows)) / max(len(rows), 98), x=columns, y=rows)


def uniform(rng: np.random.Generator, count: int) -> dict[str, np.ndarray]:
    """Events all over the detector."""
    return events(
        time=np.sort(rng.uniform(0, 100, count)),
        x=rng.integers(1, 2049, count),
        y=rng.integers(1, 2049, count),
    )


def test_the_source_has_two_high_resolution_rows_to_a_row(exposure: Stis) -> None:
    # Rows 395 to 405 about 400 are high-resolution rows 789 to 810.
    x1d = exposure.x1d(Row(centre=400.0, source=11.0))
    assert lightcurve_of(exposure, at([788, 789, 810, 811]), x1d).totals.gross == 2


def test_the_source_follows_the_tilt_of_the_trace(exposure: Stis) -> None:
    x1d = exposure.x1d(Row(centre=400.0, tilt=40.0, source=11.0))
    # The trace is 380 at the first column, and 420 at the last.
    found = lightcurve_of(exposure, at([759, 839, 839, 759], [1, 2048, 1, 2048]), x1d)
    assert found.totals.gross == 2


def test_without_the_trace_its_middle_holds_and_nothing_is_added(exposure: Stis) -> None:
    x1d = exposure.x1d(Row(centre=400.0, tilt=40.0, source=11.0), without="EXTRLOCY")
    fits.setval(x1d, "SHIFTA2", value=30.0, extname="SCI")
    found = lightcurve_of(exposure, at([789, 810, 788, 811], [1, 2048, 1, 2048]), x1d)
    assert found.totals.gross == 2


@pytest.mark.parametrize(
    ("source", "first", "second"),
    [(30.0, 60.0, 60.0), (30.0, 100.0, 40.0), (7.0, 5.0, 5.0), (11.0, 12.0, 5.0)],
)
def test_the_background_is_right_for_unequal_boxes(
    exposure: Stis, source: float, first: float, second: float
) -> None:
    # The detector is lit evenly, so the background is all that there is in the source.
    boxes = (-150.0, first), (200.0, second)
    x1d = exposure.x1d(Row(centre=400.0, source=source, boxes=boxes))
    count = 500_000
    found = lightcurve_of(exposure, uniform(np.random.default_rng(7), count), x1d).totals
    expected = count * source / 1024
    assert found.gross == pytest.approx(expected, abs=5 * np.sqrt(expected))
    scale = source / (first + second)
    assert found.background == pytest.approx(expected, abs=5 * np.sqrt(expected * scale))
    error = np.sqrt(expected * (1 + scale))
    assert found.counts_error == pytest.approx(error, rel=0.05)
    assert abs(found.counts) < 5 * error


def test_what_of_a_box_is_off_the_detector_counts_for_nothing(exposure: Stis) -> None:
    # 1014.5 to 1034.5: ten of the twenty rows are there; the first box is not there at all.
    x1d = exposure.x1d(Row(centre=400.0, source=10.0, boxes=((-900.0, 30.0), (624.5, 20.0))))
    found = lightcurve_of(exposure, at([800, 2040, 2048, 1900]), x1d).totals
    assert (found.gross, found.background) == (1, 2 * 10 / 10)


def test_bad_pixels_count_neither_as_events_nor_as_rows(exposure: Stis) -> None:
    exposure = Stis(exposure.folder, primary={"BPIXTAB": "oref$b.fits"})
    rows = [("G140L", 500, 340, 1), ("G140M", 500, 341, 1)]
    exposure.table(
        "b.fits",
        [
            {"OPT_ELEM": mode, "PIX1": x, "PIX2": y, "LENGTH": n, "AXIS": 1, "VALUE": 16}
            for mode, x, y, n in rows
        ],
    )
    # Rows 338 to 342 and 458 to 462 are background of 11 rows; one of ten is bad in column 500.
    x1d = exposure.x1d(Row())
    found = lightcurve_of(exposure, at([800, 679, 681, 919, 679], [1000] * 4 + [1002]), x1d)
    assert found.totals.gross == 1
    assert found.totals.background == pytest.approx(2 * 11 / 9 + 11 / 10)


def test_an_echelle_counts_each_event_once_and_a_background_for_both_orders(
    exposure: Stis,
) -> None:
    echelle = Stis(exposure.folder, primary={"OPT_ELEM": "E140M"})
    rows = [
        Row(order=88 - i, centre=300.0 + 20 * i, source=7.0, boxes=((-10.0, 5.0), (10.0, 5.0)))
        for i in range(3)
    ]
    x1d = echelle.x1d(*rows)
    # Row 320 is source; 310 is half-way between two orders: background of both.
    found = lightcurve_of(echelle, at([640, 620]), x1d).totals
    assert (found.gross, found.background) == (1, pytest.approx(2 * 7 / 10))
    assert found.counts_error == pytest.approx(np.sqrt(1 + 1.4**2))
    # Boxes of 30 rows would overlap: none reaches past half-way.
    wide = echelle.x1d(*[Row(**{**vars(row), "source": 30.0}) for row in rows])
    everywhere = at(list(range(570, 700)))
    assert lightcurve_of(echelle, everywhere, wide).totals.gross == 120  # 290 to 350, two to a row


def test_the_flux_is_counts_over_sensitivity_and_epsilon(exposure: Stis) -> None:
    exposure = Stis(exposure.folder, primary={"PFLTFILE": "oref$p.fits"})
    exposure.image("p.fits", np.full((1024, 1024), 0.8))
    x1d = exposure.x1d(Row())
    found = lightcurve_of(exposure, at([800] * 50), x1d)
    assert found.totals.gross == 50
    expected = 50 / 0.8 / SENSITIVITY / 1024 / 100
    assert found.totals.flux == pytest.approx(expected, rel=1e-6)
    assert found.totals.flux_error == pytest.approx(expected / np.sqrt(50), rel=1e-6)
    assert found.is_background_subtracted


def test_bad_columns_airglow_and_limits_are_left_out(exposure: Stis) -> None:
    # 0.5 arcsec are 20 columns of 0.6 Angstrom: airglow is 1206.4 to 1224.9.
    exposure = Stis(exposure.folder, primary={"APERTURE": "52X0.5"})
    quality = np.zeros(1024)
    quality[[9, 10, 11]] = [16, 1024, 512]  # columns 10, 11 and 12; 1024 is not serious
    x1d = exposure.x1d(Row(wave=(1200.0, 1.0), changes={"DQ": quality}))
    low = [10, 11, 12, 1, 7, 8, 25, 26]  # 1209 is column 10: airglow is 8 to 25
    table = at([800] * 8, [2 * column for column in low])
    without = ExtractionSettings(exclude_airglow=False)
    assert lightcurve_of(exposure, table, x1d, without).totals.gross == 6
    assert lightcurve_of(exposure, table, x1d).totals.gross == 3
    limits = ExtractionSettings(exclude_airglow=False, wave_min=1205.0, wave_max=1225.0)
    found = lightcurve_of(exposure, table, x1d, limits)
    assert (found.totals.gross, found.wave_min, found.wave_max) == (5, 1205.0, 1225.0)


@pytest.mark.parametrize(
    ("opt_elem", "aperture", "gross", "airglow"),
    [
        ("G140M", "52X0.1", 4, None),
        ("G140M", "52X0.5", 2, "1214.71-1216.63 and "),
        ("G140L", "52X2", 0, "1188.13-1243.21 and "),
        ("E140M", "0.2X0.2", 3, "1215.4-1215.94 and "),
        ("G140L", "25MAMA", 4, None),
    ],
)
def test_airglow_is_the_image_of_the_slit(
    exposure: Stis, opt_elem: str, aperture: str, gross: int, airglow: str | None
) -> None:
    exposure = Stis(exposure.folder, primary={"OPT_ELEM": opt_elem, "APERTURE": aperture})
    lit = [1 + round((wave - 1200) / 0.05) for wave in (1210.0, 1215.0, 1215.5, 1220.0)]
    table = at([800] * 4, [2 * column for column in lit])
    found = lightcurve_of(exposure, table, exposure.x1d(Row(wave=(1200.0, 0.05))))
    assert found.totals.gross == gross
    path = exposure.folder / "curve.fits"
    write_lightcurve(found, path)
    told = fits.getheader(path).get("AIRGLOW")
    assert told is None if airglow is None else told.startswith(airglow)


@pytest.mark.parametrize("primary", [{}, {"OBSTYPE": "IMAGING", "OPT_ELEM": "MIRFUV"}])
def test_without_a_spectrum_the_whole_detector_is_source(
    exposure: Stis, primary: dict[str, object], tmp_path: Path
) -> None:
    exposure = Stis(exposure.folder, primary={**primary, "PFLTFILE": "oref$none_pfl.fits"})
    found = lightcurve_of(exposure, at([1, 2048, 900, 900], [1, 2048, 5, 0]), None)
    assert found.totals.gross == 3  # the last was moved off the detector by the Doppler shift
    assert found.totals.background == 0
    assert not found.is_background_subtracted
    assert not found.is_flux_calibrated
    assert (found.bins.quality & Quality.NO_FLUX).all()
    assert found.exposure.cenwave == (0 if primary else 1425)
    write_lightcurve(found, tmp_path / "curve.fits")
    again = read_lightcurve(tmp_path / "curve.fits")
    assert not again.is_background_subtracted
    assert again.missing_references == ("PFLTFILE=none_pfl.fits: not found",)
    header = fits.getheader(tmp_path / "curve.fits")
    assert (header["BACKSUB"], header["FLUXCAL"]) == (False, False)


def test_an_image_needs_no_spectrum_even_if_there_is_one(exposure: Stis) -> None:
    image = Stis(exposure.folder, primary={"OBSTYPE": "IMAGING"})
    found = lightcurve_of(image, at([900, 1, 2]), image.x1d(Row()))
    assert (found.totals.gross, found.is_background_subtracted) == (3, False)


@pytest.mark.parametrize(
    ("changes", "is_calibrated"),
    [
        ({"NET": np.zeros(1024), "FLUX": np.zeros(1024)}, False),
        ({"NET": np.full(1024, np.nan)}, False),
        ({"NET": -np.ones(1024)}, False),
        ({"NET": -np.ones(1024), "FLUX": -np.full(1024, 1 / SENSITIVITY)}, True),
        ({"FLUX": np.full(1024, np.nan)}, False),
    ],
)
def test_net_and_flux_that_say_nothing_cost_the_flux_and_not_the_counts(
    exposure: Stis, changes: dict[str, object], is_calibrated: bool
) -> None:
    found = lightcurve_of(exposure, at([800, 801, 10]), exposure.x1d(Row(changes=changes)))
    assert found.totals.gross == 2
    assert found.is_flux_calibrated is is_calibrated


@pytest.mark.parametrize("name", ["WAVELENGTH", "EXTRLOCY", "EXTRSIZE", "DQ"])
def test_an_x1d_without_a_good_column_is_at_fault_itself(exposure: Stis, name: str) -> None:
    nothing = 512 if name == "DQ" else np.nan
    values = nothing if name == "EXTRSIZE" else np.full(1024, nothing)
    tag = exposure.tag(at([800, 801]))
    good = corrtag(exposure, tag, exposure.x1d(Row()))
    with pytest.raises(BadExposure) as caught:
        make_lightcurve([good], exposure.x1d(Row(changes={name: values})))
    (problem,) = caught.value.problems
    assert problem.reason is Reason.MISMATCHED_X1D
    assert "EXTRLOCY" in problem.detail


def test_an_x1d_of_other_orders_or_another_mode_is_a_mismatch(exposure: Stis) -> None:
    echelle = Stis(exposure.folder, primary={"OPT_ELEM": "E140M"})
    rows = [Row(order=n, centre=300.0 + 20 * n) for n in (1, 2, 3)]
    made = corrtag(echelle, echelle.tag(at([800, 801])), echelle.x1d(*rows))

    def said(x1d: Path) -> str:
        with pytest.raises(BadExposure) as caught:
            make_lightcurve([made], x1d)
        (problem,) = caught.value.problems
        assert problem.reason is Reason.MISMATCHED_X1D
        return problem.detail

    assert "has the orders 1 to 2, but the events were given wavelengths of 1 to 3" in said(
        echelle.x1d(*rows[:2])
    )
    assert "OPT_ELEM is G140L" in said(exposure.x1d(*rows))
    assert "it is of another exposure" in said(echelle.x1d(*rows, starts_s=(500.0,)))
    assert "has 2 SCI tables, but the events were in 1" in said(
        echelle.x1d(*rows, starts_s=(0.0, 200.0))
    )
    empty = echelle.x1d(*rows)
    with fits.open(empty, mode="update") as hdus:
        hdus[1].data = hdus[1].data[:0]
    assert "without a row" in said(empty)


def test_each_exposure_of_a_file_has_the_trace_of_its_own_spectrum(exposure: Stis) -> None:
    starts = (0.0, 300.0)
    x1d = exposure.x1d(Row(), starts_s=starts)
    with fits.open(x1d, mode="update") as hdus:
        hdus[2].data["EXTRLOCY"] += 100.0
    tag = exposure.tag(at([800, 1000, 800]), at([800, 1000, 1000]), starts_s=starts)
    found = make_lightcurve([corrtag(exposure, tag, x1d)], x1d)
    assert found.totals.gross == 4
    assert found.totals.exposure_s == pytest.approx(200.0, abs=1e-3)
    assert found.bins.times_s[np.nan_to_num(found.bins.gross) > 0].tolist() == [0, 2, 300, 302]
    assert np.isnan(found.bins.net[60:140]).all()


def test_a_fall_of_time_within_a_table_is_seen(exposure: Stis) -> None:
    table = events(time=[1.0, 3.0, 2.0], x=5, y=800)
    with pytest.raises(BadExposure) as caught:
        lightcurve_of(exposure, table, exposure.x1d(Row()))
    assert caught.value.problems[0].reason is Reason.NON_LINEAR_TIME


def test_the_boxes_of_a_real_spectrum_hold_its_gross_counts(real_archive: Path) -> None:
    stem = real_archive / "obri" / "obri05010" / "obri05010"
    with (
        warnings.catch_warnings(action="ignore"),
        fits.open(f"{stem}_flt.fits") as flt,
        fits.open(f"{stem}_x1d.fits") as x1d,
    ):
        image = flt["SCI"].data.astype(float) / flt["SCI"].header["EXPTIME"]
        row = x1d["SCI"].data[0]
        centre, size, gross = row["EXTRLOCY"].astype(float), float(row["EXTRSIZE"]), row["GROSS"]
    pixel = np.arange(1, len(image) + 1)[:, None]
    lower, upper = centre - size / 2, centre + size / 2
    shares = np.clip(np.minimum(upper, pixel + 0.5) - np.maximum(lower, pixel - 0.5), 0, 1)
    np.testing.assert_allclose((shares * image).sum(axis=0), gross, rtol=1e-5)

    def half_rows(shift: float) -> np.ndarray:
        first, end = rows_between(lower + shift, upper + shift)
        half = np.arange(2 * len(image))[:, None]
        inside = (half >= first) & (half < end)
        return np.asarray(np.repeat(image, 2, axis=0) * inside / 2).sum(axis=0)

    off = [abs(half_rows(shift).sum() / gross.sum() - 1) for shift in (-1.0, 0.0, 1.0)]
    assert off[1] < 1e-3 < min(off[0], off[2])
