"""Add what is measured of single exposures of the cameras: reference pixels, trails, snowballs."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def _columns(kind: object, *names: str, is_optional: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, kind(), nullable=is_optional) for name in names]  # type: ignore[operator]


def _ingest_date() -> sa.Column[object]:
    return sa.Column("ingest_date", sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    """Add four tables."""
    _add_reference_levels()
    _add_trails()
    _add_snowballs()


def _add_reference_levels() -> None:
    op.create_table(
        "ir_bias_levels",
        *_columns(sa.Text, "rootname", "amplifier"),
        *_columns(sa.Integer, "read"),
        *_columns(sa.Text, "filename", "source"),
        *_columns(sa.Text, "image_type", is_optional=True),
        *_columns(sa.Double, "exp_start_mjd", is_optional=True),
        *_columns(sa.Text, "sample_sequence", is_optional=True),
        *_columns(sa.Boolean, "is_subarray"),
        *_columns(sa.Integer, "binning"),
        *_columns(sa.Double, "time_s"),
        *_columns(sa.Integer, "pixels", is_optional=True),
        *_columns(sa.Double, "level"),
        *_columns(
            sa.Double, "level_error", "step", "step_error", "noise", "noise_error", "image_level",
            "image_level_error", "image_sigma", is_optional=True,
        ),
        _ingest_date(),
        sa.PrimaryKeyConstraint("rootname", "amplifier", "read", name="ir_bias_levels_pkey"),
    )  # fmt: skip
    op.create_index(
        "ir_bias_levels_exp_start_mjd_rootname_idx",
        "ir_bias_levels",
        ["exp_start_mjd", "rootname"],
    )


def _add_trails() -> None:
    op.create_table(
        "eper_cte",
        *_columns(sa.Text, "rootname", "amplifier", "filename", "instrument", "detector"),
        *_columns(sa.Double, "exp_start_mjd", is_optional=True),
        *_columns(sa.Double, "exp_time_s"),
        *_columns(sa.Text, "lamp", "filter_name"),
        *_columns(sa.Integer, "binning"),
        *_columns(sa.Double, "gain"),
        *_columns(sa.Text, "gain_source"),
        *_columns(
            sa.Double, "bias_level", "signal", "signal_error", "deferred", "deferred_error",
        ),
        *_columns(sa.Integer, "transfers"),
        *_columns(sa.Double, "cti", "cti_error"),
        *_columns(sa.Integer, "columns", "trail_rows", "bias_rows"),
        _ingest_date(),
        sa.PrimaryKeyConstraint("rootname", "amplifier", name="eper_cte_pkey"),
    )  # fmt: skip
    op.create_index(
        "eper_cte_detector_amplifier_exp_start_mjd_idx",
        "eper_cte",
        ["detector", "amplifier", "exp_start_mjd"],
    )


def _add_snowballs() -> None:
    op.create_table(
        "snowball_searches",
        *_columns(sa.Text, "rootname", "filename", "source"),
        *_columns(sa.Text, "image_type", is_optional=True),
        *_columns(sa.Double, "exp_start_mjd", is_optional=True),
        *_columns(sa.Text, "sample_sequence", is_optional=True),
        *_columns(sa.Integer, "binning"),
        *_columns(sa.Double, "searched_s", "searched_share"),
        *_columns(sa.Integer, "snowballs", "hits", "put_in", "recovered"),
        _ingest_date(),
        sa.PrimaryKeyConstraint("rootname", name="snowball_searches_pkey"),
    )
    op.create_index(
        "snowball_searches_exp_start_mjd_rootname_idx",
        "snowball_searches",
        ["exp_start_mjd", "rootname"],
    )
    op.create_table(
        "snowballs",
        *_columns(sa.Text, "rootname"),
        *_columns(sa.Integer, "number", "read"),
        *_columns(sa.Double, "time_s", "image_row", "image_column"),
        *_columns(sa.Integer, "pixels"),
        *_columns(sa.Double, "charge", "peak", "roundness", "filling"),
        sa.PrimaryKeyConstraint("rootname", "number", name="snowballs_pkey"),
    )
