"""Measure the dark rates of one exposure: a worker's task, from corrtag files to rows."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.batching.pictures import Picture, draw_steps
from hstql_assets.monitors.darks.counts import DarkCounts, measure_dark
from hstql_assets.monitors.darks.regions import UNIT, Region, rate, rate_error
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.science.orbit_position import is_in_anomaly, sub_solar_point
from hstql_assets.science.poisson import expect_error, find_poisson_limits
from hstql_resources.fits.errors import FitsError, NothingToMeasureError
from hstql_resources.fits.file_headers import read_headers
from hstql_resources.fits.header_values import finite
from hstql_resources.times import SECONDS_PER_DAY

CORRTAGS = ("corrtag", "corrtag_a", "corrtag_b")
THERMOMETERS = {"FUVA": "LDCAMPAT", "FUVB": "LDCAMPBT", "NUV": "LMMCETMP"}
# What the telemetry holds where it has no value is 129.42 and -273.15 (SNAP2 of lb4l02m1q).
COLDEST_C, WARMEST_C = -100.0, 100.0


@dataclass
class Findings:
    """What was found in the files of an exposure."""

    counts: dict[str, DarkCounts]
    bad: list[BadFile]
    reasons: list[str]


def make_dark_rates(task: ExposureTask) -> Outcome:
    """Measure the dark rates of one exposure: of its corrtag files, and its spt file's temperature.

    `made` with rows of `dark_rates` if one file can be used; `none` of an ACCUM exposure, `bad` if
    no file can be used. Those that cannot are in `bad_files`.

    Raises
    ------
    OSError
        If a file is not there any more, or the disk is broken.
    """
    found = _measure_all(task.of_types(*CORRTAGS))
    support = task.of_types("spt")
    temperatures = read_temperatures(support[0]) if support else {}
    if found.counts:
        return _made(task, found, temperatures)
    if found.bad:
        return all_bad(task.key, found.bad)
    return Outcome(task.key, "none", (found.reasons or [f"There are no events of {task.key}."])[0])


def read_temperatures(file: InputFile) -> dict[str, float]:
    """Return the temperatures [Celsius] that the first SNAP1 of an spt file has, by detector.

    One that is missing, no number or a fill value is left out. A file that cannot be read has none.
    """
    headers = read_headers(file.path, file.filetype).headers
    snapshot = next((header for header in headers if header.name == "SNAP1"), None)
    if snapshot is None:
        return {}
    values = {name: finite(snapshot.values.get(key)) for name, key in THERMOMETERS.items()}
    return {
        name: value
        for name, value in values.items()
        if value is not None and COLDEST_C < value < WARMEST_C
    }


def _measure_all(files: Sequence[InputFile]) -> Findings:
    found = Findings({}, [], [])
    for file in files:
        try:
            found.counts[file.filename] = measure_dark(file.path)
        except NothingToMeasureError as verdict:
            found.reasons.append(str(verdict))
        except FitsError as error:
            found.bad.append(bad_file(file.filename, error))
    return found


def _made(task: ExposureTask, found: Findings, temperatures: dict[str, float]) -> Outcome:
    now = datetime.now(UTC)
    rows = [
        {"filename": filename, "rootname": task.key, "ingest_date": now, **row}
        for filename, counts in found.counts.items()
        for row in make_rows(counts, temperatures.get(counts.detector))
    ]
    metadata: dict[str, object] = {"path": task.files[0].path.parent}
    for filename, counts in found.counts.items():
        metadata[filename] = _describe(counts, temperatures.get(counts.detector))
        metadata[f"picture_{counts.detector}"] = _draw(filename, counts)
    return Outcome(
        task.key, "made", rows={"dark_rates": rows}, bad_files=tuple(found.bad), metadata=metadata
    )


def make_rows(counts: DarkCounts, temperature_c: float | None) -> Iterator[dict[str, object]]:
    """Yield the rows of `dark_rates` of one file, without its name, by region and time.

    The temperature is that of the detector, Celsius.
    """
    start, middle = (
        counts.exp_start_mjd + time_s / SECONDS_PER_DAY
        for time_s in (counts.start_s, counts.middle_s)
    )
    position, sun = counts.position, sub_solar_point(middle)
    inside = is_in_anomaly(position)
    shared = [
        {
            "bin": number,
            "detector": counts.detector,
            "start_mjd": float(start[number]),
            "mid_mjd": float(middle[number]),
            "live_time_s": float(counts.live_s[number]),
            "latitude_deg": finite(position.latitude_deg[number]),
            "longitude_deg": finite(position.longitude_deg[number]),
            "sun_latitude_deg": float(sun.latitude_deg[number]),
            "sun_longitude_deg": float(sun.longitude_deg[number]),
            "temperature_c": temperature_c,
            "is_in_saa": None
            if math.isnan(position.latitude_deg[number])
            else bool(inside[number]),
        }
        for number in range(len(middle))
    ]
    for region in counts.regions:
        for columns, numbers in zip(shared, _rates(counts, region), strict=True):
            yield {"region": region.name, "pixels": region.pixels, **columns, **numbers}


def _rates(counts: DarkCounts, region: Region) -> Iterator[dict[str, object]]:
    number = counts.regions[region]
    columns: dict[str, list[object]] = {
        "counts": number.counts.tolist(), "all_counts": number.all_counts.tolist()
    }  # fmt: skip
    for name, events in (("rate", number.counts), ("all_rate", number.all_counts)):
        lower, upper = find_poisson_limits(events)
        expected = expect_error(events, counts.live_s)
        of = {name: events, f"{name}_error": expected,
              f"{name}_lower": lower, f"{name}_upper": upper}  # fmt: skip
        for column, values in of.items():
            columns[column] = [*map(finite, rate(values, counts.live_s, region.pixels))]
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


def _describe(counts: DarkCounts, temperature_c: float | None) -> str:
    region, number = next(iter(counts.regions.items()))
    total, live_s = int(number.counts.sum()), float(counts.live_s.sum())
    mean, error = (f(total, live_s, region.pixels).item() for f in (rate, rate_error))
    parts = [f"{total:,} counts in {live_s:,.1f} s: {mean:.3g} ± {error:.2g} {UNIT}"]
    if temperature_c is not None:
        parts.append(f"{temperature_c:.1f} Celsius")
    if counts.unplaced_s > 0.1:
        parts.append(f"{counts.unplaced_s:.1f} s of good time are not in TIMELINE")
    if counts.unplaced_events:
        parts.append(f"{counts.unplaced_events:,} events are outside of the time that counts")
    if np.isnan(counts.position.latitude_deg).any():
        lost = int(np.isnan(counts.position.latitude_deg).sum())
        parts.append(f"{lost} of {len(counts.live_s)} positions are not known")
    return ", ".join(parts)


def _draw(filename: str, counts: DarkCounts) -> Picture:
    region, number = next(iter(counts.regions.items()))
    rates = rate(number.counts, counts.live_s, region.pixels)
    highest = np.nanmax(rates)
    return draw_steps(rates, f"dark rate of {filename} by 25 s, from zero to {highest:.3g} {UNIT}")
