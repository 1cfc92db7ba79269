"""Declare the tables of sets of exposures, and of what is measured of each as a whole."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from hstql_resources.tables.base import Base, IngestDate, column, key, place


class ExposureSet(Base):
    """Exposures that something is made of together, when it was made last."""

    __tablename__ = "exposure_sets"
    __table_args__ = ({"comment": "One row per set of exposures that was measured as a whole"},)

    set_key: Mapped[str] = key("Asset, detector and number of the set: flat_gains_uvis_17672")
    asset: Mapped[str] = column("What is made of it, such as flat_gains", index=True)
    detector: Mapped[str] = column("DETECTOR, such as UVIS")
    exposures: Mapped[int] = column("Number of exposures in it")
    used: Mapped[int] = column("Number of those that were used")
    members: Mapped[str] = column(
        "Digest of the files of its exposures and of their selection, to tell when they change"
    )
    ingest_date: Mapped[IngestDate]


class ExposureSetMember(Base):
    """An exposure of a set, and why it was not used, if it was not."""

    __tablename__ = "exposure_set_members"
    __table_args__ = ({"comment": "One row per set of exposures and exposure in it"},)

    set_key: Mapped[str] = key("Set, as in exposure_sets")
    rootname: Mapped[str] = column("Exposure", primary_key=True, index=True)
    reason: Mapped[str | None] = column(
        "Why it was not used, in a word or two, such as lamp off; NULL if it was"
    )
    detail: Mapped[str | None] = column("The same in a sentence with the numbers")


class FlatGain(Base):
    """The gain of one amplifier at one epoch, from pairs of flats."""

    __tablename__ = "flat_gains"
    __table_args__ = (
        Index(None, "detector", "amplifier", "mjd"),
        {"comment": "One row per set of flats, epoch, amplifier, binning and gain setting"},
    )

    set_key: Mapped[str] = key("Set, as in exposure_sets")
    epoch: Mapped[int] = key("Number of the epoch in the set, from 1: pairs near in time")
    amplifier: Mapped[str] = key("Amplifier, A to D")
    binning: Mapped[int] = key("BINAXIS1, detector columns in one of the image")
    gain_setting: Mapped[float] = key("CCDGAIN, commanded, electrons/count")
    instrument: Mapped[str] = column("Instrument, acs or wfc3")
    detector: Mapped[str] = column("DETECTOR, such as UVIS")
    mjd: Mapped[float] = column("Mean start of its flats, MJD UTC, d")
    source: Mapped[str] = column("File type of its flats: flt, raw, or both")
    levels: Mapped[int] = column("Number of pairs in the fit")
    gain: Mapped[float | None] = column("Electrons/count, 1 over the slope; NULL if there is none")
    gain_error: Mapped[float | None] = column("1-sigma error of the gain, electrons/count")
    uncoupled_gain: Mapped[float | None] = column(
        "The same from the variance without what neighbours share, electrons/count"
    )
    uncoupled_gain_error: Mapped[float | None] = column("Its 1-sigma error, electrons/count")
    read_noise: Mapped[float | None] = column(
        "Noise without light by the intercept, electrons; NULL if that is negative"
    )
    chi_square: Mapped[float | None] = column("Of the levels about the line")
    lowest_mean: Mapped[float | None] = column("Mean of the darkest level in the fit, counts")
    highest_mean: Mapped[float | None] = column("Mean of the brightest level in the fit, counts")
    reason: Mapped[str | None] = column("Why there is no gain, a sentence; NULL if there is one")
    ingest_date: Mapped[IngestDate]


class FlatLevel(Base):
    """What a pair of flats says of one amplifier: a point of the photon transfer curve."""

    __tablename__ = "flat_levels"
    __table_args__ = ({"comment": "One row per set of flats, pair and amplifier"},)

    set_key: Mapped[str] = key("Set, as in exposure_sets")
    rootname: Mapped[str] = column("First flat of the pair", primary_key=True, index=True)
    second_rootname: Mapped[str] = column("Second flat of the pair", index=True)
    amplifier: Mapped[str] = key("Amplifier, A to D")
    epoch: Mapped[int] = column("Epoch, as in flat_gains")
    lamp: Mapped[str] = column("SCLAMP")
    filter_name: Mapped[str] = column("FILTER, or FILTER1 and FILTER2")
    exposure_s: Mapped[float] = column("EXPTIME of each, s")
    binning: Mapped[int] = column("BINAXIS1, detector columns in one of the image")
    gain_setting: Mapped[float] = column("CCDGAIN, commanded, electrons/count")
    source: Mapped[str] = column("File type: flt or raw")
    mean: Mapped[float] = column("Mean of the first flat without bias, counts")
    variance: Mapped[float] = column("Variance of one flat, counts squared")
    variance_error: Mapped[float] = column("1-sigma error of the variance, counts squared")
    neighbour_share: Mapped[float] = column(
        "Covariance with the eight neighbours over the variance, dimensionless"
    )
    neighbour_share_error: Mapped[float] = column("1-sigma error of that share")
    lamp_ratio: Mapped[float] = column("First flat over the second: the drift of the lamp")
    boxes: Mapped[int] = column("Number of boxes used")
    pixels: Mapped[int] = column("Number of pixels used")
    clipped: Mapped[int] = column("Number of pixels left out as hits, or next to one")
    is_in_fit: Mapped[bool] = column("Whether it is below the brightest level of the fit")
    ingest_date: Mapped[IngestDate]


class Superdark(Base):
    """One chip of a version of a superdark."""

    __tablename__ = "superdarks"
    __table_args__ = (
        Index(None, "detector", "filetype", "first_mjd"),
        {"comment": "One row per version of a superdark and chip"},
    )

    filename: Mapped[str] = key("Reference file, a new one for each version")
    chip: Mapped[int] = key("CCDCHIP")
    set_key: Mapped[str] = column("Set, as in exposure_sets: a window of days", index=True)
    filetype: Mapped[str] = column("FILETYPE: DARK or CTEDARK")
    detector: Mapped[str] = column("DETECTOR, UVIS or WFC")
    binning: Mapped[int] = column("BINAXIS1, detector columns in one of the image")
    made_at: Mapped[datetime] = column("When it was made, UTC")
    first_mjd: Mapped[float] = column("Start of its first dark, MJD UTC, d")
    last_mjd: Mapped[float] = column("Start of its last dark, MJD UTC, d")
    frames: Mapped[int] = column("Number of darks of the window")
    master_frames: Mapped[int] = column("Number of darks in pixels that are not hot")
    median_dark: Mapped[float | None] = column("Median of the pixels without flag, electrons/s")
    hot_pixels: Mapped[int] = column("Number of hot pixels, DQ 16")
    hot_fraction: Mapped[float] = column("The same over all pixels")
    bad_pixels: Mapped[int] = column("Number of pixels that no dark says anything of, DQ 4")
    lowest_threshold: Mapped[float | None] = column(
        "Lowest threshold of a row for hot pixels, electrons/s"
    )
    new_hot: Mapped[int | None] = column("Hot pixels that are not in the version before")
    gone_hot: Mapped[int | None] = column("Hot pixels of the version before that are not here")
    median_difference: Mapped[float | None] = column(
        "Median difference to the version before, of pixels hot in neither, electrons/s"
    )
    previous: Mapped[str | None] = column("Name of the version before; NULL of the first")
    remark: Mapped[str | None] = column("In what it is worse than that, a sentence; NULL if not")
    path: Mapped[str] = place("Where the file is")
    tile_path: Mapped[str | None] = place(
        "Where sums of its darks are, for other windows of its period; NULL where they take none"
    )
    ingest_date: Mapped[IngestDate]


class UnstablePixelMap(Base):
    """The map of unstable pixels of a window of darks of the infrared detector."""

    __tablename__ = "unstable_pixel_maps"
    __table_args__ = (
        Index(None, "detector", "first_mjd"),
        {"comment": "One row per map of unstable pixels"},
    )

    set_key: Mapped[str] = key("Set, as in exposure_sets: unstable_pixels_ir_2017-01")
    detector: Mapped[str] = column("DETECTOR, IR")
    binning: Mapped[int] = column("BINAXIS1, detector columns in one of the image")
    sample_sequence: Mapped[str] = column("SAMP_SEQ of its darks")
    reads: Mapped[int] = column("NSAMP of its darks")
    source: Mapped[str] = column("File types of its darks: flt, ima, raw")
    first_mjd: Mapped[float] = column("Start of its first dark, MJD UTC, d")
    last_mjd: Mapped[float] = column("Start of its last dark, MJD UTC, d")
    frames: Mapped[int] = column("Number of its darks")
    judged: Mapped[int] = column("Number of pixels that enough darks say something of")
    unstable: Mapped[int] = column("Number of unstable pixels, DQ 32")
    not_judged: Mapped[int] = column("Number of the other pixels, DQ 4")
    judged_a: Mapped[int | None] = column("Judged pixels of amplifier A; NULL if it is not used")
    judged_b: Mapped[int | None] = column("Judged pixels of amplifier B")
    judged_c: Mapped[int | None] = column("Judged pixels of amplifier C")
    judged_d: Mapped[int | None] = column("Judged pixels of amplifier D")
    unstable_a: Mapped[int | None] = column("Unstable pixels of amplifier A")
    unstable_b: Mapped[int | None] = column("Unstable pixels of amplifier B")
    unstable_c: Mapped[int | None] = column("Unstable pixels of amplifier C")
    unstable_d: Mapped[int | None] = column("Unstable pixels of amplifier D")
    median_rate: Mapped[float | None] = column("Median dark current of stable pixels, electrons/s")
    remark: Mapped[str | None] = column(
        "In what it is worse than the map of the same window before, a sentence; NULL if not"
    )
    path: Mapped[str] = place("Where the file is")
    ingest_date: Mapped[IngestDate]


class UnstablePixel(Base):
    """A pixel of a map whose dark current is unstable."""

    __tablename__ = "unstable_pixels"
    __table_args__ = ({"comment": "One row per map and unstable pixel"},)

    set_key: Mapped[str] = key("Set, as in exposure_sets")
    pix1: Mapped[int] = key("Column of what sees light, from 1, as PIX1 of a BPIXTAB")
    pix2: Mapped[int] = key("Row of what sees light, from 1, as PIX2 of a BPIXTAB")
    amplifier: Mapped[str | None] = column("Amplifier, A to D")
    frames: Mapped[int] = column("Number of darks that say something of it")
    share: Mapped[float] = column("Share of these in which it is off, 0 to 1")
    rate: Mapped[float] = column("Dark current when it is quiet, electrons/s")
    rate_error: Mapped[float | None] = column("1-sigma error of that, electrons/s")
    off_rate: Mapped[float] = column("Mean dark current when it is off, electrons/s")
    off_spread: Mapped[float] = column("Sigma of the dark current when it is off, electrons/s")


class BadPixelTable(Base):
    """One chip of a version of a bad pixel table."""

    __tablename__ = "bad_pixel_tables"
    __table_args__ = (
        Index(None, "detector", "first_mjd"),
        {"comment": "One row per version of a bad pixel table and chip"},
    )

    filename: Mapped[str] = key("Reference file BPIXTAB, a new one for each version")
    chip: Mapped[int] = key("CCDCHIP")
    set_key: Mapped[str] = column("Set, as in exposure_sets", index=True)
    instrument: Mapped[str] = column("Instrument, acs or wfc3")
    detector: Mapped[str] = column("DETECTOR, such as UVIS")
    source: Mapped[str] = column("File whose flags it has, such as a superdark")
    binning: Mapped[int] = column("Detector columns in one of that file")
    made_at: Mapped[datetime] = column("When it was made, UTC")
    first_mjd: Mapped[float] = column("Start of its first exposure, MJD UTC, d")
    last_mjd: Mapped[float] = column("Start of its last exposure, MJD UTC, d")
    exposures: Mapped[int] = column("Number of exposures in it")
    pixels: Mapped[int] = column("Number of pixels of the chip")
    table_rows: Mapped[int] = column("Number of rows of the table: runs of pixels")
    flagged_pixels: Mapped[int] = column("Number of pixels with any flag")
    hot_pixels: Mapped[int] = column("Number of hot pixels, 16")
    warm_pixels: Mapped[int] = column("Number of warm pixels, 64")
    unstable_pixels: Mapped[int] = column("Number of unstable pixels, 32")
    dead_pixels: Mapped[int | None] = column(
        "Number of dead pixels, 4; NULL where nothing could tell them"
    )
    unknown_pixels: Mapped[int] = column("Number of pixels that no exposure says anything of, 4")
    new_pixels: Mapped[int | None] = column(
        "Pixels with flags that had none in the version before; NULL without one"
    )
    gone_pixels: Mapped[int | None] = column(
        "Pixels without flags that had some in the version before; NULL without one"
    )
    previous: Mapped[str | None] = column("Name of the version before; NULL of the first")
    remark: Mapped[str | None] = column("In what it is worse than that, a sentence; NULL if not")
    path: Mapped[str] = place("Where the file is")
    ingest_date: Mapped[IngestDate]
