"""Measure the telemetry of one exposure: a worker's task, from headers to a row."""

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.framework.whole_headers import read_whole
from hstql_assets.monitors.telemetry.snapshot import telemetry_row
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.file_headers import iterate_hdus
from hstql_resources.fits.header import Header

_PSA = {
    1: 126.0, 2: 53.0, 3: 181.0, 4: 234.0, 5: 13.0, 6: -11.0, 7: -49.0, 8: 206.0, 10: 206.0,
    11: 270.0, 12: 90.0,
}  # fmt: skip
_BOA = {
    1: -153.0, 2: -226.0, 3: -98.0, 4: -45.0, 5: -226.0, 6: -98.0, 7: -98.0, 8: -73.0, 10: -73.0,
    11: -9.0, 12: -189.0,
}  # fmt: skip
# The lamp is seen with the aperture elsewhere where the aperture of the star has gone too far.
_WCA = {**_PSA, 6: 22.0, 7: 32.0}
NOMINAL_FUV = {"PSA": _PSA, "BOA": _BOA, "FCA": _BOA, "WCA": _WCA}
NOMINAL_NUV = {"PSA": 126.0, "WCA": 126.0, "BOA": -153.0, "FCA": -153.0}


# Files of an exposure that say where its aperture was, the best known first.
OWN_FILES = (
    *("x1d", "corrtag", "corrtag_a", "corrtag_b", "rawtag", "rawtag_a", "rawtag_b"),
    *("rawaccum", "rawaccum_a", "rawaccum_b", "rawacq"),
)


def measure_telemetry(task: ExposureTask) -> Outcome:
    """Read temperatures and positions of mechanisms of an exposure from its spt file.

    Where its aperture was, other files of it say. `made` with a row of `telemetry`; `none` without
    an spt file, `bad` if it is not whole or has no SNAP1.
    """
    if gone := task.find_gone():
        return gone
    rows: list[dict[str, object]] = []
    bad: list[BadFile] = []
    own = _read_own(task)
    for spt in read_whole(task.of_types("spt"), bad):
        try:
            rows.append(telemetry_row(task.key, spt, own))
        except FitsError as fault:
            bad.append(bad_file(spt.filename.removesuffix(".gz"), fault))
    if rows:
        metadata = {"path": task.of_types("spt")[0].path, **_describe(rows[0])}
        return Outcome(
            task.key, "made", rows={"telemetry": rows}, bad_files=tuple(bad), metadata=metadata
        )
    if bad:
        return all_bad(task.key, bad)
    return Outcome(task.key, "none", f"There is no support file (spt) of {task.key}.")


def _read_own(task: ExposureTask) -> list[Header]:
    """Return the primary headers of the files of the exposure; not of those that are damaged."""
    headers = []
    for filetype in OWN_FILES:
        for file in task.of_types(filetype):
            # What is wrong with them is said where they are used; here the first block counts.
            try:
                headers += [next(iterate_hdus(file.path))[0]]
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


def nominal_position(
    detector: str | None, aperture: str | None, life_adj: int | None
) -> float | None:
    """Return where the aperture should be across the dispersion [motor steps].

    None for what is not in the table, such as LIFE_ADJ = -1 of an exposure elsewhere.

    Parameters
    ----------
    detector, aperture : str or None
        FUV or NUV; PSA, BOA, WCA or FCA.
    life_adj : int or None
        Lifetime position; of the FUV detector only.
    """
    if aperture is None:
        return None
    if detector == "NUV":
        return NOMINAL_NUV.get(aperture)
    if detector != "FUV" or life_adj is None:
        return None
    return NOMINAL_FUV.get(aperture, {}).get(life_adj)
