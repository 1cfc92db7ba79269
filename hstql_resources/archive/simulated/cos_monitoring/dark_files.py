"""Make the files of a simulated dark exposure: corrtag and spt, and the events in them."""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.events import Events
from hstql_resources.archive.simulated.cos.headers import exposure_values
from hstql_resources.archive.simulated.cos.instrument import Readout
from hstql_resources.archive.simulated.cos.products import Simulation
from hstql_resources.archive.simulated.cos.support import write_spt
from hstql_resources.archive.simulated.cos_monitoring.darks import (
    ACCEPTED,
    anomaly_factor,
    dark_rate,
    temperature_c,
)
from hstql_resources.archive.simulated.cos_monitoring.events import Counts, add_stims, list_events
from hstql_resources.archive.simulated.cos_monitoring.stims import stim_values

LOWEST_GOOD, HIGHEST_GOOD = 3, 22
_REJECTED_HEIGHTS = np.array([0, 1, 2, *range(23, 32)], dtype=np.uint8)
_STREAMS = {"FUVA": 1, "FUVB": 2, "NUV": 3}
_FILL_C = {"LDCAMPAT": 129.42, "LDCAMPBT": 129.42, "LMMCETMP": -273.15}  # as in real files


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
    left, right, bottom, top = readout.active
    x = rng.uniform(left - 0.5, right + 0.5, time_s.size)
    y = rng.uniform(bottom - 0.5, top + 0.5, time_s.size)
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
    left, right, bottom, top = readout.active
    pixels = (right - left + 1) * (top - bottom + 1)
    rate = dark_rate(segment, exposure.place.start_mjd) / ACCEPTED[segment] * pixels
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
