"""Draw all pictures of one observation: a worker's task, from files to pictures and rows."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hstql_assets.batching.bad_data import bad_file
from hstql_assets.batching.batches import CONCERN_ALL_KEYS
from hstql_assets.batching.input_files import InputFile
from hstql_assets.batching.outcomes import BadFile, Outcome
from hstql_assets.previews.event_pictures import draw_events
from hstql_assets.previews.image_pictures import draw_images
from hstql_assets.previews.kinds import Kind, kind_of, rank
from hstql_assets.previews.picture_files import Drawn, fit_format, write_picture
from hstql_assets.previews.spectrum_pictures import draw_spectra
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.errors import FitsError

DRAW: dict[Kind, Callable[[InputFile], list[Drawn]]] = {
    "image": draw_images,
    "spectrum": draw_spectra,
    "events": draw_events,
}


@dataclass(frozen=True)
class PreviewTask:
    """The files of one observation.

    Attributes
    ----------
    key : str
        Rootname.
    proposal_id : int or None
        PROPOSID; the pictures lie in its folder.
    sources : tuple of InputFile
        Its FITS files.
    before : tuple of Path
        Pictures and thumbnails of an earlier run.
    filesystem : Filesystem
        Where pictures go.
    """

    key: str
    proposal_id: int | None
    sources: tuple[InputFile, ...]
    before: tuple[Path, ...]
    filesystem: Filesystem


@dataclass(frozen=True)
class _Work:
    """What has been done so far."""

    rows: list[dict[str, object]] = field(default_factory=list)
    bad: list[BadFile] = field(default_factory=list)


def draw_previews(task: PreviewTask) -> Outcome:
    """Draw the pictures of an observation, and remove those of an earlier run that are no more.

    Returns
    -------
    Outcome
        `made` with rows of `previews`; files that cannot be read are in `bad_files`. `none` if no
        file has a picture, `bad` if there would be one but for bad files, `missing` if a file is
        gone.
    """
    sources = [source for source in task.sources if kind_of(source.filetype)]
    gone = [source.path for source in sources if not os.path.exists(source.path)]  # noqa: PTH110, no error where a folder is closed
    if gone:
        reason = "is not there any more: materialize raw_files and calibrated_files again."
        return Outcome(task.key, "missing", f"{gone[0]} {reason}")
    work = _Work()
    for source in sources:
        _draw_file(task, source, work)
    _remove_others(task, work.rows)
    if not work.rows:
        return _without_pictures(task, sources, work.bad)
    preferred = _mark_preferred(work.rows)
    return Outcome(
        task.key,
        "made",
        rows={"previews": work.rows},
        bad_files=tuple(work.bad),
        metadata=_metadata(work, preferred),
    )


def _draw_file(task: PreviewTask, source: InputFile, work: _Work) -> None:
    kind = kind_of(source.filetype)
    if kind is None:
        return
    try:
        drawn = DRAW[kind](source)
    except (FitsError, OSError) as error:
        if isinstance(error, OSError) and error.errno in CONCERN_ALL_KEYS:
            raise
        work.bad.append(bad_file(source.filename, error))
        return
    for number, picture in enumerate(drawn, 1):
        files = task.filesystem.preview(task.proposal_id, source.filename, number)
        image = fit_format(picture.image)
        write_picture(image, files, task.filesystem)
        work.rows.append(
            {
                "filename": source.filename,
                "number": number,
                "rootname": task.key,
                "filetype": source.filetype,
                "kind": kind,
                "extver": picture.version,
                "path": str(files.picture),
                "thumbnail_path": str(files.thumbnail),
                "width": image.width,
                "height": image.height,
                "low_value": picture.low,
                "high_value": picture.high,
                "unit": picture.unit,
                "place": picture.place,
                "note": picture.note,
                "is_preferred": False,
                "ingest_date": datetime.now(UTC),
            }
        )


def _mark_preferred(rows: Sequence[dict[str, object]]) -> dict[str, object]:
    """Mark the row that stands for the observation; one with something to be seen, if there is."""

    def order(row: dict[str, object]) -> tuple[bool, int, str, int]:
        filetype, number = str(row["filetype"]), row["number"]
        return row["note"] is not None, rank(filetype), filetype, int(str(number))

    preferred = min(rows, key=order)
    preferred["is_preferred"] = True
    return preferred


def _remove_others(task: PreviewTask, rows: Sequence[dict[str, object]]) -> None:
    kept = {Path(str(row[name])) for row in rows for name in ("path", "thumbnail_path")}
    for path in task.before:
        if path not in kept:
            task.filesystem.remove(path)


def _without_pictures(
    task: PreviewTask, sources: Sequence[InputFile], bad: Sequence[BadFile]
) -> Outcome:
    if bad:
        reason = f"There is no picture of {task.key}: {bad[0].detail}"
        return Outcome(task.key, "bad", reason, bad_files=tuple(bad))
    if sources:
        names = ", ".join(source.filename for source in sources)
        return Outcome(task.key, "none", f"There is no image in {names}.")
    types = ", ".join(sorted({source.filetype for source in task.sources})) or "none"
    return Outcome(task.key, "none", f"There is no picture of files of these types: {types}.")


def _metadata(work: _Work, preferred: dict[str, object]) -> dict[str, object]:
    metadata: dict[str, object] = {"path": Path(str(preferred["path"])), "pictures": len(work.rows)}
    return {**metadata, **dict(_notes(work.rows))}


def _notes(rows: Sequence[dict[str, object]]) -> Iterator[tuple[str, object]]:
    """Yield what the user is told about pictures that show nothing."""
    for row in rows:
        if row["note"] is not None:
            yield f"note_{row['filename']}_{row['number']}", row["note"]
