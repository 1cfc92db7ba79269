"""Declare the table of numbers about the pixels of the cameras, amplifier by amplifier."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base, IngestDate


class ImageStatistics(Base):
    """The statistics of what one amplifier read of one chip."""

    __tablename__ = "image_statistics"
    __table_args__ = (
        Index(None, "image_type", "detector"),
        {"comment": "One row per raw, flt or flc file of ACS and WFC3, chip and amplifier"},
    )

    filename: Mapped[str] = mapped_column(
        primary_key=True, comment="Name of the file without folder and without .gz"
    )
    extver: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="EXTVER of the science extension"
    )
    amplifier: Mapped[str] = mapped_column(
        primary_key=True, comment="Amplifier that read the pixels, A to D; all if there is none"
    )
    rootname: Mapped[str] = mapped_column(index=True, comment="Exposure")
    instrument: Mapped[str] = mapped_column(comment="Instrument, acs or wfc3")
    detector: Mapped[str] = mapped_column(comment="DETECTOR, such as WFC")
    chip: Mapped[int] = mapped_column(comment="CCDCHIP; 1 where the detector is one chip")
    filetype: Mapped[str] = mapped_column(comment="raw, flt or flc")
    image_type: Mapped[str | None] = mapped_column(comment="IMAGETYP, such as DARK, BIAS, EXT")
    exp_start_mjd: Mapped[float | None] = mapped_column(
        comment="EXPSTART, start of the exposure, MJD UTC, d"
    )
    exp_time_s: Mapped[float | None] = mapped_column(comment="EXPTIME, exposure time, s")
    dark_time_s: Mapped[float | None] = mapped_column(
        comment="DARKTIME, time in which dark current gathered, s; EXPTIME where that is all"
    )
    flash_s: Mapped[float | None] = mapped_column(comment="FLASHDUR, time of the post-flash, s")
    gain_setting: Mapped[float | None] = mapped_column(
        comment="CCDGAIN, the gain that was commanded, electrons/count"
    )
    gain: Mapped[float | None] = mapped_column(
        comment="ATODGN, of a calibrated file, else CCDGAIN: the gain used here, electrons/count"
    )
    binning: Mapped[int] = mapped_column(comment="BINAXIS1, detector columns in one of the image")
    is_subarray: Mapped[bool] = mapped_column(comment="Whether it is less than the whole chip")
    unit: Mapped[str | None] = mapped_column(comment="BUNIT, the unit of the pixels")
    pixels: Mapped[int] = mapped_column(comment="Number of pixels that see light")
    good_pixels: Mapped[int] = mapped_column(
        comment="Number of those that are finite and have no data quality flag"
    )
    mean: Mapped[float | None] = mapped_column(
        comment="Mean of the good pixels, in the unit of the pixels"
    )
    median: Mapped[float | None] = mapped_column(
        comment="Median of the good pixels, in the unit of the pixels"
    )
    median_error: Mapped[float | None] = mapped_column(comment="1-sigma error of the median")
    robust_sigma: Mapped[float | None] = mapped_column(
        comment="1.4826 times the median absolute deviation, in the unit of the pixels"
    )
    robust_sigma_error: Mapped[float | None] = mapped_column(
        comment="1-sigma error of the robust sigma"
    )
    overscan_pixels: Mapped[int | None] = mapped_column(
        comment="Number of overscan or reference pixels used; NULL if the image has none"
    )
    overscan_level: Mapped[float | None] = mapped_column(
        comment="Bias level: clipped mean of the overscan or reference pixels, counts"
    )
    overscan_level_error: Mapped[float | None] = mapped_column(
        comment="1-sigma error of the level, from the scatter of the rows, counts"
    )
    overscan_noise: Mapped[float | None] = mapped_column(
        comment="Standard deviation of the overscan pixels, columns levelled, counts"
    )
    overscan_noise_error: Mapped[float | None] = mapped_column(
        comment="1-sigma error of that noise, counts"
    )
    read_noise: Mapped[float | None] = mapped_column(
        comment="Noise of one read of one pixel, electrons"
    )
    read_noise_error: Mapped[float | None] = mapped_column(
        comment="1-sigma error of the read noise, electrons"
    )
    dark_current: Mapped[float | None] = mapped_column(
        comment="Dark current of the good pixels of a calibrated DARK, electrons/s"
    )
    dark_current_error: Mapped[float | None] = mapped_column(
        comment="1-sigma error of the dark current, electrons/s"
    )
    hot_threshold: Mapped[float | None] = mapped_column(
        comment="Dark current from which on a pixel counts as hot, electrons/s"
    )
    hot_pixels: Mapped[float | None] = mapped_column(
        comment="Estimated number of hot pixels of a calibrated DARK, noise and tracks taken off"
    )
    hot_pixels_error: Mapped[float | None] = mapped_column(
        comment="1-sigma error of the number of hot pixels"
    )
    hot_fraction: Mapped[float | None] = mapped_column(
        comment="Hot pixels over all pixels that were searched for them, dimensionless"
    )
    flagged_hot_pixels: Mapped[int | None] = mapped_column(
        comment="Number of pixels with flag 16, hot; NULL without data quality flags"
    )
    flagged_warm_pixels: Mapped[int | None] = mapped_column(
        comment="Number of pixels with flag 64, warm; NULL without data quality flags"
    )
    cosmic_ray_fraction: Mapped[float | None] = mapped_column(
        comment="Pixels with flag 4096 or 8192 over all; NULL if no pixel of the file has one"
    )
    cosmic_ray_fraction_error: Mapped[float | None] = mapped_column(
        comment="1-sigma error of that fraction, from the scatter of 32 strips"
    )
    saturated_fraction: Mapped[float | None] = mapped_column(
        comment="Saturated pixels over all: flag 256 or 2048, or 65535 counts of a raw image"
    )
    ingest_date: Mapped[IngestDate]
