"""Small corrtag and spt files of dark exposures, written with astropy, with known contents."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.darks.measure import make_dark_rates as measure
from hstql_assets.monitors.framework.monitor import ExposureTask

START_MJD = 58500.25
ROOTNAME = "ldark01aq"


def spread_events(duration_s: float = 100.0, per_second: int = 4) -> dict[str, np.ndarray]:
    """Events in the middle of FUVA at an even rate, from the middle of the first tick on."""
    time_s = (np.arange(duration_s * per_second) + 0.5) / per_second
    return {
        "TIME": time_s,
        "XCORR": np.full(time_s.size, 8000.0),
        "YCORR": np.full(time_s.size, 500.0),
        "DQ": np.zeros(time_s.size, np.int16),
        "PHA": np.full(time_s.size, 10, np.uint8),
    }


def even_timeline(duration_s: float = 100.0) -> dict[str, np.ndarray]:
    """A row each second, moving north-east from the equator at longitude 100."""
    time_s = np.arange(duration_s)
    return {
        "TIME": time_s,
        "LATITUDE": 0.03 * time_s,
        "LONGITUDE": 100.0 + 0.06 * time_s,
    }


@dataclass(frozen=True)
class DarkCase:
    """One corrtag file; a table that is None is left out."""

    folder: Path
    detector: str = "FUV"
    segment: str = "FUVA"
    events: dict[str, np.ndarray] | None = field(default_factory=spread_events)
    timeline: dict[str, np.ndarray] | None = field(default_factory=even_timeline)
    good_times: tuple[tuple[float, float], ...] | None = ((0.0, 100.0),)
    corrected_good_times: tuple[tuple[float, float], ...] | None = None
    primary: dict[str, object] = field(default_factory=dict)
    header: dict[str, object] = field(default_factory=lambda: {"EXPSTART": START_MJD})

    def but(self, **changes: object) -> "DarkCase":
        return replace(self, **changes)  # type: ignore[arg-type]

    def write(self) -> Path:
        primary = fits.PrimaryHDU()
        primary.header.update(
            TELESCOP="HST", INSTRUME="COS", TARGNAME="DARK", DETECTOR=self.detector,
            SEGMENT=self.segment, OBSMODE="TIME-TAG", **self.primary,
        )  # fmt: skip
        hdus = [primary]
        if self.events is not None:
            hdus.append(_table("EVENTS", self.events, EVENT_FORMATS))
            hdus[-1].header.update(self.header)
        for version, good in ((1, self.good_times), (2, self.corrected_good_times)):
            if good is not None:
                start, stop = np.array(good, float).reshape(-1, 2).T
                hdus.append(_table("GTI", {"START": start, "STOP": stop}, {}))
                hdus[-1].header["EXTVER"] = version
        if self.timeline is not None:
            hdus.append(_table("TIMELINE", self.timeline, dict.fromkeys(self.timeline, "1E")))
        suffix = {"FUVA": "_a", "FUVB": "_b"}.get(self.segment, "")
        path = self.folder / f"{ROOTNAME}_corrtag{suffix}.fits"
        fits.HDUList(hdus).writeto(path, overwrite=True)
        return path


EVENT_FORMATS = {"TIME": "1E", "XCORR": "1E", "YCORR": "1E", "DQ": "1I", "PHA": "1B"}


def nuv_case(folder: Path, events: dict[str, np.ndarray]) -> DarkCase:
    """A file of NUV, without pulse heights, as some have none."""
    kept = {name: values for name, values in events.items() if name != "PHA"}
    return DarkCase(folder, "NUV", "N/A", kept)


def write_spt(folder: Path, first: dict[str, object], second: dict[str, object]) -> Path:
    """An spt file with two snapshots."""
    hdus = [fits.PrimaryHDU(), fits.ImageHDU(name="SNAP1"), fits.ImageHDU(name="SNAP2")]
    for hdu, values in zip(hdus[1:], (first, second), strict=True):
        hdu.header.update(values)
    path = folder / f"{ROOTNAME}_spt.fits"
    fits.HDUList(hdus).writeto(path, overwrite=True)
    return path


def measure_files(*paths: Path) -> Outcome:
    """What the worker says of some files of the exposure."""
    files = tuple(
        InputFile(path.name, path.name.removesuffix(".fits").partition("_")[2], path)
        for path in paths
    )
    return measure(ExposureTask(ROOTNAME, files, None))  # type: ignore[arg-type]


def rows_of(outcome: Outcome, region: str = "main") -> list[dict[str, object]]:
    """The rows of one region, in order of time."""
    return [row for row in outcome.rows["dark_rates"] if row["region"] == region]


def _table(name: str, columns: dict[str, np.ndarray], formats: dict[str, str]) -> fits.BinTableHDU:
    made = [
        fits.Column(column, formats.get(column, "1D"), array=values)
        for column, values in columns.items()
    ]
    return fits.BinTableHDU.from_columns(made, name=name)
