"""Choose which of several files of one name is in use: by its folder, its DATE, its path."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from hstql_resources.archive.folder_walk import status_of
from hstql_resources.filenames import exposure_of
from hstql_resources.fits.data_files import is_data_file
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.file_headers import find_value, iterate_hdus

VISIT = 6  # characters of a rootname that an association shares with its members


def choose_copy(rootname: str, paths: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the file in use, and the others in the order in which they would follow.

    A file in the folder of its exposure comes first, then one in the folder of an association of
    the same visit, then others; among equals the newest DATE, then the first path. What is no file
    comes last.

    Parameters
    ----------
    rootname : str
        Of the name of the files.
    paths : sequence of str
        At least one. Only where there are several files are opened.
    """
    if len(paths) == 1:
        return paths[0], ()
    # Sorting keeps the order of equals.
    ranked = sorted(paths, key=lambda path: (_distance(rootname, path), path))
    ranked = sorted(_drop_links(ranked), key=_read_date, reverse=True)
    ranked.sort(key=lambda path: (not is_data_file(Path(path)), _distance(rootname, path)))
    return ranked[0], tuple(ranked[1:])


def _drop_links(paths: Iterable[str]) -> list[str]:
    """Return paths of different files: of one that is reached in several ways the first."""
    files: dict[object, str] = {}
    for path in paths:
        try:
            status = status_of(path)
            files.setdefault((status.st_dev, status.st_ino), path)
        except OSError:  # a link that leads nowhere
            files[path] = path
    return list(files.values())


def _distance(rootname: str, path: str) -> int:
    """Return 0 for the folder of the exposure, 1 for one of an association, else 2."""
    folder = Path(path).parent.name.lower()
    if len(folder) == len(rootname) and exposure_of(folder) == exposure_of(rootname):
        return 0
    return 1 if folder[:VISIT] == rootname[:VISIT] and folder.endswith("0") else 2


def _read_date(path: str) -> str:
    """Return DATE of a file, which sorts as text; empty if there is none that can be read."""
    try:
        primary, _ = next(iterate_hdus(Path(path)))
    except (FitsError, OSError, StopIteration):
        return ""
    return str(find_value([primary], "DATE") or "")
