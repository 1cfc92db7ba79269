"""Make dark exposures of COS over two years: which there are, their events, what is true of them.

The dark rate changes steadily with the date, and rises where the orbit comes near the South
Atlantic Anomaly. At each epoch both detectors are looked at.
"""

import json
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.cos.catalogue import Exposure, draw_gap
from hstql_resources.archive.simulated.cos.events import Events
from hstql_resources.archive.simulated.cos.headers import exposure_values
from hstql_resources.archive.simulated.cos.instrument import (
    BAD_TIME,
    G130M,
    G230L,
    TICK_S,
    Configuration,
    Detector,
    Readout,
)
from hstql_resources.archive.simulated.cos.products import Simulation
from hstql_resources.archive.simulated.cos.support import write_spt
from hstql_resources.archive.simulated.cos_monitoring.epochs import (
    FIRST_MJD,
    YEAR_DAYS,
    EpochPlace,
    epoch_mjd,
)
from hstql_resources.archive.simulated.cos_monitoring.events import Counts, list_events
from hstql_resources.archive.simulated.cos_monitoring.stims import add_stims, stim_values
from hstql_resources.archive.simulated.observing_program import Target
from hstql_resources.archive.simulated.sky.orbit import INCLINATION_DEG, PERIOD_S, Orbit
from hstql_resources.archive.simulated.sky.spectrum import Spectrum
from hstql_resources.archive.simulated.sky.variability import Variability

_HOURS_AFTER_FUV = 3.0

# Counts/s/pixel with a good pulse height at FIRST_MJD, far from the anomaly; that of NUV is a tenth
# of the real one, to keep the files small.
BASE_RATES = {"FUVA": 1.0e-6, "FUVB": 1.2e-6, "NUV": 3.0e-5}
GROWTH_PER_YEAR = {"FUVA": 0.10, "FUVB": 0.05, "NUV": 0.15}
# Share of the dark counts whose pulse height is good; NUV measures none.
ACCEPTED = {"FUVA": 0.75, "FUVB": 0.70, "NUV": 1.0}

ANOMALY_LATITUDE_DEG, ANOMALY_LONGITUDE_DEG = -20.0, 310.0
ANOMALY_SIGMAS_DEG = (7.0, 12.0)  # of latitude and longitude
ANOMALY_STRENGTH = 3.0  # how many times the rate is added in its middle
EPOCHS_PER_PASS = 6  # one of so many goes through the middle of it

# Seconds: shorter where there are more counts, to keep the files below 2 MB.
LENGTHS_S: dict[Detector, tuple[float, float]] = {"FUV": (500.0, 700.0), "NUV": (300.0, 400.0)}
PASS_LENGTHS_S = (200.0, 300.0)

TEMPERATURES_C = {"FUVA": 25.0, "FUVB": 24.0, "NUV": 20.0}
SEASON_C = 2.0  # amplitude over a year
LOWEST_GOOD, HIGHEST_GOOD = 3, 22
_REJECTED_HEIGHTS = np.array([0, 1, 2, *range(23, 32)], dtype=np.uint8)
_STREAMS = {"FUVA": 1, "FUVB": 2, "NUV": 3}
_FILL_C = {"LDCAMPAT": 129.42, "LDCAMPBT": 129.42, "LMMCETMP": -273.15}  # as in real files


class DarkPlace(EpochPlace):
    """Where a dark exposure stands in the program; FUV and NUV of the first epoch come first."""

    letters = MappingProxyType({"FUV": "ld", "NUV": "le"})
    first_index = 30_000_000

    @property
    def configuration(self) -> Configuration:
        """The instrument setting, for its detector halves; no light comes through it."""
        return G130M if self.detector == "FUV" else G230L

    @property
    def start_mjd(self) -> float:
        """Start of the exposure [MJD UTC]: that of NUV comes three hours later."""
        later_d = _HOURS_AFTER_FUV / 24.0 if self.detector == "NUV" else 0.0
        return epoch_mjd(self.epoch) + later_d


