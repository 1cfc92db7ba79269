"""Make the science files of a simulated STIS exposure: tag, raw and x1d.

Columns, units and extensions as the archive has them; spt and wav are in `support`.
"""

from functools import cached_property

import numpy as np

from hstql_resources.archive.simulated.sky.fitsfile import Column, Image, Table, make_file
from hstql_resources.archive.simulated.sky.good_time import good_time_columns
from hstql_resources.archive.simulated.stis.catalogue import Exposure, Repeat
from hstql_resources.archive.simulated.stis.detector import lo_res
from hstql_resources.archive.simulated.stis.extraction import ExtractedSpectrum, extract_spectra
from hstql_resources.archive.simulated.stis.headers import (
    fill_events,
    fill_extension,
    fill_primary,
)
from hstql_resources.archive.simulated.stis.instrument import PIXELS, TICK_S, Setting
from hstql_resources.archive.simulated.stis.photons import Events, draw_events

FLUX_UNIT = "erg/s/cm**2/Angstrom"
SEARCH_PIXELS = 10  # how far calstis looks for the trace: nothing is looked for here


class Simulation:
    """The events of an exposure, drawn once and only if they are asked for."""

    def __init__(self, exposure: Exposure) -> None:
        self.exposure = exposure

    @cached_property
    def events(self) -> tuple[Events, ...]:
        """All events, repeat by repeat."""
        return tuple(draw_events(self.exposure, repeat) for repeat in self.exposure.repeats)

    @property
    def parts(self) -> list[tuple[Repeat, Events]]:
        """Each repeat with its events."""
        return list(zip(self.exposure.repeats, self.events, strict=True))


def make_tag(simulation: Simulation, filename: str) -> bytes:
    """Return the tag file: for each repeat its events, then its good time."""
    exposure = simulation.exposure
    extensions: list[Table] = []
    for repeat, events in simulation.parts:
        cards = fill_events(exposure, repeat, events.tick.size)
        good_time = good_time_columns(repeat.good_intervals_s)
        extensions += [
            Table("EVENTS", _event_columns(events), cards, repeat.number),
            Table("GTI", good_time, fill_extension(exposure, repeat), repeat.number),
        ]
    return make_file(fill_primary(exposure, filename, "raw", "star"), extensions)


def make_raw(simulation: Simulation, filename: str) -> bytes:
    """Return the raw file: an image of all events in lo-res pixels for each repeat."""
    exposure = simulation.exposure
    extensions: list[Image] = []
    for repeat, events in simulation.parts:
        column, row = (np.clip(lo_res(axis), 1, PIXELS) for axis in (events.axis1, events.axis2))
        counts = np.bincount((row - 1) * PIXELS + column - 1, minlength=PIXELS**2)
        image = counts.reshape(PIXELS, PIXELS).astype(np.int16)
        cards = fill_extension(exposure, repeat, "image", "raw", "star")
        extensions.append(Image("SCI", image, cards, repeat.number))
        for name, value in (("ERR", 0.0), ("DQ", 0)):
            constant = {"NPIX1": PIXELS, "NPIX2": PIXELS, "PIXVALUE": value}
            cards = fill_extension(exposure, repeat, "constant", values=constant)
            extensions.append(Image(name, None, cards, repeat.number))
    return make_file(fill_primary(exposure, filename, "raw", "star"), extensions)


def make_x1d(simulation: Simulation, filename: str) -> bytes:
    """Return the x1d file: a table for each repeat, with a row for each order."""
    exposure, tags = simulation.exposure, ("calibrated", "star")
    extensions = [
        Table(
            "SCI",
            _spectrum_columns(exposure.setting, extract_spectra(exposure, repeat, events)),
            fill_extension(exposure, repeat, "image", *tags),
            repeat.number,
        )
        for repeat, events in simulation.parts
    ]
    return make_file(fill_primary(exposure, filename, *tags), extensions)


def _event_columns(events: Events) -> list[Column]:
    return [
        Column("TIME", "1J", events.tick, "seconds", scale=TICK_S),
        Column("AXIS1", "1I", events.axis1, "pixels"),
        Column("AXIS2", "1I", events.axis2, "pixels"),
        Column("DETAXIS1", "1I", events.detector_axis1, "pixels"),
    ]


def _spectrum_columns(setting: Setting, spectra: tuple[ExtractedSpectrum, ...]) -> list[Column]:
    size = spectra[0].wavelength_a.size
    real, rate = f"{size}E", "Counts/s"
    rows = len(spectra)
    offsets = np.array([row.order.background_offsets for row in spectra])
    first, second = setting.background_rows
    traces = np.array([row.trace for row in spectra])
    middle = size // 2
    return [
        Column("SPORDER", "1I", [row.order.number for row in spectra]),
        Column("NELEM", "1I", [size] * rows),
        Column("WAVELENGTH", f"{size}D", [row.wavelength_a for row in spectra], "Angstroms"),
        Column("GROSS", real, [row.gross for row in spectra], rate),
        Column("BACKGROUND", real, [row.background for row in spectra], rate),
        Column("NET", real, [row.net for row in spectra], rate),
        Column("FLUX", real, [row.flux for row in spectra], FLUX_UNIT),
        Column("ERROR", real, [row.error for row in spectra], FLUX_UNIT),
        Column("NET_ERROR", real, [row.net_error for row in spectra], rate),
        Column("DQ", f"{size}I", [row.flags for row in spectra]),
        Column("A2CENTER", "1E", traces[:, middle], "pixel"),
        Column("EXTRSIZE", "1E", [setting.box_rows] * rows, "pixel"),
        Column("MAXSRCH", "1I", [SEARCH_PIXELS] * rows, "pixel"),
        Column("BK1SIZE", "1E", [first] * rows, "pixel"),
        Column("BK2SIZE", "1E", [second] * rows, "pixel"),
        Column("BK1OFFST", "1E", offsets[:, 0], "pixel"),
        Column("BK2OFFST", "1E", offsets[:, 1], "pixel"),
        Column("EXTRLOCY", real, traces, "pixel"),
        Column("OFFSET", "1E", np.zeros(rows), "pixel"),
    ]
