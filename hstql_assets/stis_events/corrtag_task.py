"""Make corrected events of STIS from the tag file, for the archive does not hold them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hstql_assets.batching.bad_data import BadData, bad_files
from hstql_assets.batching.outcomes import BadFile
from hstql_assets.stis_events.making import make_corrtag
from hstql_resources.archive import RetrievalError
from hstql_resources.filenames import parse_filename
from hstql_resources.filesystem import Filesystem
from hstql_resources.references import References

TAG, CORRTAG, SPECTRUM = "tag", "corrtag", "x1d"


@dataclass(frozen=True)
class CorrtagTask:
    """Corrected events to be made.

    Attributes
    ----------
    key : str
        The rootname.
    tag : Path or None
        Its tag file; None if the archive has one, and it is not here.
    references : References
        Where reference files are found.
    filesystem : Filesystem
        Where to write.
    """

    key: str
    tag: Path | None
    references: References
    filesystem: Filesystem


def make_corrtag_of(
    task: CorrtagTask, calibrated: Sequence[Path]
) -> tuple[list[Path], tuple[BadFile, ...]]:
    """Make the corrtag of an exposure.

    Parameters
    ----------
    task : CorrtagTask
        The tag file, and where to write.
    calibrated : sequence of Path
        The calibrated files that the archive has; the x1d is looked for among them.

    Returns
    -------
    paths : list of Path
        The file; none if the tag or the x1d is bad, and one of an earlier run is removed then.
    bad_files : tuple of BadFile
        Which one is bad, and why.

    Raises
    ------
    RetrievalError
        If the tag file is not here.
    """
    if task.tag is None or not _is_there(task.tag):
        name = task.tag or f"The tag file of {task.key}"
        raise RetrievalError(f"{name} is not here: materialize stis/raw_files first.")
    path = task.filesystem.corrtag(task.key)
    spectrum = next((file for file in calibrated if _type(file) == SPECTRUM), None)
    try:
        with task.filesystem.write(path) as temporary:
            make_corrtag(task.tag, spectrum, task.references.find, temporary)
    except BadData as bad:
        task.filesystem.remove(path)
        return [], bad_files([bad])
    return [path], ()


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # in a folder that is closed
        return False


def _type(path: Path) -> str | None:
    parsed = parse_filename(path.name)
    return None if parsed is None else parsed.filetype
