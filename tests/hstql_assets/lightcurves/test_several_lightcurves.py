"""Several lightcurves of one exposure: bands, bins, halves and pulse heights of one's own."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

import builders.stis_expectation as stis
from builders.corrtag_files import Events, Observation
from builders.simulated_truth import is_outside_airglow
from hstql_assets.batching.bad_data import BadExposure, NothingToExtract
from hstql_assets.lightcurves.events import EventFile
from hstql_assets.lightcurves.extraction import BinSums
from hstql_assets.lightcurves.joining import join_to_target
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve, make_lightcurves
from hstql_assets.lightcurves.rates import Signal, measure_signal
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_assets.lightcurves.time_bins import TimeBins, cut_orbits
from hstql_resources.archive.simulated.stis.catalogue import locate, make_exposure

SAME = 1e-6
C_II, SI_IV = ((1334.09, 1334.98), (1335.26, 1336.15)), ((1393.30, 1394.22), (1402.30, 1403.24))
ECHELLE = 3  # of the simulated exposures of STIS


def made(lightcurve: object) -> Lightcurve:
    assert isinstance(lightcurve, Lightcurve)
    return lightcurve


def band(*windows: tuple[float, float]) -> ExtractionSettings:
    return ExtractionSettings(windows=windows, has_band_flux=True)


def is_within(wave: np.ndarray, windows: Sequence[tuple[float, float]]) -> np.ndarray:
    return np.any([(wave >= lower) & (wave <= upper) for lower, upper in windows], axis=0)


def require_band(lightcurve: Lightcurve, x1d: Path) -> None:
    """Hold the fluxes over a band against sums over the columns of the x1d of COS."""
    table = fits.getdata(x1d)
    wave = table["WAVELENGTH"]
    lower, upper = lightcurve.settings.wavelength_limits(lightcurve.exposure.detector)
    used = (table["DQ_WGT"] > 0) & (wave >= lower) & (wave <= upper) & is_outside_airglow(wave)
    used &= is_within(wave, lightcurve.settings.windows)
    net, flux = (table[name].astype(float) for name in ("NET", "FLUX"))
    totals = lightcurve.band_totals
    assert totals is not None
    widths = np.abs(np.gradient(wave, axis=1))
    assert totals.band_flux == pytest.approx((flux * widths)[used].sum(), rel=SAME)
    known = used & (flux != 0)
    sensitivity = (net[known] / flux[known]).sum() * used.sum() / known.sum()
    assert totals.weighted_flux == pytest.approx(net[used].sum() / sensitivity, rel=1e-4)
    assert lightcurve.totals.gross == pytest.approx(
        table["GROSS"].astype(float)[used].sum() * lightcurve.totals.exposure_s, abs=1e-3
    )


def test_the_flux_over_a_band_is_that_of_the_real_x1d(real_archive: Path) -> None:
    folder = real_archive / "ld9m" / "ld9m10ujq"
    x1d = folder / "ld9m10ujq_x1d.fits"
    each = [band(*C_II), band(*SI_IV), band((1380, 1420))]
    for lightcurve in make_lightcurves([folder / "ld9m10ujq_corrtag_a.fits"], x1d, each):
        require_band(made(lightcurve), x1d)


@pytest.mark.parametrize("rootname", ["ls000101q", "ls000102q", "ls000103q"])
def test_the_flux_over_a_band_is_that_of_a_simulated_x1d(simulated: Path, rootname: str) -> None:
    """TWOZONE with both segments, stripes of NUV, BOXCAR."""
    x1d, events = simulated / f"{rootname}_x1d.fits", sorted(simulated.glob(f"{rootname}_corr*"))
    wave = fits.getdata(x1d)["WAVELENGTH"]
    lower, upper = np.quantile(wave, [0.3, 0.8])
    whole, part = make_lightcurves(events, x1d, [band((1, 1e4)), band((lower, upper))])
    require_band(made(whole), x1d)
    require_band(made(part), x1d)


def test_orders_of_an_echelle_share_the_wavelengths_that_both_have(tmp_path: Path) -> None:
    stis.fetch_references(tmp_path)
    exposure = make_exposure(3, locate(ECHELLE))
    stis.write_files(exposure, tmp_path)
    stis.make_case(exposure, tmp_path)
    name = exposure.rootname
    x1d = tmp_path / f"{name}_x1d.fits"
    used, _ = stis.read_used(x1d)
    table = fits.getdata(x1d)
    wave, flux = table["WAVELENGTH"], table["FLUX"].astype(float)
    assert len(wave) > 5
    widths, shares = np.abs(np.gradient(wave, axis=1)), np.zeros(wave.shape)
    for order in range(len(wave)):
        rising = np.argsort(wave[order])
        column = np.interp(wave, wave[order][rising], rising, left=-1, right=-1)
        shares += (column >= 0) & used[order][np.rint(column).astype(int)]
    whole = make_lightcurve([tmp_path / f"{name}_corrtag.fits"], x1d, band((1, 1e5)))
    assert whole.band_totals is not None
    assert shares[used].max() == 2
    expected = (flux * widths)[used] / shares[used]
    assert whole.band_totals.band_flux == pytest.approx(expected.sum(), rel=SAME)


def test_bands_hold_the_events_of_the_default_in_them(simulated: Path) -> None:
    events, x1d = sorted(simulated.glob("ls000101q_corr*")), simulated / "ls000101q_x1d.fits"
    edges = [1000.0, 1150.0, 1208.0, 1298.0, 1380.3, 1500.0]
    parts = [band((lower + 1e-9, upper)) for lower, upper in pairwise(edges)]
    whole, *bands = make_lightcurves(events, x1d, [ExtractionSettings(), *parts])
    gross = sum(np.nan_to_num(made(one).bins.gross) for one in bands)
    np.testing.assert_array_equal(gross, np.nan_to_num(made(whole).bins.gross))
    net = sum(made(one).totals.net_count_per_s for one in bands)
    assert net == pytest.approx(made(whole).totals.net_count_per_s, rel=1e-9)


def test_events_are_read_once_for_all(simulated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events, x1d = sorted(simulated.glob("ls000101q_corr*")), simulated / "ls000101q_x1d.fits"
    each = [ExtractionSettings(), band(*C_II), ExtractionSettings(target_sn=10)]
    alone = [make_lightcurve(events, x1d, settings) for settings in each]
    read: list[str] = []
    blocks = EventFile.blocks

    def count(self: EventFile) -> Iterator[np.ndarray]:
        read.append(self.path.name)
        return blocks(self)

    monkeypatch.setattr(EventFile, "blocks", count)
    together = make_lightcurves(events, x1d, each)
    assert read == [path.name for path in events]
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one.bins.flux, made(other).bins.flux)
        assert one.totals == made(other).totals


def test_one_that_leaves_nothing_does_not_stand_in_the_way_of_others(
    observation: Observation,
) -> None:
    times = np.linspace(1, 99, 50)
    path = observation.corrtag(Events(times, np.full(50, 8000.0), np.full(50, 420.0)))
    each = [
        band((2500, 2600)), ExtractionSettings(sun_altitude_max_deg=0.0),
        ExtractionSettings(pulse_heights=(0, 31)), ExtractionSettings(),
    ]  # fmt: skip
    nothing, night, heights, whole = make_lightcurves([path], observation.x1d(), each)
    assert isinstance(nothing, NothingToExtract)
    assert "no good column from 2500 to 2600 Angstrom" in str(nothing)
    assert isinstance(night, BadExposure)
    assert "no TIMELINE table with SUN_ALT" in str(night)
    assert made(heights).totals.gross == made(whole).totals.gross == 50


@pytest.mark.parametrize(
    ("detector", "settings", "said"),
    [
        ("NUV", ExtractionSettings(pulse_heights=(2, 23)), "COS/NUV, whose events have no pulse"),
        ("FUV", band(*C_II), "has no x1d, which tells where a band is"),
    ],
)
def test_what_a_file_does_not_have_is_said(
    observation: Observation, detector: str, settings: ExtractionSettings, said: str
) -> None:
    seen = observation.but(detector=detector)
    listed = Events(np.linspace(1, 99, 9), np.full(9, 600.0), np.full(9, 180.0))
    path = seen.corrtag(listed, "NUV" if detector == "NUV" else "FUVA")
    with pytest.raises(NothingToExtract, match=said):
        make_lightcurve([path], None, settings)


def test_day_and_night_are_all_there_is(simulated: Path) -> None:
    events, x1d = sorted(simulated.glob("ls000101q_corr*")), simulated / "ls000101q_x1d.fits"
    with fits.open(events[0]) as hdus:
        middle = float(np.median(hdus["TIMELINE"].data["SUN_ALT"])) + 1e-3
    whole, night, day = (
        made(one)
        for one in make_lightcurves(
            events, x1d,
            [ExtractionSettings(), ExtractionSettings(sun_altitude_max_deg=middle),
             ExtractionSettings(sun_altitude_min_deg=middle)],
        )
    )  # fmt: skip
    assert 0 < night.totals.gross < whole.totals.gross
    assert night.totals.gross + day.totals.gross == whole.totals.gross
    assert night.totals.exposure_s + day.totals.exposure_s == pytest.approx(whole.totals.exposure_s)


def test_pulse_heights_choose_events_that_the_pipeline_rejects_too(
    observation: Observation,
) -> None:
    times, heights = np.linspace(1, 99, 32), np.arange(32)
    listed = Events(
        times, np.full(32, 8000.0), np.full(32, 420.0), dq=np.where(heights < 2, 512, 0)
    )
    path = observation.corrtag(listed)
    with fits.open(path, mode="update") as hdus:
        hdus["EVENTS"].data["PHA"] = heights
    x1d = observation.x1d()
    usual, low = (
        make_lightcurve([path], x1d, ExtractionSettings(pulse_heights=chosen)).totals.gross
        for chosen in (None, (1, 10))
    )
    assert (usual, low) == (30, 10)


def test_there_is_a_bin_for_each_orbit() -> None:
    good = np.array([[10.0, 1000.0], [1100.0, 2500.0], [5700.0, 8100.0]])
    np.testing.assert_array_equal(cut_orbits(good), [0, 2500, 5700, 8100])
    np.testing.assert_array_equal(cut_orbits(np.array([[0.0, 9000.0]])), [0, 4500, 9000])


class OneCount:
    norms, typical = np.zeros(2), np.array([1.0, 0.0])


def join(rate: float, target: float, seed: int) -> tuple[TimeBins, Signal]:
    """Join 2,000 bins of 1 s of a source so bright (count/s), over some background."""
    random = np.random.default_rng(seed)
    gross, background = random.poisson(rate + 0.03, 2000), random.poisson(0.1, 2000)
    nothing = BinSums.zeros(1, 2000)
    sums = BinSums(
        gross.astype(float), 0.3 * background, 0.09 * background, gross - 0.3 * background,
        gross.astype(float), nothing.fluxes, nothing.fluxes_squares,
    )  # fmt: skip
    bins = TimeBins(1.0, 2000, np.array([[0.0, 2000.0]]))
    return join_to_target(
        [sums], bins, lambda sums, bins: measure_signal(sums[0], bins, OneCount(), None), target
    )


@pytest.mark.parametrize(("rate", "target"), [(0.5, 3), (5, 3), (5, 10), (50, 10)])
def test_joined_bins_reach_their_signal_to_noise_and_stay_unbiased(
    rate: float, target: float
) -> None:
    means = []
    for seed in range(10):
        bins, signal = join(rate, target, seed)
        counts, error = signal.gross - signal.background, np.sqrt(signal.variance)
        assert len(counts) > 1
        assert (counts / error).min() >= target
        seconds = bins.exposure_s
        assert seconds.sum() == 2000
        means.append(np.average(counts / seconds, weights=(seconds / error) ** 2))
    assert np.mean(means) == pytest.approx(rate, rel=0.02)


def test_an_exposure_that_does_not_reach_it_is_one_bin_and_says_so(
    observation: Observation,
) -> None:
    times = np.linspace(1, 99, 50)
    path = observation.corrtag(Events(times, np.full(50, 8000.0), np.full(50, 420.0)))
    lightcurve = make_lightcurve([path], observation.x1d(), ExtractionSettings(target_sn=100))
    assert len(lightcurve.bins.times_s) == 1
    assert lightcurve.widths_s == [100]
    assert "a signal to noise of 7, not 100" in lightcurve.remarks[-1]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"windows": ((1400.0, 1300.0),)}, "A window is 1400.0 to 1300.0"),
        ({"pulse_heights": (5, 40)}, "pulse_heights are 5 to 40"),
        ({"target_sn": 0.0}, "target_sn is 0.0"),
        ({"sun_altitude_min_deg": 91.0}, "sun_altitude_min_deg is 91.0"),
        ({"is_by_orbit": True, "target_sn": 3.0}, "one of the two"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ExtractionSettings(**wrong)  # type: ignore[arg-type]
