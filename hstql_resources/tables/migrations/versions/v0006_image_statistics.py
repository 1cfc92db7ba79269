"""Statistics of images of the cameras."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TIMESTAMP = sa.DateTime(timezone=True)

# Name, type, comment, and whether it always has a value.
COLUMNS = (
    ("filename", sa.Text, "Name of the file without folder and without .gz", True),
    ("extver", sa.Integer, "EXTVER of the science extension", True),
    ("amplifier", sa.Text, "Amplifier that read the pixels, A to D; all if there is none", True),
    ("rootname", sa.Text, "Exposure", True),
    ("instrument", sa.Text, "Instrument, acs or wfc3", True),
    ("detector", sa.Text, "DETECTOR, such as WFC", True),
    ("chip", sa.Integer, "CCDCHIP; 1 where the detector is one chip", True),
    ("filetype", sa.Text, "raw, flt or flc", True),
    ("image_type", sa.Text, "IMAGETYP, such as DARK, BIAS, EXT", False),
    ("exp_start_mjd", sa.Double, "EXPSTART, start of the exposure, MJD UTC, d", False),
    ("exp_time_s", sa.Double, "EXPTIME, exposure time, s", False),
    (
        "dark_time_s",
        sa.Double,
        "DARKTIME, time in which dark current gathered, s; EXPTIME where that is all",
        False,
    ),
    ("flash_s", sa.Double, "FLASHDUR, time of the post-flash, s", False),
    ("gain_setting", sa.Double, "CCDGAIN, the gain that was commanded, electrons/count", False),
    (
        "gain",
        sa.Double,
        "ATODGN, of a calibrated file, else CCDGAIN: the gain used here, electrons/count",
        False,
    ),
    ("binning", sa.Integer, "BINAXIS1, detector columns in one of the image", True),
    ("is_subarray", sa.Boolean, "Whether it is less than the whole chip", True),
    ("unit", sa.Text, "BUNIT, the unit of the pixels", False),
    ("pixels", sa.Integer, "Number of pixels that see light", True),
    (
        "good_pixels",
        sa.Integer,
        "Number of those that are finite and have no data quality flag",
        True,
    ),
    ("mean", sa.Double, "Mean of the good pixels, in the unit of the pixels", False),
    ("median", sa.Double, "Median of the good pixels, in the unit of the pixels", False),
    ("median_error", sa.Double, "1-sigma error of the median", False),
    (
        "robust_sigma",
        sa.Double,
        "1.4826 times the median absolute deviation, in the unit of the pixels",
        False,
    ),
    ("robust_sigma_error", sa.Double, "1-sigma error of the robust sigma", False),
    (
        "overscan_pixels",
        sa.Integer,
        "Number of overscan or reference pixels used; NULL if the image has none",
        False,
    ),
    (
        "overscan_level",
        sa.Double,
        "Bias level: clipped mean of the overscan or reference pixels, counts",
        False,
    ),
    (
        "overscan_level_error",
        sa.Double,
        "1-sigma error of the level, from the scatter of the rows, counts",
        False,
    ),
    (
        "overscan_noise",
        sa.Double,
        "Standard deviation of the overscan pixels, columns levelled, counts",
        False,
    ),
    ("overscan_noise_error", sa.Double, "1-sigma error of that noise, counts", False),
    ("read_noise", sa.Double, "Noise of one read of one pixel, electrons", False),
    ("read_noise_error", sa.Double, "1-sigma error of the read noise, electrons", False),
    (
        "dark_current",
        sa.Double,
        "Dark current of the good pixels of a calibrated DARK, electrons/s",
        False,
    ),
    ("dark_current_error", sa.Double, "1-sigma error of the dark current, electrons/s", False),
    (
        "hot_threshold",
        sa.Double,
        "Dark current from which on a pixel counts as hot, electrons/s",
        False,
    ),
    (
        "hot_pixels",
        sa.Double,
        "Estimated number of hot pixels of a calibrated DARK, noise and tracks taken off",
        False,
    ),
    ("hot_pixels_error", sa.Double, "1-sigma error of the number of hot pixels", False),
    (
        "hot_fraction",
        sa.Double,
        "Hot pixels over all pixels that were searched for them, dimensionless",
        False,
    ),
    (
        "flagged_hot_pixels",
        sa.Integer,
        "Number of pixels with flag 16, hot; NULL without data quality flags",
        False,
    ),
    (
        "flagged_warm_pixels",
        sa.Integer,
        "Number of pixels with flag 64, warm; NULL without data quality flags",
        False,
    ),
    (
        "cosmic_ray_fraction",
        sa.Double,
        "Pixels with flag 4096 or 8192 over all; NULL if no pixel of the file has one",
        False,
    ),
    (
        "cosmic_ray_fraction_error",
        sa.Double,
        "1-sigma error of that fraction, from the scatter of 32 strips",
        False,
    ),
    (
        "saturated_fraction",
        sa.Double,
        "Saturated pixels over all: flag 256 or 2048, or 65535 counts of a raw image",
        False,
    ),
    ("ingest_date", TIMESTAMP, "When hstql last wrote this row, UTC", True),
)


def upgrade() -> None:
    """Make the table."""
    columns = [
        sa.Column(name, kind, comment=comment, nullable=not required)
        for name, kind, comment, required in COLUMNS
    ]
    op.create_table(
        "image_statistics",
        *columns,
        sa.PrimaryKeyConstraint("filename", "extver", "amplifier", name="image_statistics_pkey"),
        comment="One row per raw, flt or flc file of ACS and WFC3, chip and amplifier",
    )
    op.create_index("image_statistics_rootname_idx", "image_statistics", ["rootname"])
    op.create_index(
        "image_statistics_image_type_detector_idx", "image_statistics", ["image_type", "detector"]
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("image_statistics")
