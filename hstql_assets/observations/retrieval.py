"""Bring the files of one observation to where they can be read, and describe them.

What an archive does on the way is its own business; which files are raw is in `filenames`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hstql_assets.batching.input_files import ARCHIVE, HSTQL
from hstql_assets.batching.outcomes import BadFile, Outcome, Status
from hstql_assets.observations.currency import HeldFile
from hstql_assets.stis_events.corrtag_task import CorrtagTask, make_corrtag_of
from hstql_resources.archive import Archive, Product, RetrievalError
from hstql_resources.filenames import FileName, parse_filename, stored_name
from hstql_resources.filesystem import Filesystem
from hstql_resources.filetypes import OTHER, REFERENCE_ROOT, Kind
from hstql_resources.fits.data_files import sha256_of
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.file_headers import find_value, iterate_hdus
from hstql_resources.fits.limits import LimitError

NAMED_FAULTS = 3  # in the reason of a key; the log has all


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
        What the archive has of that kind, and can be had.
    obstacle : str or None
        Why the archive has nothing of this rootname, one sentence; None if it has.
    had : tuple of HeldFile
        The files that were brought in or made before.
    archive, filesystem
        Where from and where to.
    corrtag : CorrtagTask or None
        Corrected events that have to be made here, from files that are at hand.
    is_again : bool
        Whether what is here is brought in again.
    is_calibrated_here : bool
        Whether a calibration pipeline has to make files of it.
    files : tuple of Path or None
        The files, where they are here already; None if this task has to bring them in.
    faults : tuple of str
        Why some files of the archive could not be had, a sentence each.
    passing : tuple of str
        The same where that may pass, such as an archive that did not answer.
    checked : frozenset of Path
        Those of the files that are what their rows say: their checksums were just compared.
    made : mapping of Path to str
        Files that a calibration pipeline made here, with its name.
    bad_files : tuple of BadFile
        Files that it could not work on, and what only has the name of a file.
    last : (status, reason) or None
        The decision before this one.
    metadata : mapping of str to object
        What the user interface shows besides.
    """

    key: str
    kind: Kind
    products: tuple[Product, ...]
    obstacle: str | None
    had: tuple[HeldFile, ...]
    archive: Archive
    filesystem: Filesystem
    corrtag: CorrtagTask | None = None
    is_again: bool = False
    is_calibrated_here: bool = False
    files: tuple[Path, ...] | None = None
    faults: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()
    checked: frozenset[Path] = frozenset()
    made: Mapping[Path, str] = field(default_factory=dict)
    bad_files: tuple[BadFile, ...] = ()
    last: tuple[Status, str | None] | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)


def retrieve_files(task: RetrievalTask) -> Outcome:
    """Bring in the files of a task, and remove those of ours that the archive has no longer.

    Returns
    -------
    Outcome
        `made` with a row of `files` for each, `none` if there are no files of this kind,
        `missing` with the reason if one could not be had. Those that could be had are used.
        `waiting` if one could not be had now. `bad` where files were to be made of a file that is
        bad; the others are used.
    """
    if task.obstacle is not None:
        return _miss(task, task.obstacle)
    try:
        origins, bad = _bring_all(task)
    except RetrievalError as error:
        return _miss(task, str(error))
    rows, faults, beyond = _describe_all(task, origins)
    faults, beyond = [*task.faults, *faults], [*task.bad_files, *beyond]
    bad = (*bad, *(file for file in beyond if file not in bad))
    if faults or task.passing or beyond:
        reasons = [*task.passing, *faults, *(file.detail for file in beyond)]
        status: Status = "bad" if beyond else "missing"
        return _miss(task, _join(reasons), rows, bad, "waiting" if task.passing else status)
    _remove_old(task, origins)
    status, reason = _judge(task, rows, bad)
    metadata = {**(_metadata(rows) if status == "made" else {}), **task.metadata}
    return Outcome(
        task.key,
        status,
        reason,
        rows={"files": rows},
        bad_files=bad,
        metadata=metadata,
        remarks=tuple(_tell_copies(product) for product in task.products if product.copies),
        is_unchanged=_is_unchanged(task, (status, reason), rows),
    )


def _tell_copies(product: Product) -> str:
    others = ", ".join(product.copies)
    return f"{product.filename} lies in several places: {product.location} is used, not {others}."


def _miss(
    task: RetrievalTask,
    reason: str,
    rows: Sequence[dict[str, object]] = (),
    bad: tuple[BadFile, ...] = (),
    status: Status = "missing",
) -> Outcome:
    """Return what is decided where not all could be had or made: the rows of before stay."""
    return Outcome(
        task.key,
        status,
        reason,
        rows={"files": rows},
        bad_files=bad,
        metadata=task.metadata,
        is_unchanged=task.last == (status, reason) and _contents(rows) <= _held(task),
    )


