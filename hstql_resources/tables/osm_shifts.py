"""Declare the tables of shifts of the spectrum by the optics select mechanisms of COS."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base, IngestDate


class OsmShift(Base):
    """The shift of one segment or stripe in one flash of the lamp."""

    __tablename__ = "osm_shifts"
    __table_args__ = (
        {"comment": "One row per flash and segment of a lampflash file, and per rawacq with one"},
    )

    filename: Mapped[str] = mapped_column(
        primary_key=True, comment="Name of the file without folder and without .gz"
    )
    segment: Mapped[str] = mapped_column(
        primary_key=True, comment="FUVA, FUVB, NUVA, NUVB or NUVC; the detector for a rawacq"
    )
    flash: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Number of the flash, from 1"
    )
    rootname: Mapped[str] = mapped_column(index=True, comment="Exposure")
    filetype: Mapped[str] = mapped_column(comment="lampflash or rawacq")
    detector: Mapped[str] = mapped_column(comment="FUV or NUV")
    opt_elem: Mapped[str | None] = mapped_column(index=True, comment="OPT_ELEM, grating or mirror")
    cenwave: Mapped[int | None] = mapped_column(comment="CENWAVE, Angstrom")
    fppos: Mapped[int | None] = mapped_column(comment="FPPOS, 1 to 4")
    life_adj: Mapped[int | None] = mapped_column(comment="LIFE_ADJ, lifetime position")
    proposal_id: Mapped[int | None] = mapped_column(comment="PROPOSID")
    exp_start_mjd: Mapped[float | None] = mapped_column(comment="EXPSTART, MJD UTC, d")
    time_s: Mapped[float | None] = mapped_column(comment="Time of the flash since EXPSTART, s")
    shift_disp: Mapped[float | None] = mapped_column(
        comment="Shift along the dispersion as measured (SHIFT_DISP), FP-POS in it, pixel"
    )
    shift_xdisp: Mapped[float | None] = mapped_column(
        comment="Shift across the dispersion (SHIFT_XDISP), pixel"
    )
    fp_pixel_shift: Mapped[float | None] = mapped_column(
        comment="What of shift_disp is the FP-POS, from LAMPTAB, pixel; NULL without LAMPTAB"
    )
    shift_without_fppos: Mapped[float | None] = mapped_column(
        comment="shift_disp less fp_pixel_shift, pixel; NULL without LAMPTAB"
    )
    is_found: Mapped[bool | None] = mapped_column(
        comment="SPEC_FOUND, whether a lamp was found; NULL where the file does not say"
    )
    lamptab: Mapped[str | None] = mapped_column(comment="LAMPTAB of the header")
    search_offset: Mapped[float | None] = mapped_column(
        comment="Middle of the range searched, FP-POS apart: SEARCH_OFFSET of WCPTAB, pixel"
    )
    search_range: Mapped[float | None] = mapped_column(
        comment="Half of the range searched, XC_RANGE of WCPTAB, pixel"
    )
    ingest_date: Mapped[IngestDate]


class SmsExposure(Base):
    """An exposure in a report of the science mission schedule."""

    __tablename__ = "sms_exposures"
    __table_args__ = ({"comment": "One row per COS exposure in the text reports of the SMS"},)

    exposure: Mapped[str] = mapped_column(
        primary_key=True, comment="First eight characters of the rootname"
    )
    sms: Mapped[str] = mapped_column(comment="Report that it is from, such as 160467a6")
    start_mjd: Mapped[float | None] = mapped_column(comment="Planned start, MJD UTC, d")
    osm1_position: Mapped[str | None] = mapped_column(comment="Optic on OSM1, such as G130M")
    osm2_position: Mapped[str | None] = mapped_column(
        comment="Optic on OSM2, such as MIRRORA; NULL where the light does not reach it"
    )
    since_osm1_s: Mapped[float | None] = mapped_column(
        comment="Time from the last move of OSM1 to the start of the exposure, s"
    )
    since_osm2_s: Mapped[float | None] = mapped_column(
        comment="Time from the last move of OSM2 to the start of the exposure, s"
    )
    read_at: Mapped[datetime] = mapped_column(comment="When the report was read, UTC")
