"""Declare the table of the extended pixel edge response of CCDs."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, IngestDate, column, key


class EperCte(Base):
    """What trails behind the last row that one amplifier read of a flat."""

    __tablename__ = "eper_cte"
    __table_args__ = (
        Index(None, "detector", "amplifier", "exp_start_mjd"),
        {"comment": "One row per flat of UVIS or WFC with a larger overscan, and amplifier"},
    )

    rootname: Mapped[str] = key("Exposure")
    amplifier: Mapped[str] = key("Amplifier, A to D")
    filename: Mapped[str] = column("Raw file that it was measured from")
    instrument: Mapped[str] = column("Instrument, acs or wfc3")
    detector: Mapped[str] = column("DETECTOR, UVIS or WFC")
    exp_start_mjd: Mapped[float | None] = column("EXPSTART, start of the exposure, MJD UTC, d")
    exp_time_s: Mapped[float] = column("EXPTIME, s; 0 where it is not known")
    lamp: Mapped[str] = column("SCLAMP")
    filter_name: Mapped[str] = column("FILTER, or FILTER1 and FILTER2")
    binning: Mapped[int] = column("BINAXIS2, detector rows in one of the image")
    gain: Mapped[float] = column("Electrons per count used")
    gain_source: Mapped[str] = column("header (ATODGN), or table (eper.toml)")
    bias_level: Mapped[float] = column("Mean of the overscan beyond the trail, counts")
    signal: Mapped[float] = column("Mean of the row that is read last, without bias, electrons")
    signal_error: Mapped[float] = column("1-sigma error of the signal, electrons")
    deferred: Mapped[float] = column("Sum of the trail in a column, without bias, electrons")
    deferred_error: Mapped[float] = column("1-sigma error of that sum, electrons")
    transfers: Mapped[int] = column("Number of transfers of the row that is read last")
    cti: Mapped[float] = column("Loss per transfer: deferred over signal and transfers")
    cti_error: Mapped[float] = column("1-sigma error of the loss per transfer")
    columns: Mapped[int] = column("Number of columns used")
    trail_rows: Mapped[int] = column("Rows of overscan that were summed")
    bias_rows: Mapped[int] = column("Rows of overscan beyond, that show the bias")
    ingest_date: Mapped[IngestDate]