def dark_rate(segment: str, mjd: float) -> float:
    """Return the dark rate [count/s/pixel] of good pulse height, off the anomaly, at an MJD."""
    growth = GROWTH_PER_YEAR[segment] * (mjd - FIRST_MJD) / YEAR_DAYS
    return BASE_RATES[segment] * (1.0 + growth)


def anomaly_factor(
    latitude_deg: NDArray[np.float64], longitude_deg: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how many times the rate is higher at positions, shape (n,); 1 far from the anomaly."""
    north = (latitude_deg - ANOMALY_LATITUDE_DEG) / ANOMALY_SIGMAS_DEG[0]
    east = (longitude_deg - ANOMALY_LONGITUDE_DEG + 180.0) % 360.0 - 180.0
    east = east / ANOMALY_SIGMAS_DEG[1]
    factor: NDArray[np.float64] = 1.0 + ANOMALY_STRENGTH * np.exp(-0.5 * (north**2 + east**2))
    return factor


def temperature_c(detector: str, mjd: float) -> float:
    """Return the temperature of FUVA, FUVB or NUV [Celsius] at an MJD: it follows the seasons."""
    season = SEASON_C * np.sin(2.0 * np.pi * (mjd - FIRST_MJD) / YEAR_DAYS)
    return round(TEMPERATURES_C[detector] + float(season), 4)


def make_dark_exposure(seed: int, place: DarkPlace) -> Exposure:
    """Return a dark exposure: the same for the same seed, whatever else exists.

    Every fifth has a gap of bad time. One of six goes through the anomaly.
    """
    rng = np.random.default_rng([seed, place.index])
    is_pass = place.epoch % EPOCHS_PER_PASS == EPOCHS_PER_PASS - 1
    ticks = int(rng.uniform(*(PASS_LENGTHS_S if is_pass else LENGTHS_S[place.detector])) / TICK_S)
    orbit = Orbit(rng.uniform(0.0, PERIOD_S), rng.uniform(0.0, 360.0))
    if is_pass:
        orbit = _orbit_through_anomaly(ticks * TICK_S / 2.0)
    gap = None
    if place.epoch % 5 == 2:
        gap = draw_gap(rng, ticks, BAD_TIME)
    target = Target("DARK", 0.0, 0.0, Spectrum(flux_1300=0.0), Variability(kind="constant"))
    return Exposure(place, target, ticks, gap, orbit, 0.0, 0.0, seed)


def _orbit_through_anomaly(middle_s: float) -> Orbit:
    """Return an orbit that is in the middle of the anomaly at a time, on its way north."""
    sine = np.sin(np.deg2rad(ANOMALY_LATITUDE_DEG)) / np.sin(np.deg2rad(INCLINATION_DEG))
    since_node_s = float(np.arcsin(sine)) / (2.0 * np.pi) * PERIOD_S
    at_zero = Orbit(middle_s - since_node_s, 0.0)
    longitude = float(at_zero.longitude_at(np.array([middle_s]))[0])
    return replace(at_zero, node_longitude_deg=(ANOMALY_LONGITUDE_DEG - longitude) % 360.0)


def segment_names(exposure: Exposure) -> list[str]:
    """Return FUVA and FUVB, or NUV."""
    if exposure.configuration.detector == "NUV":
        return ["NUV"]
    return [readout.segment for readout in exposure.configuration.readouts]


def state_dark_truth(exposure: Exposure) -> str:
    """Return what was put into an exposure, as JSON; rates are in counts/s/pixel, undisturbed."""
    mjd = exposure.place.start_mjd
    names = segment_names(exposure)
    truth = {
        "rootname": exposure.rootname,
        "start_mjd": mjd,
        "exposure_time_s": exposure.exposure_time_s,
        "good_intervals_s": [list(interval) for interval in exposure.good_intervals_s],
        "rates": {name: dark_rate(name, mjd) for name in names},
        "accepted": {name: ACCEPTED[name] for name in names},
        "temperatures_c": {name: temperature_c(name, mjd) for name in names},
        "anomaly": {
            "latitude_deg": ANOMALY_LATITUDE_DEG,
            "longitude_deg": ANOMALY_LONGITUDE_DEG,
            "sigmas_deg": list(ANOMALY_SIGMAS_DEG),
            "strength": ANOMALY_STRENGTH,
        },
    }
    return json.dumps(truth, indent=2)


def simulate_dark(exposure: Exposure) -> Simulation:
    """Return a dark exposure, whose events are drawn when they are asked for."""
    if exposure.configuration.detector == "NUV":
        return Simulation(exposure, draw_dark_events, tags=("calibrated", "dark"))
    values = stim_values(exposure.duration_s)
    return Simulation(exposure, draw_dark_events, values, ("calibrated", "dark", "stims"))


def make_dark_spt(simulation: Simulation, filename: str) -> bytes:
    """Return the spt file: SNAP1 has the temperatures, SNAP2 only fill values."""
    exposure = simulation.exposure
    values = exposure_values(exposure, filename)
    measured = {
        keyword: temperature_c(detector, exposure.place.start_mjd)
        for keyword, detector in zip(_FILL_C, ("FUVA", "FUVB", "NUV"), strict=True)
    }
    snapshots = [{**values, **measured}, {**values, **_FILL_C}]
    primary = fill_cards("cos/spt_primary", values, {"dark"})
    return write_spt(primary, values, snapshots, "dark")


def draw_dark_events(exposure: Exposure, readout: Readout) -> Events:
    """Return the events of one readout: dark counts, and the stim pulses of FUV."""
    segment = _segment(readout)
    rng = exposure.random_stream(_STREAMS[segment])
    time_s = _draw_times(rng, exposure, readout)
    x, y = readout.spread(rng, time_s.size)
    heights = _draw_pulse_heights(rng, segment, time_s.size)
    if segment == "NUV":
        return list_events(exposure, readout, Counts(time_s, np.rint(x), np.rint(y), heights))
    counts = add_stims(rng, exposure, readout, Counts(time_s, x, y, heights))
    return list_events(exposure, readout, counts)


def _segment(readout: Readout) -> str:
    return readout.segment if readout.segment in ACCEPTED else "NUV"


def _draw_times(
    rng: np.random.Generator, exposure: Exposure, readout: Readout
) -> NDArray[np.float64]:
    """Draw the times of dark counts, second by second, as the position says."""
    segment = _segment(readout)
    per_pixel = dark_rate(segment, exposure.place.start_mjd) / ACCEPTED[segment]
    rate = per_pixel * readout.active_pixels
    start_s = np.arange(0.0, exposure.duration_s)
    length_s = np.minimum(exposure.duration_s - start_s, 1.0)
    middle_s = start_s + length_s / 2.0
    factor = anomaly_factor(
        exposure.orbit.latitude_at(middle_s), exposure.orbit.longitude_at(middle_s)
    )
    counts = rng.poisson(rate * factor * length_s)
    time_s: NDArray[np.float64] = np.repeat(start_s, counts)
    return time_s + np.repeat(length_s, counts) * rng.random(time_s.size)


def _draw_pulse_heights(rng: np.random.Generator, segment: str, size: int) -> NDArray[np.uint8]:
    if segment == "NUV":
        return np.zeros(size, dtype=np.uint8)
    good = np.clip(LOWEST_GOOD + rng.exponential(5.0, size), LOWEST_GOOD, HIGHEST_GOOD)
    is_good = rng.random(size) < ACCEPTED[segment]
    heights = np.where(is_good, good.astype(np.uint8), rng.choice(_REJECTED_HEIGHTS, size))
    return heights.astype(np.uint8)
