"""Declare the tables of what was observed and its files; nothing that is derived from events."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, Filename, IngestDate, Remarks, column, key, place

# By which the site sorts lists of an instrument, beside the start.
_SORTED = ("detector", "exp_time_s", "filter", "first_ingest_date", "proposal_id", "target_name")
_FOR_LIKE = "text_pattern_ops"  # so that LIKE 'NGC%' finds its rows by the index


class Observation(Base):
    """An exposure or association, by the keywords of its headers."""

    __tablename__ = "observations"
    __table_args__ = (
        Index(None, "detector", "opt_elem", "cenwave"),
        Index(None, "instrument", "detector"),
        Index(None, "instrument", "exp_start_mjd", "rootname"),
        Index(None, "detector", "exp_start_mjd", "rootname"),
        Index("observations_target_name_order_idx", "target_name", "rootname"),
        Index(None, "exp_time_s", "rootname"),
        Index(None, "detector", "rootname"),
        Index(None, "filter", "rootname"),
        *(Index(None, "instrument", name, "rootname") for name in _SORTED),
        Index(None, "target_name", postgresql_ops={"target_name": _FOR_LIKE}),
        Index(None, "date_obs"),
        *(
            Index(f"observations_{name}_like_idx", name, postgresql_ops={name: _FOR_LIKE})
            for name in ("date_obs", "rootname", "target")
        ),
        {"comment": "One row per exposure or association, from its FITS headers"},
    )

    rootname: Mapped[str] = key("Name of the exposure or association, nine lower-case characters")
    instrument: Mapped[str | None] = column("Instrument, such as cos")
    detector: Mapped[str | None] = column("DETECTOR, such as FUV")
    proposal_id: Mapped[int | None] = column("PROPOSID", index=True)
    proposal_type: Mapped[str | None] = column("PROP_TYP, such as GO")
    target_name: Mapped[str | None] = column("TARGNAME as in the header")
    target: Mapped[str | None] = column(
        "Slug of the resolved target name; filled by the lightcurve step", index=True
    )
    ra_deg: Mapped[float | None] = column("RA_TARG, right ascension J2000, deg")
    dec_deg: Mapped[float | None] = column("DEC_TARG, declination J2000, deg")
    sky_cell: Mapped[int | None] = column(
        "HEALPix cell of ra_deg, dec_deg: nested, order 29; what a cone on the sky is found by",
        BigInteger,
        index=True,
    )
    pm_ra_arcsec_per_yr: Mapped[float | None] = column(
        "MU_RA, proper motion in right ascension with cos(dec), arcsec/yr"
    )
    pm_dec_arcsec_per_yr: Mapped[float | None] = column(
        "MU_DEC, proper motion in declination, arcsec/yr"
    )
    is_moving_target: Mapped[bool | None] = column(
        "MTFLAG: whether the target moves over the sky, such as a planet"
    )
    obs_mode: Mapped[str | None] = column("OBSMODE, such as TIME-TAG")
    obs_type: Mapped[str | None] = column("OBSTYPE, such as SPECTROSCOPIC")
    image_type: Mapped[str | None] = column("IMAGETYP")
    exposure_type: Mapped[str | None] = column("EXPTYPE, such as EXTERNAL/SCI")
    exp_flag: Mapped[str | None] = column("EXPFLAG, NORMAL unless interrupted")
    exp_start_mjd: Mapped[float | None] = column(
        "EXPSTART, start of the exposure, MJD UTC, d", index=True
    )
    exp_end_mjd: Mapped[float | None] = column(
        "EXPEND, end of the exposure or of the last one in the file, MJD UTC, d"
    )
    date_obs: Mapped[str | None] = column(
        "DATE-OBS or TDATEOBS, day of the start in UTC, yyyy-mm-dd as in the header"
    )
    exp_time_s: Mapped[float | None] = column("EXPTIME, exposure time, s")
    opt_elem: Mapped[str | None] = column("OPT_ELEM, grating or mirror")
    cenwave: Mapped[int | None] = column("CENWAVE, central wavelength, Angstrom")
    aperture: Mapped[str | None] = column("APERTURE, such as PSA", index=True)
    fppos: Mapped[int | None] = column("FPPOS, grating offset position 1 to 4")
    filter: Mapped[str | None] = column(
        "What is in the light path: FILTER, or FILTER1 and FILTER2 joined by ; without "
        "those that are clear; CLEAR if nothing is, NULL if no header says",
        index=True,
    )
    filter1: Mapped[str | None] = column("FILTER1, first filter wheel of ACS")
    filter2: Mapped[str | None] = column("FILTER2, second filter wheel of ACS")
    is_subarray: Mapped[bool | None] = column(
        "SUBARRAY: whether only a part of the detector was read out"
    )
    ccd_gain: Mapped[float | None] = column("CCDGAIN, commanded gain of the detector, electron/DN")
    ccd_amp: Mapped[str | None] = column(
        "CCDAMP, amplifiers that it was read out with, such as ABCD"
    )
    association: Mapped[str | None] = column(
        "ASN_ID, association that it is or belongs to, lower case; NULL if none", index=True
    )
    visit: Mapped[str | None] = column(
        "OBSET_ID, visit of the proposal, two characters; else those of the rootname"
    )
    path: Mapped[str | None] = place("Folder that holds the files")
    first_ingest_date: Mapped[datetime | None] = column(
        "When hstql first wrote this row, UTC", index=True
    )
    last_ingest_date: Mapped[datetime | None] = column("When hstql last wrote this row, UTC")
    remarks: Mapped[Remarks]
    public_from: Mapped[datetime | None] = column(
        "From when on everybody may see it and, of an association, all members, UTC; NULL if no "
        "file has a date; kept by triggers"
    )
    has_undated: Mapped[bool] = column(
        "Whether the archive tells no date of it, of a file, or of a member; kept by triggers",
        server_default=text("true"),
    )


class File(Base):
    """A FITS file of an observation."""

    __tablename__ = "files"
    __table_args__ = (
        CheckConstraint("kind IN ('raw', 'calibrated')", name="kind"),
        Index(None, "set_aside_at", postgresql_where=text("set_aside_at IS NOT NULL")),
        {"comment": "One row per FITS file of an observation"},
    )

    filename: Mapped[Filename]
    rootname: Mapped[str] = column("Exposure or association", index=True)
    filetype: Mapped[str] = column(
        "What follows the rootname, such as corrtag_a; other if the archive has no such type"
    )
    kind: Mapped[str] = column("raw or calibrated; others come with the raw")
    path: Mapped[str] = place("Real path of the file, with .gz if it has it")
    size_bytes: Mapped[int] = column("Size on disk, bytes", BigInteger)
    sha256: Mapped[str | None] = column("SHA-256 of the file on disk, hexadecimal")
    cal_ver: Mapped[str | None] = column("CAL_VER, version of the pipeline")
    origin: Mapped[str | None] = column(
        "Where it came from: archive, or the pipeline that made it here, such as calcos"
    )
    archived_at: Mapped[datetime | None] = column(
        "When the archive had last taken in its data set as it was fetched, UTC"
    )
    reference_files: Mapped[dict[str, str] | None] = column(
        "Calibration reference files by the keyword that names them, such as FLATFILE", JSONB
    )
    ingest_date: Mapped[IngestDate]
    set_aside_at: Mapped[datetime | None] = column(
        "When it was removed, for the archive hands it out again (HSTQL_KEEP), UTC; NULL if here"
    )


class Product(Base):
    """A file as the archive lists it, whether it was fetched or not."""

    __tablename__ = "products"
    __table_args__ = ({"comment": "One row per file that the archive lists"},)

    filename: Mapped[Filename]
    rootname: Mapped[str] = column("Exposure or association", index=True)
    dataset: Mapped[str] = column(
        "Data set that it is listed under: its association, or the exposure", index=True
    )
    uri: Mapped[str] = place("Where the archive has it")
    size_bytes: Mapped[int | None] = column("Size that the archive tells, bytes", BigInteger)
    access: Mapped[str] = column("public or proprietary")
    released_at: Mapped[datetime | None] = column("When it becomes or became public, UTC")
    archived_at: Mapped[datetime | None] = column("When the archive last took in its data set, UTC")
    listed_at: Mapped[datetime] = column("When the archive was last asked, UTC")
