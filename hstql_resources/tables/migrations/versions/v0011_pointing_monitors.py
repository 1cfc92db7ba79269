"""The tables of the monitors of optics and pointing of COS, and of what monitors say."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

TIMESTAMP = sa.DateTime(timezone=True)
TABLES = (
    "osm_shifts",
    "sms_exposures",
    "acquisitions",
    "jitter_statistics",
    "telemetry",
    "monitor_states",
)


def upgrade() -> None:
    """Make them."""
    _make_osm_shifts()
    _make_sms_exposures()
    _make_acquisitions()
    _make_jitter_statistics()
    _make_telemetry()
    _make_monitor_states()


def downgrade() -> None:
    """Drop them."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _make_osm_shifts() -> None:
    op.create_table(
        "osm_shifts",
        _column("filename", sa.Text, "Name of the file without folder and without .gz", False),
        _column(
            "segment", sa.Text, "FUVA, FUVB, NUVA, NUVB or NUVC; the detector for a rawacq", False
        ),
        _column("flash", sa.Integer, "Number of the flash, from 1", False),
        _column("rootname", sa.Text, "Exposure", False),
        _column("filetype", sa.Text, "lampflash or rawacq", False),
        _column("detector", sa.Text, "FUV or NUV", False),
        _column("opt_elem", sa.Text, "OPT_ELEM, grating or mirror"),
        _column("cenwave", sa.Integer, "CENWAVE, Angstrom"),
        _column("fppos", sa.Integer, "FPPOS, 1 to 4"),
        _column("life_adj", sa.Integer, "LIFE_ADJ, lifetime position"),
        _column("proposal_id", sa.Integer, "PROPOSID"),
        _column("exp_start_mjd", sa.Double, "EXPSTART, MJD UTC, d"),
        _column("time_s", sa.Double, "Time of the flash since EXPSTART, s"),
        _column(
            "shift_disp",
            sa.Double,
            "Shift along the dispersion as measured (SHIFT_DISP), FP-POS in it, pixel",
        ),
        _column("shift_xdisp", sa.Double, "Shift across the dispersion (SHIFT_XDISP), pixel"),
        _column(
            "fp_pixel_shift",
            sa.Double,
            "What of shift_disp is the FP-POS, from LAMPTAB, pixel; NULL without LAMPTAB",
        ),
        _column(
            "shift_without_fppos",
            sa.Double,
            "shift_disp less fp_pixel_shift, pixel; NULL without LAMPTAB",
        ),
        _column(
            "is_found",
            sa.Boolean,
            "SPEC_FOUND, whether a lamp was found; NULL where the file does not say",
        ),
        _column("lamptab", sa.Text, "LAMPTAB of the header"),
        _column(
            "search_offset",
            sa.Double,
            "Middle of the range searched, FP-POS apart: SEARCH_OFFSET of WCPTAB, pixel",
        ),
        _column("search_range", sa.Double, "Half of the range searched, XC_RANGE of WCPTAB, pixel"),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", False),
        sa.PrimaryKeyConstraint("filename", "segment", "flash", name="osm_shifts_pkey"),
        comment="One row per flash and segment of a lampflash file, and per rawacq with one",
    )
    op.create_index("osm_shifts_opt_elem_idx", "osm_shifts", ["opt_elem"])
    op.create_index("osm_shifts_rootname_idx", "osm_shifts", ["rootname"])


def _make_sms_exposures() -> None:
    op.create_table(
        "sms_exposures",
        _column("exposure", sa.Text, "First eight characters of the rootname", False),
        _column("sms", sa.Text, "Report that it is from, such as 160467a6", False),
        _column("start_mjd", sa.Double, "Planned start, MJD UTC, d"),
        _column("osm1_position", sa.Text, "Optic on OSM1, such as G130M"),
        _column(
            "osm2_position",
            sa.Text,
            "Optic on OSM2, such as MIRRORA; NULL where the light does not reach it",
        ),
        _column(
            "since_osm1_s",
            sa.Double,
            "Time from the last move of OSM1 to the start of the exposure, s",
        ),
        _column(
            "since_osm2_s",
            sa.Double,
            "Time from the last move of OSM2 to the start of the exposure, s",
        ),
        _column("read_at", TIMESTAMP, "When the report was read, UTC", False),
        sa.PrimaryKeyConstraint("exposure", name="sms_exposures_pkey"),
        comment="One row per COS exposure in the text reports of the SMS",
    )


