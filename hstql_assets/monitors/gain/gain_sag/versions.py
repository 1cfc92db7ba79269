"""Keep the versions of the gain-sag reference file: the one before, and a new one beside it.

A version is never written over. One that would say the same as the newest is not written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hstql_assets.monitors.gain.gain_sag.comparison import (
    KINDS,
    Comparison,
    compare_tables,
    format_comparison,
    read_tables,
)
from hstql_assets.monitors.gain.gain_sag.table import (
    BLUE_MODES,
    FILETYPE,
    Tables,
    count_regions,
    digest_tables,
    write_gain_sag,
)
from hstql_assets.monitors.gain.pulse_height_limits import FOR_CALCOS
from hstql_resources.filesystem import Filesystem
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.whole_files import open_whole
from hstql_resources.software import name_software
from hstql_resources.times import format_day, format_time

FIRST_DAY = "25/05/2009"
DESCRIPTION = "Lists the regions of the FUV detector that have lost their gain."
DESCRIPTION_CHARACTERS = 67  # to which the field pads it

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Provenance:
    """What the flags were found in.

    Attributes
    ----------
    images : int
        How many gain maps.
    newest_mjd : float
        Start of the latest, MJD UTC.
    """

    images: int
    newest_mjd: float


@dataclass(frozen=True)
class Version:
    """A version of the file, and what it changed.

    Attributes
    ----------
    row : mapping
        Of table `gain_sag_tables`.
    comparison : Comparison or None
        With the one before; None without one, or if nothing new was written.
    is_new : bool
        Whether it was written now.
    products : tuple of Path
        The file and its report.
    """

    row: Row
    comparison: Comparison | None
    is_new: bool
    products: tuple[Path, ...]


def make_version(
    tables: Tables,
    is_blue: bool,
    rows: Sequence[Row],
    provenance: Provenance,
    filesystem: Filesystem,
    lref: Path | None,
    now: datetime,
) -> Version:
    """Write a version if the regions are not those of the newest one.

    Parameters
    ----------
    tables : mapping of (segment, voltage) to Regions
    is_blue : bool
        Whether for the blue modes.
    rows : sequence of mappings
        The versions that there are, of both kinds.
    provenance : Provenance
        What goes into its header.
    filesystem : Filesystem
        Where it is written, under products/references.
    lref : Path or None
        Where the first version finds one to be compared with.
    now : datetime
        For its name.
    """
    digest = digest_tables(tables)
    own = [row for row in rows if row["is_blue"] == is_blue and Path(row["path"]).is_file()]
    newest = max(own, key=lambda row: (row["made_at"], row["filename"]), default=None)
    if newest is not None and newest["sha256"] == digest:
        return Version(newest, None, False, (Path(newest["path"]),))
    path, made_at = _find_free_path(filesystem, is_blue, now)
    with filesystem.write(path) as temporary:
        write_gain_sag(temporary, tables, *_describe(path.name, is_blue, provenance, digest))
    before = find_newest(lref, is_blue) if newest is None else Path(newest["path"])
    comparison = _compare(before, tables)
    report = path.with_suffix(".txt")
    with filesystem.write(report) as temporary:
        temporary.write_text(_report(path, before, comparison))
    row = {
        "filename": path.name,
        "is_blue": is_blue,
        "made_at": made_at,
        "regions": count_regions(tables),
        "previous": before.name if before and comparison else None,
        **{f"{kind}_regions": comparison and comparison.count(kind) for kind in KINDS},
        "sha256": digest,
        "path": str(path),
    }
    return Version(row, comparison, True, (path, report))


def find_newest(folder: Path | None, is_blue: bool) -> Path | None:
    """Return the newest gain-sag table of a kind in a folder of reference files, by its DATE."""
    if folder is None:
        return None
    found: list[tuple[str, Path]] = []
    for path in sorted(folder.glob("*gsag*.fits")):
        try:
            with open_whole(path) as hdus:
                header = hdus[0].header
        except FitsError:
            continue
        is_of_kind = str(header.get("CENWAVE", "")).startswith("BETWEEN") == is_blue
        if header.get("FILETYPE") == FILETYPE and is_of_kind:
            found.append((str(header.get("DATE", "")), path))
    return max(found)[1] if found else None


def _find_free_path(filesystem: Filesystem, is_blue: bool, now: datetime) -> tuple[Path, datetime]:
    folder = filesystem.home / "products" / "references"
    ending = "_blue" if is_blue else ""
    made_at = now.astimezone(UTC)
    while True:
        path = folder / f"gsag_{made_at:%Y-%m-%dT%H-%M-%S}{ending}.fits"
        if not path.exists():
            return path, made_at
        made_at += timedelta(seconds=1)


def _compare(before: Path | None, tables: Tables) -> Comparison | None:
    if before is None:
        return None
    try:
        return compare_tables(read_tables(before), tables)
    except FitsError:
        return None


def _report(path: Path, before: Path | None, comparison: Comparison | None) -> str:
    if before is None:
        return f"{path.name}: there is none before it to compare with.\n"
    if comparison is None:
        return f"{path.name}: {before.name}, the one before it, cannot be read.\n"
    return format_comparison(path.name, before.name, comparison)


def _describe(
    filename: str, is_blue: bool, provenance: Provenance, digest: str
) -> tuple[list[tuple[str, Any, str]], list[str]]:
    """Return the cards and the history of the primary header."""
    newest_mjd = provenance.newest_mjd
    cards: list[tuple[str, Any, str]] = [
        ("DATE", format_time(newest_mjd, "%Y-%m-%dT%H:%M:%S"), "start of the latest image, UTC"),
        ("FILENAME", filename, ""),
        *FOR_CALCOS,
        ("PEDIGREE", f"INFLIGHT {FIRST_DAY} {format_day(newest_mjd)}", ""),
        ("FILETYPE", FILETYPE, ""),
        ("DESCRIP", DESCRIPTION.ljust(DESCRIPTION_CHARACTERS, "-"), ""),
    ]
    if is_blue:
        cards.append(("CENWAVE", BLUE_MODES, ""))
    history = [
        f"Made by {name_software()} from {provenance.images} gain maps, the latest of",
        f"{format_time(newest_mjd, '%Y-%m-%dT%H:%M:%S')} UTC. A region is a superpixel of 8 x 2",
        "pixels whose modal gain was 3 or less, from the first image on in which it was:",
        "below 3 by three standard errors, or in two images that follow each other.",
        "In a table are the regions found at its voltage or a higher one.",
        f"SHA-256 of the regions: {digest[:32]}",
        f"{digest[32:]}",
    ]
    return cards, history
