"""Declare the tables of shifts of the spectrum by the optics select mechanisms of COS."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, Filename, IngestDate, column, key


class OsmShift(Base):
    """The shift of one segment or stripe in one flash of the lamp."""

    __tablename__ = "osm_shifts"
    __table_args__ = (
        {"comment": "One row per flash and segment of a lampflash file, and per rawacq with one"},
    )

    filename: Mapped[Filename]
    segment: Mapped[str] = key("FUVA, FUVB, NUVA, NUVB or NUVC; the detector for a rawacq")
    flash: Mapped[int] = key("Number of the flash, from 1")
    rootname: Mapped[str] = column("Exposure", index=True)
    filetype: Mapped[str] = column("lampflash or rawacq")
    detector: Mapped[str] = column("FUV or NUV")
    opt_elem: Mapped[str | None] = column("OPT_ELEM, grating or mirror", index=True)
    cenwave: Mapped[int | None] = column("CENWAVE, Angstrom")
    fppos: Mapped[int | None] = column("FPPOS, 1 to 4")
    life_adj: Mapped[int | None] = column("LIFE_ADJ, lifetime position")
    proposal_id: Mapped[int | None] = column("PROPOSID")
    exp_start_mjd: Mapped[float | None] = column("EXPSTART, MJD UTC, d")
    time_s: Mapped[float | None] = column("Time of the flash since EXPSTART, s")
    shift_disp: Mapped[float | None] = column(
        "Shift along the dispersion as measured (SHIFT_DISP), FP-POS in it, pixel"
    )
    shift_xdisp: Mapped[float | None] = column("Shift across the dispersion (SHIFT_XDISP), pixel")
    fp_pixel_shift: Mapped[float | None] = column(
        "What of shift_disp is the FP-POS, from LAMPTAB, pixel; NULL without LAMPTAB"
    )
    shift_without_fppos: Mapped[float | None] = column(
        "shift_disp less fp_pixel_shift, pixel; NULL without LAMPTAB"
    )
    is_found: Mapped[bool | None] = column(
        "SPEC_FOUND, whether a lamp was found; NULL where the file does not say"
    )
    lamptab: Mapped[str | None] = column("LAMPTAB of the header")
    search_offset: Mapped[float | None] = column(
        "Middle of the range searched, FP-POS apart: SEARCH_OFFSET of WCPTAB, pixel"
    )
    search_range: Mapped[float | None] = column(
        "Half of the range searched, XC_RANGE of WCPTAB, pixel"
    )
    ingest_date: Mapped[IngestDate]


class SmsExposure(Base):
    """An exposure in a report of the science mission schedule."""

    __tablename__ = "sms_exposures"
    __table_args__ = ({"comment": "One row per COS exposure in the text reports of the SMS"},)

    exposure: Mapped[str] = key("First eight characters of the rootname")
    sms: Mapped[str] = column("Report that it is from, such as 160467a6")
    start_mjd: Mapped[float | None] = column("Planned start, MJD UTC, d")
    osm1_position: Mapped[str | None] = column("Optic on OSM1, such as G130M")
    osm2_position: Mapped[str | None] = column(
        "Optic on OSM2, such as MIRRORA; NULL where the light does not reach it"
    )
    since_osm1_s: Mapped[float | None] = column(
        "Time from the last move of OSM1 to the start of the exposure, s"
    )
    since_osm2_s: Mapped[float | None] = column(
        "Time from the last move of OSM2 to the start of the exposure, s"
    )
    read_at: Mapped[datetime] = column("When the report was read, UTC")
