"""Measure the gain of one cumulative image: a worker's task, from its files to a map and rows."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.batching.pictures import Picture, draw_steps
from hstql_assets.cumulative_images.names import CciImage, WeeklyImage, choose_week, parse_image
from hstql_assets.monitors.gain.active_area import find_wanted
from hstql_assets.monitors.gain.cci_file import read_cci
from hstql_assets.monitors.gain.fitting.cubes import (
    SHAPE,
    Cube,
    Lit,
    Origin,
    count_events,
)
from hstql_assets.monitors.gain.fitting.superpixels import SuperpixelGains, find_gains
from hstql_assets.monitors.gain.gain_map import GainMap, find_gain_map, write_gain_map
from hstql_assets.monitors.gain.gain_rows import GainRows
from hstql_assets.monitors.gain.kept_gains import keep_new
from hstql_resources.archive import ArchiveError
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.errors import FitsError
from hstql_resources.references import References

WRONG_IMAGE = "Wrong image"


@dataclass(frozen=True)
class ImageTask:
    """The files of one cumulative image, one at least, for the worker that measures it.

    Attributes
    ----------
    key : str
        Such as `fuva_163_2015-01-05`, or the name of a CCI file without ending.
    files : tuple of InputFile
        Its members, by name.
    digest : str
        Of these.
    references : References
        Finds the tables of the active area and of hot spots.
    filesystem : Filesystem
        Where the gain map goes.
    """

    key: str
    files: tuple[InputFile, ...]
    digest: str
    references: References
    filesystem: Filesystem


def measure_image(task: ImageTask) -> Outcome:
    """Measure the gain of the superpixels of an image.

    `made` with a row of `cumulative_images`, and as its payload those of `gain`; `none` if there
    are no events, `bad` if no file can be used, `waiting` if the archive does not say whether it
    has the reference files. The files that cannot be used are in `bad_files`.

    Raises
    ------
    FileNotFoundError
        If one of the files is not there any more.
    """
    image = parse_image(task.key)
    if image is None:
        reason = f"{task.key} is not the name of a cumulative image."
        bad = tuple(BadFile(file.filename, WRONG_IMAGE, reason) for file in task.files)
        return Outcome(task.key, "bad", reason, bad_files=bad)
    cube, bad = _read_cci(task, image) if isinstance(image, CciImage) else _sum_events(task, image)
    if cube is None or not cube.lit.places.size:
        _remove_old(task.filesystem, task.key, image)
        if bad:
            return all_bad(task.key, bad)
        return Outcome(task.key, "none", f"The files of {task.key} hold no events.")
    try:
        gain_map = _find_gain(task, cube, bad)
    except ArchiveError as error:
        reason = f"The reference files for {task.key} cannot be asked for: {error}"
        return Outcome(task.key, "waiting", reason, bad_files=bad)
    segment, level = cube.newest.segment, cube.newest.high_voltage
    path = find_gain_map(task.filesystem, task.key, segment, level)
    with task.filesystem.write(path) as temporary:
        write_gain_map(gain_map, temporary)
    keep_new(task.key, path, gain_map.gains, task.filesystem)
    return Outcome(
        task.key,
        "made",
        rows={"cumulative_images": [_describe(gain_map, image, str(path))]},
        bad_files=bad,
        metadata=_metadata(gain_map, str(path)),
        payload=GainRows(task.key, segment, level, cube.span_mjd[0], gain_map.gains),
    )


def _remove_old(filesystem: Filesystem, key: str, image: WeeklyImage | CciImage) -> None:
    """Remove the map of an image that has none any more."""
    if image.high_voltage is not None:
        filesystem.remove(find_gain_map(filesystem, key, image.segment, image.high_voltage))


def _read_cci(task: ImageTask, image: CciImage) -> tuple[Cube | None, tuple[BadFile, ...]]:
    file = task.files[0]
    try:
        return read_cci(file.path, image.segment, image.high_voltage), ()
    except FileNotFoundError:
        raise
    except (FitsError, OSError) as error:
        return None, (bad_file(file.filename, error),)


def _sum_events(task: ImageTask, image: WeeklyImage) -> tuple[Cube | None, tuple[BadFile, ...]]:
    """Count the events of all files that can be used; None if there is no such file."""
    lit, outside = Lit.of_events(*np.zeros((2, 0), np.int32)), 0
    used: dict[str, Origin] = {}
    bad: list[BadFile] = []
    for file in task.files:
        try:
            events, origin, beyond = count_events(file.path, lambda found: _check(found, image))
        except FileNotFoundError:
            raise
        except (FitsError, OSError) as error:
            bad.append(bad_file(file.filename, error))
        else:
            used[file.filename] = origin
            lit, outside = lit + events, outside + beyond
    cube = Cube(lit, tuple(used.values()), tuple(used), outside) if used else None
    return cube, tuple(bad)


def _check(origin: Origin, image: WeeklyImage) -> None:
    """Refuse a file whose headers say that it belongs to another image than its row says."""
    try:
        own = choose_week(origin.segment, origin.high_voltage, origin.exp_start_mjd).key
    except ValueError as error:
        own = f"none: {error}"
    if own != image.key:
        raise FitsError(f"belongs to the image {own}, not to {image.key}")


def _find_gain(task: ImageTask, cube: Cube, bad: tuple[BadFile, ...]) -> GainMap:
    newest = cube.newest
    is_wanted, words = find_wanted(
        newest.segment, cube.span_mjd, newest.brftab, newest.spottab, task.references.find
    )
    left_out = tuple(f"Left out: {one.filename}, {one.reason}." for one in bad)
    gains = find_gains(cube.lit, is_wanted)
    return GainMap(task.key, cube, gains, task.digest, (*words, *left_out))


def _describe(gain_map: GainMap, image: WeeklyImage | CciImage, path: str) -> dict[str, object]:
    cube, newest = gain_map.cube, gain_map.cube.newest
    start_mjd, end_mjd = cube.span_mjd
    return {
        "image": gain_map.key,
        "source": "cci" if isinstance(image, CciImage) else "weekly",
        "segment": newest.segment,
        "high_voltage": newest.high_voltage,
        "exp_start_mjd": start_mjd,
        "exp_end_mjd": end_mjd,
        "exp_time_s": cube.exp_time_s,
        "files": len(cube.members),
        "counts": int(cube.lit.add().sum()),
        "superpixels": len(gain_map.gains.x),
        "members": gain_map.digest,
        "path": path,
        "ingest_date": datetime.now(UTC),
    }


def _metadata(gain_map: GainMap, path: str) -> dict[str, object]:
    cube, gains = gain_map.cube, gain_map.gains
    metadata: dict[str, object] = {
        "path": path,
        "files": len(cube.members),
        "events": int(cube.lit.add().sum()),
        "superpixels": _say_numbers(gains),
        "tables": " ".join(gain_map.history),
    }
    if len(gains.x):
        median, error = np.median(gains.peaks.mean), np.median(gains.peaks.mean_error)
        metadata["median_gain"] = f"{median:.2f}, of one superpixel +- {error:.2f}"
        lowest = float(gains.peaks.mean.min())
        metadata["lowest_gain"] = lowest if math.isfinite(lowest) else None
        metadata["picture"] = _draw(gain_map.key, gains)
    return metadata


def _draw(key: str, gains: SuperpixelGains) -> Picture:
    """Draw the lowest gain along the dispersion, where sagging shows first."""
    lowest = np.full(SHAPE[2], np.nan)
    np.fmin.at(lowest, gains.x, gains.peaks.mean)
    return draw_steps(
        lowest, f"lowest modal gain of {key} by column, 0 to 16383, from zero", np.min
    )


def _say_numbers(gains: SuperpixelGains) -> str:
    return (
        f"{len(gains.x):,} with a gain of {gains.fitted:,} with 30 events or more; "
        f"{gains.without_peak:,} have no peak, {gains.with_two:,} two"
    )
