"""Declare the tables of the COS/FUV gain: images, superpixels, trends, reference files."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, Filename, IngestDate, column, key, place


class CumulativeImageMember(Base):
    """An event file that belongs to a weekly image. The header step writes these rows."""

    __tablename__ = "cumulative_image_members"
    __table_args__ = ({"comment": "One row per COS/FUV event file of a weekly image"},)

    filename: Mapped[Filename]
    rootname: Mapped[str] = column("Exposure", index=True)
    image: Mapped[str] = column(
        "Weekly image: segment, HV level and Monday, fuva_163_2015-01-05", index=True
    )
    segment: Mapped[str] = column("FUVA or FUVB")
    high_voltage: Mapped[int] = column("HVLEVELA or HVLEVELB, commanded level")
    exp_start_mjd: Mapped[float] = column("EXPSTART, MJD UTC, d")
    exp_time_s: Mapped[float] = column("EXPTIME, s")


class CumulativeImage(Base):
    """A pulse-height cube of one segment at one high voltage, and what came of it."""

    __tablename__ = "cumulative_images"
    __table_args__ = ({"comment": "One row per cumulative image whose gain was measured"},)

    image: Mapped[str] = key("CCI file without folder and ending, or weekly image")
    source: Mapped[str] = column("cci, a file of the archive, or weekly")
    segment: Mapped[str] = column("FUVA or FUVB")
    high_voltage: Mapped[int] = column("Commanded high-voltage level")
    exp_start_mjd: Mapped[float] = column("Start of the first exposure, MJD UTC, d")
    exp_end_mjd: Mapped[float] = column("End of the last exposure, MJD UTC, d")
    exp_time_s: Mapped[float] = column("Sum of the exposure times, s")
    files: Mapped[int] = column("Number of event files in it")
    counts: Mapped[int] = column("Number of events of all pulse heights")
    superpixels: Mapped[int] = column("Number of superpixels with a gain")
    members: Mapped[str] = column(
        "Digest of the files that it was made from, to tell when they change"
    )
    path: Mapped[str] = place("The gain map, a FITS file")
    ingest_date: Mapped[IngestDate]


class Gain(Base):
    """The modal gain of one superpixel of one cumulative image."""

    __tablename__ = "gain"
    __table_args__ = (
        Index(None, "segment", "high_voltage", "x", "y"),
        {"comment": "One row per cumulative image and superpixel of 8 x 2 pixels with a gain"},
    )

    image: Mapped[str] = key("Cumulative image")
    x: Mapped[int] = key("Superpixel along the dispersion, 0 to 2047")
    y: Mapped[int] = key("Superpixel across it, 0 to 511")
    segment: Mapped[str] = column("FUVA or FUVB")
    high_voltage: Mapped[int] = column("Commanded high-voltage level")
    exp_start_mjd: Mapped[float] = column("Start of the first exposure of the image, MJD UTC, d")
    gain: Mapped[float] = column("Modal gain, pulse height")
    gain_error: Mapped[float] = column("1-sigma error of the gain, pulse height")
    width: Mapped[float] = column("Gaussian width of the peak, pulse height")
    width_error: Mapped[float | None] = column(
        "1-sigma error of the width; NULL where it was held fixed"
    )
    counts: Mapped[int] = column("Events of the pulse heights that were fitted")
    all_counts: Mapped[int] = column("Events of all pulse heights")
    quality: Mapped[float] = column("Chi-square per degree of freedom of the fit")


class FlaggedPixel(Base):
    """A superpixel that has lost its gain."""

    __tablename__ = "flagged_pixels"
    __table_args__ = (
        {"comment": "One row per segment, high voltage and superpixel that lost its gain"},
    )

    segment: Mapped[str] = key("FUVA or FUVB")
    high_voltage: Mapped[int] = key("Commanded high-voltage level")
    x: Mapped[int] = key("Superpixel along the dispersion, 0 to 2047")
    y: Mapped[int] = key("Superpixel across it, 0 to 511")
    flagged_mjd: Mapped[float] = column(
        "Start of the first image in which the gain was at the limit or below, MJD UTC, d"
    )
    gain: Mapped[float] = column("Modal gain in that image, pulse height")
    gain_error: Mapped[float] = column("1-sigma error of it")
    image: Mapped[str] = column("That image")


class GainTrend(Base):
    """The gain of a superpixel as a straight line in time."""

    __tablename__ = "gain_trends"
    __table_args__ = (
        {
            "comment": "One row per segment, high voltage and superpixel whose gain falls by 3 "
            "standard errors at least and reaches 3 within five years"
        },
    )

    segment: Mapped[str] = key("FUVA or FUVB")
    high_voltage: Mapped[int] = key("Commanded high-voltage level")
    x: Mapped[int] = key("Superpixel along the dispersion, 0 to 2047")
    y: Mapped[int] = key("Superpixel across it, 0 to 511")
    measurements: Mapped[int] = column("Number of images that the line goes through")
    reference_mjd: Mapped[float] = column(
        "Weighted mean time, at which gain and slope are independent, MJD UTC, d"
    )
    gain: Mapped[float] = column("Gain of the line at that time, pulse height")
    gain_error: Mapped[float] = column("1-sigma error of it")
    slope: Mapped[float] = column("Change of the gain, pulse height/d")
    slope_error: Mapped[float] = column("1-sigma error of it")
    projected_mjd: Mapped[float | None] = column("When the line reaches gain 3, MJD UTC, d")
    projected_error_d: Mapped[float | None] = column("1-sigma error of that, d")


class GainSagTable(Base):
    """A version of the gain-sag reference file."""

    __tablename__ = "gain_sag_tables"
    __table_args__ = ({"comment": "One row per gain-sag reference file (GSAGTAB) that was made"},)

    filename: Mapped[str] = key("Name of the file")
    is_blue: Mapped[bool] = column("Whether it is for the blue modes")
    made_at: Mapped[datetime] = column("When it was made, UTC")
    regions: Mapped[int] = column("Number of its regions, of all voltages")
    previous: Mapped[str | None] = column("The file that it was compared with")
    new_regions: Mapped[int | None] = column("Regions that this did not have")
    removed_regions: Mapped[int | None] = column("Regions that only this had")
    changed_regions: Mapped[int | None] = column("Regions with another date")
    sha256: Mapped[str] = column("Of the tables in it, to tell when they change")
    path: Mapped[str] = place("Where it is")
