"""The science files of a simulated STIS exposure: tag, raw and x1d.

Columns, units and extensions as the archive has them; spt and wav are in `support`.
"""

from dataclasses import dataclass

import numpy as np

from hstql_resources.archive.simulated.sky.fitsfile import Column, Image, Table, make_file
from hstql_resources.archive.simulated.stis.catalogue import Exposure, Repeat
from hstql_resources.archive.simulated.stis.detector import lo_res
from hstql_resources.archive.simulated.stis.extraction import ExtractedSpectrum, extract_spectra
from hstql_resources.archive.simulated.stis.headers import (
    event_keywords,
    extension_names,
    image_keywords,
    primary_keywords,
)
from hstql_resources.archive.simulated.stis.instrument import PIXELS, TICK_S, Setting
from hstql_resources.archive.simulated.stis.photons import Events, draw_events

FLUX_UNIT = "erg/s/cm**2/Angstrom"
SEARCH_PIXELS = 10  # how far calstis looks for the trace: nothing is looked for here


@dataclass(frozen=True)
class Simulation:
    """The events of an exposure, repeat by repeat."""

    exposure: Exposure
    events: tuple[Events, ...]

    @classmethod
    def run(cls, exposure: Exposure) -> "Simulation":
        """Draw all events of an exposure."""
        return cls(exposure, tuple(draw_events(exposure, repeat) for repeat in exposure.repeats))

    @property
    def parts(self) -> list[tuple[Repeat, Events]]:
        """Each repeat with its events."""
        return list(zip(self.exposure.repeats, self.events, strict=True))


def make_tag(simulation: Simulation, filename: str) -> bytes:
    """Return the tag file: for each repeat its events, then its good time."""
    exposure = simulation.exposure
    extensions: list[Table] = []
    for repeat, events in simulation.parts:
        keywords = event_keywords(exposure, repeat, events.tick.size)
        start, stop = np.array(repeat.good_intervals_s).T
        good_time = [
            Column("START", "1D", start, "seconds"),
            Column("STOP", "1D", stop, "seconds"),
        ]
        names = extension_names(exposure, repeat)
        extensions += [
            Table("EVENTS", _event_columns(events), keywords, repeat.number),
            Table("GTI", good_time, names, repeat.number),
        ]
    return make_file(primary_keywords(exposure, filename, is_calibrated=False), extensions)


def make_raw(simulation: Simulation, filename: str) -> bytes:
    """Return the raw file: an image of all events in lo-res pixels for each repeat."""
    exposure = simulation.exposure
    extensions: list[Image] = []
    for repeat, events in simulation.parts:
        column, row = (np.clip(lo_res(axis), 1, PIXELS) for axis in (events.axis1, events.axis2))
        counts = np.bincount((row - 1) * PIXELS + column - 1, minlength=PIXELS**2)
        image = counts.reshape(PIXELS, PIXELS).astype(np.int16)
        keywords = image_keywords(exposure, repeat, is_calibrated=False)
        constant = {**extension_names(exposure, repeat), "NPIX1": PIXELS, "NPIX2": PIXELS}
        extensions += [
            Image("SCI", image, {**keywords, "BUNIT": "COUNTS"}, repeat.number),
            Image("ERR", None, {**constant, "PIXVALUE": 0.0}, repeat.number),
            Image("DQ", None, {**constant, "PIXVALUE": 0}, repeat.number),
        ]
    return make_file(primary_keywords(exposure, filename, is_calibrated=False), extensions)


def make_x1d(simulation: Simulation, filename: str) -> bytes:
    """Return the x1d file: a table for each repeat, with a row for each order."""
    exposure = simulation.exposure
    extensions = [
        Table(
            "SCI",
            _spectrum_columns(exposure.setting, extract_spectra(exposure, repeat, events)),
            image_keywords(exposure, repeat, is_calibrated=True),
            repeat.number,
        )
        for repeat, events in simulation.parts
    ]
    return make_file(primary_keywords(exposure, filename, is_calibrated=True), extensions)


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
