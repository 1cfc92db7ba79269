"""Find the blobs of a window: a worker's task, from exposures to rows and an image."""

import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.monitors.blobs.combining import take_median
from hstql_assets.monitors.blobs.finding import Blob, find_blobs
from hstql_assets.monitors.blobs.frames import CALIBRATED, Frame, read_frame
from hstql_assets.monitors.blobs.injection import count_false, measure_completeness
from hstql_assets.monitors.blobs.product import find_product, write_product
from hstql_assets.monitors.blobs.selection import ASSET, BlobSelection
from hstql_assets.monitors.flat_gains.pairs import Unused
from hstql_assets.monitors.framework.exposure_sets import SetTask
from hstql_resources.fits.errors import FitsError, NothingToMeasureError

UNREADABLE = "unreadable"
NO_FILE = "no calibrated file"
TOO_FEW = "too few exposures"
OTHER_BINNING = "binning"
MORE_THAN_NEEDED = "more than needed"
Row = dict[str, object]


def measure_window(task: SetTask) -> Outcome:
    """Find the blobs of a window of days.

    `made` also where there are too few exposures: the rows of its members say why.
    """
    selection: BlobSelection = task.selection
    frames, unused = _read_frames(task)
    files = task.references.filesystem
    path = find_product(files, task.key)
    common: Row = {"set_key": task.key, "ingest_date": datetime.now(UTC)}
    rows: dict[str, list[Row]] = {"blob_windows": [], "blobs": []}
    if len(frames) < selection.least_frames:
        told = f"{len(frames)} of the window can be used, and {selection.least_frames} are needed."
        unused += [Unused(frame.rootname, TOO_FEW, told) for frame in frames]
        frames = []
        files.remove(path)
    else:
        image = take_median([frame.ratio for frame in frames])
        binning = frames[0].binning
        blobs = find_blobs(image, binning, selection)
        seed = zlib.crc32(task.key.encode())  # the same window has the same ones put in
        put_in, recovered = measure_completeness(image, blobs, binning, selection, seed)
        with files.write(path) as temporary:
            write_product(temporary, image, frames)
        found = {
            "blobs": len(blobs),
            "put_in": put_in,
            "recovered": recovered,
            "false_alarms": count_false(image, blobs, binning, selection),
            "shown_share": float(np.isfinite(image).mean()),
            "path": str(path),
        }
        rows["blob_windows"] = [common | _describe(frames, task.detector) | found]
        rows["blobs"] = [_list(task.key, number, one) for number, one in enumerate(blobs, 1)]
    rows["exposure_sets"] = [common | task.describe(ASSET, len(frames))]
    rows["exposure_set_members"] = task.list_members(
        {one.rootname: (one.reason, one.detail) for one in unused}
    )
    return Outcome(task.key, "made", rows=rows, metadata=_metadata(rows, unused))


def _read_frames(task: SetTask) -> tuple[list[Frame], list[Unused]]:
    """Return the exposures of a window that show blobs, by time, and why others do not.

    Those with the least noise are taken; of one binning, that of most.
    """
    found: list[Frame] = []
    unused: list[Unused] = []
    for rootname, files in sorted(task.files.items()):
        file = next((one for one in files if one.filetype == CALIBRATED), None)
        if file is None:
            unused.append(Unused(rootname, NO_FILE, "It has no flt, only a raw file."))
            continue
        try:
            frame = read_frame(rootname, file, task.selection)
        except NothingToMeasureError as nothing:
            unused.append(Unused(rootname, nothing.reason, f"{file.filename} {nothing}."))
        except (FitsError, OSError) as problem:
            unused.append(Unused(rootname, UNREADABLE, f"{file.filename} {problem}."))
        else:
            found.append(frame)
        if len(found) > 2 * task.selection.most_frames:
            found, others = _take_best(found, task.selection.most_frames)
            unused += others
    found, others = _keep_most(found)
    unused += others
    best, others = _take_best(found, task.selection.most_frames)
    return sorted(best, key=lambda one: (one.start_mjd, one.rootname)), unused + others


def _take_best(frames: Sequence[Frame], most: int) -> tuple[list[Frame], list[Unused]]:
    ordered = sorted(frames, key=lambda one: (one.noise, one.rootname))
    told = f"{most} exposures of the window have less noise."
    return ordered[:most], [Unused(one.rootname, MORE_THAN_NEEDED, told) for one in ordered[most:]]


def _keep_most(frames: Sequence[Frame]) -> tuple[list[Frame], list[Unused]]:
    counts = Counter((one.binning, one.ratio.shape) for one in frames)
    usual = max(counts, key=lambda one: (counts[one], one), default=None)
    own = [one for one in frames if (one.binning, one.ratio.shape) == usual]
    return own, [
        Unused(one.rootname, OTHER_BINNING, f"It is binned {one.binning} or of another size than "
               "most of the window.")
        for one in frames if (one.binning, one.ratio.shape) != usual
    ]  # fmt: skip


def _describe(frames: Sequence[Frame], detector: str) -> Row:
    return {
        "detector": detector,
        "first_mjd": frames[0].start_mjd,
        "last_mjd": frames[-1].start_mjd,
        "middle_mjd": float(np.median([frame.start_mjd for frame in frames])),
        "frames": len(frames),
        "filters": " ".join(sorted({frame.filter_name for frame in frames})),
        "binning": frames[0].binning,
        "noise": float(np.median([frame.noise for frame in frames])),
    }


def _list(key: str, number: int, blob: Blob) -> Row:
    return {
        "set_key": key,
        "number": number,
        "x": blob.column + 1.0,
        "y": blob.row + 1.0,
        "place_error": blob.place_error,
        "radius": blob.radius,
        "radius_error": blob.radius_error,
        "depth": blob.depth,
        "depth_error": blob.depth_error,
        "significance": blob.significance,
    }


def _metadata(rows: dict[str, list[Row]], unused: Sequence[Unused]) -> dict[str, object]:
    """Return what the user interface shows: how many blobs, and what was not used, by reason."""
    reasons = Counter(one.reason for one in unused)
    counts = ", ".join(f"{number} {why}" for why, number in sorted(reasons.items()))
    window = rows["blob_windows"][0] if rows["blob_windows"] else {}
    return {
        "exposures": len(rows["exposure_set_members"]),
        "not_used": counts or "none",
        "blobs": len(rows["blobs"]),
        "made_ones_found": f"{window.get('recovered', 0)} of {window.get('put_in', 0)}",
        "false_alarms": window.get("false_alarms", 0),
    }
