"""The files of a simulated dark exposure: corrtag and spt, and the events in them."""

import numpy as np
from numpy.typing import NDArray

from hstql_resources.archive.simulated.cos.catalogue import Exposure
from hstql_resources.archive.simulated.cos.events import PULSE_HEIGHT_RANGE, Events
from hstql_resources.archive.simulated.cos.extension_headers import Tally, exposure_keywords
from hstql_resources.archive.simulated.cos.headers import (
    file_keywords,
    observation_keywords,
    primary_keywords,
)
from hstql_resources.archive.simulated.cos.instrument import PULSE_HEIGHT, TICK_S, Readout
from hstql_resources.archive.simulated.cos.products import event_columns, make_gti
from hstql_resources.archive.simulated.cos.support import SUPPORT_WORDS
from hstql_resources.archive.simulated.cos_monitoring.darks import (
    ACCEPTED,
    anomaly_factor,
    dark_rate,
    temperature_c,
)
from hstql_resources.archive.simulated.cos_monitoring.stims import BRFTAB, draw_stims, stim_keywords
from hstql_resources.archive.simulated.observing_program import mjd_to_datetime
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table, Value, Words, make_file

LOWEST_GOOD, HIGHEST_GOOD = 3, 22
_REJECTED_HEIGHTS = np.array([0, 1, 2, *range(23, 32)], dtype=np.uint8)
_STREAMS = {"FUVA": 1, "FUVB": 2, "NUV": 3}
_FILL_C = {"LDCAMPAT": 129.42, "LDCAMPBT": 129.42, "LMMCETMP": -273.15}  # as in real files
_DARK_KEYWORDS: dict[str, Value] = {
    "EXPTYPE": "DARK",
    "APERTURE": "N/A",
    "PROPAPER": "N/A",
    "OPT_ELEM": "N/A",
    "CENWAVE": 0,
    "CENTRWV": 0.0,
    "SHUTTER": "Closed",
    "LAMPPLAN": "NONE",
    "LAMPUSED": "NONE",
    "LAMPSET": "NONE",
    "TAGFLASH": "NONE",
    "TARDESCR": "",
}


def make_dark_corrtag(exposure: Exposure, readout: Readout, filename: str) -> bytes:
    """Return the corrtag file of one readout; the second GTI table, if there is one, holds."""
    events = draw_dark_events(exposure, readout)
    tallies = {
        one.segment: Tally.of(events if one is readout else draw_dark_events(exposure, one))
        for one in exposure.configuration.readouts
    }
    keywords = exposure_keywords(exposure, tallies)
    primary = {**primary_keywords(exposure, filename, readout.segment), **_DARK_KEYWORDS}
    if readout.segment in ACCEPTED:
        keywords |= stim_keywords(exposure.duration_s)
        primary["BRFTAB"] = BRFTAB
    tables = [
        Table("EVENTS", event_columns(events), keywords),
        make_gti(exposure, ((0.0, exposure.duration_s),), 1),
        Table("TIMELINE", _timeline_columns(exposure), keywords),
    ]
    if exposure.gap is not None:
        tables.append(make_gti(exposure, exposure.good_intervals_s, 2))
    return make_file(primary, tables)


