"""List events of counts that no calibration has moved: in darks, and where patches are lit."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.events import PULSE_HEIGHT_RANGE, Events
from hstql_resources.archive.simulated.cos.instrument import PULSE_HEIGHT, TICK_S, Readout


class Counts(NamedTuple):
    """What the detector counts; arrays of shape (n,).

    Attributes
    ----------
    time_s : ndarray
        Since the start of the exposure.
    x, y : ndarray
        Column and row on the detector [pixel]; of stims whole ones, int16.
    heights : ndarray of uint8
        Pulse heights; 0 on the NUV detector.
    """

    time_s: NDArray[np.float64]
    x: NDArray[np.floating] | NDArray[np.int16]
    y: NDArray[np.floating] | NDArray[np.int16]
    heights: NDArray[np.uint8]


def list_events(exposure: Exposure, readout: Readout, counts: Counts) -> Events:
    """Return the events of one readout in the order of time, flagged, without wavelengths."""
    order = np.argsort(counts.time_s, kind="stable")
    time_s, heights = counts.time_s[order], counts.heights[order]
    x, y = counts.x[order], counts.y[order]
    tick = np.minimum((time_s / TICK_S).astype(np.int64), exposure.ticks - 1)
    flags = np.zeros(tick.size, dtype=np.int16)
    if exposure.configuration.detector == "FUV":
        low, high = PULSE_HEIGHT_RANGE
        flags[(heights < low) | (heights > high)] |= PULSE_HEIGHT
    if (gap := exposure.gap) is not None:
        flags[(tick >= gap.start_tick) & (tick < gap.stop_tick)] |= gap.flag
    column, row = x.astype(np.float32), y.astype(np.float32)
    size = np.array([readout.columns, readout.rows]) - 1
    raw_x, raw_y = np.clip(np.rint([x, y]).T, 0, size).astype(np.int16).T
    zeros = np.zeros(tick.size, dtype=np.float32)
    return Events(
        tick=tick, raw_x=raw_x, raw_y=raw_y, x_corr=column, y_corr=row, x_dopp=column,
        x_full=column, y_full=row, wavelength_a=zeros, epsilon=zeros + 1.0, flags=flags,
        pulse_height=heights,
    )  # fmt: skip
