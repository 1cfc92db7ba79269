"""More about observations, proposals, and the numbers about spectra and pulse heights."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TIMESTAMP = sa.DateTime(timezone=True)
INGEST_DATE = "When hstql last wrote this row, UTC"
PULSE_HEIGHTS = 32

OBSERVATION_COLUMNS = (
    (
        "exp_end_mjd",
        sa.Double,
        "EXPEND, end of the exposure or of the last one in the file, MJD UTC, d",
    ),
    (
        "date_obs",
        sa.Text,
        "DATE-OBS or TDATEOBS, day of the start in UTC, yyyy-mm-dd as in the header",
    ),
    (
        "filter",
        sa.Text,
        "What is in the light path: FILTER, or FILTER1 and FILTER2 joined by ; without "
        "those that are clear; CLEAR if nothing is, NULL if no header says",
    ),
    ("filter1", sa.Text, "FILTER1, first filter wheel of ACS"),
    ("filter2", sa.Text, "FILTER2, second filter wheel of ACS"),
    ("is_subarray", sa.Boolean, "SUBARRAY: whether only a part of the detector was read out"),
    ("ccd_gain", sa.Double, "CCDGAIN, commanded gain of the detector, electron/DN"),
    ("ccd_amp", sa.Text, "CCDAMP, amplifiers that it was read out with, such as ABCD"),
    (
        "association",
        sa.Text,
        "ASN_ID, association that it is or belongs to, lower case; NULL if none",
    ),
    (
        "visit",
        sa.Text,
        "OBSET_ID, visit of the proposal, two characters; else those of the rootname",
    ),
)
INDEXED_TOGETHER = ("instrument", "detector")
INDEXED = ("aperture", "association", "date_obs", "filter")
# LIKE 'NGC%' uses only an index of this kind, unless the database has the collation C.
INDEXED_FOR_LIKE = (
    ("observations_target_name_idx", "target_name"),
    ("observations_date_obs_like_idx", "date_obs"),
)


def upgrade() -> None:
    """Make the new columns, indexes and tables."""
    for name, kind, comment in OBSERVATION_COLUMNS:
        op.add_column("observations", _column(name, kind, comment))
    op.create_index("observations_instrument_detector_idx", "observations", INDEXED_TOGETHER)
    for name in INDEXED:
        op.create_index(f"observations_{name}_idx", "observations", [name])
    for index, name in INDEXED_FOR_LIKE:
        operators = {name: "text_pattern_ops"}
        op.create_index(index, "observations", [name], postgresql_ops=operators)
    _make_proposals()
    _make_spectrum_statistics()
    _make_pulse_heights()
    # Observations that were read before have nothing in the new columns and in no header table:
    # they are to be read again, and with them what follows, wherever that is asked for.
    op.execute("DELETE FROM outcomes WHERE split_part(asset, '/', 2) = 'header_tables'")


def downgrade() -> None:
    """Drop them."""
    for table in ("pulse_heights", "spectrum_statistics", "proposals"):
        op.drop_table(table)
    indexes = [index for index, _ in INDEXED_FOR_LIKE]
    indexes += [f"observations_{name}_idx" for name in INDEXED]
    for index in [*indexes, "observations_instrument_detector_idx"]:
        op.drop_index(index)
    for name, *_ in OBSERVATION_COLUMNS:
        op.drop_column("observations", name)


def _column(
    name: str,
    kind: sa.types.TypeEngine[Any] | type,
    comment: str,
    *,
    required: bool = False,
) -> sa.Column[object]:
    return sa.Column(name, kind, comment=comment, nullable=not required)


def _make_proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column(
            "proposal_id", sa.Integer, comment="PROPOSID", nullable=False, autoincrement=False
        ),
        _column("proposal_type", sa.Text, "PROP_TYP, such as GO or SNAP"),
        _column(
            "title",
            sa.Text,
            "PROPTTL1 and PROPTTL2; cut at 68 characters where source is header",
        ),
        _column("investigator_last", sa.Text, "PR_INV_L, last name of the principal investigator"),
        _column(
            "investigator_first", sa.Text, "PR_INV_F, first name of the principal investigator"
        ),
        _column("cycle", sa.Integer, "Cycle of observations; NULL where the archive does not tell"),
        _column(
            "source",
            sa.Text,
            "The best that was asked: archive, else spt file, else another header",
            required=True,
        ),
        _column("ingest_date", TIMESTAMP, INGEST_DATE, required=True),
        sa.PrimaryKeyConstraint("proposal_id", name="proposals_pkey"),
        sa.CheckConstraint("source IN ('header', 'spt', 'archive')", name="proposals_source_check"),
        comment="One row per proposal that observations were seen of",
    )


def _make_spectrum_statistics() -> None:
    unit = "erg/s/cm2/Angstrom"
    op.create_table(
        "spectrum_statistics",
        _column(
            "filename", sa.Text, "Name of the file without folder and without .gz", required=True
        ),
        _column("rootname", sa.Text, "Exposure or association", required=True),
        _column("filetype", sa.Text, "x1d, x1dsum, x1dsum1 to x1dsum4 or sx1", required=True),
        _column(
            "spectra",
            sa.Integer,
            "Number of spectra: segments, stripes or orders, of all extensions",
            required=True,
        ),
        _column("pixels", sa.Integer, "Number of pixels of all spectra", required=True),
        _column(
            "good_pixels",
            sa.Integer,
            "Number of pixels with a flux and without a serious flag: DQ_WGT above 0 for COS, "
            "no DQ bit of SDQFLAGS but 2048 and 16384 for STIS",
            required=True,
        ),
        _column("wave_min", sa.Double, "Shortest wavelength of all pixels, Angstrom"),
        _column("wave_max", sa.Double, "Longest wavelength of all pixels, Angstrom"),
        _column(
            "flux_mean", sa.Double, f"Mean flux of the good pixels, {unit}; NULL if there are none"
        ),
        _column("flux_max", sa.Double, f"Largest flux of the good pixels, {unit}"),
        _column(
            "flux_std",
            sa.Double,
            f"Standard deviation of the flux over the good pixels, {unit}",
        ),
        _column("flux_mean_all", sa.Double, f"Mean flux of all pixels, good or not, {unit}"),
        _column("flux_max_all", sa.Double, f"Largest flux of all pixels, good or not, {unit}"),
        _column(
            "flux_std_all",
            sa.Double,
            f"Standard deviation of the flux over all pixels, good or not, {unit}",
        ),
        _column(
            "net_count_per_s",
            sa.Double,
            "Sum of the net count rate over the good pixels, counts/s",
        ),
        _column(
            "flux_unit",
            sa.Text,
            f"TUNIT of the column FLUX as in the header, {unit} in some spelling",
        ),
        _column(
            "is_flux_calibrated",
            sa.Boolean,
            "Whether FLUXCORR is COMPLETE; NULL if the header does not say",
        ),
        _column("ingest_date", TIMESTAMP, INGEST_DATE, required=True),
        sa.PrimaryKeyConstraint("filename", name="spectrum_statistics_pkey"),
        comment="One row per file of extracted spectra (x1d, x1dsum, sx1) of COS and STIS",
    )
    op.create_index("spectrum_statistics_rootname_idx", "spectrum_statistics", ["rootname"])


def _make_pulse_heights() -> None:
    op.create_table(
        "pulse_heights",
        _column(
            "filename", sa.Text, "Name of the file without folder and without .gz", required=True
        ),
        _column("rootname", sa.Text, "Exposure", required=True),
        _column("segment", sa.Text, "SEGMENT, FUVA or FUVB"),
        _column("events", sa.Integer, "Number of events, whatever their flags", required=True),
        _column(
            "modal_pulse_height",
            sa.Integer,
            "Pulse height of most events, stim pulses too, the lower of two; NULL without any",
        ),
        _column(
            "mean_pulse_height",
            sa.Double,
            "Mean pulse height of all events, 0 to 31; NULL without events",
        ),
        _column("ingest_date", TIMESTAMP, INGEST_DATE, required=True),
        *(
            _column(
                f"pha_{number}",
                sa.Integer,
                f"Number of events of pulse height {number}",
                required=True,
            )
            for number in range(PULSE_HEIGHTS)
        ),
        sa.PrimaryKeyConstraint("filename", name="pulse_heights_pkey"),
        comment="One row per corrtag file of a TIME-TAG exposure of COS/FUV",
    )
    op.create_index("pulse_heights_rootname_idx", "pulse_heights", ["rootname"])
