"""Sort what lies in one folder, by names alone: no file is opened, and none asked for its size."""

import os
from dataclasses import dataclass, field
from stat import S_ISDIR, S_ISREG
from typing import NamedTuple

from hstql_resources.filenames import FileName, is_rootname, parse_filename
from hstql_resources.filetypes import OTHER, REFERENCE

# Why something is left aside, in the words that `hstql discover` uses after a number.
OTHER_INSTRUMENT = "files of other instruments"
REFERENCE_FILE = "calibration reference files"
OTHER_NAME = "files that are not named as files of HST"
CLOSED = "folders that cannot be read"
COPY = "copies of files in use"
NO_FILE = "pipes, devices, sockets, folders or broken links that are named as files"
OTHER_LETTERS = frozenset("fnuvwxyz")  # FGS, NICMOS, WFPC2, HSP, WF/PC, FOC, FOS, GHRS
# Not left aside, but told with the rest.
OTHER_TYPE = "files of types that the archive does not have"


class Told(NamedTuple):
    """How many files there are of a sort, and the first of them."""

    number: int
    example: str


@dataclass(slots=True)
class FolderContents:
    """What lies in a folder.

    Attributes
    ----------
    files : list of (str, str)
        Files of exposures: as `FileName.name` has them, and as they are called here.
    folders : dict of str to bool
        Folders in it by name, and whether each is a link.
    told : dict of str to Told
        What was left aside, by reason; files of unknown types, which were not, are told with it,
        and what is no file: its observation is to know of it.
    """

    files: list[tuple[str, str]] = field(default_factory=list)
    folders: dict[str, bool] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)

    def tell(self, reason: str, name: str) -> None:
        """Count a file by the reason for which it is told."""
        number, first = self.told.get(reason, (0, name))
        self.told[reason] = Told(number + 1, first)


def read_folder(path: str) -> FolderContents:
    """Return what lies in a folder; hidden folders are left out.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    found = FolderContents()
    with os.scandir(path) as entries:
        in_order = sorted(entries, key=lambda entry: entry.name)
    for entry in in_order:
        if entry.is_dir(follow_symlinks=False):
            _add_folder(found, entry.name, is_link=False)
            if ".fits" not in entry.name.lower():
                continue
        name = parse_filename(entry.name)
        if name is not None:
            _add_file(found, entry.name, name)
            if not _leads_to_file(entry):
                found.tell(NO_FILE, entry.name)
        elif entry.is_symlink() and _leads_to_folder(entry):
            _add_folder(found, entry.name, is_link=True)
        elif not entry.is_dir(follow_symlinks=False):
            found.tell(OTHER_NAME, entry.name)
    return found


def _add_folder(found: FolderContents, name: str, *, is_link: bool) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:  # neither a row nor a page can name what is in it
        found.tell(CLOSED, ascii(name))
        return
    if not name.startswith("."):
        found.folders[name] = is_link


def _add_file(found: FolderContents, entry: str, name: FileName) -> None:
    if name.kind == REFERENCE:
        found.tell(REFERENCE_FILE, entry)
    elif not is_rootname(name.rootname):
        is_other = name.rootname[0] in OTHER_LETTERS
        found.tell(OTHER_INSTRUMENT if is_other else OTHER_NAME, entry)
    else:
        # One text for both where they are equal: there can be a million.
        found.files.append((name.name, name.name if entry == name.name else entry))
        if name.filetype == OTHER:
            found.tell(OTHER_TYPE, entry)


def _leads_to_file(entry: "os.DirEntry[str]") -> bool:
    """Tell whether it is a file; nothing has to be asked of the system unless it is a link."""
    if entry.is_file(follow_symlinks=False) or not entry.is_symlink():
        return entry.is_file(follow_symlinks=False)
    try:
        return S_ISREG(entry.stat().st_mode)
    except OSError:  # it leads nowhere, or in a circle
        return False


def _leads_to_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return S_ISDIR(entry.stat().st_mode)
    except OSError:  # it leads nowhere, or in a circle
        return False
