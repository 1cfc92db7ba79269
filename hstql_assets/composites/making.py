"""Make the composites of one target: a worker's task, from event files to products and rows."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from hstql_assets.batching.outcomes import Outcome
from hstql_assets.batching.pictures import draw_steps
from hstql_assets.composites.choosing import Member
from hstql_assets.composites.composing import Composite, compose
from hstql_assets.composites.configuration import Configuration
from hstql_assets.composites.files import remove_composite
from hstql_assets.composites.product import CompositeProduct, ProvenanceRow, write_composite
from hstql_assets.lightcurves.lightcurve import Lightcurve, make_lightcurve
from hstql_assets.lightcurves.settings import ExtractionSettings
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.data_files import open_data_file
from hstql_resources.fits.header_values import finite


@dataclass(frozen=True)
class KnownFile:
    """What the table `files` knows about a file; `ingest_date` is in seconds of the epoch."""

    path: Path
    size_bytes: int
    sha256: str | None
    ingest_date_s: float


@dataclass(frozen=True)
class CompositeTask:
    """The lightcurves of one target, and what was made of them before.

    Attributes
    ----------
    key : str
        Slug of the target.
    target_name : str
        Its resolved name.
    members : mapping of Configuration to tuple of Member
        The exposures with a lightcurve.
    made_at : mapping of str to datetime
        When the lightcurve of each exposure was made.
    files : mapping of Path to KnownFile
        The event files and spectra of the members.
    before : tuple of str
        Names of the composites of an earlier run.
    settings : ExtractionSettings
        How to extract.
    filesystem : Filesystem
        Where to write.
    """

    key: str
    target_name: str
    members: Mapping[Configuration, tuple[Member, ...]]
    made_at: Mapping[str, datetime]
    files: Mapping[Path, KnownFile]
    before: tuple[str, ...]
    settings: ExtractionSettings
    filesystem: Filesystem


@dataclass(frozen=True)
class _Made:
    """A composite that was written; the arrays are gone."""

    configuration: Configuration
    path: Path
    row: dict[str, object]
    net: np.ndarray


def decide_composites(task: CompositeTask) -> Outcome:
    """Make the composites of a target, one per configuration.

    Composites of an earlier run that are no more are removed with their plots; all stay as they
    were where a file of a member is missing now.

    Returns
    -------
    Outcome
        `made`, with rows of `composites` and `composite_members`; `none` if no exposure could
        be used, or `missing` if a file of a member is gone.
    """
    reason = _find_what_is_missing(task)
    if reason is not None:
        return Outcome(task.key, "missing", reason)
    made: list[_Made] = []
    remarks: list[str] = []
    fates: dict[str, dict[str, object]] = {}
    for configuration, members in task.members.items():
        composition = compose(members, task.settings, _extract)
        fates |= {name: {"note": note} for name, note in composition.left_out.items()}
        remarks += composition.remarks
        if composition.composite is not None:
            made.append(_write(task, configuration, composition.composite, composition.remarks))
            for number, name in enumerate(composition.composite.rootnames, 1):
                fates[name] = {"filename": made[-1].path.name, "dataset": number}
    for filename in set(task.before) - {one.path.name for one in made}:
        remove_composite(task.filesystem, filename)
    return replace(_outcome(task, made, fates), remarks=tuple(remarks) if made else ())


def _extract(member: Member, settings: ExtractionSettings) -> Lightcurve:
    return make_lightcurve(member.events, member.x1d, settings, member.spt)


def _find_what_is_missing(task: CompositeTask) -> str | None:
    for member in (member for members in task.members.values() for member in members):
        if not member.events:
            return (
                f"The table files has no events of {member.rootname} any more: materialize "
                "header_tables again."
            )
        for path in member.files:
            # Path.exists raises where a folder cannot be entered.
            if not os.path.exists(path):  # noqa: PTH110
                return f"{path} is not there any more: materialize calibrated_files again."
    return None


def _write(
    task: CompositeTask,
    configuration: Configuration,
    composite: Composite,
    remarks: tuple[str, ...],
) -> _Made:
    path = task.filesystem.composite(configuration.filename(task.key))
    product = CompositeProduct(
        composite, configuration, task.target_name, list_provenance(task.files, composite), remarks
    )
    with task.filesystem.write(path) as temporary:
        write_composite(product, temporary)
    net = np.concatenate([curve.bins.net for curve in composite.curves])
    row = _row(task, configuration, composite, path)
    return _Made(configuration, path, {**row, "remarks": " ".join(remarks) or None}, net)


def list_provenance(
    files: Mapping[Path, KnownFile], composite: Composite
) -> tuple[ProvenanceRow, ...]:
    """Return the files that went into a composite, of those known, in the order of its datasets."""
    paths = {path.name: path for path in files}
    rows = []
    for number, curve in enumerate(composite.curves, 1):
        exposure = curve.exposure
        rows += [
            ProvenanceRow(
                dataset=number,
                rootname=exposure.rootname,
                filename=file.filename,
                sha256=find_checksum(files[paths[file.filename]]),
                cal_ver=file.cal_ver,
                exp_start_mjd=exposure.exp_start_mjd,
                exp_time_s=exposure.exp_time_s,
                cenwave=exposure.cenwave,
                proposal_id=exposure.proposal_id,
                target_name=exposure.target_name,
                x1d_ratio=curve.x1d_ratio,
            )
            for file in curve.inputs
        ]
    return tuple(rows)


def find_checksum(file: KnownFile) -> str:
    """Return the SHA-256 of a file: the recorded one if nobody has written to the file since."""
    state = file.path.stat()
    is_same = state.st_size == file.size_bytes and state.st_mtime <= file.ingest_date_s
    if file.sha256 is not None and is_same:
        return file.sha256
    with open_data_file(file.path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _row(
    task: CompositeTask, configuration: Configuration, composite: Composite, path: Path
) -> dict[str, object]:
    totals = [curve.totals for curve in composite.curves]
    return {
        "target": task.key,
        "instrument": configuration.instrument.lower(),
        "detector": configuration.detector,
        "opt_elem": configuration.opt_elem,
        "cenwave": configuration.cenwave,
        "aperture": configuration.aperture,
        "path": str(path),
        "filename": path.name,
        "exposures": len(composite.curves),
        "bin_s": composite.settings.bin_s,
        "bins": composite.bins,
        "gross_counts": round(sum(total.gross for total in totals)),
        "background_counts": sum(total.background for total in totals),
        "is_flux_calibrated": composite.is_flux_calibrated,
        "is_background_subtracted": composite.is_background_subtracted,
        "exposure_s": composite.exposure_s,
        "exp_start_mjd": composite.exp_start_mjd,
        "exp_end_mjd": composite.exp_end_mjd,
        "wave_min": finite(composite.wave_min),
        "wave_max": finite(composite.wave_max),
        "ingest_date": datetime.now(UTC),
    }


def _outcome(
    task: CompositeTask, made: list[_Made], fates: Mapping[str, Mapping[str, object]]
) -> Outcome:
    nothing = {"filename": None, "dataset": None, "note": None}
    members = [
        {"target": task.key, "rootname": name, "made_at": made_at, **nothing, **fates[name]}
        for name, made_at in task.made_at.items()
    ]
    rows = {
        "composite_members": members,
        "composites": [one.row for one in made],
    }
    notes = {name: str(fate["note"]) for name, fate in fates.items() if fate.get("note")}
    if not made:
        reason = next(iter(notes.values()), f"{task.key} has no lightcurve.")
        return Outcome(task.key, "none", reason, rows=rows)
    return Outcome(task.key, "made", rows=rows, metadata=_metadata(task, made, notes))


def _metadata(
    task: CompositeTask, made: list[_Made], notes: Mapping[str, str]
) -> dict[str, object]:
    largest = max(made, key=lambda one: len(one.net))
    header = "| configuration | exposures | live time (s) | gross (counts) |\n|---|---|---|---|\n"
    metadata: dict[str, object] = {
        "path": largest.path,
        **{f"path_{one.path.stem}": one.path for one in made if one is not largest},
        "target_name": task.target_name,
        "configurations": len(made),
        "exposures": sum(int(str(one.row["exposures"])) for one in made),
        "table": header
        + "\n".join(
            f"| {one.configuration} | {one.row['exposures']} | {one.row['exposure_s']:.1f} "
            f"| {one.row['gross_counts']} |"
            for one in made
        ),
        "picture": draw_steps(
            largest.net,
            f"net rate of {task.key}, {largest.configuration}: exposures side by side, from "
            "zero (counts/s)",
        ),
    }
    if notes:
        metadata["left_out"] = "\n".join(f"- {name}: {note}" for name, note in notes.items()) + "\n"
    return metadata
