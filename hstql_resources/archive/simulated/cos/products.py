"""Make the calibrated FITS files of a simulated exposure: corrtag and x1d.

Columns, units and extensions as CalCOS writes them; spt and jit are in `support`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.events import Events, draw_events
from hstql_resources.archive.simulated.cos.extension_headers import (
    Tally,
    fill_exposure,
    fill_names,
)
from hstql_resources.archive.simulated.cos.extraction import ExtractedSpectrum, extract_spectrum
from hstql_resources.archive.simulated.cos.headers import fill_primary
from hstql_resources.archive.simulated.cos.instrument import REJECTED, TICK_S, Readout
from hstql_resources.archive.simulated.sky.fitsfile import Column, Keywords, Table, make_file
from hstql_resources.archive.simulated.sky.good_time import Intervals, good_time_columns

FLUX_UNIT = "erg /s /cm**2 /angstrom"
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
    timeline = _timeline_columns(exposure, readout, events, is_dark="dark" in simulation.tags)
    extensions = [
        Table("EVENTS", _event_columns(events), cards),
        make_gti(exposure, ((0.0, exposure.duration_s),)),
        Table("TIMELINE", timeline, cards),
    ]
    if exposure.gap is not None:
        extensions.append(make_gti(exposure, exposure.good_intervals_s, version=2))
    return make_file(simulation.fill_primary(filename, readout.segment), extensions)


def make_x1d(simulation: Simulation, filename: str) -> bytes:
    """Return the x1d file, one row for each spectrum.

    FUV box extractions have the shorter set of columns of older CalCOS versions, which
    knew no limits for each column; NUV and two-zone extractions have today's.
    """
    exposure = simulation.exposure
    setting = exposure.configuration
    spectra = [
        extract_spectrum(exposure, readout, stripe, events)
        for readout, events in zip(setting.readouts, simulation.events, strict=True)
        for stripe in readout.stripes
    ]
    columns = _spectrum_columns(spectra)
    if setting.detector == "NUV" or setting.algorithm == "TWOZONE":
        outer_flags, *limits = _zone_columns(spectra)
        columns = [*columns[:-1], outer_flags, columns[-1], *limits]  # as CalCOS orders them
    segment = setting.readouts[0].segment if len(setting.readouts) == 1 else "BOTH"
    table = Table("SCI", columns, simulation.extension_cards)
    return make_file(simulation.fill_primary(filename, segment), [table])


def make_gti(exposure: Exposure, intervals_s: Intervals, version: int = 1) -> Table:
    """Return a GTI table of some stretches of time, start and stop of each [s]."""
    return Table("GTI", good_time_columns(intervals_s), fill_names(exposure), version)


def _event_columns(events: Events) -> list[Column]:
    """Return the columns of EVENTS, in the order of CalCOS."""
    return [
        Column("TIME", "1E", events.tick * TICK_S, "s"),
        Column("RAWX", "1I", events.raw_x, "pixel"),
        Column("RAWY", "1I", events.raw_y, "pixel"),
        Column("XCORR", "1E", events.x_corr, "pixel"),
        Column("YCORR", "1E", events.y_corr, "pixel"),
        Column("XDOPP", "1E", events.x_dopp, "pixel"),
        Column("XFULL", "1E", events.x_full, "pixel"),
        Column("YFULL", "1E", events.y_full, "pixel"),
        Column("WAVELENGTH", "1E", events.wavelength_a, "angstrom", "F9.4"),
        Column("EPSILON", "1E", events.epsilon),
        Column("DQ", "1I", events.flags),
        Column("PHA", "1B", events.pulse_height),
    ]


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
    return [
        Column("TIME", "1E", time_s, "s", "F8.3"),
        Column("LONGITUDE", "1E", orbit.longitude_at(time_s), "degree", "F10.6"),
        Column("LATITUDE", "1E", orbit.latitude_at(time_s), "degree", "F10.6"),
        Column("SUN_ALT", "1E", orbit.sun_altitude_at(time_s), "degree", "F6.2"),
        Column("SUN_ZD", "1E", orbit.sun_zenith_distance_at(time_s), "degree", "F6.2"),
        Column("TARGET_ALT", "1E", altitude, "degree", "F6.2"),
        Column("RADIAL_VEL", "1E", velocity, "km /s", "F7.5"),
        Column("SHIFT1", "1E", np.full(time_s.size, exposure.shift1), "pixel", "F7.3"),
        *(Column(name, "1E", count, "count /s", "G15.6") for name, count in airglow.items()),
        Column("DARKRATE", "1E", dark, "count /s /pixel", "G15.6"),
    ]


def _count_per_second(
    events: Events, seconds: int, limits_a: tuple[float, float]
) -> NDArray[np.int64]:
    keep = events.flags & REJECTED == 0
    keep &= (events.wavelength_a > limits_a[0]) & (events.wavelength_a < limits_a[1])
    second = np.minimum((events.tick[keep] * TICK_S).astype(np.int64), seconds - 1)
    return np.bincount(second, minlength=seconds)


def _spectrum_columns(spectra: list[ExtractedSpectrum]) -> list[Column]:
    size = spectra[0].wavelength_a.size
    real, double, short = f"{size}E", f"{size}D", f"{size}I"
    return [
        Column("SEGMENT", "4A", [row.segment for row in spectra]),
        Column("EXPTIME", "1D", [row.exposure_time_s for row in spectra], "s", "F8.3"),
        Column("NELEM", "1J", [size for _ in spectra], "", "I6"),
        Column("WAVELENGTH", double, [row.wavelength_a for row in spectra], "angstrom"),
        Column("FLUX", real, [row.flux for row in spectra], FLUX_UNIT),
        Column("ERROR", real, [row.error for row in spectra], FLUX_UNIT),
        Column("GROSS", real, [row.gross for row in spectra], "count /s"),
        Column("GCOUNTS", real, [row.gross_counts for row in spectra], "count"),
        Column("NET", real, [row.net for row in spectra], "count /s"),
        Column("BACKGROUND", real, [row.background for row in spectra], "count /s"),
        Column("DQ", short, [row.dq for row in spectra]),
        Column("DQ_WGT", real, [row.dq_weight for row in spectra]),
        Column(
            "BACKGROUND_PER_PIXEL",
            real,
            [row.background / row.zone.height for row in spectra],
            "count /s /pixel",
        ),
    ]


def _zone_columns(spectra: list[ExtractedSpectrum]) -> list[Column]:
    size = spectra[0].wavelength_a.size
    double, short = f"{size}D", f"{size}I"
    return [
        Column("DQ_OUTER", short, [row.dq_outer for row in spectra]),
        Column("NUM_EXTRACT_ROWS", short, [row.zone.height for row in spectra]),
        Column("ACTUAL_EE", double, [row.enclosed for row in spectra]),
        Column("Y_LOWER_OUTER", double, [row.zone.lower for row in spectra]),
        Column("Y_UPPER_OUTER", double, [row.zone.upper for row in spectra]),
        Column("Y_LOWER_INNER", double, [row.inner.lower for row in spectra]),
        Column("Y_UPPER_INNER", double, [row.inner.upper for row in spectra]),
    ]
