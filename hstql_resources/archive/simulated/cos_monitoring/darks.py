"""Plan dark exposures of COS over two years: which there are, and what is true of them.

The dark rate changes steadily with the date, and rises where the orbit comes near the South
Atlantic Anomaly. At each epoch both detectors are looked at. The files are made in `dark_files`.
"""

import json
from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.catalogue import Exposure, Gap
from hstql_resources.archive.simulated.cos.instrument import (
    BAD_TIME,
    G130M,
    G230L,
    TICK_S,
    Configuration,
    Detector,
)
from hstql_resources.archive.simulated.cos_monitoring.epochs import (
    FIRST_MJD,
    YEAR_DAYS,
    EpochPlace,
    epoch_mjd,
)
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
        start = int(rng.uniform(0.3, 0.5) * ticks)
        gap = Gap(start, start + int(rng.uniform(20.0, 40.0) / TICK_S), BAD_TIME)
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
