"""Declare the tables of the blobs of WFC3 IR: windows of days, what is in each, and the list."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, IngestDate, column, key, place


class BlobWindow(Base):
    """A window of days whose exposures were made one image."""

    __tablename__ = "blob_windows"
    __table_args__ = (
        Index(None, "middle_mjd"),
        {"comment": "One row per window of days of WFC3 IR that was searched for blobs"},
    )

    set_key: Mapped[str] = key("Set, as in exposure_sets: a window of days")
    detector: Mapped[str] = column("DETECTOR, IR")
    first_mjd: Mapped[float] = column("Start of its first exposure, MJD UTC, d")
    last_mjd: Mapped[float] = column("Start of its last exposure, MJD UTC, d")
    middle_mjd: Mapped[float] = column("Median of the starts, MJD UTC, d")
    frames: Mapped[int] = column("Number of exposures in the image")
    filters: Mapped[str] = column("Their filters")
    binning: Mapped[int] = column("BINAXIS1, detector columns in one of the image; 1 of real ones")
    noise: Mapped[float] = column("Median noise of a pixel of an exposure, over its light")
    blobs: Mapped[int] = column("How many blobs were found")
    put_in: Mapped[int] = column("How many made ones were put in")
    recovered: Mapped[int] = column("How many of these were found")
    false_alarms: Mapped[int] = column("How many blobs there are in the image turned over")
    shown_share: Mapped[float] = column("Share of the pixels that is known")
    path: Mapped[str] = place("Where the image is, a FITS file")
    ingest_date: Mapped[IngestDate]


class BlobSighting(Base):
    """A blob in the image of a window."""

    __tablename__ = "blobs"
    __table_args__ = ({"comment": "One row per window of days and blob in it"},)

    set_key: Mapped[str] = key("Set, as in exposure_sets: a window of days")
    number: Mapped[int] = key("Number in the window, from 1, the most significant first")
    x: Mapped[float] = column("Column of its middle, detector pixels that see light, from 1")
    y: Mapped[float] = column("Row of its middle, detector pixels that see light, from 1")
    place_error: Mapped[float] = column("1-sigma error of the place, pixels")
    radius: Mapped[float] = column("Half width at half depth, detector pixels")
    radius_error: Mapped[float] = column("Its 1-sigma error, pixels")
    depth: Mapped[float] = column("Share of the light that is missing in its middle")
    depth_error: Mapped[float] = column("Its 1-sigma error")
    significance: Mapped[float] = column("Standard deviations of the smoothed image")


class Blob(Base):
    """A blob, followed through all windows."""

    __tablename__ = "blob_list"
    __table_args__ = ({"comment": "One row per blob of WFC3 IR"},)

    number: Mapped[int] = key("Its number, which it keeps")
    x: Mapped[float] = column("Median column, detector pixels that see light, from 1")
    y: Mapped[float] = column("Median row, detector pixels that see light, from 1")
    radius: Mapped[float] = column("Median half width at half depth, detector pixels")
    depth: Mapped[float] = column("Median share of the light that is missing in its middle")
    first_seen_mjd: Mapped[float] = column("Middle of the first window that shows it, MJD UTC, d")
    not_seen_mjd: Mapped[float | None] = column(
        "Middle of the window before that, NULL if none is; it appeared in between, MJD UTC, d"
    )
    last_seen_mjd: Mapped[float] = column("Middle of the latest window that shows it, MJD UTC, d")
    windows_seen: Mapped[int] = column("How many windows show it")
    windows_since: Mapped[int] = column("How many windows there are from the first that shows it")
