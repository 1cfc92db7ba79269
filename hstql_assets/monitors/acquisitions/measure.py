"""Measure an acquisition: a worker's task, from the headers of its files to rows."""

from typing import TYPE_CHECKING

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.monitors.acquisitions.pictures import draw_slew
from hstql_assets.monitors.acquisitions.rows import acquisition_row
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_resources.fits.errors import UNREADABLE, FitsError

if TYPE_CHECKING:
    from hstql_resources.fits.file_headers import FileHeaders

Row = dict[str, object]


def measure_acquisition(task: ExposureTask) -> Outcome:
    """Read the slew of an acquisition, its guide stars, and where its lamp was.

    Parameters
    ----------
    task : ExposureTask
        The rawacq file of an exposure, and its spt file if there is one.

    Returns
    -------
    Outcome
        `made` with a row of `acquisitions`, and one of `osm_shifts` if a lamp was measured;
        `bad` if no rawacq file can be used, `missing` if a file has gone since. Without an spt
        file, or with one that cannot be read, the guide stars are unknown.
    """
    files = task.of_types("rawacq")
    gone = [file.filename for file in task.files if not file.path.exists()]
    if gone:
        return Outcome(task.key, "missing", f"{gone[0]} is not there any more.")
    if not files:
        return Outcome(task.key, "none", f"There is no rawacq file of {task.key}.")
    bad: list[BadFile] = []
    spt = next((one for file in task.of_types("spt") if (one := _open(file, bad))), None)
    measured = [both for file in files if (both := _measure(task.key, file, spt, bad))]
    if not measured:
        return all_bad(task.key, bad)
    rows = [row for row, _ in measured]
    lamps = [lamp for _, lamp in measured if lamp is not None]
    return Outcome(
        task.key,
        "made",
        rows={"acquisitions": rows, "osm_shifts": lamps},
        bad_files=tuple(bad),
        metadata={"path": files[0].path, **_state_metadata(rows[0], lamps)},
    )


def _open(file: InputFile, bad: list[BadFile]) -> "FileHeaders | None":
    """Return the headers of a file; None if it is not whole, which is added to the bad ones."""
    # Imported here, because it takes astropy along: only workers need it.
    from hstql_resources.fits.file_headers import read_headers

    headers = read_headers(file.path, file.filetype)
    if headers.fault is None:
        return headers
    bad.append(BadFile(file.filename, UNREADABLE, headers.fault))
    return None


def _measure(
    key: str, file: InputFile, spt: "FileHeaders | None", bad: list[BadFile]
) -> tuple[Row, Row | None] | None:
    """Return the rows of acquisitions and of osm_shifts; None if the file is bad."""
    # astropy comes along, see above.
    from hstql_assets.monitors.osm_shifts.acquisition_lamps import shift_of_acquisition

    rawacq = _open(file, bad)
    if rawacq is None:
        return None
    try:
        return acquisition_row(key, rawacq, spt), shift_of_acquisition(key, rawacq, spt)
    except FitsError as fault:
        bad.append(bad_file(file.filename, fault))
        return None


def _state_metadata(row: Row, lamps: list[Row]) -> dict[str, object]:
    x, y = row["slew_x_arcsec"], row["slew_y_arcsec"]
    picture = None
    if isinstance(x, float) or isinstance(y, float):
        picture = draw_slew(x, y, str(row["exposure_type"] or "acquisition"))  # type: ignore[arg-type]
    metadata = {
        "kind": row["exposure_type"],
        "status": row["status"],
        "slew_x_arcsec": x,
        "slew_y_arcsec": y,
        "guide_star_sensor": row["fgs"],
        "lamp_pixel": lamps[0]["shift_disp"] if lamps else None,
        "picture": picture,
    }
    return {name: value for name, value in metadata.items() if value is not None}
