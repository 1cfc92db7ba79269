"""Find the snowballs of one exposure: a worker's task, from a ramp to rows."""

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.pictures import draw_steps
from hstql_assets.images.detectors import Detector, find_detector
from hstql_assets.images.ramps import CALIBRATED, INFRARED, RAW, Ramp, read_ramp
from hstql_assets.monitors.cameras.ramp_charge import gather_charge
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.snowballs.events import Search, search, take_differences
from hstql_assets.monitors.snowballs.injection import measure_completeness
from hstql_assets.monitors.snowballs.selection import SnowballSelection, load_snowballs
from hstql_resources.fits.errors import FitsError, NothingToMeasureError

FILETYPES = (RAW, CALIBRATED)  # the first that there is is searched
UNITS = ("COUNTS", "ELECTRONS")
FEWEST_READS = 3  # of which two differences tell what is steady from what is not
Row = dict[str, object]
Floats = NDArray[np.float32]


def find_snowballs(task: ExposureTask) -> Outcome:
    """Find the snowballs of an exposure: in the raw file, or else in the ima file.

    `made` with a row of `snowball_searches`, and one of `snowballs` for each; `none` where there
    is nothing to search, with the reason in its first words; `bad` if the file cannot be read.
    """
    if gone := task.find_gone():
        return gone
    file = min(task.files, key=lambda one: FILETYPES.index(one.filetype))
    detector, selection = find_detector("wfc3", INFRARED), load_snowballs().get(INFRARED)
    if detector is None or selection is None:
        return Outcome(task.key, "none", f"No selection: snowballs.toml has no {INFRARED}.")
    try:
        ramp = read_ramp(file.path)
        return _made(task.key, file, ramp, detector, selection)
    except NothingToMeasureError as nothing:
        return Outcome(task.key, "none", f"{nothing.reason}: {file.filename} {nothing}.")
    except (FitsError, OSError) as error:
        return all_bad(task.key, [bad_file(file.filename, error)])


def _made(
    key: str, file: InputFile, ramp: Ramp, detector: Detector, selection: SnowballSelection
) -> Outcome:
    selection.require_usual(ramp.reads[0].find)
    if len(ramp.reads) < FEWEST_READS:
        few = f"has {len(ramp.reads)} reads, and {FEWEST_READS} are needed"
        raise NothingToMeasureError(few, "Two reads")
    reads, is_searched = _keep_known(ramp, *gather_charge(ramp, detector))
    differences = take_differences(reads, np.diff(ramp.times_s))
    found = search(differences, is_searched, selection)
    # The same exposure has the same ones put in, whenever it is searched.
    seed = zlib.crc32(key.encode())
    put_in, recovered = measure_completeness(differences, is_searched, selection, seed)
    common = _describe(key, file, ramp)
    full = (detector.rows // ramp.reads[0].binning[1]) * (
        detector.columns // ramp.reads[0].binning[0]
    )
    searched = {
        **common,
        "searched_s": ramp.times_s[-1] - ramp.times_s[0],
        "searched_share": float(np.count_nonzero(is_searched)) / full,
        "snowballs": len(found.snowballs),
        "hits": found.hits,
        "put_in": put_in,
        "recovered": recovered,
    }
    return Outcome(
        key,
        "made",
        rows={"snowball_searches": [searched], "snowballs": _list(key, ramp, found)},
        remarks=ramp.tell(file.filename),
        metadata=_tell(file, found, put_in, recovered, len(differences)),
    )


def _keep_known(
    ramp: Ramp, reads: Sequence[Floats], sees_light: NDArray[np.bool_]
) -> tuple[list[Floats], NDArray[np.bool_]]:
    """Return reads with 0 in pixels that are no number in one of them, and those that are searched.

    Parameters
    ----------
    ramp : Ramp
    reads : sequence of ndarray, shape (rows, columns)
        Charge [electron].
    sees_light : ndarray of bool, shape (rows, columns)

    Raises
    ------
    NothingToMeasureError
        If the unit is neither counts nor electrons, or no pixel is left.
    """
    unit = (ramp.reads[-1].unit or "").upper().replace(" ", "")
    if unit.removesuffix("/S") not in UNITS:
        raise NothingToMeasureError(f"has BUNIT {unit or '(none)'}", "No unit")
    is_known = sees_light & np.isfinite(reads).all(axis=0)
    if not is_known.any():
        raise NothingToMeasureError("has no pixel with a number in all reads", "No pixels")
    return [np.where(is_known, read, np.float32(0.0)) for read in reads], is_known


def _describe(key: str, file: InputFile, ramp: Ramp) -> Row:
    return {
        "rootname": key,
        "filename": file.filename,
        "source": file.filetype,
        **ramp.describe(),
        "ingest_date": datetime.now(UTC),
    }


def _list(key: str, ramp: Ramp, found: Search) -> list[Row]:
    return [
        {
            "rootname": key,
            "number": number,
            "read": one.read,
            "time_s": ramp.times_s[one.read],
            "image_row": one.row,
            "image_column": one.column,
            "pixels": one.pixels,
            "charge": one.charge_e,
            "peak": one.peak_e,
            "roundness": one.roundness,
            "filling": one.filling,
        }
        for number, one in enumerate(found.snowballs, 1)
    ]


def _tell(
    file: InputFile, found: Search, put_in: int, recovered: int, differences: int
) -> dict[str, object]:
    lines = ["| read | row | column | pixels | charge (e-) |", "|---|---|---|---|---|"]
    lines += [
        f"| {one.read} | {one.row:.1f} | {one.column:.1f} | {one.pixels} | {one.charge_e:.3g} |"
        for one in found.snowballs
    ]
    counts = np.bincount([one.read for one in found.snowballs], minlength=differences + 1)[1:]
    return {
        "path": file.path,
        "snowballs": len(found.snowballs),
        "hits": found.hits,
        "recovered": f"{recovered} of {put_in} that were put in",
        "events": "\n".join(lines),
        "picture": draw_steps(counts.astype(float), f"snowballs by read of {file.filename}"),
    }
