"""Find files under `HSTQL_HOME` that no row names, and tell which of them hstql wrote.

Only what has a name and a place that hstql gives is ever called a stray, for strays are removed
by healing. Anything else is somebody's: it is named, and stays.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from hstql_assets.batching.asset_nodes import AssetNode
from hstql_assets.batching.ownership import OwnedFiles
from hstql_assets.orchestration.consistency.disk_listing import DiskFile
from hstql_assets.orchestration.consistency.findings import FILE_CLOSED, FOREIGN, STRAY, Finding
from hstql_assets.orchestration.consistency.fingerprints import Paths
from hstql_resources.filenames import INSTRUMENTS

COMPOSITE = re.compile(r"hlsp_hstlc_hst_([a-z0-9]+)-.*")
WITHOUT_ROW = "hstql wrote it, and no row names it."
WITHOUT_ROWS = (
    "hstql wrote it, and there are no rows at all: 'hstql materialize' makes them again, then "
    "this can be told from what is in use."
)
OF_NOBODY = next(iter(INSTRUMENTS.values()))  # what names no instrument is told with this one


def find_orphan_files(
    home: str,
    found: Iterable[DiskFile],
    named: Collection[str] | Paths,
    owned: Sequence[OwnedFiles],
) -> list[Finding]:
    """Return the files that no row names.

    Parameters
    ----------
    home : str
        `HSTQL_HOME`.
    found : iterable of DiskFile
        What lies below its folders `files`, `products` and `previews`.
    named : collection of str or Paths
        The paths that rows name.
    owned : sequence of OwnedFiles
        What assets write; files that are made of everything have no row each, and are none.

    Returns
    -------
    list of Finding
        `STRAY` where hstql wrote the file, which healing removes; `FOREIGN` where it did not;
        `FILE_CLOSED` for a folder that cannot be read. Where no row names anything the tables
        were emptied, and healing removes nothing.
    """
    findings = []
    detail_of_strays = WITHOUT_ROWS if not named else WITHOUT_ROW
    of_keys = [files for files in owned if files.has_keys]
    of_all = [files for files in owned if not files.has_keys]
    for file in found:
        if file.path in named or find_owner(home, file, of_all) is not None:
            continue
        if file.fault is not None:
            detail = f"The folder cannot be read: {file.fault}."
            findings.append(Finding(FILE_CLOSED, "", file.path, detail))
            continue
        key = find_owner(home, file, of_keys)
        if key is None:
            detail = "hstql writes no such file there; look, and remove it yourself."
            findings.append(Finding(FOREIGN, "", file.path, detail))
        else:
            findings.append(Finding(STRAY, key, file.path, detail_of_strays, bool(named)))
    return findings


def find_owner(home: str, file: DiskFile, owned: Sequence[OwnedFiles]) -> str | None:
    """Return the rootname, or the target, that hstql wrote a file for; None if it did not.

    Parameters
    ----------
    home : str
        `HSTQL_HOME`.
    file : DiskFile
        Anything below it.
    owned : sequence of OwnedFiles
        What assets write. Of what is made of everything the key is empty.
    """
    if not file.is_regular:
        return None
    path = file.path.removeprefix(f"{home}/")
    matches = (files.match(path) for files in owned)
    return next((one.groupdict().get("key", "") for one in matches if one is not None), None)


def find_makers(home: str, path: str, nodes: Iterable[AssetNode]) -> list[str]:
    """Return those of some assets that make a file of a key at a path."""
    place = path.removeprefix(f"{home}/")
    return [
        node.name
        for node in nodes
        if any(files.has_keys and files.match(place) is not None for files in node.owns.files)
    ]


def instrument_of_file(name: str) -> str:
    """Return the instrument that a file name begins with, or has in it if it is a composite's."""
    composite = COMPOSITE.fullmatch(name)
    if composite is not None:
        return composite[1] if composite[1] in INSTRUMENTS.values() else OF_NOBODY
    return INSTRUMENTS.get(name[:1].lower(), OF_NOBODY)
