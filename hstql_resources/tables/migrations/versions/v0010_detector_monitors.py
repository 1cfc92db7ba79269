"""The tables of the monitors of the detectors of COS: darks, gain, stim pulses."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

TIMESTAMP = sa.DateTime(timezone=True)
TABLES = (
    "dark_rates",
    "cumulative_image_members",
    "cumulative_images",
    "gain",
    "flagged_pixels",
    "gain_trends",
    "gain_sag_tables",
    "stim_pulses",
)


def upgrade() -> None:
    """Make them."""
    _make_dark_rates()
    _make_cumulative_image_members()
    _make_cumulative_images()
    _make_gain()
    _make_flagged_pixels()
    _make_gain_trends()
    _make_gain_sag_tables()
    _make_stim_pulses()


def downgrade() -> None:
    """Drop them."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _make_dark_rates() -> None:
    op.create_table(
        "dark_rates",
        _column("filename", sa.Text, "Name of the file without folder and without .gz", False),
        _column(
            "region",
            sa.Text,
            "Region of the detector: main, inner, bottom, top, left, right; NUV: whole",
            False,
        ),
        _column("bin", sa.Integer, "Number of the stretch of 25 s since EXPSTART, from 0", False),
        _column("rootname", sa.Text, "Exposure", False),
        _column("detector", sa.Text, "FUVA, FUVB or NUV", False),
        _column("start_mjd", sa.Double, "Start of the stretch, MJD UTC, d", False),
        _column("mid_mjd", sa.Double, "Middle of the stretch, MJD UTC, d", False),
        _column(
            "live_time_s",
            sa.Double,
            "Time in which events were counted: good time that TIMELINE covers, s",
            False,
        ),
        _column("pixels", sa.Integer, "Number of pixels of the region", False),
        _column(
            "counts",
            sa.Integer,
            "Events in the region with a good pulse height (FUV: 3 to 22; NUV: all)",
            False,
        ),
        _column("all_counts", sa.Integer, "Events in the region of any pulse height", False),
        _column(
            "rate",
            sa.Double,
            "counts over pixels and live time, counts/s/pixel; NULL without live time",
        ),
        _column(
            "rate_error",
            sa.Double,
            "1-sigma error of the rate, from sqrt(counts + 1), counts/s/pixel",
        ),
        _column("all_rate", sa.Double, "all_counts over pixels and live time, counts/s/pixel"),
        _column(
            "all_rate_error",
            sa.Double,
            "1-sigma error of it, from sqrt(all_counts + 1), counts/s/pixel",
        ),
        _column(
            "latitude_deg",
            sa.Double,
            "Latitude below the telescope in the middle of the stretch, deg; NULL: not known",
        ),
        _column(
            "longitude_deg",
            sa.Double,
            "East longitude below the telescope there, 0 to 360, deg; NULL: not known",
        ),
        _column("sun_latitude_deg", sa.Double, "Latitude of the sub-solar point, deg"),
        _column(
            "sun_longitude_deg", sa.Double, "East longitude of the sub-solar point, 0 to 360, deg"
        ),
        _column(
            "temperature_c",
            sa.Double,
            "Detector temperature of the spt file (LDCAMPAT, LDCAMPBT or LMMCETMP), Celsius",
        ),
        _column(
            "is_in_saa",
            sa.Boolean,
            "Whether the telescope was in the South Atlantic Anomaly: longitude from 250, "
            "latitude up to 10; NULL: position not known",
        ),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", False),
        sa.PrimaryKeyConstraint("filename", "region", "bin", name="dark_rates_pkey"),
        comment="One row per corrtag file of a COS dark exposure, region and 25 s",
    )
    op.create_index("dark_rates_rootname_idx", "dark_rates", ["rootname"])


def _make_cumulative_image_members() -> None:
    op.create_table(
        "cumulative_image_members",
        _column("filename", sa.Text, "Name of the file without folder and without .gz", False),
        _column("rootname", sa.Text, "Exposure", False),
        _column(
            "image",
            sa.Text,
            "Weekly image: segment, HV level and Monday, fuva_163_2015-01-05",
            False,
        ),
        _column("segment", sa.Text, "FUVA or FUVB", False),
        _column("high_voltage", sa.Integer, "HVLEVELA or HVLEVELB, commanded level", False),
        _column("exp_start_mjd", sa.Double, "EXPSTART, MJD UTC, d", False),
        _column("exp_time_s", sa.Double, "EXPTIME, s", False),
        sa.PrimaryKeyConstraint("filename", name="cumulative_image_members_pkey"),
        comment="One row per COS/FUV event file of a weekly image",
    )
    op.create_index("cumulative_image_members_image_idx", "cumulative_image_members", ["image"])
    op.create_index(
        "cumulative_image_members_rootname_idx", "cumulative_image_members", ["rootname"]
    )


