"""The files of a simulated exposure for the gain: corrtag and spt, and the events in them."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.archive_contents import Content
from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.events import PULSE_HEIGHT_RANGE, Events
from hstql_resources.archive.simulated.cos.extension_headers import Tally, exposure_keywords
from hstql_resources.archive.simulated.cos.instrument import PULSE_HEIGHT, TICK_S, Readout
from hstql_resources.archive.simulated.cos.products import Simulation, make_corrtag
from hstql_resources.archive.simulated.cos.support import make_spt
from hstql_resources.archive.simulated.cos_monitoring.gain import (
    BACKGROUND_EVENTS,
    COLUMN_PIXELS,
    EVENTS_PER_SUPERPIXEL,
    PEAK_WIDTH,
    ROW_PIXELS,
    Patch,
    list_patches,
    modal_gain,
    state_gain_truth,
)
from hstql_resources.archive.simulated.cos_monitoring.stims import BRFTAB, draw_stims, stim_keywords

HIGHEST = 31
Places = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]


def open_gain_exposure(exposure: Exposure) -> Content:
    """Return what makes the files of an exposure, by name."""
    simulate = cache(lambda: _simulate(exposure))  # once, and only if it is needed

    def make(filename: str) -> bytes:
        match filename.removeprefix(f"{exposure.rootname}_"):
            case "truth.json":
                return state_gain_truth(exposure).encode()
            case "spt.fits":
                return make_spt(exposure, filename)
            case corrtag:
                suffix = corrtag.removeprefix("corrtag").removesuffix(".fits")
                readouts = exposure.configuration.readouts
                (readout,) = (readout for readout in readouts if readout.suffix == suffix)
                return make_corrtag(simulate(), readout, filename)

    return make


def _simulate(exposure: Exposure) -> Simulation:
    readouts = exposure.configuration.readouts
    events = {readout.segment: draw_gain_events(exposure, readout) for readout in readouts}
    tallies = {segment: Tally.of(drawn) for segment, drawn in events.items()}
    keywords = exposure_keywords(exposure, tallies) | stim_keywords(exposure.duration_s)
    return Simulation(exposure, tuple(events.values()), keywords, {"BRFTAB": BRFTAB})


def draw_gain_events(exposure: Exposure, readout: Readout) -> Events:
    """Return the events of one segment: patches, background and stim pulses."""
    rng = exposure.random_stream(1 + exposure.configuration.readouts.index(readout))
    mjd = exposure.place.start_mjd
    parts = [_light_patch(rng, patch, mjd) for patch in list_patches(readout.segment)]
    parts.append(_draw_background(rng, readout))
    x, y, heights = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    time_s = rng.uniform(0.0, exposure.duration_s, x.size)
    stims = draw_stims(rng, readout.segment, mjd, exposure.duration_s)
    return _to_events(
        exposure,
        readout,
        np.concatenate([time_s, stims.time_s]),
        np.concatenate([x, stims.raw_x]),
        np.concatenate([y, stims.raw_y]),
        np.concatenate([heights, stims.pulse_height]),
    )


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


def _to_events(
    exposure: Exposure,
    readout: Readout,
    time_s: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    heights: NDArray[np.uint8],
) -> Events:
    order = np.argsort(time_s, kind="stable")
    tick = np.minimum((time_s[order] / TICK_S).astype(np.int64), exposure.ticks - 1)
    column, row, heights = x[order].astype(np.float32), y[order].astype(np.float32), heights[order]
    low, high = PULSE_HEIGHT_RANGE
    is_odd = (heights < low) | (heights > high)
    size = np.array([readout.columns, readout.rows]) - 1
    raw_x, raw_y = np.clip(np.rint([column, row]).T, 0, size).astype(np.int16).T
    zeros = np.zeros(tick.size, dtype=np.float32)
    return Events(
        tick=tick, raw_x=raw_x, raw_y=raw_y, x_corr=column, y_corr=row, x_dopp=column,
        x_full=column, y_full=row, wavelength_a=zeros, epsilon=zeros + 1.0,
        flags=np.where(is_odd, PULSE_HEIGHT, 0).astype(np.int16), pulse_height=heights,
    )  # fmt: skip
