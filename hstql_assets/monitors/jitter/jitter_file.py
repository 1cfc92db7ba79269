"""Read the tables of jitter files, and find when they begin, which they do not say themselves."""

from dataclasses import dataclass
from pathlib import Path

from hstql_assets.monitors.jitter.statistics import (
    AxisStatistics,
    combine_axis,
    covered_time,
    is_measured,
)
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.file_headers import FileHeaders
from hstql_resources.fits.keywords import text
from hstql_resources.fits.stream import Extension, FitsStream
from hstql_resources.times import parse_telescope_time

COLUMNS = (
    "SECONDS",
    *("SI_V2_AVG", "SI_V2_RMS", "SI_V2_P2P"),
    *("SI_V3_AVG", "SI_V3_RMS", "SI_V3_P2P"),
)


@dataclass(frozen=True)
class JitterTable:
    """One table of a jitter file: one exposure.

    Attributes
    ----------
    ext : int
        Number of the HDU.
    exposure : str or None
        EXPNAME, or ROOTNAME without one; it ends in `j` where the exposure's rootname ends in `q`.
    target : str
        TARGNAME of the file.
    seconds : float or None
        How long it lasts [s].
    samples : int
        Rows that have a value along both axes.
    v2, v3 : AxisStatistics
    """

    ext: int
    exposure: str | None
    target: str
    seconds: float | None
    samples: int
    v2: AxisStatistics
    v3: AxisStatistics


def read_jitter(path: Path) -> list[JitterTable]:
    """Read all tables of a jit file, plain or gzipped; that of an association has several.

    Raises
    ------
    FitsError
        If it is not whole, has no table, or a table lacks a column.
    """
    with FitsStream(path) as stream:
        extensions = enumerate(stream.extensions())
        _, primary = next(extensions)
        target = text(primary.header, "TARGNAME", "")
        tables = [
            _read_table(stream, number, extension, target)
            for number, extension in extensions
            if text(extension.header, "XTENSION", "") == "BINTABLE"
        ]
    if not tables:
        raise FitsError("has no table")
    return tables


def _read_table(stream: FitsStream, number: int, extension: Extension, target: str) -> JitterTable:
    header = extension.header
    seconds, *values = stream.numbers(extension, *COLUMNS)
    measured = is_measured(*values)
    chosen = [one[measured] for one in values]
    return JitterTable(
        ext=number,
        exposure=text(header, "EXPNAME", "") or text(header, "ROOTNAME", "") or None,
        target=target,
        seconds=covered_time(seconds),
        samples=int(measured.sum()),
        v2=combine_axis(*chosen[:3]),
        v3=combine_axis(*chosen[3:]),
    )


def start_times(images: list[FileHeaders], plans: list[FileHeaders]) -> dict[str, float]:
    """Return the starts of exposures [MJD UTC] by the first eight letters of their names.

    Parameters
    ----------
    images : list of FileHeaders
        Of jif files: each extension has EXPNAME and STARTIME, to the second.
    plans : list of FileHeaders
        Of spt files: PSTRTIME is when the preparations of the exposure begin, some minutes
        earlier.
    """
    starts: dict[str, float] = {}
    for plan in plans:
        _add_start(starts, plan.find("ROOTNAME"), plan.find("PSTRTIME"))
    for image in images:
        for header in image.headers[1:]:
            _add_start(starts, header.values.get("EXPNAME"), header.values.get("STARTIME"))
    return starts


def _add_start(starts: dict[str, float], name: object, time: object) -> None:
    mjd = parse_telescope_time(str(time))
    if mjd is not None and name:
        starts[str(name).strip().lower()[:8]] = mjd