def _make_cumulative_images() -> None:
    op.create_table(
        "cumulative_images",
        _column("image", sa.Text, "CCI file without folder and ending, or weekly image", False),
        _column("source", sa.Text, "cci, a file of the archive, or weekly", False),
        _column("segment", sa.Text, "FUVA or FUVB", False),
        _column("high_voltage", sa.Integer, "Commanded high-voltage level", False),
        _column("exp_start_mjd", sa.Double, "Start of the first exposure, MJD UTC, d", False),
        _column("exp_end_mjd", sa.Double, "End of the last exposure, MJD UTC, d", False),
        _column("exp_time_s", sa.Double, "Sum of the exposure times, s", False),
        _column("files", sa.Integer, "Number of event files in it", False),
        _column("counts", sa.Integer, "Number of events of all pulse heights", False),
        _column("superpixels", sa.Integer, "Number of superpixels with a gain", False),
        _column(
            "members",
            sa.Text,
            "Digest of the files that it was made from, to tell when they change",
            False,
        ),
        _column("path", sa.Text, "The gain map, a FITS file", False),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", False),
        sa.PrimaryKeyConstraint("image", name="cumulative_images_pkey"),
        comment="One row per cumulative image whose gain was measured",
    )


def _make_gain() -> None:
    op.create_table(
        "gain",
        _column("image", sa.Text, "Cumulative image", False),
        _column("x", sa.Integer, "Superpixel along the dispersion, 0 to 2047", False),
        _column("y", sa.Integer, "Superpixel across it, 0 to 511", False),
        _column("segment", sa.Text, "FUVA or FUVB", False),
        _column("high_voltage", sa.Integer, "Commanded high-voltage level", False),
        _column(
            "exp_start_mjd",
            sa.Double,
            "Start of the first exposure of the image, MJD UTC, d",
            False,
        ),
        _column("gain", sa.Double, "Modal gain, pulse height", False),
        _column("gain_error", sa.Double, "1-sigma error of the gain, pulse height", False),
        _column("width", sa.Double, "Gaussian width of the peak, pulse height", False),
        _column(
            "width_error", sa.Double, "1-sigma error of the width; NULL where it was held fixed"
        ),
        _column("counts", sa.Integer, "Events of the pulse heights that were fitted", False),
        _column("all_counts", sa.Integer, "Events of all pulse heights", False),
        _column("quality", sa.Double, "Chi-square per degree of freedom of the fit", False),
        sa.PrimaryKeyConstraint("image", "x", "y", name="gain_pkey"),
        comment="One row per cumulative image and superpixel of 8 x 2 pixels with a gain",
    )
    op.create_index(
        "gain_segment_high_voltage_x_y_idx", "gain", ["segment", "high_voltage", "x", "y"]
    )


def _make_flagged_pixels() -> None:
    op.create_table(
        "flagged_pixels",
        _column("segment", sa.Text, "FUVA or FUVB", False),
        _column("high_voltage", sa.Integer, "Commanded high-voltage level", False),
        _column("x", sa.Integer, "Superpixel along the dispersion, 0 to 2047", False),
        _column("y", sa.Integer, "Superpixel across it, 0 to 511", False),
        _column(
            "flagged_mjd",
            sa.Double,
            "Start of the first image in which the gain was at the limit or below, MJD UTC, d",
            False,
        ),
        _column("gain", sa.Double, "Modal gain in that image, pulse height", False),
        _column("gain_error", sa.Double, "1-sigma error of it", False),
        _column("image", sa.Text, "That image", False),
        sa.PrimaryKeyConstraint("segment", "high_voltage", "x", "y", name="flagged_pixels_pkey"),
        comment="One row per segment, high voltage and superpixel that lost its gain",
    )