def make_dark_spt(exposure: Exposure, filename: str) -> bytes:
    """Return the spt file: SNAP1 has the temperatures, SNAP2 only fill values."""
    mjd, setting = exposure.place.start_mjd, exposure.configuration
    primary: dict[str, Value] = {
        **file_keywords(exposure, filename, "SPT"),
        "PROC_TYP": "NORMAL",
        **observation_keywords(exposure),
        "PROGRMID": exposure.rootname[1:4].upper(),
        "OBSERVTN": exposure.rootname[6:8].upper(),
        "SS_OBSMD": "TIME-TAG",
        "PLANTIME": exposure.duration_s,
        "PSTRTIME": f"{mjd_to_datetime(mjd):%Y.%j:%H:%M:%S}",
        "CONFIG": f"COS/{setting.detector}",
        "OPMODE": "TIME-TAG",
        "SPEC_1": "N/A",
        "APER_1": "N/A",
        "TARGCAT": "",
        "TARDESCR": "",
        "MTFLAG": "",
        "PROP_TYP": "CAL/COS",
    }
    names: dict[str, Value] = {"ROOTNAME": exposure.rootname, "EXPNAME": exposure.rootname}
    measured: dict[str, Value] = {
        keyword: temperature_c(detector, mjd)
        for keyword, detector in zip(_FILL_C, ("FUVA", "FUVB", "NUV"), strict=True)
    }
    support = {**names, "LQDETNO": setting.detector, "LQITIME": exposure.duration_s}
    return make_file(
        primary,
        [
            Words("SUPPORT", [0] * SUPPORT_WORDS, support),
            Words("SNAP1", [], {**names, **measured}),
            Words("SNAP2", [], {**names, **_FILL_C}),
        ],
    )


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
        x, y = np.rint(x), np.rint(y)
    else:
        stims = draw_stims(rng, segment, exposure.place.start_mjd, exposure.duration_s)
        time_s = np.concatenate([time_s, stims.time_s])
        x, y = np.concatenate([x, stims.raw_x]), np.concatenate([y, stims.raw_y])
        heights = np.concatenate([heights, stims.pulse_height])
    order = np.argsort(time_s, kind="stable")
    tick = np.minimum((time_s[order] / TICK_S).astype(np.int64), exposure.ticks - 1)
    return _to_events(exposure, readout, tick, x[order], y[order], heights[order])


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


def _to_events(
    exposure: Exposure,
    readout: Readout,
    tick: NDArray[np.int64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    heights: NDArray[np.uint8],
) -> Events:
    flags = np.zeros(tick.size, dtype=np.int16)
    if readout.segment in ACCEPTED:
        low, high = PULSE_HEIGHT_RANGE
        flags[(heights < low) | (heights > high)] |= PULSE_HEIGHT
    if (gap := exposure.gap) is not None:
        flags[(tick >= gap.start_tick) & (tick < gap.stop_tick)] |= gap.flag
    column, row = x.astype(np.float32), y.astype(np.float32)
    size = np.array([readout.columns, readout.rows]) - 1
    raw_x, raw_y = np.clip(np.rint([x, y]).T, 0, size).astype(np.int16).T
    ones = np.ones(tick.size, dtype=np.float32)
    return Events(
        tick=tick, raw_x=raw_x, raw_y=raw_y, x_corr=column, y_corr=row, x_dopp=column,
        x_full=column, y_full=row, wavelength_a=0.0 * ones, epsilon=ones, flags=flags,
        pulse_height=heights,
    )  # fmt: skip


def _timeline_columns(exposure: Exposure) -> list[Column]:
    """Return the columns of TIMELINE; those of light are 0, as CalCOS has them in darks."""
    time_s = np.arange(0.0, exposure.duration_s)
    orbit, zero = exposure.orbit, np.zeros(time_s.size)
    return [
        Column("TIME", "1E", time_s, "s", "F8.3"),
        Column("LONGITUDE", "1E", orbit.longitude_at(time_s), "degree", "F10.6"),
        Column("LATITUDE", "1E", orbit.latitude_at(time_s), "degree", "F10.6"),
        Column("SUN_ALT", "1E", orbit.sun_altitude_at(time_s), "degree", "F6.2"),
        Column("SUN_ZD", "1E", orbit.sun_zenith_distance_at(time_s), "degree", "F6.2"),
        Column("TARGET_ALT", "1E", zero, "degree", "F6.2"),
        Column("RADIAL_VEL", "1E", zero, "km /s", "F7.5"),
        Column("SHIFT1", "1E", zero, "pixel", "F7.3"),
        Column("LY_ALPHA", "1E", zero, "count /s", "G15.6"),
        Column("OI_1304", "1E", zero, "count /s", "G15.6"),
        Column("OI_1356", "1E", zero, "count /s", "G15.6"),
        Column("DARKRATE", "1E", zero, "count /s /pixel", "G15.6"),
    ]
