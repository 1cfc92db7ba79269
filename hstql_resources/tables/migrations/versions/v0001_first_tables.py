"""The first tables: observations, files, lightcurves, statistics, bad data, outcomes, runs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIMESTAMP = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _make_observations()
    _make_files()
    _make_lightcurves()
    _make_statistics()
    _make_bad_data()
    _make_outcomes()
    _make_runs()
    op.execute("COMMENT ON TABLE alembic_version IS 'The migration that the tables are at'")
    op.execute("COMMENT ON COLUMN alembic_version.version_num IS 'Name of the migration'")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("runs")
    op.drop_table("outcomes")
    op.drop_table("bad_data")
    op.drop_table("statistics")
    op.drop_table("lightcurves")
    op.drop_table("files")
    op.drop_table("observations")


def _column(
    name: str, kind: sa.types.TypeEngine[Any] | type, comment: str, *, required: bool = False
) -> sa.Column[object]:
    return sa.Column(name, kind, comment=comment, nullable=not required)


def _make_observations() -> None:
    op.create_table(
        "observations",
        _column(
            "rootname",
            sa.Text,
            "Name of the exposure or association, nine lower-case characters",
            required=True,
        ),
        _column("instrument", sa.Text, "Instrument, such as cos"),
        _column("detector", sa.Text, "DETECTOR, such as FUV"),
        _column("proposal_id", sa.Integer, "PROPOSID"),
        _column("proposal_type", sa.Text, "PROP_TYP, such as GO"),
        _column("target_name", sa.Text, "TARGNAME as in the header"),
        _column(
            "target", sa.Text, "Slug of the resolved target name; filled by the lightcurve step"
        ),
        _column("ra_deg", sa.Double, "RA_TARG, right ascension J2000, deg"),
        _column("dec_deg", sa.Double, "DEC_TARG, declination J2000, deg"),
        _column("obs_mode", sa.Text, "OBSMODE, such as TIME-TAG"),
        _column("obs_type", sa.Text, "OBSTYPE, such as SPECTROSCOPIC"),
        _column("image_type", sa.Text, "IMAGETYP"),
        _column("exposure_type", sa.Text, "EXPTYPE, such as EXTERNAL/SCI"),
        _column("exp_flag", sa.Text, "EXPFLAG, NORMAL unless interrupted"),
        _column("exp_start_mjd", sa.Double, "EXPSTART, start of the exposure, MJD UTC, d"),
        _column("exp_time_s", sa.Double, "EXPTIME, exposure time, s"),
        _column("opt_elem", sa.Text, "OPT_ELEM, grating or mirror"),
        _column("cenwave", sa.Integer, "CENWAVE, central wavelength, Angstrom"),
        _column("aperture", sa.Text, "APERTURE, such as PSA"),
        _column("fppos", sa.Integer, "FPPOS, grating offset position 1 to 4"),
        _column("path", sa.Text, "Folder that holds the files"),
        _column("first_ingest_date", TIMESTAMP, "When hstql first wrote this row, UTC"),
        _column("last_ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC"),
        sa.PrimaryKeyConstraint("rootname", name="observations_pkey"),
        comment="One row per exposure or association, from its FITS headers",
    )
    op.create_index(
        "observations_detector_opt_elem_cenwave_idx",
        "observations",
        ["detector", "opt_elem", "cenwave"],
    )
    op.create_index("observations_exp_start_mjd_idx", "observations", ["exp_start_mjd"])
    op.create_index("observations_proposal_id_idx", "observations", ["proposal_id"])
    op.create_index("observations_target_idx", "observations", ["target"])


def _make_files() -> None:
    op.create_table(
        "files",
        _column(
            "filename", sa.Text, "Name of the file without folder and without .gz", required=True
        ),
        _column("rootname", sa.Text, "Exposure or association", required=True),
        _column("filetype", sa.Text, "What follows the rootname, such as corrtag_a", required=True),
        _column("kind", sa.Text, "raw or calibrated", required=True),
        _column("path", sa.Text, "Real path of the file, with .gz if it has it", required=True),
        _column("size_bytes", sa.BigInteger, "Size on disk, bytes", required=True),
        _column("sha256", sa.Text, "SHA-256 of the file on disk, hexadecimal"),
        _column("cal_ver", sa.Text, "CAL_VER, version of the pipeline"),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", required=True),
        sa.PrimaryKeyConstraint("filename", name="files_pkey"),
        sa.CheckConstraint("kind IN ('raw', 'calibrated')", name=op.f("files_kind_check")),
        comment="One row per FITS file of an observation",
    )
    op.create_index("files_rootname_idx", "files", ["rootname"])


def _make_lightcurves() -> None:
    op.create_table(
        "lightcurves",
        _column("rootname", sa.Text, "Exposure", required=True),
        _column("target", sa.Text, "Slug of the resolved target name", required=True),
        _column("path", sa.Text, "Path of the lightcurve file", required=True),
        _column(
            "segments",
            sa.Text,
            "Detector segments or stripes in it, comma-separated, such as FUVA,FUVB",
        ),
        _column("bin_s", sa.Double, "Width of a bin, s", required=True),
        _column("bins", sa.Integer, "Number of bins", required=True),
        _column(
            "gross_counts", sa.BigInteger, "Events in the extraction region, counts", required=True
        ),
        _column(
            "background_counts", sa.Double, "Background expected in the extraction region, counts"
        ),
        _column("net_counts_per_s", sa.Double, "Mean rate without background, counts/s"),
        _column("mean_flux", sa.Double, "Mean flux, erg/s/cm2/Angstrom"),
        _column("mean_flux_error", sa.Double, "1-sigma error of the mean flux, erg/s/cm2/Angstrom"),
        _column(
            "is_flux_calibrated",
            sa.Boolean,
            "False where there was no response to turn counts into flux",
            required=True,
        ),
        _column("exposure_s", sa.Double, "Live time of all bins, s", required=True),
        _column("wave_min", sa.Double, "Shortest wavelength extracted, Angstrom"),
        _column("wave_max", sa.Double, "Longest wavelength extracted, Angstrom"),
        _column("settings", sa.Text, "Settings of the extraction, JSON"),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", required=True),
        sa.PrimaryKeyConstraint("rootname", name="lightcurves_pkey"),
        comment="One row per exposure with a lightcurve file",
    )
    op.create_index("lightcurves_target_idx", "lightcurves", ["target"])


def _make_statistics() -> None:
    op.create_table(
        "statistics",
        _column("filename", sa.Text, "Name of the lightcurve file", required=True),
        _column("rootname", sa.Text, "Exposure; NULL for a composite"),
        _column("kind", sa.Text, "individual or composite", required=True),
        _column("total", sa.Double, "Sum over all bins, counts"),
        _column("mean", sa.Double, "Mean per fully live bin, counts"),
        _column("mu", sa.Double, "Square root of the mean, the deviation of Poisson noise, counts"),
        _column("stdev", sa.Double, "Standard deviation of the fully live bins, counts"),
        _column("poisson_factor", sa.Double, "stdev / mu, dimensionless; 1 for a constant source"),
        _column("pearson_r", sa.Double, "Correlation of counts with time, dimensionless, -1 to 1"),
        _column(
            "pearson_p",
            sa.Double,
            "Probability of such a correlation by chance, dimensionless, 0 to 1",
        ),
        _column(
            "periodogram",
            sa.Boolean,
            "True if the periodogram has a significant peak; NULL if none was made",
        ),
        _column("best_period_s", sa.Double, "Period of the highest peak, s"),
        _column("false_alarm_probability", sa.Double, "Of the highest peak, dimensionless, 0 to 1"),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", required=True),
        sa.PrimaryKeyConstraint("filename", name="statistics_pkey"),
        sa.CheckConstraint(
            "kind IN ('individual', 'composite')", name=op.f("statistics_kind_check")
        ),
        comment="One row per lightcurve or composite, by its counts per bin",
    )
    op.create_index("statistics_rootname_idx", "statistics", ["rootname"])


def _make_bad_data() -> None:
    op.create_table(
        "bad_data",
        _column(
            "filename", sa.Text, "Name of the file without folder and without .gz", required=True
        ),
        _column("rootname", sa.Text, "Exposure or association"),
        _column("reason", sa.Text, "The check that it failed", required=True),
        _column("detail", sa.Text, "The values found, for a human reader"),
        _column("step", sa.Text, "The asset that found it"),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", required=True),
        sa.PrimaryKeyConstraint("filename", name="bad_data_pkey"),
        comment="One row per file that is left out downstream",
    )
    op.create_index("bad_data_reason_idx", "bad_data", ["reason"])
    op.create_index("bad_data_rootname_idx", "bad_data", ["rootname"])


def _make_outcomes() -> None:
    op.create_table(
        "outcomes",
        _column("asset", sa.Text, "Asset key, such as cos/raw_files", required=True),
        _column("key", sa.Text, "Partition key", required=True),
        _column(
            "status",
            sa.Text,
            "made; none: nothing to make; bad: in bad_data; missing: not retrieved",
            required=True,
        ),
        _column("reason", sa.Text, "Why it was not made, one sentence"),
        _column("decided_at", TIMESTAMP, "When this was decided, UTC", required=True),
        sa.PrimaryKeyConstraint("asset", "key", name="outcomes_pkey"),
        sa.CheckConstraint(
            "status IN ('made', 'none', 'bad', 'missing')", name=op.f("outcomes_status_check")
        ),
        comment="One row per asset and partition key: the last decision",
    )
    op.create_index("outcomes_asset_status_idx", "outcomes", ["asset", "status"])


def _make_runs() -> None:
    op.create_table(
        "runs",
        _column("id", sa.Text, "<command>_<UTC>", required=True),
        _column("command", sa.Text, "The command line, without secrets", required=True),
        _column("started_at", TIMESTAMP, "Start, UTC", required=True),
        _column("ended_at", TIMESTAMP, "End, UTC; NULL while it runs or if it was killed"),
        _column("exit_status", sa.Integer, "0 all done, 1 some keys failed, 2 wrong usage"),
        _column("log", sa.Text, "Path of the log file"),
        sa.PrimaryKeyConstraint("id", name="runs_pkey"),
        comment="One row per call of the command hstql",
    )
    op.create_index("runs_started_at_idx", "runs", ["started_at"])
