"""Declare the tables of the COS/FUV gain: images, superpixels, trends, reference files."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base, IngestDate


class CumulativeImageMember(Base):
    """An event file that belongs to a weekly image. The header step writes these rows."""

    __tablename__ = "cumulative_image_members"
    __table_args__ = ({"comment": "One row per COS/FUV event file of a weekly image"},)

    filename: Mapped[str] = mapped_column(
        primary_key=True, comment="Name of the file without folder and without .gz"
    )
    rootname: Mapped[str] = mapped_column(index=True, comment="Exposure")
    image: Mapped[str] = mapped_column(
        index=True, comment="Weekly image: segment, HV level and Monday, fuva_163_2015-01-05"
    )
    segment: Mapped[str] = mapped_column(comment="FUVA or FUVB")
    high_voltage: Mapped[int] = mapped_column(comment="HVLEVELA or HVLEVELB, commanded level")
    exp_start_mjd: Mapped[float] = mapped_column(comment="EXPSTART, MJD UTC, d")
    exp_time_s: Mapped[float] = mapped_column(comment="EXPTIME, s")


class CumulativeImage(Base):
    """A pulse-height cube of one segment at one high voltage, and what came of it."""

    __tablename__ = "cumulative_images"
    __table_args__ = ({"comment": "One row per cumulative image whose gain was measured"},)

    image: Mapped[str] = mapped_column(
        primary_key=True, comment="CCI file without folder and ending, or weekly image"
    )
    source: Mapped[str] = mapped_column(comment="cci, a file of the archive, or weekly")
    segment: Mapped[str] = mapped_column(comment="FUVA or FUVB")
    high_voltage: Mapped[int] = mapped_column(comment="Commanded high-voltage level")
    exp_start_mjd: Mapped[float] = mapped_column(comment="Start of the first exposure, MJD UTC, d")
    exp_end_mjd: Mapped[float] = mapped_column(comment="End of the last exposure, MJD UTC, d")
    exp_time_s: Mapped[float] = mapped_column(comment="Sum of the exposure times, s")
    files: Mapped[int] = mapped_column(comment="Number of event files in it")
    counts: Mapped[int] = mapped_column(comment="Number of events of all pulse heights")
    superpixels: Mapped[int] = mapped_column(comment="Number of superpixels with a gain")
    members: Mapped[str] = mapped_column(
        comment="Digest of the files that it was made from, to tell when they change"
    )
    path: Mapped[str] = mapped_column(comment="The gain map, a FITS file")
    ingest_date: Mapped[IngestDate]


class Gain(Base):
    """The modal gain of one superpixel of one cumulative image."""

    __tablename__ = "gain"
    __table_args__ = (
        Index(None, "segment", "high_voltage", "x", "y"),
        {"comment": "One row per cumulative image and superpixel of 8 x 2 pixels with a gain"},
    )

    image: Mapped[str] = mapped_column(primary_key=True, comment="Cumulative image")
    x: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Superpixel along the dispersion, 0 to 2047"
    )
    y: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Superpixel across it, 0 to 511"
    )
    segment: Mapped[str] = mapped_column(comment="FUVA or FUVB")
    high_voltage: Mapped[int] = mapped_column(comment="Commanded high-voltage level")
    exp_start_mjd: Mapped[float] = mapped_column(
        comment="Start of the first exposure of the image, MJD UTC, d"
    )
    gain: Mapped[float] = mapped_column(comment="Modal gain, pulse height")
    gain_error: Mapped[float] = mapped_column(comment="1-sigma error of the gain, pulse height")
    width: Mapped[float] = mapped_column(comment="Gaussian width of the peak, pulse height")
    width_error: Mapped[float | None] = mapped_column(
        comment="1-sigma error of the width; NULL where it was held fixed"
    )
    counts: Mapped[int] = mapped_column(comment="Events of the pulse heights that were fitted")
    all_counts: Mapped[int] = mapped_column(comment="Events of all pulse heights")
    quality: Mapped[float] = mapped_column(comment="Chi-square per degree of freedom of the fit")


class FlaggedPixel(Base):
    """A superpixel that has lost its gain."""

    __tablename__ = "flagged_pixels"
    __table_args__ = (
        {"comment": "One row per segment, high voltage and superpixel that lost its gain"},
    )

    segment: Mapped[str] = mapped_column(primary_key=True, comment="FUVA or FUVB")
    high_voltage: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Commanded high-voltage level"
    )
    x: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Superpixel along the dispersion, 0 to 2047"
    )
    y: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Superpixel across it, 0 to 511"
    )
    flagged_mjd: Mapped[float] = mapped_column(
        comment="Start of the first image in which the gain was at the limit or below, MJD UTC, d"
    )
    gain: Mapped[float] = mapped_column(comment="Modal gain in that image, pulse height")
    gain_error: Mapped[float] = mapped_column(comment="1-sigma error of it")
    image: Mapped[str] = mapped_column(comment="That image")


class GainTrend(Base):
    """The gain of a superpixel as a straight line in time."""

    __tablename__ = "gain_trends"
    __table_args__ = (
        {
            "comment": "One row per segment, high voltage and superpixel whose gain falls by 3 "
            "standard errors at least and reaches 3 within five years"
        },
    )

    segment: Mapped[str] = mapped_column(primary_key=True, comment="FUVA or FUVB")
    high_voltage: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Commanded high-voltage level"
    )
    x: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Superpixel along the dispersion, 0 to 2047"
    )
    y: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Superpixel across it, 0 to 511"
    )
    measurements: Mapped[int] = mapped_column(comment="Number of images that the line goes through")
    reference_mjd: Mapped[float] = mapped_column(
        comment="Weighted mean time, at which gain and slope are independent, MJD UTC, d"
    )
    gain: Mapped[float] = mapped_column(comment="Gain of the line at that time, pulse height")
    gain_error: Mapped[float] = mapped_column(comment="1-sigma error of it")
    slope: Mapped[float] = mapped_column(comment="Change of the gain, pulse height/d")
    slope_error: Mapped[float] = mapped_column(comment="1-sigma error of it")
    projected_mjd: Mapped[float | None] = mapped_column(
        comment="When the line reaches gain 3, MJD UTC, d"
    )
    projected_error_d: Mapped[float | None] = mapped_column(comment="1-sigma error of that, d")


class GainSagTable(Base):
    """A version of the gain-sag reference file."""

    __tablename__ = "gain_sag_tables"
    __table_args__ = ({"comment": "One row per gain-sag reference file (GSAGTAB) that was made"},)

    filename: Mapped[str] = mapped_column(primary_key=True, comment="Name of the file")
    is_blue: Mapped[bool] = mapped_column(comment="Whether it is for the blue modes")
    made_at: Mapped[datetime] = mapped_column(comment="When it was made, UTC")
    regions: Mapped[int] = mapped_column(comment="Number of its regions, of all voltages")
    previous: Mapped[str | None] = mapped_column(comment="The file that it was compared with")
    new_regions: Mapped[int | None] = mapped_column(comment="Regions that this did not have")
    removed_regions: Mapped[int | None] = mapped_column(comment="Regions that only this had")
    changed_regions: Mapped[int | None] = mapped_column(comment="Regions with another date")
    sha256: Mapped[str] = mapped_column(comment="Of the tables in it, to tell when they change")
    path: Mapped[str] = mapped_column(comment="Where it is")
