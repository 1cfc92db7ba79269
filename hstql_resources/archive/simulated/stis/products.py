"""Make the files of a simulated STIS exposure: tag, raw, x1d, spt and wav."""

from functools import cached_property

import numpy as np

from hstql_resources.archive.simulated.cards import fill_cards
from hstql_resources.archive.simulated.columns import fill_columns
from hstql_resources.archive.simulated.sky.fitsfile import Column, Image, Table, make_file
from hstql_resources.archive.simulated.sky.good_time import good_time_columns
from hstql_resources.archive.simulated.stis.catalogue import Exposure, Repeat
from hstql_resources.archive.simulated.stis.detector import lo_res
from hstql_resources.archive.simulated.stis.extraction import ExtractedSpectrum, extract_spectra
from hstql_resources.archive.simulated.stis.headers import (
    exposure_values,
    fill_events,
    fill_extension,
    fill_primary,
)
from hstql_resources.archive.simulated.stis.instrument import COLUMNS, PIXELS, Setting
from hstql_resources.archive.simulated.stis.photons import Events, draw_events

SUPPORT_WORDS = 965
LAMP_ROWS = 64  # of the subarray that is read out
LAMP_LINES = 24
LAMP_COUNTS = 20.0  # per pixel at the peak of the brightest line
LAMP_STREAM = 100  # far from the streams of the repeats


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
            Table("EVENTS", fill_columns("stis/events", vars(events)), cards, repeat.number),
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


def _spectrum_columns(setting: Setting, spectra: tuple[ExtractedSpectrum, ...]) -> list[Column]:
    rows = len(spectra)
    first, second = np.array([row.order.background_offsets for row in spectra]).T
    values = {
        "A2CENTER": [row.trace[row.trace.size // 2] for row in spectra],
        "EXTRSIZE": [setting.box_rows] * rows,
        "BK1SIZE": [setting.background_rows[0]] * rows,
        "BK2SIZE": [setting.background_rows[1]] * rows,
        "BK1OFFST": first,
        "BK2OFFST": second,
    }
    return fill_columns("stis/spectra", values, spectra)


def make_spt(exposure: Exposure, filename: str) -> bytes:
    """Return the spt file: the plan in the primary header, telemetry in the extension."""
    values = exposure_values(exposure, filename)
    words = np.zeros(SUPPORT_WORDS, dtype=np.int16)
    udl = Image("UDL", words, fill_cards("stis/exposure", values))
    return make_file(fill_cards("stis/spt_primary", values), [udl])


def make_wav(exposure: Exposure, filename: str) -> bytes:
    """Return the wav file: lamp lines across a subarray, with the keywords of a lamp.

    As in real ones its target is the lamp, at no place in the sky.
    """
    rng = exposure.random_stream(LAMP_STREAM)
    line = rng.uniform(COLUMNS[0], COLUMNS[-1], LAMP_LINES) + exposure.shift1
    strength = rng.uniform(0.1, 1.0, LAMP_LINES) * LAMP_COUNTS
    profile = (strength * np.exp(-0.5 * (COLUMNS[:, np.newaxis] - line) ** 2)).sum(axis=1)
    image = rng.poisson(profile, (LAMP_ROWS, COLUMNS.size)).astype(np.int16)
    cards = fill_extension(exposure, exposure.repeats[0], "image", "raw", "lamp")
    primary = fill_primary(exposure, filename, "raw", "lamp", rows=LAMP_ROWS, wavecal="N/A")
    return make_file(primary, [Image("SCI", image, cards)])
