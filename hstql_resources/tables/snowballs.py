"""Declare the tables of snowballs in ramps of WFC3 IR, and of the ramps that were searched."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, IngestDate, column, key


class SnowballSearch(Base):
    """A ramp that was searched."""

    __tablename__ = "snowball_searches"
    __table_args__ = (
        Index(None, "exp_start_mjd", "rootname"),
        {"comment": "One row per exposure of WFC3 IR that was searched for snowballs"},
    )

    rootname: Mapped[str] = key("Exposure")
    filename: Mapped[str] = column("File that was searched")
    source: Mapped[str] = column("raw or ima")
    image_type: Mapped[str | None] = column("IMAGETYP, such as DARK")
    exp_start_mjd: Mapped[float | None] = column("EXPSTART, start of the exposure, MJD UTC, d")
    sample_sequence: Mapped[str | None] = column("SAMP_SEQ, such as SPARS50")
    binning: Mapped[int] = column("BINAXIS1, detector columns in one of the image; 1 of real ones")
    searched_s: Mapped[float] = column("Time from the zeroth read to the last, s")
    searched_share: Mapped[float] = column("Pixels that were searched, over those of the detector")
    snowballs: Mapped[int] = column("How many were found")
    hits: Mapped[int] = column("How many other events there are above the threshold")
    put_in: Mapped[int] = column("How many made ones were put in")
    recovered: Mapped[int] = column("How many of these were found")
    ingest_date: Mapped[IngestDate]


class SnowballEvent(Base):
    """A snowball: a large round event between two reads."""

    __tablename__ = "snowballs"
    __table_args__ = ({"comment": "One row per snowball that was found"},)

    rootname: Mapped[str] = key("Exposure")
    number: Mapped[int] = key("Number in the exposure, from 1")
    read: Mapped[int] = column("The read in which it is seen first")
    time_s: Mapped[float] = column("SAMPTIME of that read, s")
    image_row: Mapped[float] = column("Middle by charge: row of the image, from 0, border included")
    image_column: Mapped[float] = column("Middle by charge: column of the image, from 0")
    pixels: Mapped[int] = column("Pixels above the threshold")
    charge: Mapped[float] = column("Charge of these pixels, electrons; saturated ones are cut off")
    peak: Mapped[float] = column("Highest of them, electrons")
    roundness: Mapped[float] = column("Smaller width over larger, by second moments")
    filling: Mapped[float] = column("Pixels over those of a circle as wide as the event")