def _join(faults: Sequence[str]) -> str:
    """Return the first sentences, and how many there are besides."""
    rest = len(faults) - NAMED_FAULTS
    return " ".join([*faults[:NAMED_FAULTS], *([f"And {rest} more files."] if rest > 0 else [])])


def _bring_all(task: RetrievalTask) -> tuple[dict[Path, str], tuple[BadFile, ...]]:
    """Return all files with their origins, and those that nothing could be made of."""
    paths = _bring(task) if task.files is None else list(task.files)
    origins = dict.fromkeys(paths, ARCHIVE) | dict(task.made)
    if task.corrtag is None:
        return origins, task.bad_files
    made, bad = make_corrtag_of(task.corrtag, paths)
    return origins | dict.fromkeys(made, HSTQL), (*task.bad_files, *bad)


def _judge(
    task: RetrievalTask, rows: Sequence[dict[str, object]], bad: Sequence[BadFile]
) -> tuple[Status, str | None]:
    if bad:
        return "bad", "; ".join(f"{file.filename}: {file.reason}: {file.detail}" for file in bad)
    if not rows:
        return "none", f"There are no {task.kind} files of {task.key}."
    return "made", None


def _is_unchanged(
    task: RetrievalTask, decision: tuple[Status, str | None], rows: Sequence[dict[str, object]]
) -> bool:
    """Return whether the same files with the same content are in the same places as before."""
    return task.last == decision and _contents(rows) == _held(task)


def _held(task: RetrievalTask) -> set[tuple[object, object]]:
    return {(str(file.path), file.sha256) for file in task.had}


def _contents(rows: Sequence[dict[str, object]]) -> set[tuple[object, object]]:
    return {(row["path"], row["sha256"]) for row in rows}


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
    task: RetrievalTask, origins: Mapping[Path, str]
) -> tuple[list[dict[str, object]], list[str], list[BadFile]]:
    """Return rows of files, why others cannot be read, and those that are beyond a limit."""
    rows, faults, beyond = [], [], []
    dates = {product.filename: product.archived_at for product in task.products}
    for path, origin in origins.items():
        try:
            archived_at = dates.get(path.name) if origin == ARCHIVE else None
            rows.append(_describe(task, path, origin) | {"archived_at": archived_at})
        except RetrievalError as error:
            faults.append(str(error))
        except LimitError as error:
            beyond.append(BadFile(stored_name(path.name), error.reason, f"{path} {error}."))
    return rows, faults, beyond


def _describe(task: RetrievalTask, path: Path, origin: str) -> dict[str, object]:
    parsed = parse_filename(path.name)
    if parsed is None:
        raise RetrievalError(f"{path} has no name of an HST file.")
    try:
        digest = _find_checksum(task, path)
        size = path.stat().st_size
    except OSError as error:
        raise RetrievalError(f"{path} cannot be read: {error.strerror}.") from error
    return {
        "filename": parsed.name,
        "rootname": task.key,
        "filetype": OTHER if _is_reference(path, parsed) else parsed.filetype,
        "kind": task.kind,
        "path": str(path),
        "size_bytes": size,
        "sha256": digest,
        "origin": origin,
        "ingest_date": datetime.now(UTC),
        "set_aside_at": None,
    }


def _is_reference(path: Path, parsed: FileName) -> bool:
    """Tell a calibration reference file by its header, where its name leaves that open."""
    if REFERENCE_ROOT.fullmatch(parsed.rootname) is None or not parsed.is_fits:
        return False
    try:
        primary, _ = next(iterate_hdus(path))
    except (FitsError, OSError):
        return False  # who reads its headers will say so
    return find_value([primary], "USEAFTER") is not None


def _find_checksum(task: RetrievalTask, path: Path) -> str:
    """Return the SHA-256 of a file, which is not read again if that was just done."""
    known = {file.path: file.sha256 for file in task.had if file.path in task.checked}
    return known.get(path) or sha256_of(path)


def _remove_old(task: RetrievalTask, paths: Iterable[Path]) -> None:
    for path in {file.path for file in task.had} - set(paths):
        task.filesystem.remove(path)


def _metadata(rows: Sequence[dict[str, object]]) -> dict[str, object]:
    sizes = [int(str(row["size_bytes"])) for row in rows]
    return {
        "path": Path(str(rows[0]["path"])).parent,
        "files": len(rows),
        "size_bytes": sum(sizes),
        "list": "\n".join(
            f"- {row['filename']}: {size / 1e6:.2f} MB"
            for row, size in zip(rows, sizes, strict=True)
        ),
    }
