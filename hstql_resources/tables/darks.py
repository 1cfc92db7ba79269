"""Declare the table of dark rates of COS, 25 seconds by 25 seconds, and what is summed of it."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, Filename, IngestDate, column, key


class DarkRate(Base):
    """The dark counts of one region of a detector in one stretch of an exposure."""

    __tablename__ = "dark_rates"
    __table_args__ = (
        {"comment": "One row per corrtag file of a COS dark exposure, region and 25 s"},
    )

    filename: Mapped[Filename]
    region: Mapped[str] = key(
        "Region of the detector: main, inner, bottom, top, left, right; NUV: whole"
    )
    bin: Mapped[int] = key("Number of the stretch of 25 s since EXPSTART, from 0")
    rootname: Mapped[str] = column("Exposure", index=True)
    detector: Mapped[str] = column("FUVA, FUVB or NUV")
    start_mjd: Mapped[float] = column("Start of the stretch, MJD UTC, d")
    mid_mjd: Mapped[float] = column("Middle of the stretch, MJD UTC, d")
    live_time_s: Mapped[float] = column(
        "Time in which events were counted: good time that TIMELINE covers, s"
    )
    pixels: Mapped[int] = column("Number of pixels of the region")
    counts: Mapped[int] = column(
        "Events in the region with a good pulse height (FUV: 3 to 22; NUV: all)"
    )
    all_counts: Mapped[int] = column("Events in the region of any pulse height")
    rate: Mapped[float | None] = column(
        "counts over pixels and live time, counts/s/pixel; NULL without live time"
    )
    rate_error: Mapped[float | None] = column(
        "Expected 1-sigma error of the rate, from a stretch of steady rate, counts/s/pixel"
    )
    rate_lower: Mapped[float | None] = column(
        "Lower 1-sigma Poisson limit of the rate, counts/s/pixel"
    )
    rate_upper: Mapped[float | None] = column(
        "Upper 1-sigma Poisson limit of the rate, counts/s/pixel"
    )
    all_rate: Mapped[float | None] = column("all_counts over pixels and live time, counts/s/pixel")
    all_rate_error: Mapped[float | None] = column(
        "Expected 1-sigma error of all_rate, from a stretch of steady rate, counts/s/pixel"
    )
    all_rate_lower: Mapped[float | None] = column(
        "Lower 1-sigma Poisson limit of all_rate, counts/s/pixel"
    )
    all_rate_upper: Mapped[float | None] = column(
        "Upper 1-sigma Poisson limit of all_rate, counts/s/pixel"
    )
    latitude_deg: Mapped[float | None] = column(
        "Latitude below the telescope in the middle of the stretch, deg; NULL: not known"
    )
    longitude_deg: Mapped[float | None] = column(
        "East longitude below the telescope there, 0 to 360, deg; NULL: not known"
    )
    sun_latitude_deg: Mapped[float | None] = column("Latitude of the sub-solar point, deg")
    sun_longitude_deg: Mapped[float | None] = column(
        "East longitude of the sub-solar point, 0 to 360, deg"
    )
    temperature_c: Mapped[float | None] = column(
        "Detector temperature of the spt file (LDCAMPAT, LDCAMPBT or LMMCETMP), Celsius"
    )
    is_in_saa: Mapped[bool | None] = column(
        "Whether the telescope was in the South Atlantic Anomaly: longitude from 250, "
        "latitude up to 10; NULL: position not known"
    )
    ingest_date: Mapped[IngestDate]


class DarkSum(Base):
    """The dark counts of one region of a detector in one exposure, summed by the monitor."""

    __tablename__ = "dark_sums"
    __table_args__ = (
        {"comment": "One row per corrtag file of a COS dark and region: sums of dark_rates"},
    )

    filename: Mapped[Filename]
    region: Mapped[str] = key("Region of the detector, as in dark_rates")
    rootname: Mapped[str] = column("Exposure", index=True)
    detector: Mapped[str] = column("FUVA, FUVB or NUV")
    block: Mapped[int] = column("Number of the 90 days that the file began in", index=True)
    start_mjd: Mapped[float] = column("Start of the first stretch, MJD UTC, d")
    last_mjd: Mapped[float] = column("Middle of the last stretch, MJD UTC, d")
    pixels: Mapped[int] = column("Number of pixels of the region")
    counts: Mapped[int | None] = column(
        "Events with a good pulse height outside of the anomaly; NULL: always inside, or not known"
    )
    all_counts: Mapped[int | None] = column("Events of any pulse height outside of the anomaly")
    live_time_s: Mapped[float | None] = column("Live time outside of the anomaly, s")
    mjd: Mapped[float | None] = column("Middle of that live time, MJD UTC, d")
    temperature_c: Mapped[float | None] = column("Detector temperature, Celsius")
    first_ingest_date: Mapped[datetime] = column("The oldest ingest_date of the rows summed, UTC")
    last_ingest_date: Mapped[datetime] = column("The newest ingest_date of the rows summed, UTC")


class DarkCell(Base):
    """The dark counts of all exposures of 90 days, by place or by rate, summed by the monitor."""

    __tablename__ = "dark_cells"
    __table_args__ = (
        {"comment": "One row per 90 days, detector and cell of a map or number of counts in 25 s"},
    )

    block: Mapped[int] = key("Number of the 90 days, as in dark_sums")
    detector: Mapped[str] = key("FUVA, FUVB or NUV; its main region")
    kind: Mapped[str] = key(
        "earth: cells of 5 degrees; sun: of 10 degrees from the sub-solar point; counts: stretches"
    )
    x: Mapped[int] = key("Cell from longitude 0 eastwards; of counts, the counts in 25 s")
    y: Mapped[int] = key("Cell from the south northwards; of counts 0")
    counts: Mapped[int] = column("Events with a good pulse height", BigInteger)
    live_time_s: Mapped[float] = column("Live time, s")
    stretches: Mapped[int] = column("Number of rows of dark_rates")
    pixels: Mapped[int] = column("Number of pixels of the region")
