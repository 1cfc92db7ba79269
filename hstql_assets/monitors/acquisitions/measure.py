"""Measure an acquisition: a worker's task, from the headers of its files to rows."""

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.monitors.acquisitions.rows import acquisition_row
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.framework.whole_headers import read_whole
from hstql_assets.monitors.osm_shifts.acquisition_lamps import shift_of_acquisition
from hstql_resources.fits.errors import FitsError

Row = dict[str, object]


def measure_acquisition(task: ExposureTask) -> Outcome:
    """Read the slew of an acquisition, its guide stars, and where its lamp was.

    `made` with a row of `acquisitions`, and one of `osm_shifts` if a lamp was measured; `bad` if no
    rawacq file can be used, `missing` if a file has gone since. Without an spt file, or with one
    that cannot be read, the guide stars are unknown.
    """
    files = task.of_types("rawacq")
    if gone := task.find_gone():
        return gone
    if not files:
        return Outcome(task.key, "none", f"There is no rawacq file of {task.key}.")
    bad: list[BadFile] = []
    rows: list[Row] = []
    lamps: list[Row] = []
    spt = next(iter(read_whole(task.of_types("spt"), bad)), None)
    for rawacq in read_whole(files, bad):
        try:
            rows.append(acquisition_row(task.key, rawacq, spt))
        except FitsError as fault:
            bad.append(bad_file(rawacq.filename.removesuffix(".gz"), fault))
            continue
        lamp = shift_of_acquisition(task.key, rawacq, spt)
        lamps += [] if lamp is None else [lamp]
    if not rows:
        return all_bad(task.key, bad)
    return Outcome(
        task.key,
        "made",
        rows={"acquisitions": rows, "osm_shifts": lamps},
        bad_files=tuple(bad),
        metadata={"path": files[0].path, **_state_metadata(rows[0], lamps)},
    )


def _state_metadata(row: Row, lamps: list[Row]) -> dict[str, object]:
    metadata = {
        "kind": row["exposure_type"],
        "status": row["status"],
        "slew_x_arcsec": row["slew_x_arcsec"],
        "slew_y_arcsec": row["slew_y_arcsec"],
        "guide_star_sensor": row["fgs"],
        "lamp_pixel": lamps[0]["shift_disp"] if lamps else None,
    }
    return {name: value for name, value in metadata.items() if value is not None}
