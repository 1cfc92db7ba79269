"""Declare the tables of COS acquisitions, of the jitter of the pointing, and of telemetry."""

from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, Filename, IngestDate, column, key


class Acquisition(Base):
    """One target acquisition exposure."""

    __tablename__ = "acquisitions"
    __table_args__ = ({"comment": "One row per rawacq file of COS"},)

    filename: Mapped[Filename]
    rootname: Mapped[str] = column("Exposure", index=True)
    exposure_type: Mapped[str | None] = column(
        "EXPTYPE: ACQ/IMAGE, ACQ/PEAKD, ACQ/PEAKXD or ACQ/SEARCH"
    )
    exp_start_mjd: Mapped[float | None] = column("EXPSTART, MJD UTC, d")
    proposal_id: Mapped[int | None] = column("PROPOSID")
    obset_id: Mapped[str | None] = column("OBSET_ID")
    line_number: Mapped[str | None] = column("LINENUM")
    target_name: Mapped[str | None] = column("TARGNAME")
    detector: Mapped[str | None] = column("DETECTOR")
    opt_elem: Mapped[str | None] = column("OPT_ELEM")
    cenwave: Mapped[int | None] = column("CENWAVE, Angstrom")
    aperture: Mapped[str | None] = column("APERTURE")
    life_adj: Mapped[int | None] = column("LIFE_ADJ, lifetime position")
    obs_type: Mapped[str | None] = column("OBSTYPE")
    shutter: Mapped[str | None] = column("SHUTTER")
    status: Mapped[str | None] = column("ACQSTAT")
    extended: Mapped[str | None] = column("EXTENDED")
    events: Mapped[float | None] = column("NEVENTS")
    lamp_events: Mapped[float | None] = column("LAMPEVNT")
    slew_x_arcsec: Mapped[float | None] = column(
        "ACQSLEWX, slew along the dispersion, arcsec; NULL if the header has none"
    )
    slew_y_arcsec: Mapped[float | None] = column(
        "ACQSLEWY, slew across the dispersion, arcsec; NULL if the header has none"
    )
    v2_arcsec: Mapped[float | None] = column("Slew along V2, arcsec")
    v3_arcsec: Mapped[float | None] = column("Slew along V3, arcsec")
    guide_star: Mapped[str | None] = column("DGESTAR of the spt, dominant star")
    fgs: Mapped[str | None] = column("Fine guidance sensor of it: F1, F2 or F3")
    second_guide_star: Mapped[str | None] = column("SGESTAR of the spt")
    ingest_date: Mapped[IngestDate]


class JitterStatistics(Base):
    """How steadily the telescope pointed in one exposure."""

    __tablename__ = "jitter_statistics"
    __table_args__ = ({"comment": "One row per table of a COS jit file: one exposure"},)

    filename: Mapped[Filename]
    ext: Mapped[int] = key("Number of the HDU")
    rootname: Mapped[str] = column("Exposure or association", index=True)
    exposure: Mapped[str | None] = column("EXPNAME or ROOTNAME of the table")
    start_mjd: Mapped[float | None] = column("Start of the exposure, MJD UTC, d")
    seconds: Mapped[float | None] = column("Time that the table covers, s")
    samples: Mapped[int] = column("Number of rows with a value")
    v2_mean_arcsec: Mapped[float | None] = column("Mean of SI_V2_AVG, arcsec")
    v2_rms_arcsec: Mapped[float | None] = column(
        "Root of the mean square of the pointing about its mean along V2, arcsec"
    )
    v2_range_arcsec: Mapped[float | None] = column("Its range along V2, arcsec")
    v3_mean_arcsec: Mapped[float | None] = column("Mean of SI_V3_AVG, arcsec")
    v3_rms_arcsec: Mapped[float | None] = column(
        "Root of the mean square of the pointing about its mean along V3, arcsec"
    )
    v3_range_arcsec: Mapped[float | None] = column("Its range along V3, arcsec")
    image_type: Mapped[str | None] = column("Kind of exposure, where it is known")
    ingest_date: Mapped[IngestDate]


class Telemetry(Base):
    """What an spt file of COS tells of temperatures and mechanisms, in its first snapshot."""

    __tablename__ = "telemetry"
    __table_args__ = ({"comment": "One row per spt file of COS"},)

    filename: Mapped[Filename]
    rootname: Mapped[str] = column("Exposure", index=True)
    start_mjd: Mapped[float | None] = column("PSTRTIME, MJD UTC, d")
    detector: Mapped[str | None] = column("FUV or NUV")
    aperture: Mapped[str | None] = column("APERTURE, else LAPERTUR: PSA, BOA, WCA or FCA")
    life_adj: Mapped[int | None] = column("LIFE_ADJ, lifetime position")
    proposal_type: Mapped[str | None] = column("PROP_TYP")
    fuva_temperature_c: Mapped[float | None] = column("LDCAMPAT, Celsius")
    fuvb_temperature_c: Mapped[float | None] = column("LDCAMPBT, Celsius")
    nuv_temperature_c: Mapped[float | None] = column("LMMCETMP, Celsius")
    osm1_coarse: Mapped[float | None] = column("LOM1POSC, coarse position of the resolver")
    osm1_steps: Mapped[float | None] = column("LOM1STP, motor steps")
    osm1_fine: Mapped[float | None] = column("LOM1POSF, fine position of the resolver")
    osm2_coarse: Mapped[float | None] = column("LOM2POSC, coarse position of the resolver")
    osm2_steps: Mapped[float | None] = column("LOM2STP, motor steps")
    osm2_fine: Mapped[float | None] = column("LOM2POSF, fine position of the resolver")
    focus_position: Mapped[float | None] = column("LOMFSTP, focus, motor steps")
    aperture_x_lvdt: Mapped[float | None] = column("LAPXLVDT, aperture across the dispersion")
    aperture_d_lvdt: Mapped[float | None] = column("LAPDLVDT, aperture along the dispersion")
    aperture_x_steps: Mapped[float | None] = column(
        "Aperture along the dispersion: APERXPOS of the exposure's own headers, else "
        "LAPDSTP, motor steps"
    )
    aperture_y_steps: Mapped[float | None] = column(
        "Aperture across the dispersion: APERYPOS of the exposure's own headers, else "
        "LAPXSTP, motor steps"
    )
    ingest_date: Mapped[IngestDate]
