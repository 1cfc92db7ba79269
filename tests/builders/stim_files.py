"""Event files with stims at known places, and what measures them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.stims.measure import measure_stims
from hstql_resources.archive.directory import DirectoryArchive
from hstql_resources.archive.simulated.cos_monitoring.events import Counts
from hstql_resources.archive.simulated.cos_monitoring.stims import draw_stims, stim_rate
from hstql_resources.archive.simulated.cos_raw.fuv_references import make_frame
from hstql_resources.archive.simulated.sky.fitsfile import Column, Table, Value, make_file
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References

KEY = "lstm01aaq"
START = 58600.25
FRAME = "sim_brf.fits"
NO_EVENTS = Counts(*(np.array([], kind) for kind in ("f8", "i2", "i2", "u1")))


def references_of(folder: Path, *, with_frame: bool = True) -> References:
    """References that know the simulated BRFTAB, and nothing else."""
    (folder / "archive").mkdir(exist_ok=True)
    own = folder / "lref"
    own.mkdir(exist_ok=True)
    if with_frame:
        frame = make_frame()
        (own / FRAME).write_bytes(make_file({"FILETYPE": frame.filetype}, list(frame.extensions)))
    home = Filesystem(folder / "home")
    return References(DirectoryArchive(folder / "archive"), home, lref=own)


def background(
    rng: np.random.Generator, number: int, duration_s: float, box: tuple[int, int, int, int]
) -> Counts:
    """Events spread evenly over columns and rows: left, right, bottom, top."""
    left, right, bottom, top = box
    return Counts(
        np.sort(rng.uniform(0.0, duration_s, number)),
        rng.integers(left, right + 1, number).astype(np.int16),
        rng.integers(bottom, top + 1, number).astype(np.int16),
        np.full(number, 11, np.uint8),
    )


def join(*groups: Counts) -> Counts:
    """All events in order of time."""
    parts = [
        np.concatenate([getattr(group, name) for group in groups])
        for name in ("time_s", "x", "y", "heights")
    ]
    order = np.argsort(parts[0], kind="stable")
    return Counts(*(part[order] for part in parts))


def select(events: Counts, chosen: NDArray[np.bool_]) -> Counts:
    """Some of the events."""
    return Counts(
        events.time_s[chosen],
        events.x[chosen],
        events.y[chosen],
        events.heights[chosen],
    )


def write_events(
    path: Path,
    events: Counts,
    duration_s: float,
    *,
    segment: str = "FUVA",
    start_mjd: float | None = START,
    intervals: list[tuple[float, float]] | None = None,
    without: str = "",
    primary: dict[str, Value] | None = None,
    header: dict[str, Value] | None = None,
) -> Path:
    """Write a rawtag or corrtag file with the columns that stims need."""
    letter = segment[-1]
    columns = [
        Column("TIME", "1E", events.time_s, "s"),
        Column("RAWX", "1I", events.x, "pixel"),
        Column("RAWY", "1I", events.y, "pixel"),
        Column("PHA", "1B", events.heights),
    ]
    starts, stops = zip(*([(0.0, duration_s)] if intervals is None else intervals), strict=True)
    times: dict[str, Value] = {}
    if start_mjd is not None:
        times = {"EXPSTART": start_mjd, "EXPEND": start_mjd + duration_s / 86400.0}
    keywords: dict[str, Value] = {
        "EXPTIME": duration_s,
        **times,
        f"NEVENTS{letter}": events.time_s.size,
        "STIMRATE": stim_rate(duration_s),
        **(header or {}),
    }
    gti = [Column("START", "1D", starts, "s"), Column("STOP", "1D", stops, "s")]
    first: dict[str, Value] = {
        "ROOTNAME": path.name[:9],
        "DETECTOR": "FUV",
        "OBSMODE": "TIME-TAG",
        "SEGMENT": segment,
        "BRFTAB": f"lref${FRAME}",
        "SIMULATD": True,
        **(primary or {}),
    }
    kept = [column for column in columns if column.name != without]
    path.write_bytes(make_file(first, [Table("EVENTS", kept, keywords), Table("GTI", gti)]))
    return path


def write_stims(
    folder: Path,
    duration_s: float = 1330.0,
    segment: str = "FUVA",
    start_mjd: float = START,
    key: str = KEY,
    seed: int = 1,
) -> Path:
    """Write a corrtag file with the stims of the simulation and nothing else."""
    events = draw_stims(np.random.default_rng(seed), segment, start_mjd, duration_s)
    path = folder / f"{key}_corrtag_{segment[-1].lower()}.fits"
    return write_events(path, events, duration_s, segment=segment, start_mjd=start_mjd)


def measure(references: References, *paths: Path) -> Outcome:
    """Measure the files of one exposure."""
    files = tuple(
        InputFile(name, name[10:].removesuffix(".fits"), path)
        for path in paths
        for name in [path.name.removesuffix(".gz")]
    )
    return measure_stims(ExposureTask(paths[0].name[:9], files, references))


def rows_of(outcome: Outcome) -> list[dict[str, object]]:
    """The rows of an exposure that was measured."""
    assert outcome.status == "made", outcome.reason
    return [dict(row) for row in outcome.rows["stim_pulses"]]


def mean_of(rows: list[dict[str, object]], name: str) -> float:
    """Mean of a coordinate of a stim, weighted by its events."""
    values = np.array([row[name] for row in rows], dtype=float)
    counts = np.array([row[f"{name[:5]}_counts"] for row in rows], dtype=float)
    return float(values @ counts / counts.sum())
