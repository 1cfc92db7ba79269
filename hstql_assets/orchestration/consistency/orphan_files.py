"""Files under `HSTQL_HOME` that no row names, and which of them hstql wrote.

Only what has a name and a place that hstql gives is ever called a stray, for strays are removed
by healing. Anything else is somebody's: it is named, and stays.
"""

import re
from collections.abc import Collection, Iterable
from pathlib import PurePath

from hstql_assets.orchestration.consistency.disk_listing import DiskFile
from hstql_assets.orchestration.consistency.findings import FILE_CLOSED, FOREIGN, STRAY, Finding
from hstql_resources.filenames import INSTRUMENTS, exposure_of, parse_filename

LIGHTCURVE = re.compile(r"([a-z][a-z0-9]{8})_curve\.fits")
COMPOSITE = re.compile(r"hlsp_hstlc_hst_([a-z0-9]+)-[a-z0-9_.+-]+\.fits")
GAIN_MAP = re.compile(r"(.+)_gainmap\.fits")
PREVIEW = re.compile(r"([a-z][a-z0-9]{8})_[a-z0-9_]+\.(jpg|thumb)")
WITHOUT_ROW = "hstql wrote it, and no row names it."
WITHOUT_ROWS = (
    "hstql wrote it, and there are no rows at all: 'hstql materialize' makes them again, then "
    "this can be told from what is in use."
)
OF_NOBODY = next(iter(INSTRUMENTS.values()))  # what names no instrument is told with this one


def find_strays(home: str, found: Iterable[DiskFile], named: Collection[str]) -> list[Finding]:
    """Return the files that no row names.

    Parameters
    ----------
    home : str
        `HSTQL_HOME`.
    found : iterable of DiskFile
        What lies below its folders `files`, `products` and `previews`.
    named : collection of str
        The paths that rows name, read after the files were listed.

    Returns
    -------
    list of Finding
        `STRAY` where hstql wrote the file, which healing removes; `FOREIGN` where it did not;
        `FILE_CLOSED` for a folder that cannot be read. Where no row names anything the tables
        were emptied, and healing removes nothing.
    """
    findings = []
    detail_of_strays = WITHOUT_ROWS if not named else WITHOUT_ROW
    for file in found:
        if file.path in named or _is_of_trend(home, file):
            continue
        if file.fault is not None:
            detail = f"The folder cannot be read: {file.fault}."
            findings.append(Finding(FILE_CLOSED, "", file.path, detail))
            continue
        key = find_owner(home, file)
        if key is None:
            detail = "hstql writes no such file there; look, and remove it yourself."
            findings.append(Finding(FOREIGN, "", file.path, detail))
        else:
            findings.append(Finding(STRAY, key, file.path, detail_of_strays, bool(named)))
    return findings


def find_owner(home: str, file: DiskFile) -> str | None:
    """Return the rootname, or the target, that hstql wrote a file for; None if it did not.

    Parameters
    ----------
    home : str
        `HSTQL_HOME`.
    file : DiskFile
        Anything below it.
    """
    if not file.is_regular:
        return None
    match PurePath(file.path).relative_to(home).parts:
        case ("files", group, rootname, name):
            return rootname if _is_retrieved(group, rootname, name) else None
        case ("products", "lightcurves", _, name):
            return found[1] if (found := LIGHTCURVE.fullmatch(name)) else None
        case ("products", "composites", name):
            return name.split("_")[4] if COMPOSITE.fullmatch(name) else None
        case ("products", "gain", _, _, name):
            return found[1] if (found := GAIN_MAP.fullmatch(name)) else None
        case ("previews", _, name):
            return found[1] if (found := PREVIEW.fullmatch(name)) else None
    return None


def _is_of_trend(home: str, file: DiskFile) -> bool:
    """Tell whether a file is one of those that are made of everything and have no row each."""
    match PurePath(file.path).relative_to(home).parts:
        case ("products", "gain", "trends", _) | ("products", "references", _):
            return file.is_regular
    return False


def _is_retrieved(group: str, rootname: str, name: str) -> bool:
    parsed = parse_filename(name)
    return (
        parsed is not None
        and rootname.startswith(group)
        and len(group) == 4
        and exposure_of(parsed.rootname) == exposure_of(rootname)
        and parsed.rootname in (rootname, f"{exposure_of(rootname)}j")
    )


def instrument_of_file(name: str) -> str:
    """Return the instrument that a file name begins with, or has in it if it is a composite's."""
    composite = COMPOSITE.fullmatch(name)
    if composite is not None:
        return composite[1] if composite[1] in INSTRUMENTS.values() else OF_NOBODY
    return INSTRUMENTS.get(name[:1].lower(), OF_NOBODY)
