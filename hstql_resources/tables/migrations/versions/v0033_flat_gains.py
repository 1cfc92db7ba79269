"""Add sets of exposures, and the gains that are measured from those of flats."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def _columns(kind: object, *names: str, is_optional: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, kind(), nullable=is_optional) for name in names]  # type: ignore[operator]


def _ingest_date() -> sa.Column[object]:
    return sa.Column("ingest_date", sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    """Add four tables."""
    op.create_table(
        "exposure_sets",
        *_columns(sa.Text, "set_key", "asset", "detector"),
        *_columns(sa.Integer, "exposures", "used"),
        *_columns(sa.Text, "members"),
        _ingest_date(),
        sa.PrimaryKeyConstraint("set_key", name="exposure_sets_pkey"),
    )
    op.create_index("exposure_sets_asset_idx", "exposure_sets", ["asset"])
    op.create_table(
        "exposure_set_members",
        *_columns(sa.Text, "set_key", "rootname"),
        *_columns(sa.Text, "reason", "detail", is_optional=True),
        sa.PrimaryKeyConstraint("set_key", "rootname", name="exposure_set_members_pkey"),
    )
    op.create_index("exposure_set_members_rootname_idx", "exposure_set_members", ["rootname"])
    _add_gains()
    _add_levels()


def _add_gains() -> None:
    op.create_table(
        "flat_gains",
        *_columns(sa.Text, "set_key"),
        *_columns(sa.Integer, "epoch"),
        *_columns(sa.Text, "amplifier"),
        *_columns(sa.Integer, "binning"),
        *_columns(sa.Double, "gain_setting"),
        *_columns(sa.Text, "instrument", "detector"),
        *_columns(sa.Double, "mjd"),
        *_columns(sa.Text, "source"),
        *_columns(sa.Integer, "levels"),
        *_columns(
            sa.Double, "gain", "gain_error", "uncoupled_gain", "uncoupled_gain_error",
            "read_noise", "chi_square", "lowest_mean", "highest_mean", is_optional=True,
        ),
        *_columns(sa.Text, "reason", is_optional=True),
        _ingest_date(),
        sa.PrimaryKeyConstraint(
            "set_key", "epoch", "amplifier", "binning", "gain_setting", name="flat_gains_pkey"
        ),
    )  # fmt: skip
    op.create_index(
        "flat_gains_detector_amplifier_mjd_idx", "flat_gains", ["detector", "amplifier", "mjd"]
    )


def _add_levels() -> None:
    op.create_table(
        "flat_levels",
        *_columns(sa.Text, "set_key", "rootname", "second_rootname", "amplifier"),
        *_columns(sa.Integer, "epoch"),
        *_columns(sa.Text, "lamp", "filter_name"),
        *_columns(sa.Double, "exposure_s"),
        *_columns(sa.Integer, "binning"),
        *_columns(sa.Double, "gain_setting"),
        *_columns(sa.Text, "source"),
        *_columns(
            sa.Double, "mean", "variance", "variance_error", "neighbour_share",
            "neighbour_share_error", "lamp_ratio",
        ),
        *_columns(sa.Integer, "boxes", "pixels", "clipped"),
        *_columns(sa.Boolean, "is_in_fit"),
        _ingest_date(),
        sa.PrimaryKeyConstraint("set_key", "rootname", "amplifier", name="flat_levels_pkey"),
    )  # fmt: skip
    for name in ("rootname", "second_rootname"):
        op.create_index(f"flat_levels_{name}_idx", "flat_levels", [name])
