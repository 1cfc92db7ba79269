"""Measure the images of an observation: a worker's task, from files to rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from hstql_assets.batching.bad_data import bad_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.batching.pictures import Picture, draw_steps
from hstql_assets.images.detectors import find_detector
from hstql_assets.images.reading import ImageFile, read_images
from hstql_assets.monitors.cameras.amplifier_numbers import (
    MeasuredRegion,
    Row,
    add_errors_of_levels,
    forget_raw_darks,
    forget_unsearched_hits,
    measure_image,
)
from hstql_assets.monitors.cameras.exposure import describe_exposure, find_gain
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header

# Calibrated ones first: they tell gains, and the first that there is gives the picture.
FILETYPES = ("flc", "flt", "raw")
UNKNOWN_DETECTOR = "UnknownDetector"
BINS, REACH = 96, 6.0  # of the histogram: how many, and standard deviations to both sides


@dataclass(frozen=True, eq=False)
class _MeasuredFile:
    file: InputFile
    rows: list[Row]
    regions: list[MeasuredRegion]


def measure_observation(task: ExposureTask) -> Outcome:
    """Measure all images of an observation.

    `made` with rows of `image_statistics`; `bad` if no file can be measured; `none` if the files
    hold no image. A file that cannot be measured beside others that can is named.
    """
    measured: list[_MeasuredFile] = []
    gains: dict[str, float] = {}
    problems: list[BadFile] = []
    for file in sorted(task.files, key=lambda one: FILETYPES.index(one.filetype)):
        try:
            measured.append(_measure_file(task, file, gains))
        except FitsError as problem:
            problems.append(bad_file(file.filename, problem))
    rows = [row for item in measured for row in item.rows]
    forget_raw_darks(rows)
    add_errors_of_levels(rows)
    if not rows:
        reason = "; ".join(bad.detail for bad in problems)
        if problems:
            return Outcome(task.key, "bad", reason, bad_files=tuple(problems))
        return Outcome(task.key, "none", "Its files hold no science image.")
    return Outcome(
        task.key,
        "made",
        rows={"image_statistics": rows},
        bad_files=tuple(problems),
        metadata=_metadata(measured),
    )


def _measure_file(task: ExposureTask, file: InputFile, gains: dict[str, float]) -> _MeasuredFile:
    """Measure a file; the gains that a calibrated one tells are for the raw one after it."""
    content = read_images(file.path, _is_wanted)
    detector = find_detector(file.instrument, content.detector)
    if detector is None:
        raise FitsError(
            f"has DETECTOR {content.detector or '(none)'}, "
            f"which {file.instrument.upper()} does not have",
            UNKNOWN_DETECTOR,
        )
    rows: list[Row] = []
    regions: list[MeasuredRegion] = []
    is_ramp = _is_ramp(content)
    before = content.images[1] if is_ramp and len(content.images) > 1 else None
    for image in content.images[:1] if is_ramp else content.images:
        exposure = describe_exposure(image, file.filetype)
        found = measure_image(image, detector, exposure, before, gains)
        common: Row = {
            "filename": file.filename,
            "rootname": task.key,
            "instrument": file.instrument,
            "detector": detector.name,
            "filetype": file.filetype,
            "image_type": exposure.image_type,
            "exp_start_mjd": exposure.start_mjd,
            "exp_time_s": exposure.time_s,
            "dark_time_s": exposure.dark_time_s,
            "flash_s": exposure.flash_s,
            "gain_setting": exposure.gain_setting,
            "unit": exposure.unit,
            "ingest_date": datetime.now(UTC),
        }
        rows += [{**common, **region.row} for region in found]
        regions += found
        gains.update({name: gain for name in "ABCD" if (gain := find_gain(image, name))})
    forget_unsearched_hits(rows)
    return _MeasuredFile(file, rows, regions)


def _is_wanted(primary: Header, header: Header) -> bool:
    """Take of the many reads of the infrared detector the last two only; the last comes first."""
    is_infrared = str(primary.values.get("DETECTOR") or "").strip().upper() == "IR"
    return not is_infrared or header.version <= 2


def _is_ramp(content: ImageFile) -> bool:
    """Tell whether several science images are reads of one exposure rather than chips."""
    return content.detector == "IR"


def _metadata(measured: Sequence[_MeasuredFile]) -> dict[str, object]:
    best = measured[0]
    return {
        "path": best.file.path,
        "files": ", ".join(item.file.filetype for item in measured),
        "rows": sum(len(item.rows) for item in measured),
        "statistics": "\n".join(_tabulate(measured)),
        "picture": _draw(best),
    }


def _tabulate(measured: Sequence[_MeasuredFile]) -> list[str]:
    lines = [
        "| file | chip | amplifier | median | robust sigma | bias level | read noise (e-) "
        "| dark current (e-/s) | hot pixels | unit |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    columns = (
        "filetype", "chip", "amplifier", "median", "robust_sigma", "overscan_level", "read_noise",
        "dark_current", "hot_pixels", "unit",
    )  # fmt: skip
    for item in measured:
        for row in item.rows:
            lines.append("| " + " | ".join(_write(row[name]) for name in columns) + " |")
    return lines


def _write(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.5g}"
    return "" if value is None else str(value)


def _draw(measured: _MeasuredFile) -> Picture:
    """Draw the histogram of the first amplifier that has a good pixel."""
    for row, region in zip(measured.rows, measured.regions, strict=True):
        middle, sigma = row["median"], row["robust_sigma"]
        if isinstance(middle, float) and isinstance(sigma, float):
            # Of values beyond belief at least what a double can tell apart.
            reach = max(REACH * (sigma or 1.0), BINS * float(np.spacing(abs(middle))))
            limits = (middle - reach, middle + reach)
            if not np.isfinite(limits[1] - limits[0]):
                continue
            counts, _ = np.histogram(region.sample.astype(float), bins=BINS, range=limits)
            return draw_steps(
                counts.astype(float),
                f"number of good pixels of amplifier {row['amplifier']} of {row['filename']} "
                f"by value, from {limits[0]:.5g} to {limits[1]:.5g} {row['unit'] or ''}".strip(),
            )
    return draw_steps(np.zeros(0), "no good pixel, or values too far apart")