def _make_gain_trends() -> None:
    op.create_table(
        "gain_trends",
        _column("segment", sa.Text, "FUVA or FUVB", False),
        _column("high_voltage", sa.Integer, "Commanded high-voltage level", False),
        _column("x", sa.Integer, "Superpixel along the dispersion, 0 to 2047", False),
        _column("y", sa.Integer, "Superpixel across it, 0 to 511", False),
        _column("measurements", sa.Integer, "Number of images that the line goes through", False),
        _column(
            "reference_mjd",
            sa.Double,
            "Weighted mean time, at which gain and slope are independent, MJD UTC, d",
            False,
        ),
        _column("gain", sa.Double, "Gain of the line at that time, pulse height", False),
        _column("gain_error", sa.Double, "1-sigma error of it", False),
        _column("slope", sa.Double, "Change of the gain, pulse height/d", False),
        _column("slope_error", sa.Double, "1-sigma error of it", False),
        _column("projected_mjd", sa.Double, "When the line reaches gain 3, MJD UTC, d"),
        _column("projected_error_d", sa.Double, "1-sigma error of that, d"),
        sa.PrimaryKeyConstraint("segment", "high_voltage", "x", "y", name="gain_trends_pkey"),
        comment="One row per segment, high voltage and superpixel whose gain falls by 3 "
        "standard errors at least and reaches 3 within five years",
    )


def _make_gain_sag_tables() -> None:
    op.create_table(
        "gain_sag_tables",
        _column("filename", sa.Text, "Name of the file", False),
        _column("is_blue", sa.Boolean, "Whether it is for the blue modes", False),
        _column("made_at", TIMESTAMP, "When it was made, UTC", False),
        _column("regions", sa.Integer, "Number of its regions, of all voltages", False),
        _column("previous", sa.Text, "The file that it was compared with"),
        _column("new_regions", sa.Integer, "Regions that this did not have"),
        _column("removed_regions", sa.Integer, "Regions that only this had"),
        _column("changed_regions", sa.Integer, "Regions with another date"),
        _column("sha256", sa.Text, "Of the tables in it, to tell when they change", False),
        _column("path", sa.Text, "Where it is", False),
        sa.PrimaryKeyConstraint("filename", name="gain_sag_tables_pkey"),
        comment="One row per gain-sag reference file (GSAGTAB) that was made",
    )


def _make_stim_pulses() -> None:
    op.create_table(
        "stim_pulses",
        _column("filename", sa.Text, "Name of the file without folder and without .gz", False),
        _column("bin", sa.Integer, "Number of the stretch, from 0", False),
        _column("rootname", sa.Text, "Exposure", False),
        _column("segment", sa.Text, "FUVA or FUVB", False),
        _column("exp_start_mjd", sa.Double, "EXPSTART, MJD UTC, d"),
        _column("start_s", sa.Double, "Start of the stretch since EXPSTART, s", False),
        _column("duration_s", sa.Double, "Length of the stretch, s", False),
        _column("live_s", sa.Double, "Of it within good time intervals, s", False),
        _column("mid_mjd", sa.Double, "Middle of the stretch, MJD UTC, d"),
        _column("counts", sa.Integer, "Events of the segment in the stretch", False),
        _column(
            "stim_rate_hz",
            sa.Double,
            "STIMRATE, pulses of both stims together; the usual one where the header has "
            "none, 0 if they were off, Hz",
            False,
        ),
        _column(
            "boxes",
            sa.Text,
            "Where the stims were looked for: BRFTAB, or header or constants without one",
            False,
        ),
        _column("stim1_counts", sa.Integer, "Events at stim 1, the left one; 0 if missing", False),
        _column("stim1_x", sa.Double, "Its place, RAWX, pixel; NULL if missing"),
        _column("stim1_x_error", sa.Double, "1-sigma error of it, pixel"),
        _column("stim1_y", sa.Double, "Its place, RAWY, pixel"),
        _column("stim1_y_error", sa.Double, "1-sigma error of it, pixel"),
        _column("stim2_counts", sa.Integer, "Events at stim 2, the right one; 0 if missing", False),
        _column("stim2_x", sa.Double, "Its place, RAWX, pixel; NULL if missing"),
        _column("stim2_x_error", sa.Double, "1-sigma error of it, pixel"),
        _column("stim2_y", sa.Double, "Its place, RAWY, pixel"),
        _column("stim2_y_error", sa.Double, "1-sigma error of it, pixel"),
        _column("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", False),
        sa.PrimaryKeyConstraint("filename", "bin", name="stim_pulses_pkey"),
        comment="One row per COS/FUV event file and stretch of time",
    )
    op.create_index("stim_pulses_rootname_idx", "stim_pulses", ["rootname"])


def _column(name: str, kind: Any, comment: str, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable, comment=comment)
