"""Draw the events of a simulated exposure for the gain; its files are those of all exposures."""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.events import Events
from hstql_resources.archive.simulated.cos.instrument import Readout
from hstql_resources.archive.simulated.cos.products import Simulation
from hstql_resources.archive.simulated.cos_monitoring.events import Counts, add_stims, list_events
from hstql_resources.archive.simulated.cos_monitoring.gain import (
    BACKGROUND_EVENTS,
    COLUMN_PIXELS,
    EVENTS_PER_SUPERPIXEL,
    PEAK_WIDTH,
    ROW_PIXELS,
    Patch,
    list_patches,
    modal_gain,
)
from hstql_resources.archive.simulated.cos_monitoring.stims import stim_values

HIGHEST = 31
Places = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]


def simulate_gain(exposure: Exposure) -> Simulation:
    """Return an exposure for the gain, whose events are drawn when they are asked for."""
    values = stim_values(exposure.duration_s)
    return Simulation(exposure, draw_gain_events, values, ("calibrated", "light", "stims"))


def draw_gain_events(exposure: Exposure, readout: Readout) -> Events:
    """Return the events of one segment: patches, background and stim pulses."""
    rng = exposure.random_stream(1 + exposure.configuration.readouts.index(readout))
    mjd = exposure.place.start_mjd
    parts = [_light_patch(rng, patch, mjd) for patch in list_patches(readout.segment)]
    parts.append(_draw_background(rng, readout))
    x, y, heights = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    time_s = rng.uniform(0.0, exposure.duration_s, x.size)
    counts = add_stims(rng, exposure, readout, Counts(time_s, x, y, heights))
    single = counts._replace(x=counts.x.astype(np.float32), y=counts.y.astype(np.float32))
    return list_events(exposure, readout, single)


def _light_patch(rng: np.random.Generator, patch: Patch, mjd: float) -> Places:
    size = rng.poisson(EVENTS_PER_SUPERPIXEL * patch.superpixels)
    # A pixel reaches from half a pixel before its number to half a pixel behind.
    x = rng.uniform(0.0, patch.columns * COLUMN_PIXELS, size) + patch.x * COLUMN_PIXELS - 0.5
    y = rng.uniform(0.0, patch.rows * ROW_PIXELS, size) + patch.y * ROW_PIXELS - 0.5
    heights = np.rint(rng.normal(modal_gain(patch, mjd), PEAK_WIDTH, size))
    return x, y, np.clip(heights, 0, HIGHEST).astype(np.uint8)


def _draw_background(rng: np.random.Generator, readout: Readout) -> Places:
    left, right, bottom, top = readout.active
    size = rng.poisson(BACKGROUND_EVENTS)
    x = rng.uniform(left - 0.5, right + 0.5, size)
    y = rng.uniform(bottom - 0.5, top + 0.5, size)
    return x, y, rng.integers(0, HIGHEST + 1, size, dtype=np.uint8)
