"""Read a corrtag file: one event list of COS or STIS with its good times and its timeline.

What belongs here is what the file says. Which events count is decided in `event_weights`
and `time_bins`; whether the file is fit for use, in `quality`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hstql_assets.batching.bad_data import BadData
from hstql_assets.lightcurves.target_position import find_no_position
from hstql_assets.stis_events import bad_pixels
from hstql_resources.fits.errors import FitsError
from hstql_resources.fits.header import Header
from hstql_resources.fits.keywords import integer, number, text
from hstql_resources.fits.stream import Extension, FitsStream
from hstql_resources.fits.tables import TableLayout, table_layout
from hstql_resources.times import SECONDS_PER_DAY

COLUMNS = {
    "COS": ("TIME", "XFULL", "YFULL", "WAVELENGTH", "EPSILON", "DQ"),
    "STIS": ("TIME", "XCORR", "YCORR", "WAVELENGTH", "EPSILON", "DQ"),
}
# Seconds from EXPSTART; degrees: altitude of the Sun, and the place below the telescope.
TIMELINE = ("TIME", "SUN_ALT", "LATITUDE", "LONGITUDE")
DETECTORS = {"COS": ("FUV", "NUV"), "STIS": ("FUV-MAMA", "NUV-MAMA")}


@dataclass(frozen=True)
class Exposure:
    """What the headers of an event file say about its exposure; units are in the names.

    A right ascension or declination that the header does not give is None; `no_position` says why
    these are not where the light came from, and is empty where they are.
    """

    rootname: str
    target_name: str
    instrument: str
    detector: str
    opt_elem: str
    cenwave: int
    aperture: str
    proposal_id: int
    exp_flag: str
    exp_start_mjd: float
    exp_end_mjd: float
    exp_time_s: float
    ra_deg: float | None = None
    dec_deg: float | None = None
    is_simulated: bool = False
    no_position: str = ""

    @property
    def mode(self) -> tuple[str, str, int]:
        """DETECTOR, OPT_ELEM and CENWAVE."""
        return self.detector, self.opt_elem, self.cenwave


@dataclass(frozen=True)
class EventFile:
    """A corrtag file of which everything but the events themselves has been read.

    Parameters
    ----------
    path : Path
        The file.
    exposure : Exposure
        What its headers say.
    segment : str
        ``FUVA`` or ``FUVB``; ``NUV`` for the one file of that detector of COS, and the name of the
        detector for STIS.
    cal_ver : str
        Version of CalCOS, or of hstql, that made the file.
    algorithm : str
        How CalCOS extracts the spectrum, ``BOXCAR`` or ``TWOZONE``.
    sdq_flags : int
        Bits of DQ that are serious, as the header has it.
    header : Header
        Header of the EVENTS table, for the places of the spectrum.
    extension, layout : Extension, TableLayout
        Where the events are, and how their rows look.
    good_times_s : numpy.ndarray, shape (n, 2)
        Start and stop of the good time intervals, in seconds from EXPSTART.
    timeline : mapping of str to numpy.ndarray
        Those of `TIMELINE` that the file has, by name, all of shape (m,).
    is_imaging : bool
        Whether it is an image, which has no spectrum.
    event_tables : int
        Number of event tables of the telescope that were joined to one.
    orders : tuple of int or None
        First and last spectral order that events were given wavelengths of.
    missing_references : tuple of str
        Reference files that the events were corrected without, ``KEYWORD=name: why``.
    bad_pixels : numpy.ndarray or None
        Bits of DQ of the detector's pixels, shape (1024, 1024), where the file has them.
    """

    path: Path
    exposure: Exposure
    segment: str
    cal_ver: str
    algorithm: str
    sdq_flags: int
    header: Header
    extension: Extension
    layout: TableLayout
    good_times_s: np.ndarray
    timeline: Mapping[str, np.ndarray]
    is_imaging: bool = False
    event_tables: int = 1
    orders: tuple[int, int] | None = None
    missing_references: tuple[str, ...] = ()
    bad_pixels: np.ndarray | None = None

    def blocks(self) -> Iterator[np.ndarray]:
        """Yield the events in blocks of rows as stored; `layout.column` takes a column out.

        Raises
        ------
        BadData
            Unreadable, if the file ends early.
        """
        try:
            with FitsStream(self.path) as stream:
                yield from stream.blocks(self.extension, self.layout)
        except (FitsError, OSError) as error:
            raise BadData.unreadable(self.path, error) from error


def open_events(path: Path) -> EventFile:
    """Read the headers and the small tables of a corrtag file.

    The good times stand behind the events, and must be known before the first event is counted,
    because the two FUV segments share them. In a plain file the events are skipped by a seek; a
    gzipped file is decompressed twice, which bounds the memory where keeping it would not.

    Parameters
    ----------
    path : Path
        Corrtag file of COS or STIS, plain or gzipped.

    Raises
    ------
    BadData
        Unreadable, if this is no whole corrtag file.
    """
    try:
        with FitsStream(path) as stream:
            return _read(path, stream)
    except (FitsError, OSError) as error:
        raise BadData.unreadable(path, error) from error


def _read(path: Path, stream: FitsStream) -> EventFile:
    primary: Header | None = None
    found: list[tuple[Extension, TableLayout]] = []
    good_times: tuple[int, np.ndarray] | None = None
    timeline: Mapping[str, np.ndarray] = {}
    quality = None
    for extension in stream.distinct_extensions():
        if primary is None:
            primary = extension.header
        elif extension.name == "EVENTS":
            found.append((extension, table_layout(extension.header)))
            found[-1][1].require(*COLUMNS.get(text(primary, "INSTRUME", "COS"), ()))
        elif extension.name == "GTI":
            # Where bad time was cut there are two tables; the corrected one has EXTVER 2.
            version = integer(extension.header, "EXTVER", 1)
            if good_times is None or version > good_times[0]:
                good_times = version, stream.numbers(extension, "START", "STOP").T
        elif extension.name == "TIMELINE":
            timeline = _timeline(stream, extension)
        elif extension.name == "BADPIX":
            quality = _bad_pixels(stream, extension)
    if primary is None or len(found) != 1:
        raise FitsError(f"has {len(found) or 'no'} EVENTS table{'s' if found else ''}")
    if good_times is None:
        raise FitsError("has no GTI table")
    ((events, layout),) = found
    exposure = _exposure(path, primary, events.header)
    return EventFile(
        path=path,
        exposure=exposure,
        segment=text(primary, "SEGMENT") if exposure.detector == "FUV" else exposure.detector,
        cal_ver=text(primary, "CAL_VER", "unknown"),
        algorithm=text(primary, "XTRCTALG", "BOXCAR"),
        sdq_flags=integer(events.header, "SDQFLAGS", 0),
        header=events.header,
        extension=events,
        layout=layout,
        good_times_s=good_times[1],
        timeline=timeline,
        is_imaging=text(primary, "OBSTYPE", "SPECTROSCOPIC") == "IMAGING",
        bad_pixels=quality,
        **_stis_facts(primary, events.header),
    )


def _stis_facts(primary: Header, header: Header) -> dict[str, Any]:
    """Read what only a corrtag of STIS says; the defaults hold for COS."""
    if text(primary, "INSTRUME", "COS") != "STIS":
        return {}
    orders = integer(header, "ORDMIN", 0), integer(header, "ORDMAX", 0)
    return {
        "event_tables": integer(header, "NEVENTS", 1),
        "orders": orders if orders != (0, 0) else None,
        "missing_references": tuple(
            text(primary, key) for key in primary.values if key.startswith("MISREF")
        ),
    }


def _bad_pixels(stream: FitsStream, extension: Extension) -> np.ndarray:
    layout, table = stream.rows(extension, *bad_pixels.COLUMNS)
    columns = {name.lower(): layout.column(table, name) for name in bad_pixels.COLUMNS}
    return bad_pixels.draw_quality(
        bad_pixels.BadPixels(np.full(len(table), bad_pixels.ANY), **columns), bad_pixels.ANY
    )


def _timeline(stream: FitsStream, extension: Extension) -> dict[str, np.ndarray]:
    """Read the columns of `TIMELINE` that are there, each of shape (n,)."""
    there = table_layout(extension.header).record.names or ()
    names = [name for name in TIMELINE if name in there]
    return dict(zip(names, stream.numbers(extension, *names), strict=True))


def _exposure(path: Path, primary: Header, header: Header) -> Exposure:
    instrument, detector = text(primary, "INSTRUME", "COS"), text(primary, "DETECTOR")
    if instrument not in DETECTORS:
        raise FitsError(f"INSTRUME is {instrument}: these are no events of COS or STIS")
    if detector not in DETECTORS[instrument]:
        known = " nor ".join(DETECTORS[instrument])
        raise FitsError(f"DETECTOR is {detector!r}, neither {known} of {instrument}")
    is_imaging = text(primary, "OBSTYPE", "SPECTROSCOPIC") == "IMAGING"
    start = number(header, "EXPSTART")
    exp_time = number(header, "EXPTIME")
    is_located = "RA_TARG" in primary and "DEC_TARG" in primary
    return Exposure(
        # The file's name; what headers call ROOTNAME may be empty or another member's.
        rootname=path.name.split("_")[0].lower(),
        target_name=text(primary, "TARGNAME"),
        instrument=instrument,
        detector=detector,
        opt_elem=text(primary, "OPT_ELEM"),
        cenwave=0 if is_imaging else integer(primary, "CENWAVE"),
        aperture=text(primary, "APERTURE"),
        proposal_id=integer(primary, "PROPOSID"),
        exp_flag=text(header, "EXPFLAG"),
        exp_start_mjd=start,
        exp_end_mjd=number(header, "EXPEND", start + exp_time / SECONDS_PER_DAY),
        exp_time_s=exp_time,
        ra_deg=number(primary, "RA_TARG") if is_located else None,
        dec_deg=number(primary, "DEC_TARG") if is_located else None,
        is_simulated=primary.get("SIMULATD") is True,
        no_position=find_no_position(primary),
    )
