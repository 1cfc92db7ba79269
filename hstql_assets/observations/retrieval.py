"""Bringing the files of one observation to where they can be read, and describing them.

What an archive does on the way is its own business; which files are raw is in `filenames`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from hstql_assets.batches import BadFile, Outcome
from hstql_assets.observations.correcting import CorrtagTask, make_corrtag_of
from hstql_assets.pictures import draw_steps
from hstql_resources import tables
from hstql_resources.archive import Archive, Product, RetrievalError
from hstql_resources.filenames import Kind, parse_filename
from hstql_resources.filesystem import Filesystem


@dataclass(frozen=True)
class RetrievalTask:
    """The files of one kind of one observation.

    Attributes
    ----------
    key : str
        The rootname.
    kind : str
        `raw` or `calibrated`.
    products : tuple of Product
        What the archive has of that kind.
    obstacle : str or None
        Why the archive has nothing of this rootname, one sentence; None if it has.
    had : tuple of Path
        The files that were retrieved before.
    archive, filesystem
        Where from and where to.
    corrtag : CorrtagTask or None
        Corrected events that have to be made here, from files that are at hand.
    """

    key: str
    kind: Kind
    products: tuple[Product, ...]
    obstacle: str | None
    had: tuple[Path, ...]
    archive: Archive
    filesystem: Filesystem
    corrtag: CorrtagTask | None = None


def retrieve_files(task: RetrievalTask) -> Outcome:
    """Bring in the files of a task, and remove those of ours that the archive has no longer.

    Parameters
    ----------
    task : RetrievalTask

    Returns
    -------
    Outcome
        `made` with a row of `files` for each, `none` if there are no files of this kind,
        `missing` with the reason if one could not be had. Those that could be had are used.
        `bad` where corrected events were to be made of a file that is bad; the others are used.
    """
    if task.obstacle is not None:
        return Outcome(task.key, "missing", task.obstacle)
    bad: tuple[BadFile, ...] = ()
    try:
        paths = _bring(task)
        if task.corrtag is not None:
            made, bad = make_corrtag_of(task.corrtag, paths)
            paths += made
    except RetrievalError as error:
        return Outcome(task.key, "missing", str(error))
    rows, faults = _describe_all(task, paths)
    if faults:
        return Outcome(task.key, "missing", " ".join(faults), rows={tables.File: rows})
    _remove_old(task, paths)
    if bad:
        reason = "; ".join(f"{file.filename}: {file.reason}: {file.detail}" for file in bad)
        return Outcome(task.key, "bad", reason, rows={tables.File: rows}, bad_files=bad)
    if not rows:
        return Outcome(task.key, "none", f"There are no {task.kind} files of {task.key}.")
    return Outcome(task.key, "made", rows={tables.File: rows}, facts=_facts(rows))


def _bring(task: RetrievalTask) -> list[Path]:
    if task.archive.in_place:
        return [Path(product.location) for product in task.products]
    if not task.products:
        return []
    folder = task.filesystem.observation_folder(task.key)
    paths = [folder / product.filename for product in task.products]
    with task.filesystem.scratch() as scratch:
        task.archive.fetch(task.products, scratch)
        for path in paths:
            task.filesystem.move(scratch / path.name, path)
    return paths


def _describe_all(
    task: RetrievalTask, paths: Iterable[Path]
) -> tuple[list[dict[str, object]], list[str]]:
    rows, faults = [], []
    for path in paths:
        try:
            rows.append(_describe(task, path))
        except RetrievalError as error:
            faults.append(str(error))
    return rows, faults


def _describe(task: RetrievalTask, path: Path) -> dict[str, object]:
    parsed = parse_filename(path.name)
    if parsed is None:
        raise RetrievalError(f"{path} has no name of an HST file.")
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError as error:
        raise RetrievalError(f"{path} cannot be read: {error.strerror}.") from error
    return {
        "filename": parsed.name,
        "rootname": task.key,
        "filetype": parsed.filetype,
        "kind": task.kind,
        "path": str(path),
        "size_bytes": size,
        "sha256": digest,
        "ingest_date": datetime.now(UTC),
    }


def _remove_old(task: RetrievalTask, paths: Iterable[Path]) -> None:
    for path in set(task.had) - set(paths):
        task.filesystem.remove(path)


def _facts(rows: Sequence[dict[str, object]]) -> dict[str, object]:
    sizes = [int(str(row["size_bytes"])) for row in rows]
    return {
        "path": Path(str(rows[0]["path"])).parent,
        "files": len(rows),
        "size_bytes": sum(sizes),
        "picture": draw_steps(
            np.array(sizes) / 1e6, "sizes of the files in the order of the list, from zero (MB)"
        ),
        "list": "\n".join(
            f"- {row['filename']}: {size / 1e6:.2f} MB"
            for row, size in zip(rows, sizes, strict=True)
        ),
    }
