"""Measure the reference pixels of one exposure: a worker's task, from a file to rows."""

from datetime import UTC, datetime

import numpy as np

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.pictures import draw_steps
from hstql_assets.images.detectors import find_detector
from hstql_assets.images.ramps import CALIBRATED, INFRARED, RAW, Ramp, read_ramp
from hstql_assets.monitors.cameras.amplifiers import WHOLE
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.ir_bias_levels.reference_levels import (
    ReadLevel,
    measure_levels,
    read_mean_levels,
)
from hstql_assets.monitors.ir_bias_levels.selection import load_ramps
from hstql_resources.fits.errors import FitsError, NothingToMeasureError

FILETYPES = (RAW, CALIBRATED)  # the first that there is is measured
Row = dict[str, object]


def measure_reference_pixels(task: ExposureTask) -> Outcome:
    """Measure the ramp of an exposure: of the raw file, or else what the ima file says of it.

    `made` with a row of `ir_bias_levels` for each amplifier and read; `none` where there is nothing
    to measure, with the reason in its first words; `bad` if the file cannot be read.
    """
    if gone := task.find_gone():
        return gone
    file = min(task.files, key=lambda one: FILETYPES.index(one.filetype))
    selection = load_ramps().get(INFRARED)
    try:
        ramp = read_ramp(file.path)
        if selection is not None:
            selection.require_usual(ramp.reads[0].find)
        levels = _measure(ramp, file)
    except NothingToMeasureError as nothing:
        return Outcome(task.key, "none", f"{nothing.reason}: {file.filename} {nothing}.")
    except (FitsError, OSError) as error:
        return all_bad(task.key, [bad_file(file.filename, error)])
    rows = [{**_describe(task.key, file, ramp), **_level_columns(one)} for one in levels]
    return Outcome(
        task.key,
        "made",
        rows={"ir_bias_levels": rows},
        remarks=ramp.tell(file.filename),
        metadata=_tell(file, levels),
    )


def _measure(ramp: Ramp, file: InputFile) -> list[ReadLevel]:
    detector = find_detector("wfc3", INFRARED)
    if file.filetype == CALIBRATED or detector is None:
        return read_mean_levels(ramp)
    return measure_levels(ramp, detector)


def _describe(key: str, file: InputFile, ramp: Ramp) -> Row:
    """Return the columns that say of what exposure a row is."""
    return {
        "rootname": key,
        "filename": file.filename,
        "source": file.filetype,
        **ramp.describe(),
        "is_subarray": ramp.reads[0].is_subarray,
        "ingest_date": datetime.now(UTC),
    }


def _level_columns(one: ReadLevel) -> Row:
    image = one.image
    return {
        "amplifier": one.amplifier,
        "read": one.read,
        "time_s": one.time_s,
        "pixels": one.pixels,
        "level": one.level,
        "level_error": one.level_error,
        "step": one.step.size,
        "step_error": one.step.error,
        "noise": one.step.noise,
        "noise_error": one.step.noise_error,
        "image_level": image and image.median,
        "image_level_error": image and image.median_error,
        "image_sigma": image and image.sigma,
    }


def _tell(file: InputFile, levels: list[ReadLevel]) -> dict[str, object]:
    """Return what the user interface shows: the levels of all reference pixels by read."""
    whole = [one for one in levels if one.amplifier == WHOLE]
    rises = np.array([one.level - whole[0].level for one in whole])
    lines = ["| read | time (s) | level (counts) | step (counts) |", "|---|---|---|---|"]
    lines += [
        f"| {one.read} | {one.time_s:g} | {one.level:.2f} "
        f"| {'' if one.step.size is None else f'{one.step.size:+.2f}'} |"
        for one in whole
    ]
    return {
        "path": file.path,
        "reads": len(whole),
        "levels": "\n".join(lines),
        "picture": draw_steps(rises, f"level of each read above the zeroth of {file.filename}"),
    }
