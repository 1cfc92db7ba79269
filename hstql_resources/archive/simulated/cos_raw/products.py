"""Make the event lists of a raw exposure.

Support and jitter files are those of all exposures, see `cos.support`.
"""

from functools import cached_property

import numpy as np

from hstql_resources.archive.simulated.cos.instrument import TICK_S
from hstql_resources.archive.simulated.cos.products import make_gti
from hstql_resources.archive.simulated.cos_raw.catalogue import RawExposure
from hstql_resources.archive.simulated.cos_raw.events import RawEvents, draw_raw_events
from hstql_resources.archive.simulated.cos_raw.headers import fill_raw_events, fill_raw_primary
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table, make_file


class RawSimulation:
    """The events of an exposure, drawn once and only if they are asked for."""

    def __init__(self, exposure: RawExposure) -> None:
        self.exposure = exposure

    @cached_property
    def events(self) -> tuple[RawEvents, ...]:
        """All events, readout by readout."""
        readouts = self.exposure.configuration.readouts
        return tuple(draw_raw_events(self.exposure, one) for one in readouts)


def make_rawtag(number: int, simulation: RawSimulation, filename: str) -> bytes:
    """Return the event list of one readout: events and good times, as CalCOS wants exactly."""
    exposure = simulation.exposure
    readouts = exposure.configuration.readouts
    events = simulation.events[number]
    counts = {
        one.segment: drawn.tick.size for one, drawn in zip(readouts, simulation.events, strict=True)
    }
    columns = [
        Column("TIME", "1E", events.tick * TICK_S, "s"),
        Column("RAWX", "1I", events.x.astype(np.int16), "pixel"),
        Column("RAWY", "1I", events.y.astype(np.int16), "pixel"),
    ]
    if exposure.place.detector == "FUV":
        columns.append(Column("PHA", "1B", events.pulse_height))
    return make_file(
        fill_raw_primary(exposure, filename, readouts[number].segment),
        [
            Table("EVENTS", columns, fill_raw_events(exposure, counts)),
            make_gti(exposure, ((0.0, exposure.duration_s),)),
        ],
    )