def _make_acquisitions() -> None:
    op.create_table(
        "acquisitions",
        _column("filename", sa.Text, "Name of the file without folder and without .gz", False),
        _column("rootname", sa.Text, "Exposure", False),
        _column(
            "exposure_type", sa.Text, "EXPTYPE: ACQ/IMAGE, ACQ/PEAKD, ACQ/PEAKXD or ACQ/SEARCH"
        ),
        _column("exp_start_mjd", sa.Double, "EXPSTART, MJD UTC, d"),
        _column("proposal_id", sa.Integer, "PROPOSID"),
        _column("obset_id", sa.Text, "OBSET_ID"),
        _column("line_number", sa.Text, "LINENUM"),
        _column("target_name", sa.Text, "TARGNAME"),
        _column("detector", sa.Text, "DETECTOR"),
        _column("opt_elem", sa.Text, "OPT_ELEM"),
        _column("cenwave", sa.Integer, "CENWAVE, Angstrom"),
        _column("aperture", sa.Text, "APERTURE"),
        _column("life_adj", sa.Integer, "LIFE_ADJ, lifetime position"),
        _column("obs_type", sa.Text, "OBSTYPE"),
        _column("shutter", sa.Text, "SHUTTER"),
        _column("status", sa.Text, "ACQSTAT"),
        _column("extended", sa.Text, "EXTENDED"),
        _column("events", sa.Double, "NEVENTS"),
        _column("lamp_events", sa.Double, "LAMPEVNT"),
        _column(
            "slew_x_arcsec",
            sa.Double,
            "ACQSLEWX, slew along the dispersion, arcsec; NULL if the header has none",
        ),
        _column(
            "slew_y_arcsec",
            sa.Double,
            "ACQSLEWY, slew across the dispersion, arcsec; NULL if the header has none",
        ),
        _column("v2_arcsec", sa.Double, "Slew along V2, arcsec"),
        _column("v3_arcsec", sa.Double, "Slew along V3, arcsec"),
        _column("guide_star", sa.Text, "DGESTAR of the spt, dominant star"),
        _column("fgs", sa.Text, "Fine guidance sensor of it: F1, F2 or F3"),
        _column("second_guide_star", sa.Text, "SGESTAR of the spt"),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", False),
        sa.PrimaryKeyConstraint("filename", name="acquisitions_pkey"),
        comment="One row per rawacq file of COS",
    )
    op.create_index("acquisitions_rootname_idx", "acquisitions", ["rootname"])


def _make_jitter_statistics() -> None:
    op.create_table(
        "jitter_statistics",
        _column("filename", sa.Text, "Name of the file without folder and without .gz", False),
        _column("ext", sa.Integer, "Number of the HDU", False),
        _column("rootname", sa.Text, "Exposure or association", False),
        _column("exposure", sa.Text, "EXPNAME or ROOTNAME of the table"),
        _column("start_mjd", sa.Double, "Start of the exposure, MJD UTC, d"),
        _column("seconds", sa.Double, "Time that the table covers, s"),
        _column("samples", sa.Integer, "Number of rows with a value", False),
        _column("v2_mean_arcsec", sa.Double, "Mean of SI_V2_AVG, arcsec"),
        _column(
            "v2_rms_arcsec",
            sa.Double,
            "Root of the mean square of the pointing about its mean along V2, arcsec",
        ),
        _column("v2_range_arcsec", sa.Double, "Its range along V2, arcsec"),
        _column("v3_mean_arcsec", sa.Double, "Mean of SI_V3_AVG, arcsec"),
        _column(
            "v3_rms_arcsec",
            sa.Double,
            "Root of the mean square of the pointing about its mean along V3, arcsec",
        ),
        _column("v3_range_arcsec", sa.Double, "Its range along V3, arcsec"),
        _column("image_type", sa.Text, "Kind of exposure, where it is known"),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", False),
        sa.PrimaryKeyConstraint("filename", "ext", name="jitter_statistics_pkey"),
        comment="One row per table of a COS jit file: one exposure",
    )
    op.create_index("jitter_statistics_rootname_idx", "jitter_statistics", ["rootname"])


