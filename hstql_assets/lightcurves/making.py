"""Decide one lightcurve: a worker's task, from the files of an exposure to product and row."""

import json
import math
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from hstql_assets.batching.bad_data import BadExposure, NothingToExtract, bad_files, bad_outcome
from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.pictures import draw_steps
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.product import write_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings, find_unusual
from hstql_assets.targets import make_slug
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.header_values import finite


@dataclass(frozen=True, kw_only=True)
class ExposureTask:
    """The files of one exposure.

    Attributes
    ----------
    key : str
        The rootname.
    target : str or None
        The slug of its target; None if `observations` does not have it as TIME-TAG science. Then
        the event file names the target.
    events : tuple of Path
        Its corrtag files.
    x1d : Path or None
        Its spectrum.
    missing_reason : str or None
        Why files may not be there, one sentence.
    filesystem : Filesystem
        Where to write.
    bad_reason : str or None
        Why no event file could be made, one sentence; only where that was to be.
    spt : Path or None
        Its support file; not needed.
    """

    key: str
    target: str | None
    events: tuple[Path, ...]
    x1d: Path | None
    missing_reason: str | None
    filesystem: Filesystem
    bad_reason: str | None = None
    spt: Path | None = None

    def find_what_is_missing(self) -> str | None:
        """Return why files are not there, one sentence; None if all are."""
        inputs = [path for path in (*self.events, self.x1d) if path is not None]
        # Path.exists raises where a folder cannot be entered.
        gone = [path for path in inputs if not os.path.exists(path)]  # noqa: PTH110
        if not gone and self.events:
            return None
        if self.missing_reason is None and gone:
            return f"{gone[0]} is not there any more: materialize calibrated_files again."
        return self.missing_reason

    def find_unmakable(self) -> Outcome | None:
        """Return why nothing can be made of the files; None if something may be."""
        reason = self.find_what_is_missing()
        if reason is not None:
            return Outcome(self.key, "missing", reason)
        if self.events:
            return None
        if self.bad_reason is not None:
            return Outcome(self.key, "bad", self.bad_reason)
        return Outcome(self.key, "none", f"{self.key} has no calibrated events (corrtag).")


@dataclass(frozen=True, kw_only=True)
class LightcurveTask(ExposureTask):
    """The files of one exposure, and where its lightcurve was before.

    Attributes
    ----------
    before : Path or None
        The lightcurve file of an earlier run.
    settings : ExtractionSettings
        How to extract.
    """

    before: Path | None
    settings: ExtractionSettings


def decide_lightcurve(task: LightcurveTask) -> Outcome:
    """Make the lightcurve of an exposure, or say why there is none.

    A lightcurve of an earlier run is removed where it no longer holds. It stays where what it is
    made from is missing now.

    Returns
    -------
    Outcome
        `made`, with rows of `lightcurves` and `observations`; `none` without calibrated events
        or where the settings leave nothing, or `missing` if they could not be retrieved;
        `bad` with the files that failed. A segment that failed beside a good one is named too.
    """
    unmade = task.find_unmakable()
    if unmade is not None:
        if unmade.is_settled:
            _remove_before(task, None)
        return unmade
    try:
        lightcurve = make_lightcurve(task.events, task.x1d, task.settings, task.spt)
    except NothingToExtract as nothing:
        if task.before is not None and _tell_settings(task):
            # Composites are made of it, and settings of one's own do not reach them.
            reason = f"{nothing} The lightcurve of before stays."
            return Outcome(task.key, "none", reason, keeps_before=True)
        _remove_before(task, None)
        return Outcome(task.key, "none", str(nothing))
    except BadExposure as bad:
        _remove_before(task, None)
        return bad_outcome(task.key, bad.problems)
    target = task.target or make_slug(lightcurve.exposure.target_name)
    path = task.filesystem.lightcurve(target, task.key)
    with task.filesystem.write(path) as temporary:
        write_lightcurve(lightcurve, temporary)
    _remove_before(task, path)
    return Outcome(
        task.key,
        "made",
        rows={
            "lightcurves": [_row(task, lightcurve, target, path)],
            "observations": [{"rootname": task.key, "target": target}],
        },
        bad_files=bad_files(lightcurve.rejected),
        remarks=(*lightcurve.remarks, *_tell_settings(task)),
        metadata=_metadata(lightcurve, path),
    )


