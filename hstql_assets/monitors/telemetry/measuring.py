"""The telemetry of one exposure: a worker's task, from headers to a row."""

from typing import TYPE_CHECKING

from hstql_assets.batches import BadFile, Outcome
from hstql_assets.monitors.monitor import ExposureTask
from hstql_assets.monitors.telemetry.apertures import nominal_position
from hstql_assets.monitors.telemetry.snapshot import NoSnapshot, telemetry_row
from hstql_resources import tables

if TYPE_CHECKING:
    from hstql_assets.headers.header import Header

# Files of an exposure that say where its aperture was, the best known first.
OWN_FILES = (
    *("x1d", "corrtag", "corrtag_a", "corrtag_b", "rawtag", "rawtag_a", "rawtag_b"),
    *("rawaccum", "rawaccum_a", "rawaccum_b", "rawacq"),
)
NO_SNAPSHOT = "No snapshot"


def measure_telemetry(task: ExposureTask) -> Outcome:
    """Read temperatures and positions of mechanisms of an exposure.

    Parameters
    ----------
    task : ExposureTask
        The spt file, and the files of the exposure that say where its aperture was, if there are
        any.

    Returns
    -------
    Outcome
        `made` with a row of `telemetry`; `none` without an spt file, `bad` if it is not whole or
        has no SNAP1.
    """
    # Imported here, because it takes astropy along: only workers need it.
    from hstql_assets.headers.reading import UNREADABLE, read_headers

    gone = [file.filename for file in task.files if not file.path.exists()]
    if gone:
        return Outcome(task.key, "missing", f"{gone[0]} is not there any more.")
    rows: list[dict[str, object]] = []
    bad: list[BadFile] = []
    own = _read_own(task)
    for file in task.of_types("spt"):
        headers = read_headers(file.path, file.filetype)
        if headers.fault is not None:
            bad.append(BadFile(file.filename, UNREADABLE, headers.fault))
            continue
        try:
            rows.append(telemetry_row(task.key, headers, own))
        except NoSnapshot as fault:
            bad.append(BadFile(file.filename, NO_SNAPSHOT, f"{file.filename} {fault}."))
    if rows:
        facts = {"path": task.of_types("spt")[0].path, **_describe(rows[0])}
        return Outcome(
            task.key, "made", rows={tables.Telemetry: rows}, bad_files=tuple(bad), facts=facts
        )
    if bad:
        reason = " ".join(problem.detail for problem in bad)
        return Outcome(task.key, "bad", reason, bad_files=tuple(bad))
    return Outcome(task.key, "none", f"There is no support file (spt) of {task.key}.")


def _read_own(task: ExposureTask) -> "list[Header]":
    """Return the primary headers of the files of the exposure; not of those that are damaged."""
    from hstql_assets.fits_reading.keywords import FitsError
    from hstql_assets.headers.blocks import iterate_headers

    headers = []
    for filetype in OWN_FILES:
        for file in task.of_types(filetype):
            # What is wrong with them is said where they are used; here the first block counts.
            try:
                headers += [next(iterate_headers(file.path))]
            except (FitsError, OSError, StopIteration):
                continue
    return headers


def _describe(row: dict[str, object]) -> dict[str, object]:
    detector, aperture, life_adj = row["detector"], row["aperture"], row["life_adj"]
    nominal = nominal_position(detector, aperture, life_adj)  # type: ignore[arg-type]
    position = row["aperture_y_steps"]
    shift = position - nominal if isinstance(position, float) and nominal is not None else None
    shown = {
        "detector": detector,
        "aperture": aperture,
        "lifetime_position": life_adj,
        "fuva_temperature_c": row["fuva_temperature_c"],
        "fuvb_temperature_c": row["fuvb_temperature_c"],
        "nuv_temperature_c": row["nuv_temperature_c"],
        "aperture_shift_steps": shift,
    }
    return {name: value for name, value in shown.items() if value is not None}