def _make_telemetry() -> None:
    op.create_table(
        "telemetry",
        _column("filename", sa.Text, "Name of the file without folder and without .gz", False),
        _column("rootname", sa.Text, "Exposure", False),
        _column("start_mjd", sa.Double, "PSTRTIME, MJD UTC, d"),
        _column("detector", sa.Text, "FUV or NUV"),
        _column("aperture", sa.Text, "APERTURE, else LAPERTUR: PSA, BOA, WCA or FCA"),
        _column("life_adj", sa.Integer, "LIFE_ADJ, lifetime position"),
        _column("proposal_type", sa.Text, "PROP_TYP"),
        _column("fuva_temperature_c", sa.Double, "LDCAMPAT, Celsius"),
        _column("fuvb_temperature_c", sa.Double, "LDCAMPBT, Celsius"),
        _column("nuv_temperature_c", sa.Double, "LMMCETMP, Celsius"),
        _column("osm1_coarse", sa.Double, "LOM1POSC, coarse position of the resolver"),
        _column("osm1_steps", sa.Double, "LOM1STP, motor steps"),
        _column("osm1_fine", sa.Double, "LOM1POSF, fine position of the resolver"),
        _column("osm2_coarse", sa.Double, "LOM2POSC, coarse position of the resolver"),
        _column("osm2_steps", sa.Double, "LOM2STP, motor steps"),
        _column("osm2_fine", sa.Double, "LOM2POSF, fine position of the resolver"),
        _column("focus_position", sa.Double, "LOMFSTP, focus, motor steps"),
        _column("aperture_x_lvdt", sa.Double, "LAPXLVDT, aperture across the dispersion"),
        _column("aperture_d_lvdt", sa.Double, "LAPDLVDT, aperture along the dispersion"),
        _column(
            "aperture_x_steps",
            sa.Double,
            "Aperture along the dispersion: APERXPOS of the exposure's own headers, else "
            "LAPDSTP, motor steps",
        ),
        _column(
            "aperture_y_steps",
            sa.Double,
            "Aperture across the dispersion: APERYPOS of the exposure's own headers, else "
            "LAPXSTP, motor steps",
        ),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", False),
        sa.PrimaryKeyConstraint("filename", name="telemetry_pkey"),
        comment="One row per spt file of COS",
    )
    op.create_index("telemetry_rootname_idx", "telemetry", ["rootname"])


def _make_monitor_states() -> None:
    op.create_table(
        "monitor_states",
        _column("monitor", sa.Text, "Name of the asset", False),
        _column("title", sa.Text, "What it watches, for readers", False),
        _column("state", sa.Text, "ok, warning, alarm or empty", False),
        _column("summary", sa.Text, "One sentence with the numbers", False),
        _column("newest_mjd", sa.Double, "Latest exposure in it, MJD UTC, d"),
        _column("exposures", sa.Integer, "Number of exposures in it", False),
        _column("changed_at", TIMESTAMP, "When the state became what it is, UTC", False),
        _column("page", sa.Text, "Its page, a path relative to the folder of plots", False),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", False),
        sa.PrimaryKeyConstraint("monitor", name="monitor_states_pkey"),
        comment="One row per monitor that has been made",
    )


def _column(name: str, kind: Any, comment: str, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable, comment=comment)
