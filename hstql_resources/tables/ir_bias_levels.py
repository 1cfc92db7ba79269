"""Declare the table of the reference pixels of WFC3 IR, read by read."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, IngestDate, column, key


class IrBiasLevel(Base):
    """The reference pixels of one amplifier in one read."""

    __tablename__ = "ir_bias_levels"
    __table_args__ = (
        Index(None, "exp_start_mjd", "rootname"),
        {"comment": "One row per exposure of WFC3 IR, amplifier and read"},
    )

    rootname: Mapped[str] = key("Exposure")
    amplifier: Mapped[str] = key("Amplifier, A to D; all for the reference pixels of all four")
    read: Mapped[int] = key("Number of the read; 0 is the zeroth, after the reset")
    filename: Mapped[str] = column("File that it was measured from")
    source: Mapped[str] = column("raw: the reference pixels; ima: MEANBLEV, what was taken off")
    image_type: Mapped[str | None] = column("IMAGETYP, such as DARK")
    exp_start_mjd: Mapped[float | None] = column("EXPSTART, start of the exposure, MJD UTC, d")
    sample_sequence: Mapped[str | None] = column("SAMP_SEQ, such as SPARS50")
    is_subarray: Mapped[bool] = column("SUBARRAY: whether it is less than the whole detector")
    binning: Mapped[int] = column("BINAXIS1, detector columns in one of the image; 1 of real ones")
    time_s: Mapped[float] = column("SAMPTIME, time since the zeroth read, s")
    pixels: Mapped[int | None] = column("Number of reference pixels used")
    level: Mapped[float] = column("Mean of the reference pixels, counts")
    level_error: Mapped[float | None] = column(
        "1-sigma error of the level by the scatter of the rows, counts: mostly pixels that differ"
    )
    step: Mapped[float | None] = column(
        "Rise since the read before, of the same pixels, counts; NULL of the zeroth read"
    )
    step_error: Mapped[float | None] = column("1-sigma error of the step, counts")
    noise: Mapped[float | None] = column(
        "Noise of one read of one reference pixel, counts; NULL of the zeroth read"
    )
    noise_error: Mapped[float | None] = column("1-sigma error of that noise, counts")
    image_level: Mapped[float | None] = column(
        "Median of the pixels that see light above the level, counts; of the zeroth read only"
    )
    image_level_error: Mapped[float | None] = column("1-sigma error of that median, counts")
    image_sigma: Mapped[float | None] = column(
        "Robust standard deviation of these pixels, counts; of the zeroth read only"
    )
    ingest_date: Mapped[IngestDate]
