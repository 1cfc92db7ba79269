"""Count the pulse heights of one observation: a worker's task, from corrtag files to rows."""

from datetime import UTC, datetime

import numpy as np

from hstql_assets.batching.bad_data import all_bad, bad_file
from hstql_assets.batching.input_files import FilesTask
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.batching.pictures import Picture, draw_steps
from hstql_assets.spectra.pulse_heights import (
    PulseHeightCounts,
    count_pulse_heights,
)
from hstql_resources.fits.errors import FitsError, NothingToMeasureError


def count_events(task: FilesTask) -> Outcome:
    """Count the events of one observation by pulse height.

    Returns
    -------
    Outcome
        `made` with a row of `pulse_heights` for each segment; `none` if its events have no pulse
        heights, `bad` if no file can be read. The files that cannot are in `bad_files`.

    Raises
    ------
    FileNotFoundError
        If one of them is not there any more.
    """
    found: dict[str, PulseHeightCounts] = {}
    bad: list[BadFile] = []
    reasons: list[str] = []
    for file in task.files:
        try:
            found[file.filename] = count_pulse_heights(file.path)
        except FileNotFoundError:
            raise
        except NothingToMeasureError as verdict:
            reasons.append(str(verdict))
        except (FitsError, OSError) as error:
            bad.append(bad_file(file.filename, error))
    if found:
        return _made(task, found, tuple(bad))
    if bad:
        return all_bad(task.key, bad)
    return Outcome(task.key, "none", reasons[0])


def _made(
    task: FilesTask, found: dict[str, PulseHeightCounts], bad: tuple[BadFile, ...]
) -> Outcome:
    metadata: dict[str, object] = {"path": task.files[0].path.parent}
    for filename, counts in found.items():
        metadata[filename] = f"{counts.events:,} events, most of pulse height {counts.modal}"
        metadata[f"picture_{counts.segment or filename}"] = _draw(filename, counts)
    rows = [_row(task.key, filename, counts) for filename, counts in found.items()]
    return Outcome(task.key, "made", rows={"pulse_heights": rows}, bad_files=bad, metadata=metadata)


def _row(key: str, filename: str, counts: PulseHeightCounts) -> dict[str, object]:
    return {
        "filename": filename,
        "rootname": key,
        "segment": counts.segment,
        "events": counts.events,
        "modal_pulse_height": counts.modal,
        "mean_pulse_height": counts.mean,
        "ingest_date": datetime.now(UTC),
        **{f"pha_{height}": int(number) for height, number in enumerate(counts.counts)},
    }


def _draw(filename: str, counts: PulseHeightCounts) -> Picture:
    return draw_steps(
        counts.counts.astype(np.float64),
        f"events of {filename} by pulse height, 0 to 31, from zero to {counts.counts.max():,}",
    )
