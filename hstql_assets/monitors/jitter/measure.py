"""Measure the pointing during one exposure or association: a worker's task, from files to rows."""

from datetime import UTC, datetime

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.framework.whole_headers import read_whole
from hstql_assets.monitors.jitter.jitter_file import JitterTable, read_jitter, start_times
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.file_headers import FileHeaders

DARK = "DARK"


def measure_jitter(task: ExposureTask) -> Outcome:
    """Measure how steadily the telescope pointed, by the jit file; jif and spt know when it began.

    `made` with a row of `jitter_statistics` for each table; its numbers are NULL if it has only
    fill values. `none` without a jit file, `bad` if it cannot be used.
    """
    if gone := task.find_gone():
        return gone
    found: list[tuple[InputFile, list[JitterTable]]] = []
    bad: list[BadFile] = []
    for file in task.of_types("jit"):
        try:
            found.append((file, read_jitter(file.path)))
        except (FitsError, OSError) as error:
            bad.append(bad_file(file.filename, error))
    plans = read_whole(task.of_types("spt"), bad)
    starts = start_times(read_whole(task.of_types("jif"), bad), plans)
    if found:
        return _made(task.key, found, starts, _modes(plans), tuple(bad))
    if task.of_types("jit"):
        return all_bad(task.key, bad)
    reason = f"There is no jitter file (jit) of {task.key}."
    return Outcome(task.key, "none", reason, bad_files=tuple(bad))


def _modes(plans: list[FileHeaders]) -> dict[str, str]:
    """Return OPMODE of exposures, such as ACQ/IMAGE, by the first eight letters of their names."""
    pairs = ((plan.find("ROOTNAME"), plan.find("OPMODE")) for plan in plans)
    return {str(name).lower()[:8]: str(mode) for name, mode in pairs if name and mode}


def _made(
    key: str,
    found: list[tuple[InputFile, list[JitterTable]]],
    starts: dict[str, float],
    modes: dict[str, str],
    bad: tuple[BadFile, ...],
) -> Outcome:
    rows: list[dict[str, object]] = []
    metadata: dict[str, object] = {"path": found[0][0].path}
    for file, read in found:
        for table in read:
            name = (table.exposure or "").lower()[:8]
            kind = DARK if table.target.upper() == DARK else modes.get(name)
            rows.append(_row(key, file.filename, table, starts.get(name), kind))
            metadata[table.exposure or f"table_{table.ext}"] = _describe(table)
    return Outcome(key, "made", rows={"jitter_statistics": rows}, bad_files=bad, metadata=metadata)


def _row(
    key: str, filename: str, table: JitterTable, start_mjd: float | None, kind: str | None
) -> dict[str, object]:
    return {
        "filename": filename,
        "ext": table.ext,
        "rootname": key,
        "exposure": table.exposure,
        "start_mjd": start_mjd,
        "seconds": table.seconds,
        "samples": table.samples,
        "v2_mean_arcsec": table.v2.mean,
        "v2_rms_arcsec": table.v2.rms,
        "v2_range_arcsec": table.v2.range,
        "v3_mean_arcsec": table.v3.mean,
        "v3_rms_arcsec": table.v3.rms,
        "v3_range_arcsec": table.v3.range,
        "image_type": kind,
        "ingest_date": datetime.now(UTC),
    }


def _describe(table: JitterTable) -> str:
    if table.v2.rms is None or table.v3.rms is None:
        return f"no sample in {table.seconds or 0.0:g} s"
    return (
        f"RMS {1e3 * table.v2.rms:.2f} mas along V2, {1e3 * table.v3.rms:.2f} mas along V3, "
        f"{table.samples} samples in {table.seconds or 0.0:g} s"
    )
