"""Decide the time-resolved spectra of one exposure: a worker's task, from files to product."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from hstql_assets.batching.bad_data import BadExposure, NothingToExtract, bad_files, bad_outcome
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.lightcurves.making import ExposureTask
from hstql_assets.time_resolved.picture import draw_time_resolved
from hstql_assets.time_resolved.product import write_time_resolved
from hstql_assets.time_resolved.settings import IntervalSettings
from hstql_assets.time_resolved.spectra import TimeResolvedSpectra, make_time_resolved
from hstql_resources.fits.header_values import finite


@dataclass(frozen=True, kw_only=True)
class SpectraTask(ExposureTask):
    """The files of one exposure, and how to make spectra of them."""

    settings: IntervalSettings

    @property
    def path(self) -> Path:
        """Where the product lies."""
        return self.filesystem.time_resolved(self.key)

    @property
    def picture(self) -> Path:
        """Where its picture lies."""
        return self.filesystem.time_resolved_picture(self.key)


def decide_time_resolved(task: SpectraTask) -> Outcome:
    """Make the time-resolved spectra of an exposure, or say why there are none.

    Those of an earlier run are removed where they no longer hold, and stay where what they are made
    from is missing now.

    Returns
    -------
    Outcome
        `made`, with a row of `time_resolved_spectra`; `none` without events, an x1d or anything
        that the settings leave; `missing`, or `bad` with the files that failed.
    """
    made = _make(task)
    if isinstance(made, TimeResolvedSpectra):
        return _store(task, made)
    if made.is_settled:
        for path in (task.path, task.picture):
            task.filesystem.remove(path)
    return made


def _make(task: SpectraTask) -> TimeResolvedSpectra | Outcome:
    unmade = task.find_unmakable()
    if unmade is not None:
        return unmade
    if task.x1d is None:
        return Outcome(task.key, "none", f"{task.key} has no x1d: only that has wavelengths.")
    try:
        return make_time_resolved(task.events, task.x1d, task.settings, task.spt)
    except NothingToExtract as nothing:
        return Outcome(task.key, "none", str(nothing))
    except BadExposure as bad:
        return bad_outcome(task.key, bad.problems)


def _store(task: SpectraTask, spectra: TimeResolvedSpectra) -> Outcome:
    filesystem = task.filesystem
    with filesystem.write(task.path) as temporary:
        write_time_resolved(spectra, temporary)
    with filesystem.write(task.picture) as temporary:
        temporary.write_bytes(draw_time_resolved(spectra))
    row = _row(task, spectra)
    return Outcome(
        task.key,
        "made",
        rows={"time_resolved_spectra": [row]},
        bad_files=bad_files(spectra.rejected),
        remarks=spectra.remarks,
        metadata=_metadata(task, row),
    )


def _row(task: SpectraTask, spectra: TimeResolvedSpectra) -> dict[str, object]:
    waves = spectra.join_cells("wavelength")[spectra.join_cells("columns") > 0]
    gross = sum(file.totals.gross for file in spectra.files)
    ratios = [file.x1d_ratio for file in spectra.files]
    return {
        "rootname": task.key,
        "path": str(task.path),
        "segments": ",".join(spectra.names),
        "intervals": len(spectra.edges_s) - 1,
        "interval_s": float(spectra.edges_s[1]),
        "wavelength_bins": spectra.files[0].cells.per_region,
        "bin_columns": spectra.files[0].cells.bin_columns,
        "gross_counts": round(gross),
        "exposure_s": max(file.totals.exposure_s for file in spectra.files),
        "wave_min": finite(float(np.min(waves))),
        "wave_max": finite(float(np.max(waves))),
        "is_flux_calibrated": spectra.is_flux_calibrated,
        "x1d_ratio": finite(max(ratios, key=lambda ratio: abs(ratio - 1))),
        "settings": json.dumps(asdict(task.settings), default=sorted),
        "ingest_date": datetime.now(UTC),
    }


def _metadata(task: SpectraTask, row: dict[str, object]) -> dict[str, object]:
    hidden = {"rootname", "path", "settings", "ingest_date"}
    shown = {name: value for name, value in row.items() if value is not None}
    numbers = {name: value for name, value in shown.items() if name not in hidden}
    return {"path": task.path, "png": task.picture, **numbers}