def _remove_before(task: LightcurveTask, path: Path | None) -> None:
    """Remove a lightcurve that is no more, or lies elsewhere now, with its plots."""
    if task.before is not None and task.before != path:
        task.filesystem.remove(task.before)
        for plot in task.filesystem.lightcurve_plots(task.before.parent.name, task.key):
            task.filesystem.remove(plot)


def _row(
    task: LightcurveTask, lightcurve: Lightcurve, target: str, path: Path
) -> dict[str, object]:
    return {
        "rootname": task.key,
        "target": target,
        "path": str(path),
        "bin_s": lightcurve.settings.bin_s,
        "settings": json.dumps(asdict(lightcurve.settings), default=sorted),
        "missing_references": _names(lightcurve.missing_references),
        "ingest_date": datetime.now(UTC),
        **list_numbers(lightcurve),
    }


def list_numbers(lightcurve: Lightcurve) -> dict[str, object]:
    """Return what tables have of a lightcurve, by column, whatever it was made for."""
    totals = lightcurve.totals
    return {
        "segments": ",".join(lightcurve.segments),
        "bins": len(lightcurve.bins.times_s),
        "gross_counts": round(totals.gross),
        "background_counts": totals.background,
        "net_counts_per_s": finite(totals.net_count_per_s),
        "mean_flux": finite(totals.flux),
        "mean_flux_error": finite(totals.flux_error),
        "is_flux_calibrated": lightcurve.is_flux_calibrated,
        "is_background_subtracted": lightcurve.is_background_subtracted,
        "exposure_s": totals.exposure_s,
        "wave_min": finite(lightcurve.wave_min),
        "wave_max": finite(lightcurve.wave_max),
        "x1d_ratio": finite(lightcurve.x1d_ratio),
        "x1d_note": lightcurve.x1d_note or None,
    }


def _tell_settings(task: LightcurveTask) -> list[str]:
    """Say which settings are not those of the delivered products."""
    unusual = [f"{name} {value}" for name, value in find_unusual(vars(task.settings)).items()]
    if not unusual:
        return []
    return [f"{task.key} was extracted with settings of its own: {', '.join(unusual)}."]


def _names(missing: tuple[str, ...]) -> str | None:
    """Return reference files as KEYWORD=name; why they are missing stands in the file."""
    return ",".join(name.partition(":")[0] for name in missing) or None


def _metadata(lightcurve: Lightcurve, path: Path) -> dict[str, object]:
    totals = lightcurve.totals
    metadata: dict[str, object] = {
        "path": path,
        "target_name": lightcurve.exposure.target_name,
        "segments": ", ".join(lightcurve.segments),
        "bins": len(lightcurve.bins.times_s),
        "bin_s": lightcurve.settings.bin_s,
        "exposure_s": totals.exposure_s,
        "gross_counts": round(totals.gross),
        "background_counts": totals.background,
        "net_counts_per_s": totals.net_count_per_s,
        "is_flux_calibrated": lightcurve.is_flux_calibrated,
        "picture": draw_steps(
            lightcurve.bins.net,
            f"net rate of {lightcurve.exposure.rootname} against time, from zero (counts/s)",
        ),
    }
    if lightcurve.is_flux_calibrated:
        metadata["mean_flux_erg_s_cm2_a"] = totals.flux
        metadata["mean_flux_error_erg_s_cm2_a"] = totals.flux_error
    if math.isfinite(lightcurve.x1d_ratio):
        metadata["x1d_ratio"] = lightcurve.x1d_ratio
    if lightcurve.missing_references:
        metadata["missing_references"] = "; ".join(lightcurve.missing_references)
    return metadata
