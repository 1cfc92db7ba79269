"""What was observed, and which files there are of it; nothing that hstql derives from events."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base, IngestDate


class Observation(Base):
    """An exposure or association, by the keywords of its headers."""

    __tablename__ = "observations"
    __table_args__ = (
        Index(None, "detector", "opt_elem", "cenwave"),
        {"comment": "One row per exposure or association, from its FITS headers"},
    )

    rootname: Mapped[str] = mapped_column(
        primary_key=True, comment="Name of the exposure or association, nine lower-case characters"
    )
    instrument: Mapped[str | None] = mapped_column(comment="Instrument, such as cos")
    detector: Mapped[str | None] = mapped_column(comment="DETECTOR, such as FUV")
    proposal_id: Mapped[int | None] = mapped_column(index=True, comment="PROPOSID")
    proposal_type: Mapped[str | None] = mapped_column(comment="PROP_TYP, such as GO")
    target_name: Mapped[str | None] = mapped_column(comment="TARGNAME as in the header")
    target: Mapped[str | None] = mapped_column(
        index=True, comment="Slug of the resolved target name; filled by the lightcurve step"
    )
    ra_deg: Mapped[float | None] = mapped_column(comment="RA_TARG, right ascension J2000, deg")
    dec_deg: Mapped[float | None] = mapped_column(comment="DEC_TARG, declination J2000, deg")
    pm_ra_arcsec_per_yr: Mapped[float | None] = mapped_column(
        comment="MU_RA, proper motion in right ascension with cos(dec), arcsec/yr"
    )
    pm_dec_arcsec_per_yr: Mapped[float | None] = mapped_column(
        comment="MU_DEC, proper motion in declination, arcsec/yr"
    )
    is_moving_target: Mapped[bool | None] = mapped_column(
        comment="MTFLAG: whether the target moves over the sky, such as a planet"
    )
    obs_mode: Mapped[str | None] = mapped_column(comment="OBSMODE, such as TIME-TAG")
    obs_type: Mapped[str | None] = mapped_column(comment="OBSTYPE, such as SPECTROSCOPIC")
    image_type: Mapped[str | None] = mapped_column(comment="IMAGETYP")
    exposure_type: Mapped[str | None] = mapped_column(comment="EXPTYPE, such as EXTERNAL/SCI")
    exp_flag: Mapped[str | None] = mapped_column(comment="EXPFLAG, NORMAL unless interrupted")
    exp_start_mjd: Mapped[float | None] = mapped_column(
        index=True, comment="EXPSTART, start of the exposure, MJD UTC, d"
    )
    exp_time_s: Mapped[float | None] = mapped_column(comment="EXPTIME, exposure time, s")
    opt_elem: Mapped[str | None] = mapped_column(comment="OPT_ELEM, grating or mirror")
    cenwave: Mapped[int | None] = mapped_column(comment="CENWAVE, central wavelength, Angstrom")
    aperture: Mapped[str | None] = mapped_column(comment="APERTURE, such as PSA")
    fppos: Mapped[int | None] = mapped_column(comment="FPPOS, grating offset position 1 to 4")
    path: Mapped[str | None] = mapped_column(comment="Folder that holds the files")
    first_ingest_date: Mapped[datetime | None] = mapped_column(
        comment="When hstql first wrote this row, UTC"
    )
    last_ingest_date: Mapped[datetime | None] = mapped_column(
        comment="When hstql last wrote this row, UTC"
    )


class File(Base):
    """A FITS file of an observation."""

    __tablename__ = "files"
    __table_args__ = (
        CheckConstraint("kind IN ('raw', 'calibrated')", name="kind"),
        {"comment": "One row per FITS file of an observation"},
    )

    filename: Mapped[str] = mapped_column(
        primary_key=True, comment="Name of the file without folder and without .gz"
    )
    rootname: Mapped[str] = mapped_column(index=True, comment="Exposure or association")
    filetype: Mapped[str] = mapped_column(comment="What follows the rootname, such as corrtag_a")
    kind: Mapped[str] = mapped_column(comment="raw or calibrated")
    path: Mapped[str] = mapped_column(comment="Real path of the file, with .gz if it has it")
    size_bytes: Mapped[int] = mapped_column(BigInteger, comment="Size on disk, bytes")
    sha256: Mapped[str | None] = mapped_column(comment="SHA-256 of the file on disk, hexadecimal")
    cal_ver: Mapped[str | None] = mapped_column(comment="CAL_VER, version of the pipeline")
    ingest_date: Mapped[IngestDate]
