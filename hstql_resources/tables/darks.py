"""Declare the table of dark rates of COS, 25 seconds by 25 seconds."""

from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base, IngestDate


class DarkRate(Base):
    """The dark counts of one region of a detector in one stretch of an exposure."""

    __tablename__ = "dark_rates"
    __table_args__ = (
        {"comment": "One row per corrtag file of a COS dark exposure, region and 25 s"},
    )

    filename: Mapped[str] = mapped_column(
        primary_key=True, comment="Name of the file without folder and without .gz"
    )
    region: Mapped[str] = mapped_column(
        primary_key=True,
        comment="Region of the detector: main, inner, bottom, top, left, right; NUV: whole",
    )
    bin: Mapped[int] = mapped_column(
        primary_key=True,
        autoincrement=False,
        comment="Number of the stretch of 25 s since EXPSTART, from 0",
    )
    rootname: Mapped[str] = mapped_column(index=True, comment="Exposure")
    detector: Mapped[str] = mapped_column(comment="FUVA, FUVB or NUV")
    start_mjd: Mapped[float] = mapped_column(comment="Start of the stretch, MJD UTC, d")
    mid_mjd: Mapped[float] = mapped_column(comment="Middle of the stretch, MJD UTC, d")
    live_time_s: Mapped[float] = mapped_column(
        comment="Time in which events were counted: good time that TIMELINE covers, s"
    )
    pixels: Mapped[int] = mapped_column(comment="Number of pixels of the region")
    counts: Mapped[int] = mapped_column(
        comment="Events in the region with a good pulse height (FUV: 3 to 22; NUV: all)"
    )
    all_counts: Mapped[int] = mapped_column(comment="Events in the region of any pulse height")
    rate: Mapped[float | None] = mapped_column(
        comment="counts over pixels and live time, counts/s/pixel; NULL without live time"
    )
    rate_error: Mapped[float | None] = mapped_column(
        comment="1-sigma error of the rate, from sqrt(counts + 1), counts/s/pixel"
    )
    all_rate: Mapped[float | None] = mapped_column(
        comment="all_counts over pixels and live time, counts/s/pixel"
    )
    all_rate_error: Mapped[float | None] = mapped_column(
        comment="1-sigma error of it, from sqrt(all_counts + 1), counts/s/pixel"
    )
    latitude_deg: Mapped[float | None] = mapped_column(
        comment="Latitude below the telescope in the middle of the stretch, deg; NULL: not known"
    )
    longitude_deg: Mapped[float | None] = mapped_column(
        comment="East longitude below the telescope there, 0 to 360, deg; NULL: not known"
    )
    sun_latitude_deg: Mapped[float | None] = mapped_column(
        comment="Latitude of the sub-solar point, deg"
    )
    sun_longitude_deg: Mapped[float | None] = mapped_column(
        comment="East longitude of the sub-solar point, 0 to 360, deg"
    )
    temperature_c: Mapped[float | None] = mapped_column(
        comment="Detector temperature of the spt file (LDCAMPAT, LDCAMPBT or LMMCETMP), Celsius"
    )
    is_in_saa: Mapped[bool | None] = mapped_column(
        comment="Whether the telescope was in the South Atlantic Anomaly: longitude from 250, "
        "latitude up to 10; NULL: position not known"
    )
    ingest_date: Mapped[IngestDate]
