"""Declare the tables of COS acquisitions, of the jitter of the pointing, and of telemetry."""

from sqlalchemy.orm import Mapped, mapped_column

from hstql_resources.tables.base import Base, IngestDate


class Acquisition(Base):
    """One target acquisition exposure."""

    __tablename__ = "acquisitions"
    __table_args__ = ({"comment": "One row per rawacq file of COS"},)

    filename: Mapped[str] = mapped_column(
        primary_key=True, comment="Name of the file without folder and without .gz"
    )
    rootname: Mapped[str] = mapped_column(index=True, comment="Exposure")
    exposure_type: Mapped[str | None] = mapped_column(
        comment="EXPTYPE: ACQ/IMAGE, ACQ/PEAKD, ACQ/PEAKXD or ACQ/SEARCH"
    )
    exp_start_mjd: Mapped[float | None] = mapped_column(comment="EXPSTART, MJD UTC, d")
    proposal_id: Mapped[int | None] = mapped_column(comment="PROPOSID")
    obset_id: Mapped[str | None] = mapped_column(comment="OBSET_ID")
    line_number: Mapped[str | None] = mapped_column(comment="LINENUM")
    target_name: Mapped[str | None] = mapped_column(comment="TARGNAME")
    detector: Mapped[str | None] = mapped_column(comment="DETECTOR")
    opt_elem: Mapped[str | None] = mapped_column(comment="OPT_ELEM")
    cenwave: Mapped[int | None] = mapped_column(comment="CENWAVE, Angstrom")
    aperture: Mapped[str | None] = mapped_column(comment="APERTURE")
    life_adj: Mapped[int | None] = mapped_column(comment="LIFE_ADJ, lifetime position")
    obs_type: Mapped[str | None] = mapped_column(comment="OBSTYPE")
    shutter: Mapped[str | None] = mapped_column(comment="SHUTTER")
    status: Mapped[str | None] = mapped_column(comment="ACQSTAT")
    extended: Mapped[str | None] = mapped_column(comment="EXTENDED")
    events: Mapped[float | None] = mapped_column(comment="NEVENTS")
    lamp_events: Mapped[float | None] = mapped_column(comment="LAMPEVNT")
    slew_x_arcsec: Mapped[float | None] = mapped_column(
        comment="ACQSLEWX, slew along the dispersion, arcsec; NULL if the header has none"
    )
    slew_y_arcsec: Mapped[float | None] = mapped_column(
        comment="ACQSLEWY, slew across the dispersion, arcsec; NULL if the header has none"
    )
    v2_arcsec: Mapped[float | None] = mapped_column(comment="Slew along V2, arcsec")
    v3_arcsec: Mapped[float | None] = mapped_column(comment="Slew along V3, arcsec")
    guide_star: Mapped[str | None] = mapped_column(comment="DGESTAR of the spt, dominant star")
    fgs: Mapped[str | None] = mapped_column(comment="Fine guidance sensor of it: F1, F2 or F3")
    second_guide_star: Mapped[str | None] = mapped_column(comment="SGESTAR of the spt")
    ingest_date: Mapped[IngestDate]


