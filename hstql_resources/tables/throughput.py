"""Declare the tables of standard stars: their light in each exposure, and its change over time."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, IngestDate, column, key


class Throughput(Base):
    """The light of a standard star in one exposure."""

    __tablename__ = "throughput"
    __table_args__ = (
        Index(None, "detector", "filter_name", "exp_start_mjd"),
        {"comment": "One row per exposure of a standard star with UVIS, IR or WFC"},
    )

    rootname: Mapped[str] = key("Exposure")
    filename: Mapped[str] = column("File that was measured")
    filetype: Mapped[str] = column("flc, or flt where there is none")
    instrument: Mapped[str] = column("Instrument, acs or wfc3")
    detector: Mapped[str] = column("DETECTOR, UVIS, IR or WFC")
    chip: Mapped[int] = column("CCDCHIP; 1 of IR")
    amplifier: Mapped[str] = column("Amplifier that read the star, A to D; all if not known")
    filter_name: Mapped[str] = column("FILTER, or FILTER1 and FILTER2 without the clear one")
    pivot: Mapped[float | None] = column("PHOTPLAM, pivot wavelength, Angstrom")
    star: Mapped[str] = column("The star, as standard_stars.toml calls it")
    exp_start_mjd: Mapped[float] = column("EXPSTART, start of the exposure, MJD UTC, d")
    exp_time_s: Mapped[float] = column("EXPTIME, s")
    is_subarray: Mapped[bool] = column("SUBARRAY")
    rate: Mapped[float] = column("Light in the aperture, sky taken off, electrons/s")
    rate_error: Mapped[float] = column("1-sigma error of it: the three below, electrons/s")
    photon_error: Mapped[float] = column("Of it by photons of star and background, electrons/s")
    read_error: Mapped[float] = column("Of it by reading, electrons/s")
    sky_error: Mapped[float] = column("Of it by the level of the sky, electrons/s")
    aperture: Mapped[float] = column("Radius of the aperture, pixels")
    sky_level: Mapped[float] = column("Clipped mean of the ring, electrons/s in a pixel")
    sky_sigma: Mapped[float] = column("Deviation of its pixels, electrons/s")
    sky_pixels: Mapped[int] = column("Pixels of the ring that are used")
    pixel_area: Mapped[float | None] = column(
        "Area of a pixel at the star over a nominal one; null where the header has no distortion"
    )
    image_column: Mapped[float] = column("Centroid of the star: column of the image, from 0")
    image_row: Mapped[float] = column("Centroid of the star: row of the image, from 0")
    offset: Mapped[float] = column("How far that is from where it should be, pixels")
    peak: Mapped[float] = column("Share of the light in the brightest pixel")
    cosmic_ray_pixels: Mapped[int] = column("Pixels in the aperture with flag 4096 or 8192")
    flagged_pixels: Mapped[int] = column("Pixels in the aperture with any other flag")
    ingest_date: Mapped[IngestDate]


class ThroughputSlope(Base):
    """How the light of all stars changes over time in one filter and chip."""

    __tablename__ = "throughput_slopes"
    __table_args__ = ({"comment": "One row per detector, chip, filter and type of file"},)

    detector: Mapped[str] = key("DETECTOR")
    chip: Mapped[int] = key("CCDCHIP; 1 of IR")
    filter_name: Mapped[str] = key("Filter")
    filetype: Mapped[str] = key("flc or flt")
    pivot: Mapped[float | None] = column("PHOTPLAM, pivot wavelength, Angstrom")
    exposures: Mapped[int] = column("How many are in the fit")
    odd_exposures: Mapped[int] = column("How many are left out of it, for they lie too far off")
    first_mjd: Mapped[float] = column("Start of the first exposure, MJD UTC, d")
    last_mjd: Mapped[float] = column("Start of the last exposure, MJD UTC, d")
    slope: Mapped[float | None] = column("Change, percent a year; null with too few epochs")
    slope_error: Mapped[float | None] = column("1-sigma error of it, percent a year")
    chi_square: Mapped[float | None] = column(
        "Over the degrees of freedom; its root makes errors larger"
    )
