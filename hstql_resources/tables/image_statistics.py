"""Declare the table of numbers about the pixels of the cameras, amplifier by amplifier."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, Filename, IngestDate, column, key


class ImageStatistics(Base):
    """The statistics of what one amplifier read of one chip."""

    __tablename__ = "image_statistics"
    __table_args__ = (
        Index(None, "image_type", "detector"),
        {"comment": "One row per raw, flt or flc file of ACS and WFC3, chip and amplifier"},
    )

    filename: Mapped[Filename]
    extver: Mapped[int] = key("EXTVER of the science extension")
    amplifier: Mapped[str] = key("Amplifier that read the pixels, A to D; all if there is none")
    rootname: Mapped[str] = column("Exposure", index=True)
    instrument: Mapped[str] = column("Instrument, acs or wfc3")
    detector: Mapped[str] = column("DETECTOR, such as WFC")
    chip: Mapped[int] = column("CCDCHIP; 1 where the detector is one chip")
    filetype: Mapped[str] = column("raw, flt or flc")
    image_type: Mapped[str | None] = column("IMAGETYP, such as DARK, BIAS, EXT")
    exp_start_mjd: Mapped[float | None] = column("EXPSTART, start of the exposure, MJD UTC, d")
    exp_time_s: Mapped[float | None] = column("EXPTIME, exposure time, s")
    dark_time_s: Mapped[float | None] = column(
        "DARKTIME, time in which dark current gathered, s; EXPTIME where that is all"
    )
    flash_s: Mapped[float | None] = column("FLASHDUR, time of the post-flash, s")
    gain_setting: Mapped[float | None] = column(
        "CCDGAIN, the gain that was commanded, electrons/count"
    )
    gain: Mapped[float | None] = column(
        "ATODGN, of a calibrated file, else CCDGAIN: the gain used here, electrons/count"
    )
    gain_source: Mapped[str | None] = column(
        "Where gain is from: header (ATODGN), measured (the known gain of the amplifier of a raw "
        "file that is alone), commanded (CCDGAIN)"
    )
    binning: Mapped[int] = column("BINAXIS1, detector columns in one of the image")
    is_subarray: Mapped[bool] = column("Whether it is less than the whole chip")
    unit: Mapped[str | None] = column("BUNIT, the unit of the pixels")
    pixels: Mapped[int] = column("Number of pixels that see light")
    good_pixels: Mapped[int] = column(
        "Number of those that are finite and have no data quality flag"
    )
    mean: Mapped[float | None] = column("Mean of the good pixels, in the unit of the pixels")
    median: Mapped[float | None] = column("Median of the good pixels, in the unit of the pixels")
    median_error: Mapped[float | None] = column("1-sigma error of the median")
    robust_sigma: Mapped[float | None] = column(
        "1.4826 times the median absolute deviation, in the unit of the pixels"
    )
    robust_sigma_error: Mapped[float | None] = column("1-sigma error of the robust sigma")
    overscan_pixels: Mapped[int | None] = column(
        "Number of overscan or reference pixels used; NULL if the image has none"
    )
    overscan_level: Mapped[float | None] = column(
        "Bias level: clipped mean of the overscan or reference pixels, counts"
    )
    overscan_level_error: Mapped[float | None] = column(
        "1-sigma error of the level, from the scatter of the rows, counts"
    )
    overscan_noise: Mapped[float | None] = column(
        "Standard deviation of the overscan pixels, columns levelled, counts"
    )
    overscan_noise_error: Mapped[float | None] = column("1-sigma error of that noise, counts")
    read_noise: Mapped[float | None] = column("Noise of one read of one pixel, electrons")
    read_noise_error: Mapped[float | None] = column("1-sigma error of the read noise, electrons")
    dark_current: Mapped[float | None] = column(
        "Dark current of the good pixels of a calibrated DARK, electrons/s"
    )
    dark_current_error: Mapped[float | None] = column(
        "1-sigma error of the dark current, electrons/s"
    )
    hot_threshold: Mapped[float | None] = column(
        "Dark current from which on a pixel counts as hot, electrons/s"
    )
    hot_pixels: Mapped[float | None] = column(
        "Estimated number of hot pixels of a calibrated DARK, noise and tracks taken off"
    )
    hot_pixels_error: Mapped[float | None] = column("1-sigma error of the number of hot pixels")
    hot_fraction: Mapped[float | None] = column(
        "Hot pixels over all pixels that were searched for them, dimensionless"
    )
    flagged_hot_pixels: Mapped[int | None] = column(
        "Number of pixels with flag 16, hot; NULL without data quality flags"
    )
    flagged_warm_pixels: Mapped[int | None] = column(
        "Number of pixels with flag 64, warm; NULL without data quality flags"
    )
    cosmic_ray_fraction: Mapped[float | None] = column(
        "Pixels with flag 4096 or 8192 over all; NULL if no pixel of the file has one"
    )
    cosmic_ray_fraction_error: Mapped[float | None] = column(
        "1-sigma error of that fraction, from the scatter of 32 strips"
    )
    saturated_fraction: Mapped[float | None] = column(
        "Saturated pixels over all: flag 256 or 2048, or 65535 counts of a raw image"
    )
    ingest_date: Mapped[IngestDate]
