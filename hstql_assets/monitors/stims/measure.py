"""Measure the stims of one exposure: a worker's task, from event files to rows."""

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.monitors.framework.monitor import ExposureTask
from hstql_assets.monitors.stims.rows import FileStims, measure_file, report_metadata, rows_of
from hstql_resources.archive import ArchiveError
from hstql_resources.fits.errors import FitsError, NothingToMeasureError

# A corrtag has the raw columns of its rawtag, too.
CANDIDATES = (("corrtag_a", "rawtag_a"), ("corrtag_b", "rawtag_b"))


def measure_stims(task: ExposureTask) -> Outcome:
    """Measure where the stims of each segment of an exposure are.

    Of each segment the corrtag is taken, and the rawtag if there is no corrtag that can be read.
    `made` with a row of `stim_pulses` for each segment and stretch of time; a stim that is not
    found is NULL. `none` if there are no events to look at, `bad` if no file can be read, `waiting`
    if the archive does not answer when it is asked for a BRFTAB.
    """
    if gone := task.find_gone():
        return gone
    found: list[FileStims] = []
    bad: list[BadFile] = []
    reasons: list[str] = []
    try:
        for candidates in CANDIDATES:
            found += _measure_segment(task, candidates, bad, reasons)
    except ArchiveError as error:
        return Outcome(task.key, "waiting", f"The BRFTAB of {task.key} was not to be had: {error}")
    if found:
        rows = [row for stims in found for row in rows_of(task.key, stims)]
        metadata = report_metadata(found)
        return Outcome(
            task.key,
            "made",
            rows={"stim_pulses": rows},
            bad_files=tuple(bad),
            metadata=metadata,
            remarks=tuple(remark for stims in found for remark in stims.remarks),
        )
    if bad:
        return all_bad(task.key, bad)
    reason = " ".join(reasons) or f"There are no events of {task.key} on the FUV detector."
    return Outcome(task.key, "none", reason)


def _measure_segment(
    task: ExposureTask, candidates: tuple[str, ...], bad: list[BadFile], reasons: list[str]
) -> list[FileStims]:
    """Return the stims of the first file that can be read; none or one."""
    for file in (file for filetype in candidates for file in task.of_types(filetype)):
        try:
            return [measure_file(file, task.references)]
        except NothingToMeasureError as verdict:
            reasons.append(f"{file.filename}: {verdict}")
            return []
        except (FitsError, OSError) as error:
            bad.append(bad_file(file.filename, error))
    return []
