"""Make the calibrated FITS files of a simulated exposure: corrtag and x1d."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.columns import fill_columns
from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.events import Events, draw_events
from hstql_resources.archive.simulated.cos.extraction import extract_spectrum
from hstql_resources.archive.simulated.cos.headers import (
    Tally,
    fill_exposure,
    fill_names,
    fill_primary,
)
from hstql_resources.archive.simulated.cos.instrument import REJECTED, TICK_S, Readout
from hstql_resources.archive.simulated.sky.fitsfile import Column, Keywords, Table, make_file
from hstql_resources.archive.simulated.sky.good_time import Intervals, good_time_columns

# Windows in which CalCOS counts airglow for the TIMELINE table [Angstrom].
TIMELINE_LINES = {
    "LY_ALPHA": (1214.0, 1217.5),
    "OI_1304": (1301.0, 1307.5),
    "OI_1356": (1355.0, 1359.0),
}


@dataclass(frozen=True)
class Simulation:
    """The events of an exposure, drawn once and only if they are asked for.

    Attributes
    ----------
    exposure : Exposure
        Which one.
    draw : callable
        What draws the events of a readout.
    values : mapping
        What its headers say other than those of other exposures.
    tags : tuple of str
        Which cards its headers have, see `fill_primary` and `fill_exposure`.
    """

    exposure: Exposure
    draw: Callable[[Exposure, Readout], Events] = draw_events
    values: Keywords = field(default_factory=dict)
    tags: tuple[str, ...] = ("calibrated", "light")

    @cached_property
    def events(self) -> tuple[Events, ...]:
        """All events, readout by readout."""
        return tuple(
            self.draw(self.exposure, readout) for readout in self.exposure.configuration.readouts
        )

    @cached_property
    def extension_cards(self) -> str:
        """What extension headers say of the exposure and its events."""
        readouts = self.exposure.configuration.readouts
        tallies = {
            readout.segment: Tally.of(drawn)
            for readout, drawn in zip(readouts, self.events, strict=True)
        }
        return fill_exposure(self.exposure, tallies, self.values, self.tags)

    def fill_primary(self, filename: str, segment: str) -> str:
        """Return the primary header of a file."""
        return fill_primary(self.exposure, filename, segment, self.values, self.tags)


def make_corrtag(simulation: Simulation, readout: Readout, filename: str) -> bytes:
    """Return the corrtag file of one readout.

    Where time was cut there are two GTI extensions, the second of which holds.
    """
    exposure = simulation.exposure
    events = simulation.events[exposure.configuration.readouts.index(readout)]
    cards = simulation.extension_cards
    columns = fill_columns("cos/events", vars(events) | {"TIME": events.tick * TICK_S})
    timeline = _timeline_columns(exposure, readout, events, is_dark="dark" in simulation.tags)
    extensions = [
        Table("EVENTS", columns, cards),
        make_gti(exposure, ((0.0, exposure.duration_s),)),
        Table("TIMELINE", timeline, cards),
    ]
    if exposure.gap is not None:
        extensions.append(make_gti(exposure, exposure.good_intervals_s, version=2))
    return make_file(simulation.fill_primary(filename, readout.segment), extensions)


def make_x1d(simulation: Simulation, filename: str) -> bytes:
    """Return the x1d file, one row for each spectrum.

    FUV box extractions have the shorter set of columns of older CalCOS versions.
    """
    exposure = simulation.exposure
    setting = exposure.configuration
    spectra = [
        extract_spectrum(exposure, readout, stripe, events)
        for readout, events in zip(setting.readouts, simulation.events, strict=True)
        for stripe in readout.stripes
    ]
    has_limits = setting.detector == "NUV" or setting.algorithm == "TWOZONE"
    per_pixel = [row.background / row.zone.height for row in spectra]
    columns = fill_columns(
        "cos/spectra" if has_limits else "cos/box_spectra",
        {"BACKGROUND_PER_PIXEL": per_pixel},
        spectra,
    )
    segment = setting.readouts[0].segment if len(setting.readouts) == 1 else "BOTH"
    table = Table("SCI", columns, simulation.extension_cards)
    return make_file(simulation.fill_primary(filename, segment), [table])


def make_gti(exposure: Exposure, intervals_s: Intervals, version: int = 1) -> Table:
    """Return a GTI table of some stretches of time, start and stop of each [s]."""
    return Table("GTI", good_time_columns(intervals_s), fill_names(exposure), version)


def _timeline_columns(
    exposure: Exposure, readout: Readout, events: Events, is_dark: bool
) -> list[Column]:
    """Return the columns of TIMELINE; those of light are 0 in darks, as CalCOS has them."""
    time_s = np.arange(0.0, exposure.duration_s)
    orbit = exposure.orbit
    zero = np.zeros(time_s.size)
    dark = zero if is_dark else np.full(time_s.size, readout.background_rate)
    altitude = zero if is_dark else orbit.target_altitude_at(time_s)
    velocity = zero if is_dark else orbit.radial_velocity_at(time_s)
    airglow = {
        name: _count_per_second(events, time_s.size, limits_a)
        for name, limits_a in TIMELINE_LINES.items()
    }
    values = {
        "TIME": time_s,
        "LONGITUDE": orbit.longitude_at(time_s),
        "LATITUDE": orbit.latitude_at(time_s),
        "SUN_ALT": orbit.sun_altitude_at(time_s),
        "SUN_ZD": orbit.sun_zenith_distance_at(time_s),
        "TARGET_ALT": altitude,
        "RADIAL_VEL": velocity,
        "SHIFT1": np.full(time_s.size, exposure.shift1),
        **airglow,
        "DARKRATE": dark,
    }
    return fill_columns("cos/timeline", values)


def _count_per_second(
    events: Events, seconds: int, limits_a: tuple[float, float]
) -> NDArray[np.int64]:
    keep = events.flags & REJECTED == 0
    keep &= (events.wavelength_a > limits_a[0]) & (events.wavelength_a < limits_a[1])
    second = np.minimum((events.tick[keep] * TICK_S).astype(np.int64), seconds - 1)
    return np.bincount(second, minlength=seconds)
