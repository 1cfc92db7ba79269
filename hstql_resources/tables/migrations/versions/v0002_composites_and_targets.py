"""Composites and their members, target names, and more about lightcurves and statistics."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TIMESTAMP = sa.DateTime(timezone=True)

STATISTICS = (
    ("target", sa.Text, "Target of a composite, its slug; NULL for an individual lightcurve"),
    ("bins", sa.Integer, "Number of fully live bins"),
    ("gaps", sa.Integer, "Interruptions of the live time, between exposures and within them"),
    (
        "excess_variance",
        sa.Double,
        "Variance beyond that of the errors over the mean squared, dimensionless",
    ),
    (
        "excess_variance_error",
        sa.Double,
        "1-sigma error of the excess variance, dimensionless",
    ),
    (
        "interesting",
        sa.Boolean,
        "Whether the Poisson factor is 1.2 or more; NULL if there is none",
    ),
    ("shortest_period_s", sa.Double, "Shortest period of the search, s"),
    ("longest_period_s", sa.Double, "Longest period of the search, s"),
    ("best_period_error_s", sa.Double, "1-sigma error of the best period, s"),
    ("best_period_power", sa.Double, "Height of the highest peak, dimensionless, 0 to 1"),
    (
        "period_note",
        sa.Text,
        "What else makes it: orbit, window, trend or event; NULL if nothing known does",
    ),
    (
        "is_periodic",
        sa.Boolean,
        "Whether the best period is unlikely by chance and nothing else explains it",
    ),
)


def upgrade() -> None:
    """Make the new tables and columns."""
    op.add_column(
        "observations",
        _column(
            "pm_ra_arcsec_per_yr",
            sa.Double,
            "MU_RA, proper motion in right ascension with cos(dec), arcsec/yr",
        ),
    )
    op.add_column(
        "observations",
        _column(
            "pm_dec_arcsec_per_yr", sa.Double, "MU_DEC, proper motion in declination, arcsec/yr"
        ),
    )
    op.add_column(
        "observations",
        _column(
            "is_moving_target",
            sa.Boolean,
            "MTFLAG: whether the target moves over the sky, such as a planet",
        ),
    )
    _extend_lightcurves()
    _extend_statistics()
    _make_composites()
    _make_composite_members()
    _make_target_names()
    _make_named_positions()


def downgrade() -> None:
    """Drop them."""
    op.drop_table("named_positions")
    op.drop_table("target_names")
    op.drop_table("composite_members")
    op.drop_table("composites")
    for name in [*(name for name, *_ in STATISTICS), "deliver", "deliver_reason"]:
        op.drop_column("statistics", name)
    op.drop_column("lightcurves", "missing_references")
    op.drop_column("lightcurves", "is_background_subtracted")
    op.drop_column("observations", "is_moving_target")
    op.drop_column("observations", "pm_dec_arcsec_per_yr")
    op.drop_column("observations", "pm_ra_arcsec_per_yr")


def _column(
    name: str,
    kind: sa.types.TypeEngine[Any] | type,
    comment: str,
    *,
    required: bool = False,
    default: sa.sql.elements.ColumnElement[bool] | None = None,
) -> sa.Column[object]:
    return sa.Column(name, kind, comment=comment, nullable=not required, server_default=default)


def _extend_lightcurves() -> None:
    op.add_column(
        "lightcurves",
        _column(
            "is_background_subtracted",
            sa.Boolean,
            "False where no background region is known",
            required=True,
            default=sa.true(),
        ),
    )
    op.add_column(
        "lightcurves",
        _column(
            "missing_references",
            sa.Text,
            "Reference files that were not at hand, KEYWORD=name, comma-separated; NULL if none",
        ),
    )


def _extend_statistics() -> None:
    for name, kind, comment in STATISTICS:
        op.add_column("statistics", _column(name, kind, comment))
    op.create_index("statistics_target_idx", "statistics", ["target"])
    op.add_column(
        "statistics",
        _column(
            "deliver",
            sa.Boolean,
            "Whether the file is fit to be handed on",
            required=True,
            default=sa.false(),
        ),
    )
    op.add_column(
        "statistics",
        _column(
            "deliver_reason",
            sa.Text,
            "Why it is not delivered, one sentence; NULL if it is",
        ),
    )


def _make_composites() -> None:
    op.create_table(
        "composites",
        _column("target", sa.Text, "Slug of the resolved target name", required=True),
        _column("instrument", sa.Text, "Instrument, such as cos", required=True),
        _column("detector", sa.Text, "DETECTOR, such as FUV", required=True),
        _column("opt_elem", sa.Text, "OPT_ELEM, such as G130M", required=True),
        _column(
            "cenwave",
            sa.Integer,
            "CENWAVE, central wavelength, Angstrom; 0 for imaging",
            required=True,
        ),
        _column("aperture", sa.Text, "APERTURE, such as PSA", required=True),
        _column("path", sa.Text, "Path of the composite file", required=True),
        _column("filename", sa.Text, "Its name, as delivered", required=True),
        _column("exposures", sa.Integer, "Number of exposures in it", required=True),
        _column("bin_s", sa.Double, "Width of a bin, s", required=True),
        _column("bins", sa.Integer, "Number of bins", required=True),
        _column(
            "gross_counts", sa.BigInteger, "Events in the extraction region, counts", required=True
        ),
        _column(
            "background_counts", sa.Double, "Background expected in the extraction region, counts"
        ),
        _column(
            "is_flux_calibrated",
            sa.Boolean,
            "False where an exposure in it has no flux",
            required=True,
        ),
        _column(
            "is_background_subtracted",
            sa.Boolean,
            "False where an exposure in it has no background region",
            required=True,
        ),
        _column("exposure_s", sa.Double, "Live time of all bins, s", required=True),
        _column(
            "exp_start_mjd", sa.Double, "Start of the first exposure, MJD UTC, d", required=True
        ),
        _column("exp_end_mjd", sa.Double, "End of the last exposure, MJD UTC, d", required=True),
        _column("wave_min", sa.Double, "Shortest wavelength that all exposures have, Angstrom"),
        _column("wave_max", sa.Double, "Longest wavelength that all exposures have, Angstrom"),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", required=True),
        sa.PrimaryKeyConstraint(
            "target",
            "instrument",
            "detector",
            "opt_elem",
            "cenwave",
            "aperture",
            name="composites_pkey",
        ),
        sa.UniqueConstraint("filename", name="composites_filename_key"),
        comment="One row per target and configuration with a composite file",
    )


def _make_composite_members() -> None:
    op.create_table(
        "composite_members",
        _column("target", sa.Text, "Slug of the resolved target name", required=True),
        _column("rootname", sa.Text, "Exposure", required=True),
        _column("made_at", TIMESTAMP, "When its lightcurve had been made, UTC", required=True),
        _column("filename", sa.Text, "Composite that it is part of; NULL if of none"),
        _column("dataset", sa.Integer, "Its number there, from 1"),
        _column("note", sa.Text, "Why it is part of none, one sentence"),
        sa.PrimaryKeyConstraint("target", "rootname", name="composite_members_pkey"),
        comment="One row per lightcurve that was there when its target was last composed",
    )


def _make_target_names() -> None:
    op.create_table(
        "target_names",
        _column("rootname", sa.Text, "Exposure", required=True),
        _column("target_name", sa.Text, "TARGNAME as in the header", required=True),
        _column(
            "resolved_name",
            sa.Text,
            "Name of the target, the same for all its exposures",
            required=True,
        ),
        _column("target", sa.Text, "Slug of the resolved name", required=True),
        _column("reason", sa.Text, "Which rules led there, for a human reader", required=True),
        _column("decided_at", TIMESTAMP, "When this was decided, UTC", required=True),
        sa.PrimaryKeyConstraint("rootname", name="target_names_pkey"),
        comment="One row per TIME-TAG exposure: its target, and why",
    )
    op.create_index("target_names_target_idx", "target_names", ["target"])
    op.create_index("target_names_target_name_idx", "target_names", ["target_name"])


def _make_named_positions() -> None:
    op.create_table(
        "named_positions",
        _column("target_name", sa.Text, "The name asked about", required=True),
        _column("ra_deg", sa.Double, "Right ascension J2000, deg; NULL if the name is not known"),
        _column("dec_deg", sa.Double, "Declination J2000, deg; NULL if the name is not known"),
        _column("asked_at", TIMESTAMP, "When it was asked, UTC", required=True),
        sa.PrimaryKeyConstraint("target_name", name="named_positions_pkey"),
        comment="One row per name that Sesame was asked about",
    )