class JitterStatistics(Base):
    """How steadily the telescope pointed in one exposure."""

    __tablename__ = "jitter_statistics"
    __table_args__ = ({"comment": "One row per table of a COS jit file: one exposure"},)

    filename: Mapped[str] = mapped_column(
        primary_key=True, comment="Name of the file without folder and without .gz"
    )
    ext: Mapped[int] = mapped_column(
        primary_key=True, autoincrement=False, comment="Number of the HDU"
    )
    rootname: Mapped[str] = mapped_column(index=True, comment="Exposure or association")
    exposure: Mapped[str | None] = mapped_column(comment="EXPNAME or ROOTNAME of the table")
    start_mjd: Mapped[float | None] = mapped_column(comment="Start of the exposure, MJD UTC, d")
    seconds: Mapped[float | None] = mapped_column(comment="Time that the table covers, s")
    samples: Mapped[int] = mapped_column(comment="Number of rows with a value")
    v2_mean_arcsec: Mapped[float | None] = mapped_column(comment="Mean of SI_V2_AVG, arcsec")
    v2_rms_arcsec: Mapped[float | None] = mapped_column(
        comment="Root of the mean square of the pointing about its mean along V2, arcsec"
    )
    v2_range_arcsec: Mapped[float | None] = mapped_column(comment="Its range along V2, arcsec")
    v3_mean_arcsec: Mapped[float | None] = mapped_column(comment="Mean of SI_V3_AVG, arcsec")
    v3_rms_arcsec: Mapped[float | None] = mapped_column(
        comment="Root of the mean square of the pointing about its mean along V3, arcsec"
    )
    v3_range_arcsec: Mapped[float | None] = mapped_column(comment="Its range along V3, arcsec")
    image_type: Mapped[str | None] = mapped_column(comment="Kind of exposure, where it is known")
    ingest_date: Mapped[IngestDate]


class Telemetry(Base):
    """What an spt file of COS tells of temperatures and mechanisms, in its first snapshot."""

    __tablename__ = "telemetry"
    __table_args__ = ({"comment": "One row per spt file of COS"},)

    filename: Mapped[str] = mapped_column(
        primary_key=True, comment="Name of the file without folder and without .gz"
    )
    rootname: Mapped[str] = mapped_column(index=True, comment="Exposure")
    start_mjd: Mapped[float | None] = mapped_column(comment="PSTRTIME, MJD UTC, d")
    detector: Mapped[str | None] = mapped_column(comment="FUV or NUV")
    aperture: Mapped[str | None] = mapped_column(
        comment="APERTURE, else LAPERTUR: PSA, BOA, WCA or FCA"
    )
    life_adj: Mapped[int | None] = mapped_column(comment="LIFE_ADJ, lifetime position")
    proposal_type: Mapped[str | None] = mapped_column(comment="PROP_TYP")
    fuva_temperature_c: Mapped[float | None] = mapped_column(comment="LDCAMPAT, Celsius")
    fuvb_temperature_c: Mapped[float | None] = mapped_column(comment="LDCAMPBT, Celsius")
    nuv_temperature_c: Mapped[float | None] = mapped_column(comment="LMMCETMP, Celsius")
    osm1_coarse: Mapped[float | None] = mapped_column(
        comment="LOM1POSC, coarse position of the resolver"
    )
    osm1_steps: Mapped[float | None] = mapped_column(comment="LOM1STP, motor steps")
    osm1_fine: Mapped[float | None] = mapped_column(
        comment="LOM1POSF, fine position of the resolver"
    )
    osm2_coarse: Mapped[float | None] = mapped_column(
        comment="LOM2POSC, coarse position of the resolver"
    )
    osm2_steps: Mapped[float | None] = mapped_column(comment="LOM2STP, motor steps")
    osm2_fine: Mapped[float | None] = mapped_column(
        comment="LOM2POSF, fine position of the resolver"
    )
    focus_position: Mapped[float | None] = mapped_column(comment="LOMFSTP, focus, motor steps")
    aperture_x_lvdt: Mapped[float | None] = mapped_column(
        comment="LAPXLVDT, aperture across the dispersion"
    )
    aperture_d_lvdt: Mapped[float | None] = mapped_column(
        comment="LAPDLVDT, aperture along the dispersion"
    )
    aperture_x_steps: Mapped[float | None] = mapped_column(
        comment="Aperture along the dispersion: APERXPOS of the exposure's own headers, else "
        "LAPDSTP, motor steps"
    )
    aperture_y_steps: Mapped[float | None] = mapped_column(
        comment="Aperture across the dispersion: APERYPOS of the exposure's own headers, else "
        "LAPXSTP, motor steps"
    )
    ingest_date: Mapped[IngestDate]
