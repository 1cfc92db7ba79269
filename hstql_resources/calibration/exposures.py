"""Gather the raw files of one exposure at hand, with what their headers ask for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from hstql_resources.calibration.errors import CalibrationError
from hstql_resources.calibration.pipelines import Pipeline
from hstql_resources.filenames import parse_filename
from hstql_resources.fits.byte_source import ByteSource
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.whole_files import read_primary

# COS exposures that CalCOS passes over.
_COS_UNCALIBRATED = ("ACQ/PEAKD", "ACQ/PEAKXD", "ACQ/SEARCH", "ENG DIAG", "MEMORY DUMP", "PHA")
_NOT_STEPS = {"STATCORR"}


@dataclass(frozen=True)
class RawFile:
    """One raw file.

    Attributes
    ----------
    path : Path
        May be gzipped.
    filetype : str
        Such as `rawtag_a`.
    header : astropy.io.fits.Header
        The primary header.
    """

    path: Path
    filetype: str
    header: fits.Header

    @property
    def size_bytes(self) -> int:
        """Size when it is not compressed."""
        try:
            with ByteSource(self.path) as source:
                return source.size or sum(map(len, source.pieces()))
        except (OSError, FitsError) as error:
            raise CalibrationError(f"{self.path.name} cannot be read: {error}.") from None

    def switches(self) -> dict[str, str]:
        """Return the calibration switches, upper case."""
        return {
            keyword: str(value).strip().upper()
            for keyword, value in self.header.items()
            if keyword.endswith("CORR") and keyword not in _NOT_STEPS
        }


@dataclass(frozen=True)
class Exposure:
    """The uncalibrated files of one exposure.

    Attributes
    ----------
    rootname : str
        Nine lower-case characters.
    raws : tuple of RawFile
        What is calibrated: two for the two segments of COS FUV.
    others : tuple of Path
        What the pipeline reads besides.
    """

    rootname: str
    raws: tuple[RawFile, ...]
    others: tuple[Path, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """All its files."""
        return tuple(raw.path for raw in self.raws) + self.others

    def why_nothing(self) -> str | None:
        """Return the sentence that says why there is nothing to make; None if there is."""
        header = self.raws[0].header
        exposure_type = str(header.get("EXPTYPE", "")).strip()
        if self.rootname[0] == "l" and exposure_type in _COS_UNCALIBRATED:
            return f"Exposures of type {exposure_type} are not calibrated."
        mode = str(header.get("OBSMODE", "")).strip()
        if self.rootname[0] == "o" and mode.startswith("ACQ"):
            return f"Exposures in mode {mode} are not calibrated."
        switches = [value for raw in self.raws for value in raw.switches().values()]
        if "PERFORM" not in switches:
            return "None of its calibration switches is PERFORM."
        return None


def read_exposure(pipeline: Pipeline, rootname: str, paths: Iterable[Path]) -> Exposure | None:
    """Take up the files of an exposure; None if there is no raw file among them.

    Raises
    ------
    CalibrationError
        If a raw file cannot be read.
    """
    raws: list[RawFile] = []
    others: list[Path] = []
    for filetype, path in _named(rootname, paths):
        if filetype in pipeline.raw_types:
            raws.append(RawFile(path, filetype, _read_header(path)))
        elif filetype in pipeline.input_types:
            others.append(path)
    return Exposure(rootname, tuple(raws), tuple(others)) if raws else None


def find_table(rootname: str, paths: Iterable[Path]) -> Path | None:
    """Return the association table of that rootname among files, if there is one."""
    return dict(_named(rootname, paths)).get("asn")


def _named(rootname: str, paths: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    """Yield the FITS files of a rootname by type; the plain file wins over the gzipped one."""
    found: dict[str, Path] = {}
    for path in sorted(paths, key=lambda path: path.suffix.lower() == ".gz"):
        name = parse_filename(path.name)
        if name is not None and name.is_fits and name.rootname == rootname:
            found.setdefault(name.filetype, path)
    yield from sorted(found.items())


def _read_header(path: Path) -> fits.Header:
    try:
        return read_primary(path)
    except (OSError, ValueError) as error:
        raise CalibrationError(f"{path.name} cannot be read: {error}.") from None
