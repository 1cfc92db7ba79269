"""Find one observation in two places: of a mirror on disk, or of hstql's own folder of files."""

import os
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from hstql_assets.orchestration.consistency.disk_listing import DiskFile
from hstql_assets.orchestration.consistency.findings import (
    FILE_TWICE,
    FOLDER_TWICE,
    MISPLACED,
    PLAIN_AND_GZIPPED,
    Finding,
)
from hstql_assets.orchestration.consistency.fingerprints import find_repeated
from hstql_assets.orchestration.consistency.recorded_files import hash_file
from hstql_resources.filenames import exposure_of, parse_filename, stored_name

Value = TypeVar("Value")
COPIES = frozenset({FILE_TWICE, MISPLACED})  # of which one can be the same as the file in use


def find_duplicates(found: Iterable[DiskFile], used: Collection[str]) -> list[Finding]:
    """Return what one tree of files has twice, or in a folder that it does not belong to.

    Parameters
    ----------
    found : iterable of DiskFile
        All files of the tree.
    used : collection of str
        The paths that rows name: of two files that is the one to keep.

    Returns
    -------
    list of Finding
        `FOLDER_TWICE`: two folders that differ in case only. `FILE_TWICE`: a file of the same
        name in another folder. `PLAIN_AND_GZIPPED`: both in one folder. `MISPLACED`: a file of
        one rootname in the folder of another. Each names the file that is not in use.
    """
    files = [file for file in found if parse_filename(file.name.lower()) is not None]
    return [
        *_find_folders_twice({file.folder for file in files}),
        *_find_files_twice(files, used),
        *_find_misplaced(files),
    ]


def find_suspects(walk: Callable[[], Iterable[DiskFile]]) -> tuple[int, list[DiskFile]]:
    """Return how many files a tree has, and those that `find_duplicates` can say anything of.

    Parameters
    ----------
    walk : callable
        Walks the tree; it is walked two times, for all its files may be too many to be held.
    """
    names, folders = array("q"), array("q")
    last = ""
    for file in walk():
        names.append(hash(stored_name(file.name)))
        if file.folder != last:
            last = file.folder
            folders.append(hash(last.lower()))
    repeated = find_repeated(names), find_repeated(folders)
    return len(names), [
        file
        for file in walk()
        if hash(stored_name(file.name)) in repeated[0]
        or hash(file.folder.lower()) in repeated[1]
        or not _is_in_place(file)
    ]


def _find_folders_twice(folders: Iterable[str]) -> Iterator[Finding]:
    for same in _group((folder.lower(), folder) for folder in folders):
        kept, *others = sorted(same, key=lambda folder: (folder != folder.lower(), folder))
        for folder in others:
            detail = f"{kept} has the same name but for case."
            yield Finding(FOLDER_TWICE, _last(kept), folder, detail)


def _find_files_twice(files: Sequence[DiskFile], used: Collection[str]) -> Iterator[Finding]:
    named = ((stored_name(file.name), file) for file in files)
    for same in _group(named):
        kept, *others = sorted(same, key=lambda file: _preference(file, used))
        for file in others:
            key = file.name[:9].lower()
            if file.folder == kept.folder and file.name.lower() != kept.name.lower():
                detail = f"{kept.name} is beside it, and is the one in use."
                yield Finding(PLAIN_AND_GZIPPED, key, file.path, detail)
            else:
                yield Finding(FILE_TWICE, key, file.path, f"It is also at {kept.path}.")


def _preference(file: DiskFile, used: Collection[str]) -> tuple[bool, bool, bool, str]:
    """Order files of one name: the one in use, then its own folder, then plain before gzipped."""
    return file.path not in used, not _is_in_place(file), file.name.endswith(".gz"), file.path


def _find_misplaced(files: Iterable[DiskFile]) -> Iterator[Finding]:
    for file in files:
        if not _is_in_place(file):
            folder = _last(file.folder)
            detail = f"By its name it does not belong into the folder {folder}."
            yield Finding(MISPLACED, file.name[:9].lower(), file.path, detail)


def _is_in_place(file: DiskFile) -> bool:
    """Tell whether a file is of the rootname of its folder, or is its jitter file."""
    folder, rootname = _last(file.folder), file.name[:9]
    is_jitter = rootname.endswith("j") and exposure_of(rootname) == exposure_of(folder)
    return rootname == folder or is_jitter


def settle_copies(findings: Iterable[Finding], used: Iterable[str], home: str) -> list[Finding]:
    """Let those copies be healed that lie under a folder of hstql and equal the file in use.

    Parameters
    ----------
    findings : iterable of Finding
        Of `find_duplicates`.
    used : iterable of str
        The paths that rows name.
    home : str
        `HSTQL_HOME`. What is elsewhere is never healed.
    """
    by_name = {stored_name(os.path.basename(path)): path for path in used}  # noqa: PTH119, strings by the 100,000
    return [
        replace(finding, can_heal=True, detail=f"{finding.detail} {kept} is the same.")
        if (kept := _find_equal(finding, by_name, home))
        else finding
        for finding in findings
    ]


def _find_equal(finding: Finding, by_name: dict[str, str], home: str) -> str | None:
    if finding.kind not in COPIES or not finding.path.startswith(f"{home}/"):
        return None
    kept = by_name.get(stored_name(_last(finding.path)))
    if kept is None or kept == finding.path:
        return None
    digest, other = hash_file(finding.path)[0], hash_file(kept)[0]
    return kept if digest is not None and digest == other else None


def _group(pairs: Iterable[tuple[str, Value]]) -> Iterator[list[Value]]:
    groups: dict[str, list[Value]] = defaultdict(list)
    for name, value in pairs:
        groups[name].append(value)
    return (values for values in groups.values() if len(values) > 1)


def _last(path: str) -> str:
    return path.rpartition("/")[2]
